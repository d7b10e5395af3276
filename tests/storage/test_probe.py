"""The probe believes nothing: a backend that lies about one thing loses that capability and no other."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from storage import Capabilities, ObjectReader, PresignedRequest, StorageError
from storage.memory import MemoryStorage
from storage.probe import probe
from storage.probed import ProbedStorage
from tests.conformance.objects import left_behind

SECRET = secrets.token_bytes(16)
ALL = {
    "multipart", "presigned_get", "presigned_put", "checksum_enforced", "conditional_put", "server_copy", "bulk_delete",
}  # fmt: skip
# What a server gets wrong, and what it must lose for it.
LIES = {
    "nothing": set(),
    "takes any checksum": {"checksum_enforced"},
    "takes any signature to read": {"presigned_get"},
    "takes any signature to write": {"presigned_put"},
    "ignores the asked for content type": {"presigned_get"},
    "ignores the asked for file name": {"presigned_get"},
    "refuses presigned reads": {"presigned_get"},
    "refuses presigned writes": {"presigned_put", "checksum_enforced"},
    "overwrites": {"conditional_put"},
    "overwrites in parts": {"conditional_put"},
    "does not know parts": {"multipart", "conditional_put"},
    "copies nothing": {"server_copy"},
    "copies something else": {"server_copy"},
    "deletes only the first of many": {"bulk_delete"},
    "does not know bulk delete": {"bulk_delete"},
}


class Lying(ProbedStorage):
    """Memory with an HTTP endpoint, and one lie."""

    supported = Capabilities(**dict.fromkeys(ALL, True))

    def __init__(self, lie: str) -> None:
        super().__init__()
        self.lie = lie
        self.objects = MemoryStorage(f"probe-{secrets.token_hex(8)}")
        self.base = ""

    def _put(self, key: str, chunks: Iterable[bytes | memoryview], size: int | None) -> int:
        if self._always_multipart and self.lie == "does not know parts":
            raise StorageError("unavailable", key, "NotImplemented")
        overwrites = self.lie == "overwrites" or (self.lie == "overwrites in parts" and self._always_multipart)
        if overwrites:
            self.objects.delete(key)
        return self.objects.put(key, chunks, size=size)

    def _open(self, key: str, offset: int, length: int | None) -> ObjectReader:
        return self.objects.open(key, offset, length)

    def _delete(self, key: str) -> None:
        self.objects.delete(key)

    def _delete_many(self, keys: Sequence[str]) -> None:
        if self.lie == "does not know bulk delete":
            raise StorageError("unavailable", keys[0], "MethodNotAllowed")
        self.objects.delete_many(keys[:1] if self.lie == "deletes only the first of many" else keys)

    def _size(self, key: str) -> int:
        return self.objects.size(key)

    def _copy(self, source: str, target: str) -> None:
        if self.lie == "copies something else":
            self.objects.put(target, [b"something else"])
        elif self.lie != "copies nothing":
            self.objects.copy(source, target)

    def _list(self, prefix: str, after: str) -> Iterator:  # type: ignore[type-arg]
        return self.objects.list(prefix, after)

    def abandoned(self, older_than: datetime) -> Iterator[str]:
        return iter(())

    def sweep_abandoned(self, older_than: datetime) -> int:
        return 0

    def presigned_get(self, key: str, *, expires: timedelta, filename: str, content_type: str) -> str:
        return self._sign("GET", key, name=filename, type=content_type)

    def presigned_put(self, key: str, *, size: int, sha256: bytes, expires: timedelta) -> PresignedRequest:
        return PresignedRequest(self._sign("PUT", key, sum=sha256.hex()), "PUT", {"Content-Length": str(size)})

    def _sign(self, method: str, key: str, **query: str) -> str:
        rest = f"/{key}?{urlencode(query)}"
        return f"{self.base}{rest}&signature={signature(method, rest)}"


def signature(method: str, rest: str) -> str:
    return hmac.new(SECRET, f"{method}{rest}".encode(), "sha256").hexdigest()


class Endpoint(BaseHTTPRequestHandler):
    server: Server

    def _allowed(self, reading: bool) -> bool:
        rest, _, given = self.path.rpartition("&signature=")
        lie = self.server.storage.lie
        if lie == f"refuses presigned {'reads' if reading else 'writes'}":
            return False
        if lie == f"takes any signature to {'read' if reading else 'write'}":
            return True
        return given == signature(self.command, rest)

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        lie, query = self.server.storage.lie, parse_qs(urlsplit(self.path).query)
        if not self._allowed(reading=True):
            self._answer(403)
            return
        headers = {"Content_Type": query["type"][0], "Content_Disposition": "attachment"}
        if lie == "ignores the asked for content type":
            headers["Content_Type"] = "binary/octet-stream"
        if lie == "ignores the asked for file name":
            del headers["Content_Disposition"]
        with self.server.storage.open(urlsplit(self.path).path[1:]) as reader:
            self._answer(200, reader.read(), **headers)

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        parts = urlsplit(self.path)
        right = hashlib.sha256(body).hexdigest() == parse_qs(parts.query)["sum"][0]
        if not self._allowed(reading=False):
            self._answer(403)
        elif not right and self.server.storage.lie != "takes any checksum":
            self._answer(400)
        else:
            self.server.storage.objects.put(parts.path[1:], [body])
            self._answer(200)

    def log_message(self, *arguments: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    storage: Lying


@pytest.fixture
def lying(request: pytest.FixtureRequest) -> Iterator[Lying]:
    storage = Lying(request.param)
    with Server(("127.0.0.1", 0), Endpoint) as server:
        server.storage = storage
        storage.base = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield storage
        server.shutdown()


@pytest.mark.parametrize("lying", LIES, indirect=True)
def test_a_lie_costs_its_capability_and_no_other(lying: Lying) -> None:
    found = {name for name, able in probe(lying).as_dict().items() if able}
    assert found == ALL - LIES[lying.lie]
    assert left_behind(lying) == []


@pytest.mark.parametrize("lying", ["nothing"], indirect=True)
def test_the_probe_runs_once_whoever_asks(lying: Lying, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def counting(storage: Lying) -> Capabilities:
        started.append(datetime.now(UTC))
        return probe(storage)

    monkeypatch.setattr("storage.probe.probe", counting)
    threads = [threading.Thread(target=lambda: lying.capabilities) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == 1


def test_a_server_that_is_not_there_is_an_error_and_not_an_answer() -> None:
    class Absent(Lying):
        def _size(self, key: str) -> int:
            raise StorageError("unavailable", key)

    storage = Absent("nothing")
    with pytest.raises(StorageError) as caught:
        _ = storage.capabilities
    assert caught.value.code == "unavailable"
