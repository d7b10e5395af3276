"""Any replica does anything: what one began another goes on with, and coming and going fails no request."""

import hashlib
import http.client
import json
import os
import re
import threading
import time
from collections.abc import Callable

import pytest
import requests

from deploy.cluster import RunningCluster
from deploy.cluster.load_generator import Connection, LoadGenerator
from deploy.cluster.show_rolling import EMAIL

pytestmark = pytest.mark.timeout(600)
PASSWORD = "correct horse battery staple"


def places(cluster: RunningCluster, needle: str) -> set[str]:
    """Which replicas answered requests with this in their address, by HAProxy's log."""
    log = (cluster.folder / "logs" / "haproxy.log").read_text(errors="replace")
    lines = [line for line in log.splitlines() if needle in line]
    return {found[1] for line in lines if (found := re.search(r" web/(s\d+) ", line))}


def test_everything_is_ready(cluster: RunningCluster) -> None:
    answer = requests.get(f"{cluster.url}/readyz", timeout=10)
    assert answer.status_code == 200, answer.text
    kinds = {part.kind for part in cluster.parts.values()}
    assert kinds == {"postgresql", "redis", "rabbitmq", "epmd", "object-store", "haproxy", "web", "worker", "beat"}


def test_the_pieces_of_one_upload_go_to_all_replicas(cluster: RunningCluster, load: LoadGenerator) -> None:
    data = os.urandom(3_000_000)
    finished = Connection(load).put_in_pieces("/pieces.bin", data, piece=500_000)
    assert finished is not None, load.failures
    upload = re.findall(r"/uploads/([0-9a-f-]{36})/pieces", (cluster.folder / "logs" / "haproxy.log").read_text())[-1]
    assert len(places(cluster, f"{upload}/pieces")) == 2
    assert Connection(load).get("/pieces.bin") == data
    assert not load.failures


def test_a_session_holds_on_every_replica(cluster: RunningCluster, token: str) -> None:
    browser = requests.Session()
    page = browser.get(f"{cluster.url}/accounts/login/", timeout=10)
    csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert csrf is not None
    form = {"csrfmiddlewaretoken": csrf[1], "login": EMAIL, "password": PASSWORD}
    assert browser.post(page.url, data=form, headers={"Referer": page.url}, timeout=10).status_code == 200
    for number in range(8):
        answer = browser.get(f"{cluster.url}/api/v1/usage?hop={number}", timeout=10)
        assert answer.status_code == 200, answer.text
    assert len(places(cluster, "/usage?hop=")) == 2


def test_a_long_poll_hears_of_what_any_replica_did(cluster: RunningCluster, load: LoadGenerator) -> None:
    """Clients wait at both replicas; what is written at one of them wakes all."""
    cursor = json.loads(Connection(load).ask("GET", "/api/v1/changes/cursor") or b"{}")["cursor"]
    heard: list[bytes | None] = []

    def wait(number: int) -> None:
        path = f"/api/v1/changes?wait=20&poll={number}&cursor={cursor}"
        heard.append(Connection(load).ask("GET", path))

    waiting = [threading.Thread(target=wait, args=(number,)) for number in range(6)]
    for thread in waiting:  # the balancer gives each to the replica that has less to do
        thread.start()
        time.sleep(0.3)
    started = time.monotonic()
    assert Connection(load).put("/heard.txt", b"written") is not None
    for thread in waiting:
        thread.join()
    assert time.monotonic() - started < 5
    assert not load.failures
    assert all(b"heard.txt" in (page or b"") for page in heard)
    assert len(places(cluster, "&poll=")) == 2


