"""A process of the web server stays on one CPU; what works outside the interpreter for long does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from common import cpus

linux = pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no affinity on this system")


@pytest.fixture
def four_cpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Two cores with two threads each: 0 and 1, 2 and 3."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    for cpu, siblings in enumerate(["0-1", "0-1", "2,3", "2,3"]):
        folder = tmp_path / f"cpu{cpu}/topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{siblings}\n")
    return tmp_path


def test_cores_come_before_their_threads(four_cpus: Path) -> None:
    taken = list[int | None]()
    for _ in range(6):
        taken.append(cpus.choose(taken, four_cpus))
    assert taken == [0, 2, 1, 3, 0, 2]


def test_the_cpu_of_a_process_that_died_is_taken_again(four_cpus: Path) -> None:
    assert cpus.choose([0, 1, 3], four_cpus) == 2


def test_a_system_that_tells_nothing_of_cores(four_cpus: Path) -> None:
    assert [cpus.choose([], four_cpus / "none"), cpus.choose([0], four_cpus / "none")] == [0, 1]


def test_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {5}, raising=False)
    assert cpus.choose([]) is None
    monkeypatch.delattr(os, "sched_getaffinity")
    assert cpus.choose([]) is None


IN_A_PROCESS = """
import os, threading
from common import cpus
everywhere = os.sched_getaffinity(0)
with cpus.roaming():
    assert os.sched_getaffinity(0) == everywhere
cpus.stay(None)
assert os.sched_getaffinity(0) == everywhere
home = max(everywhere)
cpus.stay(home)
seen = []
def work():
    seen.append(os.sched_getaffinity(0))
    with cpus.roaming():
        seen.append(os.sched_getaffinity(0))
    seen.append(os.sched_getaffinity(0))
    cpus.leave()
    seen.append(os.sched_getaffinity(0))
thread = threading.Thread(target=work)
thread.start()
thread.join()
assert seen == [{home}, everywhere, {home}, everywhere], seen
assert os.sched_getaffinity(0) == {home}
"""


@linux
def test_threads_stay_roam_and_come_back() -> None:
    subprocess.run([sys.executable, "-c", IN_A_PROCESS], check=True, timeout=30)
