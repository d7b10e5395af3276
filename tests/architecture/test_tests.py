"""The tests' own order: where a test of something is, everybody knows without looking."""

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
        "mounts_of_folders",
        "mounts_property",
        "restricted_acts",
    },
    "files/queries": {"rows"},
}
MODULES = [
    path.relative_to(ROOT)
    for folder in FOLDERS
    for path in sorted((ROOT / folder).glob("*.py"))
    if path.stem != "__init__"
]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_has_a_test_module_of_its_name(module: Path) -> None:
    tests = ROOT / "tests" / module.parent / f"test_{module.name}"
    assert tests.is_file(), f"write {tests.relative_to(ROOT)}"
    package = ".".join(module.parent.parts)
    imported = rf"from {package}(\.{module.stem} import | import .*\b{module.stem}\b)"
    assert re.search(imported, tests.read_text()), "it tests the module itself, without HTTP"


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
def test_no_test_module_of_what_is_gone(folder: Path) -> None:
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / folder).glob("test_*.py")}
    assert tests - {module.stem for module in MODULES if module.parent == folder} <= FURTHER.get(str(folder), set())
