"""The supervisor of `make run`, as a real process with a real web server and job worker."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.servers.postgresql import PostgresqlServer
from tests.servers.supervised import Supervised, is_running, wait_until_gone

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervised]:
    with Supervised.start(tmp_path_factory.mktemp("product")) as product:
        yield product


def wait_for_new(product: Supervised, word: str, old: int, timeout: float = 60) -> int:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            pid = product.pid_of(word)
        except StopIteration:
            pid = old
        if pid != old:
            return pid
        time.sleep(0.05)
    raise AssertionError(f"{word} was not started again; log:\n{product.log()[-2000:]}")


def test_it_prints_the_url_and_a_link_for_the_first_administrator(product: Supervised) -> None:
    line = product.wait_for_line("There is no account yet", 5)
    assert product.lines == [f"dropbox_clone is running at http://localhost:{product.port}/", line]
    link = line.rpartition(" ")[2]
    assert link.startswith(f"http://localhost:{product.port}/setup/")
    assert requests.get(link.replace("localhost", "127.0.0.1"), timeout=10).status_code == 200


def test_everything_it_depends_on_is_ready(product: Supervised) -> None:
    answer = requests.get(f"{product.url}/readyz", timeout=10)
    assert answer.status_code == 200, answer.text


def test_the_log_has_no_errors(product: Supervised) -> None:
    for word in ("Traceback", "ERROR", "CRITICAL"):
        assert word not in product.log()


def test_a_killed_web_server_is_started_again_and_no_client_is_refused(product: Supervised) -> None:
    refused = []
    stop = threading.Event()

    def knock() -> None:
        while not stop.is_set():
            try:
                requests.get(f"{product.url}/healthz", timeout=15)
            except requests.RequestException as error:  # a request that was under way may be cut off
                if "refused" in str(error):
                    refused.append(error)
            time.sleep(0.02)

    knocking = threading.Thread(target=knock)
    knocking.start()
    before = [pid for pid, command in product.pids().items() if "gunicorn" in command]
    assert len(before) == 3, "one master and two workers"
    killed = product.kill("gunicorn")
    assert wait_until_gone(before, 3) == [], "the workers must not outlive their master"
    wait_for_new(product, "gunicorn", killed)
    product.wait_until_it_answers()
    stop.set()
    knocking.join()
    assert refused == []
    assert "the web server ended (SIGKILL); starting it again in 0 s" in product.log()


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one CPU")
def test_each_process_of_the_web_server_has_a_cpu_of_its_own(product: Supervised) -> None:
    everywhere = os.sched_getaffinity(0)

    def used() -> list[set[int]]:
        return [os.sched_getaffinity(pid) for pid, command in product.pids().items() if "gunicorn" in command]

    deadline = time.monotonic() + 30  # the test before has killed it: it may still be starting
    while sorted(map(len, used())) != [1, 1, len(everywhere)] and time.monotonic() < deadline:
        time.sleep(0.1)
    found = used()
    assert sorted(map(len, found)) == [1, 1, len(everywhere)]  # the master chooses, so it may run everywhere
    assert len(set.union(*(cpus for cpus in found if len(cpus) == 1))) == 2
    assert os.sched_getaffinity(product.pid_of("celery")) == everywhere


def test_a_killed_job_worker_is_started_again_with_its_clock(product: Supervised) -> None:
    killed = product.kill("celery")
    worker = wait_for_new(product, "celery", killed)
    time.sleep(6)  # what the killed one's clock had asked for is done or has expired
    product.manage("shell", "-c", ASK)
    deadline = time.monotonic() + 60
    while "None" not in (left := asked(product)):
        assert time.monotonic() < deadline, f"nobody looks for what was asked for: {left}"
        time.sleep(1)
    assert [pid for pid, command in product.pids().items() if "celery" in command] == [worker]


ASK = """
from files.maintenance.jobs import ask_for
from files.models import Job
Job.objects.get_or_create(name="locks")
ask_for("locks")
"""


def asked(product: Supervised) -> str:
    code = "from files.models import Job; print(Job.objects.get(name='locks').asked_at)"
    return product.manage("shell", "-c", code)


def test_a_taken_port_is_one_clear_line(product: Supervised, tmp_path: Path) -> None:
    second = Supervised(tmp_path, PORT=str(product.port))
    second.spawn()
    assert second.process is not None
    assert second.process.wait(20) == 1
    assert second.log() == (
        f"dropbox_clone: cannot listen on 127.0.0.1:{product.port}: the port is taken; set PORT to another one\n"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_quickly_with_clients_in_the_middle(tmp_path: Path, number: signal.Signals) -> None:
    with Supervised.start(tmp_path) as product:
        keeping_alive = requests.Session()
        keeping_alive.get(f"{product.url}/healthz", timeout=5)
        uploading = socket.create_connection(("127.0.0.1", product.port))
        uploading.sendall(b"PUT /api/v1/content/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf")
        silent = socket.create_connection(("127.0.0.1", product.port))
        time.sleep(0.3)
        pids = list(product.pids())
        assert len(pids) >= 4
        code, seconds = product.stop(number)
        assert code == 0
        assert seconds < 5
        assert [pid for pid in pids if is_running(pid)] == []
        uploading.close()
        silent.close()
        product.run()


def test_when_it_is_killed_nothing_is_left_behind(tmp_path: Path) -> None:
    with Supervised.start(tmp_path) as product:
        deadline = time.monotonic() + 60
        while len(product.pids()) != 4 and time.monotonic() < deadline:
            time.sleep(0.1)
        pids = list(product.pids())
        assert len(pids) == 4, product.pids()  # gunicorn and its two workers, the job worker
        os.kill(product.pid, signal.SIGKILL)
        assert wait_until_gone([product.pid, *pids], 5) == []


def test_a_stop_during_the_preparation_leaves_nothing(tmp_path: Path) -> None:
    product = Supervised(tmp_path)
    product.spawn()
    deadline = time.monotonic() + 10
    while not product.pids() and time.monotonic() < deadline:
        time.sleep(0.01)
    pids = list(product.pids())
    assert pids
    code, seconds = product.stop()
    assert (code, product.lines) == (0, [])
    assert seconds < 2
    assert wait_until_gone(pids, 1) == []


def test_it_runs_on_postgresql(tmp_path: Path, postgresql_server: PostgresqlServer) -> None:
    """Many requests at once with few connections, and the database restarted under it."""
    url = f"{postgresql_server.create_migrated_database('supervised')}?pool_size=4"
    with Supervised.start(tmp_path, DATABASE_URL=url, SECRET_KEY="k" * 40) as product:
        product.manage("createaccount", "ada@example.com", "--password-stdin", stdin="correct horse battery staple\n")
        token = product.manage("createtoken", "ada@example.com", "--name", "test").strip()
        headers = {"Authorization": f"Bearer {token}"}

        def put_and_get(number: int) -> bool:
            address = f"{product.url}/api/v1/content/{number % 5}/{number}.txt"
            put = requests.put(address, data=b"%d" % number, headers=headers, timeout=60)
            assert put.status_code == 201, put.text
            return requests.get(address, headers=headers, timeout=60).content == b"%d" % number

        with ThreadPoolExecutor(30) as threads:
            assert all(threads.map(put_and_get, range(90)))
        assert requests.get(f"{product.url}/readyz", timeout=30).status_code == 200
        postgresql_server.stop()
        assert requests.get(f"{product.url}/healthz", timeout=30).status_code == 200
        time.sleep(1.1)  # an answer is given again for one second
        down = requests.get(f"{product.url}/readyz", timeout=30)
        assert down.status_code == 503
        assert down.json()["checks"]["database"]["ok"] is False
        postgresql_server.run()
        assert put_and_get(1000)
