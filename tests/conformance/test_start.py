"""STORAGE_URL names a server that is there, but the wrong bucket or the wrong keys: the start stops with one line."""

from pathlib import Path

import pytest

from tests.conformance.conftest import OPTIONAL
from tests.platform.test_configuration import run
from tests.servers.s3 import ACCESS_KEY, S3Server


def assert_stopped(url: str, tmp_path: Path) -> None:
    result = run(["manage.py", "prepare"], tmp_path, STORAGE_URL=url)
    assert result.returncode == 78, result.stderr
    assert result.stderr.startswith("configuration error: STORAGE_URL: the storage cannot be written (")
    assert result.stderr.count("\n") == 1
    assert "hunter22" not in result.stderr


@pytest.mark.parametrize("wrong", ["key", "secret"])
def test_wrong_keys_stop_the_start(wrong: str, seaweedfs_server: S3Server, tmp_path: Path) -> None:
    url = seaweedfs_server.url()
    credentials = url.removeprefix("s3://").partition("@")[0]
    key = ACCESS_KEY if wrong == "secret" else "somebody-else"
    assert_stopped(url.replace(credentials, f"{key}:hunter22"), tmp_path)


@pytest.mark.long
@pytest.mark.skipif(OPTIONAL["minio"] is not None, reason=f"MinIO: {OPTIONAL['minio']}")
def test_a_missing_bucket_stops_the_start(minio_server: S3Server, tmp_path: Path) -> None:
    """Not on SeaweedFS, which makes buckets as they are named."""
    assert_stopped(minio_server.url().replace("/files/", "/no-such-bucket/"), tmp_path)


def test_the_right_one_does_not(seaweedfs_server: S3Server, tmp_path: Path) -> None:
    result = run(["manage.py", "prepare"], tmp_path, STORAGE_URL=seaweedfs_server.url("start"))
    assert result.returncode == 0
    (line,) = result.stderr.splitlines()  # which installation it has acted on
    assert line.startswith("dropbox_clone: prepare acts on database ")
