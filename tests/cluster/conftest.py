"""One cluster for all tests here: two replicas, two workers, RabbitMQ, MinIO where there is one."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.cluster import RunningCluster, start
from deploy.cluster.load_generator import LoadGenerator
from deploy.cluster.show_rolling import make_token


def make_folder() -> Path:
    """One that PostgreSQL's own user can enter, which pytest's are not."""
    folder = Path(tempfile.mkdtemp(prefix="dropbox_clone_cluster_test_"))
    folder.chmod(0o711)
    return folder


@pytest.fixture(scope="session")
def cluster() -> Iterator[RunningCluster]:
    folder = make_folder()
    try:
        with start(folder, web=2, workers=2, DRAIN_DELAY="3s", ACCESS_LOG="on") as cluster:
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def token(cluster: RunningCluster) -> str:
    return make_token(cluster)


@pytest.fixture
def load(cluster: RunningCluster, token: str) -> LoadGenerator:
    """Against a cluster that is whole: two replicas that are up."""
    cluster.command("scale", "web", "2")
    deadline = time.monotonic() + 60
    while {part.state for part in cluster.of("web")} != {"UP"}:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return LoadGenerator(cluster.url, token)
