"""Every text of an error can be translated, and makemessages finds it."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.utils.functional import Promise

from common.errors import CodedError
from files.errors import NAME_REASONS
from http_kit.problem_table import TABLE
from http_kit.unhonoured_headers import REFUSED
from tests.architecture.test_house import ROOT, SOURCES, name_of

# What Django's makemessages looks for (django/core/management/commands/makemessages.py), and `gettext` as we import it.
MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "npgettext"}
# The first argument of these is no text: a reason from a table, an address.
OTHER_ARGUMENTS = {"LockedAt", "NoConflictingLock", "TokenMissing"}


def kinds(base: type[CodedError] = CodedError) -> Iterator[type[CodedError]]:
    yield base
    for kind in base.__subclasses__():
        yield from kinds(kind)


@pytest.fixture(scope="module", autouse=True)
def _everything_is_imported() -> None:
    """Errors are found by their base, wherever they are defined."""
    for path in SOURCES:
        if "(CodedError)" in (text := path.read_text()) or re.search(
            r"^class \w+\(\w*(Error|Request|Found)\):", text, re.M
        ):
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def marked_in(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            yield from (argument for argument in node.args if isinstance(argument, ast.Constant))


def untranslatable(tree: ast.AST, errors: set[str]) -> list[int]:
    """Lines in which an error gets a text of its own that is not marked."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        text = node.args[0]
        if name not in errors - OTHER_ARGUMENTS or not isinstance(text, ast.Constant | ast.JoinedStr | ast.BinOp):
            continue
        if not (isinstance(text, ast.Constant) and (text.value in NAME_REASONS or not isinstance(text.value, str))):
            found.append(node.lineno)
    return found


def test_every_message_of_a_catalogue_is_translatable() -> None:
    plain = [kind.__qualname__ for kind in kinds() if kind.__module__.split(".")[0] != "tests"]
    assert len(plain) > 90
    texts = {kind.__qualname__: kind.message for kind in kinds() if kind.__module__.split(".")[0] != "tests"}
    assert [name for name, text in texts.items() if not isinstance(text, Promise)] == []
    others = [*NAME_REASONS.values(), *REFUSED.values(), *(title for _, title in TABLE.values())]
    assert [text for text in others if not isinstance(text, Promise)] == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_text_that_an_error_is_raised_with_is_translatable(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("rest_framework", "common.signing"))
        for alias in node.names
    }
    plain = {  # of the same name as an error of a catalogue, and no such error
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and {ast.unparse(base) for base in node.bases} & {"ValueError", "Exception"}
    }
    errors = {kind.__name__ for kind in kinds()} - imported - plain
    assert untranslatable(tree, errors) == []


def test_a_text_that_is_not_marked_is_found() -> None:
    tree = ast.parse('raise errors.NotFound("x")\nraise NotFound(f"{x}")\nraise NotFound(_("x"))\nraise NotFound(id=1)')
    assert untranslatable(tree, {"NotFound"}) == [1, 2]


def test_placeholders_are_members_of_the_detail() -> None:
    """`%(name)s` of a text that an error is raised with is given in the same call, or the text could not be shown."""
    missing = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and {constant.value for constant in marked_in(node.args[0])}:
                (text, *_), given = list(marked_in(node.args[0])), {keyword.arg for keyword in node.keywords}
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in {kind.__name__ for kind in kinds()}:
                    wanted = set(re.findall(r"%\((\w+)\)", str(text.value)))
                    missing += [f"{name_of(path)}:{node.lineno}"] if wanted - given else []
    assert missing == []
    fixed = [str(kind.message) for kind in kinds()]
    assert [text for text in fixed if "%(" in text] == []


def test_the_texts_of_errors_are_constants_where_they_are_marked() -> None:
    """An extractor reads source: a text that is put together at run time would never reach a translator."""
    marked = {constant.value for path in SOURCES for constant in marked_in(ast.parse(path.read_text()))}
    texts = {str(kind.message) for kind in kinds() if kind.__module__.split(".")[0] != "tests"}
    texts |= {str(text) for text in [*NAME_REASONS.values(), *REFUSED.values()]} | {str(t) for _, t in TABLE.values()}
    assert texts - marked == set()


def test_gettext_finds_them(tmp_path: Path) -> None:
    """With the options of makemessages."""
    if shutil.which("xgettext") is None:
        pytest.skip("GNU gettext is not installed (Debian package gettext)")
    sources = [
        "common/errors.py",
        "accounts/errors.py",
        "files/errors.py",
        "http_kit/errors.py",
        "protocols/dav/errors.py",
    ]
    options = ["--language=Python", "--from-code=UTF-8", "--keyword=gettext_lazy", "--keyword=_", "--no-wrap"]
    output = tmp_path / "django.pot"
    subprocess.run(["xgettext", *options, f"--output={output}", *sources], cwd=ROOT, check=True)
    found = {ast.literal_eval(text) for text in re.findall(r'^msgid (".*")$', output.read_text(), re.MULTILINE)}
    texts = {str(kind.message) for kind in kinds() if f"{kind.__module__.replace('.', '/')}.py" in sources}
    assert texts - found == set()
    assert len(texts) > 80
