"""The tests' own order: where a test of something is, everybody knows without looking."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ACTIONS = [
    path.relative_to(ROOT)
    for app in ("accounts", "files")
    for path in sorted((ROOT / app / "actions").glob("*.py"))
    if path.stem != "__init__"
]


@pytest.mark.parametrize("action", ACTIONS, ids=str)
def test_every_action_has_a_test_module_of_its_name(action: Path) -> None:
    tests = ROOT / "tests" / action.parent / f"test_{action.name}"
    assert tests.is_file(), f"write {tests.relative_to(ROOT)}"
    assert f"from {action.parent.parent}.actions" in tests.read_text(), "it tests the action itself, without HTTP"


def test_no_test_module_of_an_action_that_is_gone() -> None:
    allowed = {"smoke"}
    for app in ("accounts", "files"):
        tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / app / "actions").glob("test_*.py")}
        assert tests - {action.stem for action in ACTIONS} <= allowed
