"""`make cluster` from the outside: what it says and takes, what it leaves behind, and what it finds again. Redis as the
broker, SeaweedFS. A start takes twenty seconds of the cores, so the tests are one story of three starts.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from deploy.cluster import ControlFailed, RunningCluster, ports_of, start
from deploy.cluster.load_generator import Connection, LoadGenerator
from deploy.cluster.part import descendants
from deploy.cluster.show_rolling import make_token
from tests.cluster.conftest import make_folder
from tests.cluster.test_jobs import found
from tests.servers.proxy import FaultyProxy
from tests.servers.supervised import command_line, wait_until_gone

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    folder = make_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def small(folder: Path, **options: Any) -> AbstractContextManager[RunningCluster]:
    return start(folder, web=1, workers=1, broker="redis", storage="seaweedfs", **options)


def processes(cluster: RunningCluster) -> list[int]:
    return [cluster.process.pid, *descendants(cluster.process.pid)]


def run(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "deploy.cluster", *words],
        env={**os.environ, "DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def token(folder: Path) -> str:
    """Of the first start: whoever wants it has stopped that cleanly."""
    nobody = run(folder, "status")
    assert nobody.returncode == 1
    assert "no cluster runs on" in nobody.stderr
    with small(folder) as cluster:
        assert f"Make the first one: {cluster.url}/setup/" in cluster.output.read_text()
        token = make_token(cluster)
        connection = Connection(LoadGenerator(cluster.url, token))
        assert connection.put("/kept.txt", b"kept through a stop") is not None, connection.load.failures
        assert found(connection, "kept"), "a worker on Redis has indexed it"
        running = processes(cluster)
        assert len(running) > 8
        started = time.monotonic()
        assert cluster.stop() == 0
        assert time.monotonic() - started < 20
        assert wait_until_gone(running, 1) == []
    assert "stopped" in cluster.output.read_text()
    assert not (folder / "cluster.json").exists()
    return token


def kept(cluster: RunningCluster, token: str) -> bool:
    return Connection(LoadGenerator(cluster.url, token)).get("/kept.txt") == b"kept through a stop"


def test_replicas_go_through_a_proxy_and_nothing_outlives_a_kill(folder: Path, token: str) -> None:
    ports = ports_of(folder, "seaweedfs")
    with (
        FaultyProxy(ports["postgresql"], lambda data: None) as proxy,
        small(folder, through={"postgresql": proxy.port}) as cluster,
    ):
        assert cluster.parts["postgresql"].port == ports["postgresql"]
        assert f":{proxy.port}/" in cluster.environment()["DATABASE_URL"]
        assert kept(cluster, token)
        running = processes(cluster)
        os.kill(cluster.process.pid, signal.SIGKILL)
        left = wait_until_gone(running, 10)
        assert [command_line(pid) for pid in left] == []


def test_the_next_start_finds_everything_says_what_runs_and_takes_commands(folder: Path, token: str) -> None:
    """After a stop and, when the test above has run, after a kill."""
    with small(folder) as cluster:
        assert kept(cluster, token)
        printed = cluster.output.read_text()
        assert f"dropbox_clone is running at {cluster.url}/" in printed
        for name in ("postgresql", "redis", "seaweedfs", "haproxy", "web-1", "worker-1", "beat"):
            assert name in printed
        assert "/setup/" in printed, "there is an account, but no administrator"
        commands_are_taken(folder, cluster)
        assert run(folder, "stop").returncode == 0
        assert cluster.process.wait(30) == 0


def commands_are_taken(folder: Path, cluster: RunningCluster) -> None:
    assert cluster.url in run(folder, "status").stdout
    second = run(folder, "run")
    assert second.returncode == 1
    assert "runs on" in second.stderr
    scaled = run(folder, "scale", "web", "2")
    assert scaled.returncode == 0, scaled.stderr
    assert "web-2 takes requests" in scaled.stdout
    refused = run(folder, "scale", "web", "0")
    assert refused.returncode == 1
    assert "from 1 to" in refused.stderr
    cluster.parts["seaweedfs"].hold()
    assert cluster.parts["seaweedfs"].state == "held"
    with pytest.raises(ControlFailed, match="no part"):
        cluster.command("hold", "nobody")
    cluster.parts["seaweedfs"].restart()
