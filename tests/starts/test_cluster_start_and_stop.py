"""`make cluster` from the outside: what it leaves behind, and what it finds again. Redis as the broker, SeaweedFS."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

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


def small(folder: Path):  # type: ignore[no-untyped-def]
    return start(folder, web=1, workers=1, broker="redis", storage="seaweedfs")


def processes(cluster: RunningCluster) -> list[int]:
    return [cluster.process.pid, *descendants(cluster.process.pid)]


def test_it_stops_cleanly_and_the_next_start_finds_everything(folder: Path) -> None:
    with small(folder) as cluster:
        url = cluster.url
        assert f"Make the first one: {url}/setup/" in cluster.output.read_text()
        token = make_token(cluster)
        connection = Connection(LoadGenerator(url, token))
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
    with small(folder) as cluster:
        assert cluster.url == url
        assert Connection(LoadGenerator(url, token)).get("/kept.txt") == b"kept through a stop"
        printed = cluster.output.read_text()
    assert f"dropbox_clone is running at {url}/" in printed
    for name in ("postgresql", "redis", "seaweedfs", "haproxy", "web-1", "worker-1", "beat"):
        assert name in printed
    assert "/setup/" in printed, "there is an account, but no administrator"


def test_it_says_what_runs_and_takes_commands(folder: Path) -> None:
    command = [sys.executable, "-m", "deploy.cluster"]
    environment = {**os.environ, "DATA_DIR": str(folder)}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *words], env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    nobody = run("status")
    assert nobody.returncode == 1
    assert "no cluster runs on" in nobody.stderr
    with small(folder) as cluster:
        assert cluster.url in run("status").stdout
        second = run("run")
        assert second.returncode == 1
        assert "runs on" in second.stderr
        scaled = run("scale", "web", "2")
        assert scaled.returncode == 0, scaled.stderr
        assert "web-2 takes requests" in scaled.stdout
        refused = run("scale", "web", "0")
        assert refused.returncode == 1
        assert "from 1 to" in refused.stderr
        cluster.parts["seaweedfs"].hold()
        assert cluster.parts["seaweedfs"].state == "held"
        with pytest.raises(ControlFailed, match="no part"):
            cluster.command("hold", "nobody")
        cluster.parts["seaweedfs"].restart()
        assert run("stop").returncode == 0
        assert cluster.process.wait(30) == 0


def test_replicas_can_be_sent_through_a_proxy() -> None:
    folder = make_folder()
    try:
        ports = ports_of(folder, "seaweedfs")
        with FaultyProxy(ports["postgresql"], lambda data: None) as proxy:
            through = {"postgresql": proxy.port}
            with start(folder, web=1, workers=0, broker="redis", storage="seaweedfs", through=through) as cluster:
                assert cluster.parts["postgresql"].port == ports["postgresql"]
                assert f":{proxy.port}/" in cluster.environment()["DATABASE_URL"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_nothing_outlives_a_cluster_that_is_killed(folder: Path) -> None:
    with small(folder) as cluster:
        running = processes(cluster)
        os.kill(cluster.process.pid, signal.SIGKILL)
        left = wait_until_gone(running, 10)
        assert [command_line(pid) for pid in left] == []
    with small(folder) as cluster:
        assert cluster.url
