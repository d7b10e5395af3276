"""Real processes, side by side as far as the cores reach; a hung one is given up with all that it started."""

import os
import time
from pathlib import Path

import psutil
import pytest

from tests.runner.schedule import NICENESS, Run, Schedule, Task


def shell(name: str, script: str, cores: float = 1.0, seconds: int = 30, **more: object) -> Task:
    return Task(name, ["sh", "-c", script], cores, seconds, **more)  # type: ignore[arg-type]


def run(folder: Path, *tasks: Task, cores: float = 2.0) -> tuple[dict[str, Run], list[str]]:
    """The runs, and the names in the order in which they ended."""
    ended: list[str] = []
    runs = Schedule(tasks, cores=cores, logs=folder, finished=lambda run: ended.append(run.task.name)).run()
    return runs, ended


def overlap(folder: Path, *names: str) -> bool:
    """Whether the tasks that wrote these files were there at the same time (each writes its start and its end)."""
    times = [tuple(float(line) for line in (folder / name).read_text().split()) for name in names]
    return max(start for start, _ in times) < min(end for _, end in times)


def timed(folder: Path, name: str, **more: object) -> Task:
    return shell(name, f"date +%s.%N > {folder}/{name}; sleep 0.6; date +%s.%N >> {folder}/{name}", **more)  # type: ignore[arg-type]


def test_as_many_at_once_as_the_cores_reach(tmp_path: Path) -> None:
    tasks = [timed(tmp_path, name) for name in ("a", "b", "c")]
    runs, _ = run(tmp_path / "logs", *tasks)
    assert all(done.ok for done in runs.values())
    assert overlap(tmp_path, "a", "b")
    assert not overlap(tmp_path, "a", "c")


def test_who_wants_to_be_alone_is(tmp_path: Path) -> None:
    tasks = [timed(tmp_path, "a", cores=0.1), timed(tmp_path, "quiet", cores=0.1, alone=True)]
    run(tmp_path / "logs", *tasks, timed(tmp_path, "b", cores=0.1))
    assert not overlap(tmp_path, "a", "quiet")
    assert not overlap(tmp_path, "quiet", "b")


def test_background_takes_what_is_left(tmp_path: Path) -> None:
    nice = shell("nice", f"ps -o ni= -p $$ > {tmp_path}/niceness", background=True)
    tasks = [timed(tmp_path, "first", background=True), timed(tmp_path, "second", background=True)]
    run(tmp_path / "logs", *tasks, timed(tmp_path, "a", cores=2), nice)
    assert overlap(tmp_path, "first", "a")
    assert not overlap(tmp_path, "first", "second")
    assert int((tmp_path / "niceness").read_text()) == min(19, os.nice(0) + NICENESS)


def test_who_wants_to_be_alone_waits_for_the_background(tmp_path: Path) -> None:
    run(tmp_path / "logs", timed(tmp_path, "first", background=True), timed(tmp_path, "quiet", alone=True))
    assert not overlap(tmp_path, "first", "quiet")


def test_each_knows_what_it_used_of_the_cores(tmp_path: Path) -> None:
    busy = "python3 -c 'import time\nwhile time.process_time() < 0.5: pass'"
    runs, _ = run(tmp_path / "logs", shell("busy", f"({busy})"), shell("idle", "sleep 0.6"))
    assert runs["busy"].processor >= 0.5
    assert runs["idle"].processor < 0.3


def test_what_waits_for_a_failed_step_is_not_started(tmp_path: Path) -> None:
    step = shell("step", "exit 3", cores=0.1)
    runs, ended = run(tmp_path, step, shell("needs it", "true", after=("step",)), shell("does not", "true"))
    assert (runs["step"].code, runs["needs it"].code, runs["does not"].code) == (3, None, 0)
    assert not runs["needs it"].ok
    assert set(ended) == {"step", "needs it", "does not"}


def test_a_hung_task_is_given_up_with_its_children(tmp_path: Path) -> None:
    script = f"sleep 300 & echo $! > {tmp_path}/child; wait"
    started = time.monotonic()
    runs, _ = run(tmp_path / "logs", shell("hung", script, seconds=1))
    assert runs["hung"].timed_out
    assert not runs["hung"].ok
    assert time.monotonic() - started < 15
    child = int((tmp_path / "child").read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_output_and_variables(tmp_path: Path) -> None:
    runs, _ = run(tmp_path, shell("says", "echo $WORD; echo more >&2", variables={"WORD": "hello"}))
    assert runs["says"].log.read_text() == "hello\nmore\n"
    assert "WORD" not in os.environ


def test_what_is_compiled_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    runs, _ = run(tmp_path, shell("says", "echo kept${PYTHONDONTWRITEBYTECODE}"))
    assert runs["says"].log.read_text() == "kept\n"


def test_an_interruption_stops_what_runs(tmp_path: Path) -> None:
    def stop(_: Run) -> None:
        raise KeyboardInterrupt

    tasks = [shell("quick", "true", cores=0.1), shell("long", f"echo $$ > {tmp_path}/pid; sleep 300", cores=0.1)]
    tasks[0] = shell("quick", f"until [ -s {tmp_path}/pid ]; do sleep 0.05; done", cores=0.1)
    with pytest.raises(KeyboardInterrupt):
        Schedule(tasks, cores=2, logs=tmp_path / "logs", finished=stop).run()
    pid = int((tmp_path / "pid").read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
