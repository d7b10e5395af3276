"""Every path and every dotted name in the pages for developers exists, so that each leads to where it says."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.architecture.test_house import APPS, ROOT, name_of

DOCUMENTS = [
    ROOT / "docs/architecture.md",
    ROOT / "docs/locking.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs/contributing").glob("*.md")),
]
# Folders that are made on each machine, and the first parts of media types.
NOT_OURS = (".venv/", "var/", "text/", "application/", "image/", "multipart/")

_CODE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"\.?[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_.-]+)*/?")
_FILE = re.compile(r"[\w.-]+\.(py|md|toml|txt|html|sh|json|yaml|example)")
_DOTTED = re.compile(r"[a-z_]\w*(\.[A-Za-z_]\w*)+")


def words_of(document: Path) -> Iterator[str]:
    """Those in code spans and in blocks that are no Python (the examples themselves are run)."""
    text = document.read_text()
    for language, block in _CODE.findall(text):
        if language != "python":
            yield from block.split()
    for span in _SPAN.findall(_CODE.sub("", text)):
        yield from re.split(r"[\s,()*]+", span)


def paths_in(document: Path) -> set[str]:
    found = {word.rstrip(".,;:") for word in words_of(document)}
    paths = {word for word in found if _PATH.fullmatch(word) and ("/" in word or _FILE.fullmatch(word))}
    return {path for path in paths if not path.startswith(NOT_OURS)}


def dotted_in(document: Path) -> set[str]:
    found = {word.rstrip(".,;:") for word in words_of(document)}
    return {word for word in found if _DOTTED.fullmatch(word) and not _FILE.fullmatch(word)}


@cache
def names_in(module: Path) -> frozenset[str]:
    """What a module defines or imports at its top level."""
    names: set[str] = set()
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(names)


def exists(dotted: str) -> bool:
    """A package, a module, or a name at the top level of one; of other people's libraries only that they are there."""
    parts = dotted.split(".")
    here, rest = ROOT, parts
    while rest and (here / rest[0]).is_dir():
        here, rest = here / rest[0], rest[1:]
    if here == ROOT:
        return find_spec(parts[0]) is not None
    if not rest:
        return True
    module = here / f"{rest[0]}.py"
    if module.is_file():
        return len(rest) == 1 or rest[1] in names_in(module)
    package = here / "__init__.py"
    return package.is_file() and rest[0] in names_in(package)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_path_exists(document: Path) -> None:
    named = paths_in(document)
    missing = {path for path in named if not (ROOT / path).exists() and not (document.parent / path).exists()}
    assert missing == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_dotted_name_exists(document: Path) -> None:
    assert {name for name in dotted_in(document) if not exists(name)} == set()


DECISIONS = sorted((ROOT / "docs/decisions").glob("0*.md"))
OUR_FOLDERS = ("benchmarks", "deploy", "docs", "frontend", "scripts", "templates", "tests", *APPS)


@pytest.mark.parametrize("decision", DECISIONS, ids=name_of)
def test_what_a_decision_names_exists(decision: Path) -> None:
    """As long as it holds. Decisions quote names of people's files too, so only our own folders and packages count."""
    if "- Status: superseded" in decision.read_text():
        return
    ours = {path for path in paths_in(decision) if path.partition("/")[0] in OUR_FOLDERS}
    assert {path for path in ours if not (ROOT / path).exists()} == set()
    dotted = {name for name in dotted_in(decision) if name.partition(".")[0] in APPS}
    assert {name for name in dotted if not exists(name)} == set()


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_what_the_comments_of_templates_name_exists() -> None:
    missing = set()
    for template in TEMPLATES:
        for comment in re.findall(r"{#(.*?)#}", template.read_text()):
            named = re.findall(r"\b(?:accounts|files|search)(?:\.\w+)+", comment)
            missing |= {f"{name_of(template)}: {name}" for name in named if not exists(name)}
    assert missing == set()


def test_what_is_missing_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = "`files/nowhere.py`, `files.queries.tree.vanished(actor)`, `gone/`\n"
    page.write_text(f"{text}```sh\npytest tests/gone.py\n```\n")
    assert paths_in(page) == {"files/nowhere.py", "gone/", "tests/gone.py"}
    assert dotted_in(page) == {"files.queries.tree.vanished"}
    assert not exists("files.queries.tree.vanished")
    assert exists("files.queries.tree.locate")
    assert exists("files.queries.tree")
    assert not exists("files.vanished")


def test_the_table_of_everyday_changes_leads_to_files() -> None:
    """Ten rows, and the second cell of each is one path."""
    text = (ROOT / "docs/architecture.md").read_text().partition("## Where do I look?")[2].partition("##")[0]
    rows = re.findall(r"^\| (?:add|change) [^|]+\| `([^`|]+)` \|", text, re.MULTILINE)
    assert len(rows) == 10
    assert [path for path in rows if not (ROOT / path).exists()] == []