def test_bulk_writes_hop(cluster: RunningCluster, load: LoadGenerator, token: str) -> None:
    """Into one folder, in turn by all replicas; every file is there at once for whoever asks next."""
    made = json.dumps({"path": "/hopping", "exist_ok": True}).encode()
    assert Connection(load).ask("POST", "/api/v1/folders", made, Content_Type="application/json") is not None
    for number in range(6):
        files = {f"{number}-{part}.txt": ("part", f"{number} {part}".encode()) for part in range(20)}
        url = f"{cluster.url}/api/v1/bulk?path=/hopping&turn={number}"
        answer = requests.post(url, files=files, headers=load.headers, timeout=30)
        assert answer.status_code == 200, answer.text
        assert [item for item in answer.json()["items"] if item["error"]] == []
        page = Connection(load).ask("GET", "/api/v1/folders?path=/hopping&limit=500")
        assert len(json.loads(page or b"{}")["items"]) == 20 * (number + 1)
    assert len(places(cluster, "?path=/hopping&")) == 2  # when they take turns, one writes and the other reads


def test_replicas_believe_the_balancer_and_nobody_else(cluster: RunningCluster, token: str) -> None:
    forged = {"X-Forwarded-For": "8.8.8.8", "X-Real-IP": "8.8.8.8", "X-Forwarded-Proto": "https"}
    name = f"forged-{os.getpid()}-1"
    answer = requests.get(f"{cluster.url}/healthz?forged", headers={**forged, "X-Request-ID": name}, timeout=10)
    assert answer.headers["X-Request-ID"] == name
    time.sleep(0.5)
    logs = "".join(part.log.read_text(errors="replace") for part in cluster.of("web"))
    lines = [line for line in logs.splitlines() if name in line]
    assert lines, "the name of the request is in the log of the replica"
    assert "127.0.0.1" in lines[0]
    assert "8.8.8.8" not in lines[0]


PAUSE = 0.03  # seconds: what is shown does not depend on how much comes, and the machine is shared


