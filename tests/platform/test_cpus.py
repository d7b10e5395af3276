"""A process of the web server stays on one CPU; what works outside the interpreter for long does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from common import cpus
from tests.servers.product import start_product

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


def affinities(pid: int) -> dict[int, set[int]]:
    return {int(task.name): os.sched_getaffinity(int(task.name)) for task in Path(f"/proc/{pid}/task").iterdir()}


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@linux
@pytest.mark.processes
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one CPU")
def test_each_process_of_the_web_server_has_its_own(tmp_path: Path) -> None:
    with start_product(tmp_path, WEB_WORKERS="2", WEB_CPU_PINNING="on") as product:
        account = product.create_account("ada@example.com")
        assert product.web is not None
        workers = children(product.web.pid)
        homes = [affinities(pid)[pid] for pid in workers]
        assert [len(home) for home in homes] == [1, 1]
        assert homes[0] != homes[1]
        session = requests.Session()
        url = f"{product.base_url}/api/v1/content/large.bin"
        for _ in range(8):  # hashed by threads of their own, in whichever process it is
            session.put(url, data=os.urandom(12 * 1024 * 1024), headers=account.headers).raise_for_status()
            assert len(session.get(url, headers=account.headers).content) == 12 * 1024 * 1024
        seen = [affinities(pid) for pid in workers]
        everywhere = os.sched_getaffinity(0)
        assert any(everywhere in of_process.values() for of_process in seen)  # those that hash
        for pid, home, of_process in zip(workers, homes, seen, strict=True):
            assert of_process[pid] == home
            assert all(of_thread in (home, everywhere) for of_thread in of_process.values())
        assert os.sched_getaffinity(product.web.pid) == everywhere  # new processes choose anew


@pytest.mark.processes
@pytest.mark.parametrize("wish", ["auto", "off"])
def test_not_where_nobody_asked_for_it(tmp_path: Path, wish: str) -> None:
    with start_product(tmp_path, WEB_WORKERS="1", WEB_CPU_PINNING=wish) as product:
        assert product.web is not None
        (worker,) = children(product.web.pid)
        assert os.sched_getaffinity(worker) == os.sched_getaffinity(0)
