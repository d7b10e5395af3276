"""A process of the running web server stays on one CPU, where that is asked for."""

import os
from pathlib import Path

import pytest
import requests

from tests.servers.product import start_product

linux = pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no affinity on this system")


def affinities(pid: int) -> dict[int, set[int]]:
    return {int(task.name): os.sched_getaffinity(int(task.name)) for task in Path(f"/proc/{pid}/task").iterdir()}


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@linux
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


@pytest.mark.parametrize("pinning", ["auto", "off"])
def test_not_where_nobody_asked_for_it(tmp_path: Path, pinning: str) -> None:
    with start_product(tmp_path, WEB_WORKERS="1", WEB_CPU_PINNING=pinning) as product:
        assert product.web is not None
        (worker,) = children(product.web.pid)
        assert os.sched_getaffinity(worker) == os.sched_getaffinity(0)
