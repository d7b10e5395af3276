"""The table of groups leaves no folder of tests out, and the page tells the same."""

import re
from pathlib import Path

import pytest

from tests.runner import __main__ as runner
from tests.runner.groups import GATE, LONG, Group
from tests.runner.installation import OPTIONAL, REQUIRED, SCRIPTS, steps, task_of

ROOT = Path(__file__).resolve().parents[2]
NOT_TESTS = {"servers", "support", "__pycache__"}


def folders_of(group: Group) -> set[str]:
    return {word.split("/")[1] for word in group.command if word.startswith("tests/")}


def test_every_folder_of_tests_is_run() -> None:
    there = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()} - NOT_TESTS
    assert there == {folder for group in (*GATE, *LONG) for folder in folders_of(group)}


def test_what_the_gate_leaves_out_of_its_folders_is_run_by_a_long_group() -> None:
    """A folder in which something is marked `long` has a group that runs those tests."""
    marked = {
        path.relative_to(ROOT).parts[1]
        for path in (ROOT / "tests").rglob("*.py")
        if path != Path(__file__) and "mark.long" in path.read_text()
    }
    assert marked <= {folder for group in LONG for folder in folders_of(group)}


def test_what_is_left_out_is_no_argument() -> None:
    for group in (*GATE, *LONG):
        left_out = {word.removeprefix("--ignore=") for word in group.command if word.startswith("--ignore=")}
        assert left_out & set(group.command) == set(), group.name


def test_names_and_needs_are_known() -> None:
    groups = (*GATE, *LONG)
    assert len({group.name for group in groups}) == len(groups)
    assert {need for group in groups for need in group.needs} <= {*REQUIRED, *OPTIONAL, *SCRIPTS}
    for group in groups:
        done = {step.name for step in steps([group])}
        assert set(task_of(group).after) == done, group.name
    assert all(group.subjects for group in LONG)


def test_the_subjects_of_long_groups_exist() -> None:
    for group in LONG:
        for subject in group.subjects:
            assert list(ROOT.glob(f"{subject}*")) or (ROOT / subject).exists(), f"{group.name}: {subject}"


def test_the_page_has_a_row_for_each_group() -> None:
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", (ROOT / "docs/testing.md").read_text(), re.MULTILINE)
    assert rows == [group.name for group in (*GATE, *LONG)]


def test_an_unknown_group_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        runner.main(["fsat"])
    assert ended.value.code == 2
    assert "there is no group fsat" in capsys.readouterr().err
