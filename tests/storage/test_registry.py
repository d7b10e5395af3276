"""Storage URLs."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from storage import Capabilities, StorageConfigurationError, open_storage
from storage.local import LocalStorage
from storage.memory import MemoryStorage
from storage.s3 import S3Storage

SECRET = "se:cr/et@+%"
GOOD = f"s3://KEY:{quote(SECRET, safe='')}@storage.example.org:9000"


def test_one_storage_a_url_whoever_asks(tmp_path: Path) -> None:
    url = tmp_path.joinpath("x").as_uri()
    with ThreadPoolExecutor(8) as pool:
        storages = set(pool.map(open_storage, [url] * 50))
    assert len(storages) == 1
    assert open_storage(url + "2") not in storages


def test_a_path_is_percent_decoded(tmp_path: Path) -> None:
    storage = open_storage(f"{tmp_path.as_uri()}/with%20space%20%C3%BC")
    assert isinstance(storage, LocalStorage)
    assert (tmp_path / "with space ü" / ".tmp").is_dir()


def test_memory_is_shared_by_name() -> None:
    open_storage("memory://one").put("ab/cd/x", [b"x"])
    assert MemoryStorage("one").exists("ab/cd/x")
    assert not open_storage("memory://two").exists("ab/cd/x")
    assert isinstance(open_storage("memory:"), MemoryStorage)


def test_s3() -> None:
    storage = open_storage(
        f"{GOOD}/bucket/some/place?region=eu-north-1&secure=0&public_endpoint=https://files.example.org"
    )
    assert isinstance(storage, S3Storage)
    client = storage._client
    credentials = client._get_credentials()
    assert (credentials.access_key, credentials.secret_key) == ("KEY", SECRET)
    assert client.meta.endpoint_url == "http://storage.example.org:9000"
    assert client.meta.region_name == "eu-north-1"
    assert storage._public.meta.endpoint_url == "https://files.example.org"
    assert repr(storage) == "S3Storage('http://storage.example.org:9000', 'bucket', 'some/place/')"
    assert open_storage(f"{GOOD}/bucket")._client.meta.endpoint_url == "https://storage.example.org:9000"  # type: ignore[attr-defined]


def test_capabilities_of_an_earlier_probe_are_taken() -> None:
    known = Capabilities(multipart=True, conditional_put=True)
    assert open_storage(f"{GOOD}/remembered", Capabilities.from_dict(known.as_dict())).capabilities == known
    assert Capabilities.from_dict({"multipart": True, "of_the_future": True}) == Capabilities(multipart=True)


def test_credentials_of_the_environment_do_not_mix_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_S3_SESSION_PROFILE"):
        monkeypatch.setenv(name, "from-elsewhere")
    storage = open_storage(f"{GOOD}/other-bucket")
    credentials = storage._client._get_credentials()  # type: ignore[attr-defined]
    assert (credentials.access_key, credentials.secret_key, credentials.token) == ("KEY", SECRET, None)


@pytest.mark.parametrize(
    "url",
    [
        "", "nonsense", "ftp://host/x", "file://relative", "file://host/path", "file:", "file:relative", "file:///",
        "file:///srv/../etc", "file:///srv/%2e%2e/etc", "file:///srv/a%00b", "file:///srv/x?sync=0", "memory://x?y=1",
        "s3://", "s3:///bucket", "s3://host", "s3://host/", f"{GOOD}/", f"{GOOD}/Bad_Bucket", f"{GOOD}/b",
        f"{GOOD}/bucket?secure=yes", f"{GOOD}/bucket?addressing=odd", f"{GOOD}/bucket?regoin=x",
        f"{GOOD}/bucket?public_endpoint=files.example.org", f"{GOOD}/bucket/../other", f"{GOOD}/bucket/a%20b",
        "s3://KEY@host/bucket", "s3://KEY:a/b@host:9000/bucket", "s3://KEY:T0PSECRET@host:port/bucket",
        "s3://[::1/bucket",
    ],
)  # fmt: skip
def test_a_bad_url_is_one_clear_line_without_the_secret(url: str) -> None:
    with pytest.raises(StorageConfigurationError) as caught:
        open_storage(url)
    message = str(caught.value)
    assert message.startswith("storage")
    assert len(message.splitlines()) == 1
    for secret in (SECRET, quote(SECRET, safe=""), "T0PSECRET", "a/b@"):
        assert secret not in message
    assert not Path("/srv/x").exists()  # nothing is made before the whole URL is understood


def test_a_forked_child_makes_its_own_clients() -> None:
    url = f"{GOOD}/forked"
    parents = open_storage(url)
    child = os.fork()
    if child == 0:
        os._exit(0 if open_storage(url) is not parents else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_storage_needs_no_model_and_no_settings() -> None:
    program = """
import sys, tempfile
from storage import open_storage
open_storage("file://" + tempfile.mkdtemp()).put("ab/cd/x", [b"x"])
open_storage("s3://KEY:SECRET@127.0.0.1:1/bucket")
ours = ("accounts.models", "files.models", "search.models")
print([name for name in sys.modules if name.startswith(ours)])
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    assert result.stdout.strip() == "[]", result.stderr
