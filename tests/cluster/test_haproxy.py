"""The HAProxy configuration, in the real HAProxy before small servers that say what reached them."""

import contextlib
import http.client
import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.haproxy import render
from tests.cluster.origins import Origin
from tests.servers.ports import free_port

HAPROXY = shutil.which("haproxy") or "/usr/sbin/haproxy"
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def origins() -> Iterator[list[Origin]]:
    made = [Origin("one"), Origin("two")]
    yield made
    for origin in made:
        with contextlib.suppress(OSError):
            origin.close()


@pytest.fixture
def port(origins: list[Origin]) -> Iterator[int]:
    with haproxy({origin.name: f"127.0.0.1:{origin.port}" for origin in origins}) as port:
        yield port


@contextlib.contextmanager
def haproxy(servers: dict[str, str | None], **options: object) -> Iterator[int]:
    folder = Path(tempfile.mkdtemp(prefix="dropbox_clone_haproxy_"))
    port = free_port()
    configuration = folder / "haproxy.cfg"
    configuration.write_text(
        render(
            bind=f"127.0.0.1:{port}",
            servers=servers,
            admin_socket=str(folder / "admin"),
            maximum_connections=500,
            **options,  # type: ignore[arg-type]
        )
    )
    process = subprocess.Popen([HAPROXY, "-db", "-f", str(configuration)], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError):
                ask(port, "GET", "/hello")
                break
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)


