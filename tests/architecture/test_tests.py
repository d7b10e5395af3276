"""The tests' own order: where a test of something is, everybody knows without looking."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [
    Path("accounts/actions"),
    Path("files/actions"),
    Path("files/queries"),
    Path("files/downloads"),
]
# Of what is no module of these folders but belongs to the subject.
FURTHER = {
    "files/actions": {
        "smoke",
        "account_limits",
        "moved_versions",
        "mounted_files_many",
        "mounted_files_quotas",
        "mounted_files_races",
        "mounted_files_uploads",
        "mounts_acts",
        "mounts_of_files",
        "mounts_of_folders",
        "mounts_property",
        "restore_rights",
        "restricted_acts",
    },
    "files/queries": {"rows", "charged"},
}
MODULES = [
    path.relative_to(ROOT)
    for folder in FOLDERS
    for path in sorted((ROOT / folder).glob("*.py"))
    if path.stem != "__init__"
]


def acts_of(module: Path) -> set[str]:
    """The public functions of a module: each may have a test module of its name."""
    tree = ast.parse((ROOT / module).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_has_a_test_module_of_its_name_or_of_its_acts(module: Path) -> None:
    folder = ROOT / "tests" / module.parent
    own = folder / f"test_{module.name}"
    tests = [own] if own.is_file() else [folder / f"test_{act}.py" for act in sorted(acts_of(module))]
    texts = [path.read_text() for path in tests if path.is_file()]
    assert texts, f"write tests/{module.parent}/test_{module.name}"
    package = ".".join(module.parent.parts)
    imported = rf"from {package}(\.{module.stem} import | import .*\b{module.stem}\b)"
    assert any(re.search(imported, text) for text in texts), "it tests the module itself, without HTTP"


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
def test_no_test_module_of_what_is_gone(folder: Path) -> None:
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / folder).glob("test_*.py")}
    modules = [module for module in MODULES if module.parent == folder]
    subjects = {module.stem for module in modules}.union(*(acts_of(module) for module in modules))
    assert tests - subjects <= FURTHER.get(str(folder), set())
