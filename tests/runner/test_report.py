"""What is read from pytest's output, said at the end, and kept."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.runner import __main__ as runner
from tests.runner import changed, report
from tests.runner.groups import Group
from tests.runner.report import Result
from tests.runner.schedule import Run, Task


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("=== 3 failed, 12 passed, 2 skipped, 7 deselected in 3.21s ===", (12, 3, 2)),
        ("150 passed in 61.02s (0:01:01)", (150, 0, 0)),
        ("1 failed, 4 passed, 2 errors in 9s", (4, 3, 0)),
        ("no tests ran in 0.01s", (0, 0, 0)),
        ("5 passed of what the fixture wrote", (0, 0, 0)),
    ],
)
def test_counts(line: str, expected: tuple[int, int, int]) -> None:
    found = report.counts(f"2 passed in 1s\n{line}\n" if "in" in line else line)
    if "tests ran" in line:
        expected = (2, 0, 0)
    assert (found["passed"], found["failed"], found["skipped"]) == expected


def test_the_budget_fails_at_one_and_a_half() -> None:
    assert report.over_budget(1800, 1200) == ""
    assert "30.1 minutes" in report.over_budget(1806, 1200)


def test_the_newest_run_is_kept_first_and_only_so_many(tmp_path: Path) -> None:
    path = tmp_path / "var" / "times.json"
    for number in range(report.KEPT + 2):
        report.keep(path, "gate", [Result("fast", True, number, passed=3)], number)
    runs = json.loads(path.read_text())["runs"]
    assert len(runs) == report.KEPT
    assert runs[0]["groups"]["fast"] == {
        "name": "fast",
        "ok": True,
        "seconds": report.KEPT + 1,
        "processor": 0.0,
        "passed": 3,
        "failed": 0,
        "skipped": 0,
        "flaky": [],
        "reason": "",
    }


def test_a_broken_file_of_times_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "times.json"
    path.write_text("{")
    report.keep(path, "gate", [], 1)
    assert len(json.loads(path.read_text())["runs"]) == 1


def test_a_test_that_passes_when_it_is_run_again_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_ADDOPTS", "")
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    Path("test_it.py").write_text(
        "from pathlib import Path\n"
        "def test_good(): pass\n"
        "def test_flaky():\n    seen = Path('seen'); was = seen.exists(); seen.touch(); assert was\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", ".", "test_it.py"]
    variables = {"PYTEST_ADDOPTS": "-o cache_dir=.pytest_cache/group"}
    task = Task("group", command, 1.0, 60, variables=variables)
    log = tmp_path / "log"
    environment = {**runner.os.environ, **variables}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    log.write_text(done.stdout)
    run = Run(task, log, code=done.returncode, seconds=1.0)
    result = runner._result(run, retries=True)
    assert result.ok
    assert (result.passed, result.failed) == (2, 0)
    assert [name.rpartition("::")[2] for name in result.flaky] == ["test_flaky"]
    assert "test_flaky" in report.flaky([result])
    Path("seen").unlink()
    assert runner._result(run, retries=False).flaky == ()


def git(*arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    return subprocess.run(["git", *identity, *arguments], capture_output=True, text=True, check=True).stdout.strip()


def test_long_groups_run_when_their_subject_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet")
    Path("files").mkdir()
    Path("files/a.py").write_text("1")
    git("add", ".")
    git("commit", "--quiet", "-m", "first")
    green = tmp_path / "green.json"
    group = Group("storage", (), cores=1, seconds=300, subjects=("files/",))
    other = replace(group, name="image", subjects=("Dockerfile",))
    assert changed.choose([group, other], 1000, green) == ([group, other], []), "nothing was ever green"
    changed.write_green({"storage": 50.0, "image": 400.0}, git("rev-parse", "HEAD"), green)
    assert changed.choose([group, other], 1000, green) == ([], [])
    Path("files/a.py").write_text("2")
    Path("Dockerfile").write_text("FROM scratch")
    git("add", ".")
    git("commit", "--quiet", "-m", "second")
    assert changed.choose([group, other], 1000, green) == ([group, other], [])
    assert changed.choose([group, other], 100, green) == ([group], [other]), "no time for the second"
    changed.write_green({"storage": 50.0}, git("rev-parse", "HEAD"), green)
    assert changed.choose([group, other], 1000, green) == ([other], [])
    assert changed.changed_files("0" * 40) is None