def ask(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def wait_for(port: int, status: int, origin: str | None = None) -> None:
    """Until ten requests in a row are answered so."""
    deadline, row = time.monotonic() + 15, 0
    while row < 10:
        found, _, body = ask(port, "GET", "/where")
        row = row + 1 if found == status and (origin is None or json.loads(body)["origin"] == origin) else 0
        assert time.monotonic() < deadline, (found, body)
        time.sleep(0.05)


def test_haproxy_accepts_it_without_a_warning() -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        servers = {"a": "10.0.0.1:8000", "b": None}
        file.write(render(bind=":8080", servers=servers, outer_proxies=["10.0.0.0/8", "::1"], maximum_connections=500))
        file.flush()
        done = subprocess.run([HAPROXY, "-c", "-f", file.name], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


def test_the_command_prints_it() -> None:
    command = [
        ".venv/bin/python",
        "-m",
        "deploy.haproxy",
        "--bind",
        ":80",
        "--server",
        "a=10.0.0.1:8000",
        "--slots",
        "1",
    ]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "bind :80\n" in text
    assert text.count("server a 10.0.0.1:8000\n") == 2
    assert text.count("server slot1 127.0.0.1:1 disabled\n") == 2


FORGED = {
    "X-Forwarded-For": "8.8.8.8",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Ssl": "on",
    "X-Real-IP": "8.8.8.8",
    "Forwarded": "for=8.8.8.8;proto=https",
    "X_Forwarded_For": "8.8.8.8",
    "X_Forwarded_Proto": "https",
    "X-Original-URL": "/admin",
    "Proxy": "http://evil.example",
}


def reached(port: int, headers: dict[str, str]) -> dict[str, list[str]]:
    """The headers that reached a replica; each may be there more than once."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("GET", "/headers")
    for name, value in headers.items():
        connection.putheader(name, value)
        connection.putheader(name.upper(), value)  # twice, in case only one is removed
    connection.endheaders()
    rows = json.loads(connection.getresponse().read())["headers"]
    connection.close()
    found: dict[str, list[str]] = {}
    for name, value in rows:
        found.setdefault(name, []).append(value)
    return found


def test_a_client_cannot_forge_its_address_or_its_scheme(port: int) -> None:
    found = reached(port, FORGED)
    assert found["x-forwarded-for"] == ["127.0.0.1"]
    assert found["x-forwarded-proto"] == ["http"]
    gone = {name.lower() for name in FORGED} - {"x-forwarded-for", "x-forwarded-proto"}
    assert not gone & set(found)


def test_a_proxy_in_front_that_is_named_may_say_who_the_client_is(origins: list[Origin]) -> None:
    with haproxy({"one": f"127.0.0.1:{origins[0].port}"}, outer_proxies=["127.0.0.0/8"]) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "Forwarded": "for=8.8.8.8"}
        connection.request("GET", "/headers", headers=headers)
        found = [(name, value) for name, value in json.loads(connection.getresponse().read())["headers"]]
    assert [value for name, value in found if name == "x-forwarded-for"] == ["203.0.113.7", "127.0.0.1"]
    assert ("x-forwarded-proto", "https") in found
    assert "forwarded" not in dict(found)


def test_a_request_has_one_name_in_all_logs_and_in_its_answer(port: int) -> None:
    _, headers, body = ask(port, "GET", "/headers", X_Request_ID="0123456789abcdef")
    assert dict(json.loads(body)["headers"])["x-request-id"] == headers["x-request-id"] == "0123456789abcdef"
    _, made, body = ask(port, "GET", "/headers", X_Request_ID="a b\tc<script>")
    assert dict(json.loads(body)["headers"])["x-request-id"] == made["x-request-id"]
    assert len(made["x-request-id"]) == 36
    assert ask(port, "GET", "/headers")[1]["x-request-id"] != made["x-request-id"]


def test_a_file_is_passed_on_while_it_arrives(port: int, origins: list[Origin]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"PUT /dav/body HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + b"a" * 100_000)
        deadline = time.monotonic() + 5
        while sum(len(origin.body) for origin in origins) < 100_000 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert sum(len(origin.body) for origin in origins) == 100_000, "held back until the whole body is there"
        client.sendall(b"b" * 100_000)
        assert client.recv(100).startswith(b"HTTP/1.1 200")


def test_a_form_is_held_back_until_it_is_there(port: int, origins: list[Origin]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n" + b"a" * 1000)
        time.sleep(1)
        assert [origin for origin in origins if ("POST", "/body") in [seen[:2] for seen in origin.seen]] == []
        client.sendall(b"b" * 1000)
        assert client.recv(100).startswith(b"HTTP/1.1 200")


def test_a_form_that_is_too_long_is_refused_before_it_comes(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_a_replica_that_is_not_ready_gets_no_new_requests_and_finishes_those_it_has(
    port: int, origins: list[Origin]
) -> None:
    with ThreadPoolExecutor(8) as pool:
        slow = [pool.submit(ask, port, "GET", "/slow") for _ in range(8)]
        time.sleep(0.3)
        origins[0].ready = False
        wait_for(port, 200, origin="two")
        assert {future.result()[0] for future in slow} == {200}
    assert {path for _, path, _ in origins[0].seen} >= {"/slow"}
    origins[0].ready = True
    deadline = time.monotonic() + 10
    while json.loads(ask(port, "GET", "/where")[2])["origin"] != "one":
        assert time.monotonic() < deadline, "a replica that is ready again gets requests again"


def test_when_nobody_is_ready_those_who_are_alive_go_on(port: int, origins: list[Origin]) -> None:
    for origin in origins:
        origin.ready = False
    time.sleep(3)
    wait_for(port, 200)
    origins[1].alive = False
    wait_for(port, 200, origin="one")


def test_without_any_replica_the_answer_says_when_to_come_back(port: int, origins: list[Origin]) -> None:
    for origin in origins:
        origin.ready = origin.alive = False
    wait_for(port, 503)
    status, headers, body = ask(port, "GET", "/where")
    assert status == 503
    assert headers["retry-after"] == "2"
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["code"] == "unavailable"
    assert headers["x-request-id"]


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_a_connection_that_was_refused_is_tried_elsewhere(port: int, origins: list[Origin], method: str) -> None:
    origins[0].close()
    assert {ask(port, method, "/any", b"body")[0] for _ in range(6)} == {200}


def test_a_reading_request_whose_replica_died_is_sent_to_another(port: int, origins: list[Origin]) -> None:
    origins[0].act = "vanish"
    assert {ask(port, method, "/any")[0] for method in ("GET", "HEAD", "PROPFIND") * 3} == {200}
    assert any(path == "/any" for _, path, _ in origins[0].seen)


@pytest.mark.parametrize("method", ["MOVE", "DELETE"])
@pytest.mark.parametrize("path", ["/dav/a", "/remote.php/dav/files/1/a", "/remote.php/webdav/a"])
def test_a_move_or_deletion_of_files_is_sent_to_another(
    port: int, origins: list[Origin], path: str, method: str
) -> None:
    """Decision 19."""
    origins[0].act = "vanish"
    assert {ask(port, method, path)[0] for _ in range(6)} == {200}
    assert any(seen == path for _, seen, _ in origins[0].seen)


@pytest.mark.parametrize("method", ["MOVE", "DELETE"])
@pytest.mark.parametrize("path", ["/remote.php/dav/uploads/1/a/.file", "/remote.php/dav/trashbin/1/trash/a", "/any"])
def test_another_move_or_deletion_is_never_sent_twice(port: int, origins: list[Origin], path: str, method: str) -> None:
    for origin in origins:
        origin.act = "vanish"
    assert ask(port, method, path)[0] == 502
    assert len([seen for origin in origins for _, seen, _ in origin.seen if seen == path]) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "COPY", "MKCOL", "LOCK"])
def test_a_writing_request_is_never_sent_twice(port: int, origins: list[Origin], method: str) -> None:
    for origin in origins:
        origin.act = "vanish"
    status, headers, body = ask(port, method, "/any", b"body")
    assert status == 502
    assert headers["retry-after"] == "1"
    assert json.loads(body)["code"] == "unavailable"
    assert len([path for origin in origins for _, path, _ in origin.seen if path == "/any"]) == 1


def test_a_client_that_was_told_to_go_on_is(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"PUT /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 100")
        client.sendall(b"body")
        assert b" 200 " in client.recv(1000)


def test_metrics_are_not_for_the_world(port: int) -> None:
    assert ask(port, "GET", "/metrics")[0] == 404
