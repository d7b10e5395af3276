"""The product as real processes, asked what it has done: metrics of all processes, access log, request ids."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from tests.servers.ports import free_ports
from tests.servers.product import Account, Product, start_product

pytestmark = pytest.mark.timeout(180)
SHM = Path("/dev/shm")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with start_product(
        tmp_path_factory.mktemp("observed"),
        with_worker=True,
        METRICS_ALLOW="127.0.0.1",
        WORKER_METRICS_PORT=str(free_ports(1)[0]),
        ACCESS_LOG="on",
        LOG_FORMAT="json",
        TRUSTED_PROXIES="127.0.0.1",
        WEB_WORKERS="2",
    ) as running:
        yield running


@pytest.fixture(scope="module")
def account(product: Product) -> Account:
    return product.create_account("ada@example.com")


def metrics(product: Product, port: int | None = None) -> dict[str, float]:
    text = requests.get(f"http://127.0.0.1:{port or product.port}/metrics", timeout=20).text
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(number) for name, _, number in lines}


def settled(product: Product, name: str, wanted: float) -> float:
    """The other process tells its numbers twice a second."""
    deadline = time.monotonic() + 10
    while (value := metrics(product).get(name, 0)) < wanted and time.monotonic() < deadline:
        time.sleep(0.2)
    return value


def access(product: Product, identifier: str) -> dict[str, str]:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for line in product.log.splitlines():
            if line.startswith("{") and json.loads(line).get("request_id") == identifier and '"access"' in line:
                found: dict[str, str] = json.loads(line)
                return found
        time.sleep(0.1)
    raise AssertionError("no line in the access log")


def test_all_processes_are_counted_together_and_a_dead_one_is_not_forgotten(product: Product, account: Account) -> None:
    name = 'dropbox_clone_http_requests_total{endpoint="content",method="PUT",status="2xx"}'
    received = 'dropbox_clone_http_received_bytes_total{endpoint="content"}'
    before, bytes_before = metrics(product).get(name, 0), metrics(product).get(received, 0)
    for number in range(20):  # a connection each, so that both processes get some
        url = f"{product.base_url}/api/v1/content/{number}.txt"
        body = iter([b"x" * 700, b"y" * 300]) if number % 2 else b"x" * 1000
        assert requests.put(url, data=body, headers=account.headers, timeout=20).status_code == 201
    assert settled(product, name, before + 20) == before + 20
    assert metrics(product)[received] == bytes_before + 20_000
    assert metrics(product)['dropbox_clone_processes{role="web"}'] == 2
    assert product.web is not None
    for _ in range(2):
        victim = psutil.Process(product.web.pid).children()[0]
        victim.send_signal(signal.SIGKILL)
        victim.wait(10)
        settled(product, 'dropbox_clone_processes{role="web"}', 2)
        assert metrics(product)[name] == before + 20
    (folder,) = {Path(line.split()[-1]).parent for line in maps(product.web.pid) if "dropbox_clone-metrics" in line}
    pids = {int(path.stem.rpartition("_")[2]) for path in folder.glob("*.db")}
    living = {child.pid for child in psutil.Process(product.web.pid).children()}
    assert pids <= living | {0}


def maps(pid: int) -> list[str]:
    children = psutil.Process(pid).children()
    return [line for child in children for line in Path(f"/proc/{child.pid}/maps").read_text().splitlines()]


def test_the_load_is_there(product: Product) -> None:
    found = metrics(product)
    assert found["dropbox_clone_web_threads"] == 512
    assert found["dropbox_clone_web_threads_busy"] >= 1  # this request
    assert found["dropbox_clone_web_busy_seconds_total"] > 0
    assert found['dropbox_clone_process_cpu_seconds_total{role="web"}'] > 0
    assert found['dropbox_clone_pool_up{pool="default",state="active"}'] == 1


def test_workers_have_their_own(product: Product, account: Account) -> None:
    port = int(product.environment["WORKER_METRICS_PORT"])
    url = f"{product.base_url}/api/v1/content/work.txt"
    requests.put(url, data=b"work", headers=account.headers, timeout=20)
    deadline = time.monotonic() + 30
    name = 'dropbox_clone_jobs_total{outcome="done",task="search.tasks.index_spaces"}'
    while not metrics(product, port).get(name) and time.monotonic() < deadline:
        time.sleep(0.5)
    found = metrics(product, port)
    assert found[name] >= 1
    assert found['dropbox_clone_job_duration_seconds_count{task="search.tasks.index_spaces"}'] >= 1
    assert found['dropbox_clone_job_delay_seconds_count{task="search.tasks.index_spaces"}'] >= 1
    assert 'dropbox_clone_queue_age_seconds{kind="index"}' in found
    assert requests.get(f"http://127.0.0.1:{port}/", timeout=20).status_code == 404


def test_the_access_log_tells_who_did_what_but_no_secret(product: Product, account: Account) -> None:
    url = f"{product.base_url}/api/v1/content/x%20y.txt?mode=overwrite&password=hunter22"
    answer = requests.put(
        url, data=b"z" * 123, headers={**account.headers, "X-Forwarded-For": "203.0.113.9"}, timeout=20
    )
    line = access(product, answer.headers["X-Request-ID"])
    assert (line["method"], line["path"], line["status"]) == ("PUT", "/api/v1/content/x%20y.txt", 201)
    assert (line["received"], line["sent"]) == (123, len(answer.content))
    assert (line["client"], line["actor_id"]) == ("203.0.113.9", "1")
    page = requests.get(f"{product.base_url}/setup/a-secret-of-the-setup/", timeout=20)
    assert access(product, page.headers["X-Request-ID"])["path"] == "/setup/***/"
    assert "hunter22" not in product.log
    assert "a-secret-of-the-setup" not in product.log
    assert account.token not in product.log


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("balancer-4711.a/b", True),
        ("x" * 128, True),
        ("x" * 129, False),
        ('a" forged="1', False),
        ("-leading", False),
    ],
)
def test_an_id_of_the_balancer_is_kept_when_it_can_be(product: Product, given: str, kept: bool) -> None:
    answer = requests.get(f"{product.base_url}/healthz", headers={"X-Request-ID": given}, timeout=20)
    assert (answer.headers["X-Request-ID"] == given) is kept


def test_folders_of_metrics_go_with_their_processes(tmp_path: Path) -> None:
    if not os.access(SHM, os.W_OK):
        pytest.skip("there is no /dev/shm")
    with start_product(tmp_path, TRUSTED_PROXIES="10.0.0.0/8", METRICS_ALLOW="127.0.0.1") as product:
        forged = requests.get(f"{product.base_url}/healthz", headers={"X-Request-ID": "forged"}, timeout=20)
        assert re.fullmatch(r"[0-9a-f]{24}", forged.headers["X-Request-ID"])
        folders = folders_of(product)
        product.kill()
        assert all(folder.exists() for folder in folders)  # nobody could remove them
        product.start()
        assert not any(folder.exists() for folder in folders)
        again = folders_of(product)
    assert len(again) == 1
    assert not any(folder.exists() for folder in again)


def folders_of(product: Product) -> set[Path]:
    assert product.web is not None
    lines = [line for line in maps(product.web.pid) if "dropbox_clone-metrics" in line]
    return {Path(line.split()[-1]).parent for line in lines}
