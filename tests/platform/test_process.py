"""Processes that must always run: when one is started again, what is reported, and what a kill reaches."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from dropbox_clone import process as module
from dropbox_clone.process import KeptProcess

PATIENCE = 10  # seconds, far more than anything here takes


@dataclass(kw_only=True)
class Kept(KeptProcess):
    """Runs a script of the shell. `starts` counts."""

    back_off = (0.0, 3600.0)

    script: str
    starts: int = 0

    def start(self) -> None:
        self.starts += 1
        self.has_started(subprocess.Popen(["sh", "-c", self.script], process_group=0))


def ended(kept: Kept) -> Kept:
    assert kept.process is not None
    kept.process.wait(PATIENCE)
    return kept


def is_running(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_one_that_runs_is_left_alone() -> None:
    kept = Kept(name="it", script="exec sleep 100")
    kept.start()
    assert kept.look_after() is None
    assert (kept.alive(), kept.starts, kept.deaths) == (True, 1, 0)
    kept.kill()
    assert not kept.alive()


def test_one_that_has_ended_is_started_again_and_waits_longer_each_time() -> None:
    kept = Kept(name="it", script="exit 7")
    kept.start()
    assert ended(kept).look_after() == "it ended (exit code 7); starting it again in 0 s"
    assert kept.starts == 1, "its end is reported before it is started again"
    assert kept.look_after() is None
    assert kept.starts == 2
    assert ended(kept).look_after() == "it ended (exit code 7); starting it again in 3600 s"
    assert kept.look_after() is None
    assert (kept.starts, kept.deaths) == (2, 2), "its time has not come"
    assert ended(kept).how_it_ended() == "exit code 7"


def test_a_death_after_a_long_life_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEADY", -1.0)
    kept = Kept(name="it", script="kill -TERM $$", deaths=5)
    kept.start()
    assert ended(kept).look_after() == "it ended (SIGTERM); starting it again in 0 s"
    assert kept.deaths == 1


def test_what_it_left_in_its_group_goes_with_it(tmp_path: Path) -> None:
    """When its end is noticed, and when it is killed."""
    child = tmp_path / "child"
    for script, end in (("sleep 100 & echo $! > {}; exit 1", "look_after"), ("sleep 100 & echo $! > {}; wait", "kill")):
        child.unlink(missing_ok=True)
        kept = Kept(name="it", script=script.format(child))
        kept.start()
        deadline = time.monotonic() + PATIENCE
        while not (child.exists() and child.read_text().strip()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        pid = int(child.read_text())
        if end == "look_after":
            ended(kept)
        assert is_running(pid)
        getattr(kept, end)()
        while is_running(pid):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert os.getpgid(0) != kept.process.pid  # type: ignore[union-attr]
