"""Rules of the house that import-linter and ruff cannot say (docs/architecture.md)."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "common", "dropbox_clone", "files", "http_kit", "protocols", "search", "sharing", "storage")
SOURCES = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]
LONGEST_FILE = 500
LONGEST_FUNCTION = 80


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


# By the end of their bases' names: classes that say in another way what they are for. A command has `help`, a view has
# documented methods, the docstring of a serializer would be published in the schema, choices have labels.
SAY_IT_OTHERWISE = (
    *("Command", "View", "Serializer", "ModelSerializer", "Shape", "Input", "Query", "Output", "Admin", "Config"),
    *("Choices", "Extension", "UploadBase"),
)


def undocumented(tree: ast.Module) -> list[str]:
    """The module and its public classes, as far as they lack a docstring. An error's message is as good as one."""
    found = [] if ast.get_docstring(tree) or not tree.body else ["the module"]
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node):
            bases = [ast.unparse(base).partition("[")[0] for base in node.bases]
            lines = [line for line in node.body if isinstance(line, ast.Assign)]
            assigned = {ast.unparse(name) for line in lines for name in line.targets}
            if not any(base.endswith(SAY_IT_OTHERWISE) for base in bases) and not {"code", "message"} & assigned:
                found.append(node.name)
    return found


def test_a_missing_docstring_is_found() -> None:
    tree = ast.parse("class Plain:\n    x = 1\nclass _Own: ...\nclass Gone(FileError):\n    message = 'Gone.'\n")
    assert undocumented(tree) == ["the module", "Plain"]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_sizes_and_docstrings(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_FILE
    tree = ast.parse(text)
    assert undocumented(tree) == []
    for function in functions(tree):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= LONGEST_FUNCTION, f"{function.name} has {length} lines"


def test_no_drawer_for_odds_and_ends() -> None:
    assert [name_of(path) for path in SOURCES if path.stem in ("utils", "util", "helpers", "misc", "common")] == []


def test_common_knows_no_orm() -> None:
    for path in sorted((ROOT / "common").rglob("*.py")):
        assert not re.search(r"^\s*(from|import) django\.(db|contrib)", path.read_text(), re.MULTILINE), name_of(path)


ENDPOINTS = [
    path
    for path in SOURCES
    if (path.relative_to(ROOT).parts[0] == "protocols" or {"api", "web"} & set(path.relative_to(ROOT).parts[1:2]))
]


@pytest.mark.parametrize("path", ENDPOINTS, ids=name_of)
def test_an_endpoint_never_saves_and_never_touches_storage(path: Path) -> None:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in ("save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"), (
                f"line {node.lineno}: .{node.func.attr}()"
            )
        if isinstance(node, ast.ImportFrom):
            errors_only = all(alias.name.endswith("Error") for alias in node.names)
            assert errors_only or not (node.module or "").startswith("storage"), f"line {node.lineno}"


def test_nobody_who_serves_sends_messages_to_workers() -> None:
    """A frozen broker lets a sender wait. Work that waits stands in the database, where the clock's tasks find it."""
    for path in SOURCES:
        if path.stem != "tasks" and path.relative_to(ROOT).parts[0] != "dropbox_clone":
            found = re.search(r"^\s*(from|import) (celery\b|\S*\btasks\b)", path.read_text(), re.MULTILINE)
            assert found is None, f"{name_of(path)}: {found[0]}"


def test_no_signals_for_domain_logic() -> None:
    for path in SOURCES:
        if path.is_relative_to(ROOT / "dropbox_clone"):
            continue
        assert not re.search(r"django\.db\.models\.signals|^from django\.dispatch", path.read_text(), re.MULTILINE), (
            name_of(path)
        )


def test_only_the_composition_root_reads_the_environment() -> None:
    allowed = {"dropbox_clone/configuration.py"}
    for path in SOURCES:
        if name_of(path) in allowed or name_of(path).startswith("dropbox_clone/"):
            continue
        assert "os.environ" not in path.read_text(), name_of(path)


def test_no_path_of_a_development_machine_is_committed() -> None:
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    pattern = re.compile(r"/work/[a-z]|/root/")
    found = []
    for name in files:
        path = ROOT / name
        if not name or not path.is_file() or path == Path(__file__) or path.stat().st_size > 1_000_000:
            continue
        if pattern.search(path.read_text(errors="ignore")):
            found.append(name)
    assert found == []
