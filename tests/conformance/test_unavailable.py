"""A server that is absent, silent, or hangs up: a clear error soon, or the work done all the same."""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from storage import Capabilities, Storage, StorageError, open_storage
from tests.conformance.conftest import FULL_S3_BACKENDS, in_their_group
from tests.conformance.objects import MIB, content_of, in_chunks, left_behind, new_key, read
from tests.servers.ports import free_ports
from tests.servers.proxy import FaultyProxy
from tests.servers.s3 import ACCESS_KEY, REGION, SECRET_KEY, S3Server

ALL = Capabilities(
    multipart=True, presigned_get=True, presigned_put=True, checksum_enforced=True, conditional_put=True,
    server_copy=True, bulk_delete=True,
)  # fmt: skip


def _url(host: str) -> str:
    return (
        f"s3://{ACCESS_KEY}:{quote(SECRET_KEY, safe='')}@{host}/files/{secrets.token_hex(8)}?secure=0&region={REGION}"
    )


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Connections are taken and never answered."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        yield listener.getsockname()[1]


def _acts(storage: Storage) -> dict[str, Callable[[], object]]:
    return {
        "put": lambda: storage.put(new_key(), [b"x"]),
        "open": lambda: storage.open(new_key()),
        "size": lambda: storage.size(new_key()),
        "exists": lambda: storage.exists(new_key()),
        "delete": lambda: storage.delete(new_key()),
        "delete_many": lambda: storage.delete_many([new_key(), new_key()]),
        "list": lambda: list(storage.list()),
        "sweep": lambda: storage.sweep_abandoned(datetime.now(UTC)),
        "capabilities": lambda: storage.capabilities,
    }


@pytest.mark.parametrize("act", _acts(open_storage("memory:")))
def test_nobody_listens(act: str) -> None:
    storage = open_storage(_url(f"127.0.0.1:{free_ports(1)[0]}"))
    started = time.monotonic()
    with pytest.raises(StorageError) as caught:
        _acts(storage)[act]()
    assert caught.value.code == "unavailable"
    assert time.monotonic() - started < 5
    assert SECRET_KEY not in str(caught.value)


def test_nothing_answers(silent_port: int) -> None:
    """Two attempts of four seconds; a put asks for the capabilities first and so fails as soon."""

    def code(act: str) -> tuple[str, bool]:
        storage = open_storage(_url(f"127.0.0.1:{silent_port}"))
        started = time.monotonic()
        with pytest.raises(StorageError) as caught:
            _acts(storage)[act]()
        return caught.value.code, time.monotonic() - started < 12

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(code, ["put", "open", "size", "list"])) == {("unavailable", True)}


def test_wrong_credentials_are_not_a_missing_file(seaweedfs_server: S3Server) -> None:
    url = seaweedfs_server.url().replace(quote(SECRET_KEY, safe=""), "wrong-secret")
    storage = open_storage(url, ALL)
    for act in ("put", "open", "size", "list", "exists"):
        with pytest.raises(StorageError) as caught:
            _acts(storage)[act]()
        assert caught.value.code == "unavailable"
        assert "wrong-secret" not in str(caught.value)


@pytest.mark.parametrize("backend", in_their_group(FULL_S3_BACKENDS), indirect=True)
class TestBrokenConnections:
    """A proxy in front of a real server loses answers."""

    @pytest.fixture
    def location(self) -> str:
        return secrets.token_hex(8)

    def test_a_reader_goes_on_where_it_was(self, s3_server: S3Server, location: str) -> None:
        key, content = new_key(), content_of(9 * MIB)
        open_storage(s3_server.url(location), ALL).put(key, [content])
        cuts = iter([3 * MIB + 17, 2 * MIB])
        with FaultyProxy(s3_server.port, lambda head: next(cuts, None) if head[:3] == b"GET" else None) as proxy:
            storage = open_storage(s3_server.url(location, proxy.port), ALL)
            assert read(storage, key) == content
            assert next(cuts, "all used") == "all used"

    def test_a_reader_never_ends_early(self, s3_server: S3Server, location: str) -> None:
        key, content = new_key(), content_of(2 * MIB)
        open_storage(s3_server.url(location), ALL).put(key, [content])
        with FaultyProxy(s3_server.port, lambda head: 300 if head[:3] == b"GET" else None) as proxy:
            storage = open_storage(s3_server.url(location, proxy.port), ALL)
            with pytest.raises(StorageError) as caught:
                read(storage, key)
            assert caught.value.code == "unavailable"

    def test_an_object_that_is_replaced_meanwhile_is_not_mixed(self, s3_server: S3Server, location: str) -> None:
        key, straight = new_key(), open_storage(s3_server.url(location), ALL)
        straight.put(key, [content_of(6 * MIB)])
        cuts = iter([2 * MIB])
        with FaultyProxy(s3_server.port, lambda head: next(cuts, None) if head[:3] == b"GET" else None) as proxy:
            reader = open_storage(s3_server.url(location, proxy.port), ALL).open(key)
            reader.read(MIB)
            straight.delete(key)
            straight.put(key, [bytes(6 * MIB)])
            with reader, pytest.raises(StorageError):
                reader.read()

    @pytest.mark.parametrize("size", [1000, 20 * MIB], ids=["at once", "in parts"])
    def test_a_lost_answer_to_a_put_is_no_refusal(self, s3_server: S3Server, location: str, size: int) -> None:
        """The first attempt has stored the object; the second one meets it."""
        lost: list[bytes] = []

        def policy(head: bytes) -> int | None:
            final = head.startswith(b"POST ") and b"?uploadId=" in head.partition(b"\r\n")[0]
            if (final or (size < MIB and head.startswith(b"PUT "))) and not lost:
                lost.append(head)
                return 0
            return None

        key, content = new_key(), content_of(size)
        with FaultyProxy(s3_server.port, policy) as proxy:
            storage = open_storage(s3_server.url(location, proxy.port), ALL)
            assert storage.put(key, in_chunks(content)) == size
            assert read(storage, key) == content
        assert lost

    def test_parts_that_get_lost_are_sent_again(self, s3_server: S3Server, location: str) -> None:
        lost: list[bytes] = []

        def policy(head: bytes) -> int | None:
            if b"partNumber=" in head.partition(b"\r\n")[0] and len(lost) < 2:
                lost.append(head)
                return 0
            return None

        key, content = new_key(), content_of(20 * MIB)
        with FaultyProxy(s3_server.port, policy) as proxy:
            storage = open_storage(s3_server.url(location, proxy.port), ALL)
            storage.put(key, in_chunks(content))
            assert read(storage, key) == content
            storage.delete(key)
        assert len(lost) == 2
        assert left_behind(open_storage(s3_server.url(location), ALL)) == []