def work(connection: Connection, number: int) -> None:
    """A little of everything; each request is asked once."""
    data = hashlib.sha256(str(number).encode()).digest() * (1 + number % 900)
    path = f"/load/{number % 200}.bin"
    if number % 10 == 0:
        connection.put_in_pieces(path, data, piece=max(1, len(data) // 3))
    elif connection.put(path, data):
        connection.get(path)
    if number % 5 == 0:
        connection.ask("GET", "/api/v1/folders?path=/load")
    time.sleep(PAUSE)


def under_load(load: LoadGenerator, act: Callable[[], object]) -> int:
    """`act` while six clients work; how many requests there were. Not one may have failed."""
    Connection(load).put("/load/0.bin", b"first")
    end = load.background(work, threads=6)
    try:
        time.sleep(1)
        act()
        time.sleep(1)
    finally:
        end()
    assert not load.failures, load.failures[:10]
    assert load.longest < 20
    return load.requests


def test_replicas_are_added_and_removed(cluster: RunningCluster, load: LoadGenerator) -> None:
    def change() -> None:
        for number in ("3", "2", "1", "2"):
            cluster.command("scale", "web", number)

    assert under_load(load, change) > 100
    assert len(cluster.of("web")) == 2


def test_a_replica_that_gets_sigterm_drains(cluster: RunningCluster, load: LoadGenerator) -> None:
    """As an orchestrator stops it: nobody tells HAProxy, which sees /readyz turn false."""
    part = cluster.of("web")[0]

    def terminate() -> None:
        part.terminate()
        while cluster.parts[part.name].restarts == part.restarts:
            time.sleep(0.1)
        cluster.wait_until(part.name, "UP")

    assert under_load(load, terminate) > 100
    assert f"{part.name} ended (exit code 0)" in cluster.output.read_text()


def test_a_release_rolls(cluster: RunningCluster, load: LoadGenerator) -> None:
    before = {part.pid for kind in ("web", "worker", "beat") for part in cluster.of(kind)}
    assert under_load(load, lambda: cluster.command("roll")) > 100
    after = {part.pid for kind in ("web", "worker", "beat") for part in cluster.of(kind)}
    assert len(after) == len(before)
    assert not before & after


def test_a_killed_replica_fails_no_reading_request(cluster: RunningCluster, load: LoadGenerator) -> None:
    Connection(load).put("/killed.bin", b"x" * 50_000)
    end = load.background(lambda connection, number: connection.get("/killed.bin"), threads=4)
    part = cluster.of("web")[0]
    time.sleep(0.5)
    part.kill()
    time.sleep(3)
    end()
    cut = [failure for failure in load.failures if "IncompleteRead" not in failure]  # a body that was on its way
    assert not cut, cut[:5]
    cluster.wait_until(part.name, "UP")


def test_nobody_waits_long_for_a_frozen_replica(cluster: RunningCluster, load: LoadGenerator) -> None:
    """It is killed, its reading requests go to another one, and it is started again."""
    assert Connection(load).put("/frozen.txt", b"there") is not None
    part = cluster.of("web")[0]
    part.freeze()
    load.longest = 0.0
    load.each(range(16), lambda connection, number: connection.get("/frozen.txt"), threads=8)
    assert not load.failures
    assert load.longest < 12
    cluster.wait_until(part.name, "UP")
    assert cluster.parts[part.name].pid != part.pid


def test_a_killed_balancer_comes_back_with_its_replicas(cluster: RunningCluster, load: LoadGenerator) -> None:
    before = cluster.parts["haproxy"]
    before.kill()
    deadline = time.monotonic() + 20
    while cluster.parts["haproxy"].pid in (None, before.pid) or not Connection(LoadGenerator(load.url, "")).ask(
        "GET", "/healthz"
    ):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert [part.state for part in cluster.of("web")] == ["UP", "UP"]
    assert under_load(load, lambda: cluster.command("scale", "web", "3")) > 10


def test_a_slow_upload_outlives_the_drain_of_its_replica(
    cluster: RunningCluster, load: LoadGenerator, token: str
) -> None:
    """Its bytes come more slowly than DRAIN_DELAY; all replicas are asked to stop, so the one that has it is."""
    data = os.urandom(900_000)
    connection = http.client.HTTPConnection(load.url.removeprefix("http://"), timeout=60)
    connection.putrequest("PUT", "/api/v1/content/slow.bin")
    connection.putheader("Authorization", f"Bearer {token}")
    connection.putheader("Content-Length", str(len(data)))
    connection.endheaders()
    connection.send(data[:100_000])
    time.sleep(0.5)
    parts = cluster.of("web")
    cluster.command("scale", "web", "4")  # somebody must be there for others
    for part in parts:
        part.terminate()
    for start in range(100_000, len(data), 100_000):
        time.sleep(0.9)
        connection.send(data[start : start + 100_000])
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status in (200, 201), body
    assert Connection(load).get("/slow.bin") == data
    assert not load.failures
    for part in parts:
        cluster.wait_until(part.name, "UP")


def test_a_long_poll_is_answered_when_its_replica_leaves(
    cluster: RunningCluster, load: LoadGenerator, token: str
) -> None:
    connection = Connection(load)
    cursor = json.loads(connection.ask("GET", "/api/v1/changes/cursor") or b"{}")["cursor"]
    answers: list[float] = []

    def wait() -> None:
        started = time.monotonic()
        if Connection(load).ask("GET", f"/api/v1/changes?wait=30&cursor={cursor}") is not None:
            answers.append(time.monotonic() - started)

    waiting = [threading.Thread(target=wait) for _ in range(4)]
    for thread in waiting:
        thread.start()
    time.sleep(1)
    for part in cluster.of("web")[:2]:
        part.terminate()
    for thread in waiting:
        thread.join()
    assert not load.failures
    assert len(answers) == 4
    assert max(answers) < 15, "ended early: DRAIN_DELAY and a little"
    for part in cluster.of("web"):
        cluster.wait_until(part.name, "UP")
