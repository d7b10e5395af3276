"""STORAGE_URL names a server that is there, but the wrong bucket or the wrong keys: the start stops with one line."""

from pathlib import Path

import pytest

from tests.platform.test_configuration import run
from tests.servers.s3 import ACCESS_KEY, S3Server


@pytest.mark.parametrize("wrong", ["bucket", "key", "secret"])
def test_a_wrong_storage_url_stops_the_start(wrong: str, seaweedfs_server: S3Server, tmp_path: Path) -> None:
    url = seaweedfs_server.url()
    credentials = url.removeprefix("s3://").partition("@")[0]
    replaced = {
        "bucket": url.replace("/files/", "/no-such-bucket/"),
        "key": url.replace(ACCESS_KEY, "somebody-else"),
        "secret": url.replace(credentials, f"{ACCESS_KEY}:hunter22"),
    }[wrong]
    assert replaced != url
    result = run(["manage.py", "prepare"], tmp_path, STORAGE_URL=replaced)
    assert result.returncode == 78, result.stderr
    assert result.stderr.startswith("configuration error: STORAGE_URL: the storage cannot be written (")
    assert result.stderr.count("\n") == 1
    assert "hunter22" not in result.stderr
    assert credentials not in result.stderr


def test_the_right_one_does_not(seaweedfs_server: S3Server, tmp_path: Path) -> None:
    result = run(["manage.py", "prepare"], tmp_path, STORAGE_URL=seaweedfs_server.url("start"))
    assert (result.returncode, result.stderr) == (0, "")
