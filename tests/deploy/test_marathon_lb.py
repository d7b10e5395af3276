"""The configuration that the Marathon labels lead to, in the real HAProxy, before small servers."""

import http.client
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.marathon import web_application
from tests.cluster.origins import Origin
from tests.deploy import marathon_lb
from tests.servers.ports import free_port
from tests.servers.product import ROOT

NAME = {"Host": "files.example.com"}


@pytest.fixture
def origins() -> Iterator[list[Origin]]:
    made = [Origin("one"), Origin("two")]
    yield made
    for origin in made:
        origin.close()


@pytest.fixture
def port(origins: list[Origin], tmp_path: Path) -> Iterator[int]:
    if shutil.which("haproxy") is None:
        pytest.skip("haproxy is missing: apt-get install haproxy")
    application = web_application()
    del application["labels"]["HAPROXY_0_REDIRECT_TO_HTTPS"]  # plain HTTP is what can be forged
    port = free_port()
    tasks = [("127.0.0.1", origin.port) for origin in origins]
    text = marathon_lb.configuration(application, tasks, http_port=port)
    (tmp_path / "haproxy.cfg").write_text(text.replace("maxconn 50000", "maxconn 500"))  # open files are limited here
    process = subprocess.Popen(["haproxy", "-db", "-f", tmp_path / "haproxy.cfg"], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)


def ask(port: int, path: str, **headers: str) -> tuple[int, dict[str, object]]:
    """The status, and what the server said had reached it. Patient while HAProxy starts."""

    deadline = time.monotonic() + 10
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request(
                "GET", path, headers={**NAME, **{name.replace("_", "-"): value for name, value in headers.items()}}
            )
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read()) if answer.status == 200 else {}
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        finally:
            connection.close()


def test_a_client_cannot_forge_its_scheme_or_address(port: int) -> None:
    status, said = ask(
        port, "/x", X_Forwarded_Proto="https", X_Forwarded_For="6.6.6.6", Forwarded="for=6.6.6.6;proto=https"
    )
    assert status == 200
    headers = said["headers"]
    assert isinstance(headers, list)
    found = {name: value for name, value in headers}  # noqa: C416
    assert found["x-forwarded-proto"] == "http"
    assert found["x-forwarded-for"] == "127.0.0.1"
    assert "forwarded" not in found
    assert len([name for name, _ in headers if name == "x-forwarded-proto"]) == 1
    assert found["x-request-id"]


def test_metrics_are_not_for_the_world(port: int, origins: list[Origin]) -> None:
    assert ask(port, "/x")[0] == 200
    assert ask(port, "/metrics")[0] == 404
    assert all(path != "/metrics" for origin in origins for _, path, _ in origin.seen)


def test_a_replica_that_drains_gets_nothing_more(port: int, origins: list[Origin]) -> None:
    assert {ask(port, "/x")[1]["origin"] for _ in range(10)} == {"one", "two"}
    origins[0].ready = False
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if {ask(port, "/x")[1]["origin"] for _ in range(4)} == {"two"}:
            break
        time.sleep(0.1)
    assert {ask(port, "/x")[1]["origin"] for _ in range(10)} == {"two"}
    origins[0].ready = True
    while time.monotonic() < deadline and "one" not in {ask(port, "/x")[1]["origin"] for _ in range(4)}:
        time.sleep(0.1)
    assert "one" in {ask(port, "/x")[1]["origin"] for _ in range(4)}
