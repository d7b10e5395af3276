"""What a backend really does: each capability is tried on the server with throw-away objects, never assumed.

Of the S3 servers tried, one ignores a wrong checksum and one does not know conditional writes; both accept
the headers and answer 200.
"""

from __future__ import annotations

import hashlib
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from storage.base import Capabilities, PresignedRequest, Storage, StorageError

_BYTES = b"probe: these bytes may be deleted"
_OTHER = _BYTES[::-1]
_EXPIRES = timedelta(minutes=5)
_SECONDS = 5
_NONE = Capabilities()


def probe(storage: Storage) -> Capabilities:
    """Try everything the backend's code supports. Raises `unavailable` when it does not answer at all.

    Takes some twenty small requests; keep the answer (Capabilities.as_dict) where that matters.
    """
    supported = storage.supported
    plain = storage.assuming(_NONE)
    plain.exists(_new_key())  # an absent server fails here, before there is anything to clean up
    with _object(plain):
        pass  # it can be written at all
    found = {}
    for name, check in _CHECKS.items():
        if not getattr(supported, name):
            continue
        try:
            found[name] = check(storage.assuming(replace(_NONE, **{name: True})))
        except StorageError as error:
            if error.code == "unavailable" and not _answers(storage):
                raise
            found[name] = False
    return Capabilities(**found)


def _answers(storage: Storage) -> bool:
    """Tell a server that does not know a request from one that is not there."""
    try:
        with _object(storage.assuming(_NONE)):
            return True
    except StorageError:
        return False


def _new_key() -> str:
    return f"00/00/probe-{secrets.token_hex(16)}"


@contextmanager
def _object(storage: Storage, content: bytes = _BYTES) -> Iterator[str]:
    with _unused_key(storage) as key:
        storage.put(key, [content], size=len(content))
        yield key


@contextmanager
def _unused_key(storage: Storage) -> Iterator[str]:
    key = _new_key()
    try:
        yield key
    finally:
        with suppress(StorageError):
            storage.delete(key)


def _read(storage: Storage, key: str) -> bytes:
    with storage.open(key) as reader:
        return reader.read()


def _refused(action: Callable[[], object]) -> bool:
    try:
        action()
    except StorageError as error:
        return error.code == "refused"
    return False


def _local_path(storage: Storage) -> bool:
    with _object(storage) as key:
        return Path(storage.local_path(key)).read_bytes() == _BYTES


def _multipart(storage: Storage) -> bool:
    with _object(storage) as key:
        return _read(storage, key) == _BYTES


def _conditional_put(storage: Storage) -> bool:
    """Both ways of writing must refuse; a probed storage writes in parts when it may assume `multipart`."""
    in_parts = storage.assuming(Capabilities(conditional_put=True, multipart=True))
    with _object(storage) as key:
        for writer in (storage, in_parts):
            if not _refused(lambda writer=writer: writer.put(key, [_OTHER])):  # type: ignore[misc]
                return False
        return _read(storage, key) == _BYTES


def _server_copy(storage: Storage) -> bool:
    with _object(storage) as source, _unused_key(storage) as target:
        storage.copy(source, target)
        return _read(storage, target) == _BYTES


def _bulk_delete(storage: Storage) -> bool:
    with _object(storage) as first, _object(storage) as second:
        storage.delete_many([first, _new_key(), second])
        return not storage.exists(first) and not storage.exists(second)


def _presigned_get(storage: Storage) -> bool:
    """Also a URL that was tampered with must be refused: some servers do not look at signatures."""
    with _object(storage) as key:
        url = storage.presigned_get(key, expires=_EXPIRES, filename="probe é.txt", content_type="text/x-probe")
        status, headers, body = _send(PresignedRequest(url, "GET"))
        served = status == 200 and body == _BYTES and headers.get("content-type", "").startswith("text/x-probe")
        named = headers.get("content-disposition", "").startswith("attachment")
        other = url.replace("text%2Fx-probe", "text%2Fhtml")
        return served and named and other != url and _send(PresignedRequest(other, "GET"))[0] in (400, 403)


def _presigned_put(storage: Storage) -> bool:
    with _unused_key(storage) as key, _unused_key(storage) as forbidden:
        request = storage.presigned_put(key, size=len(_BYTES), sha256=_digest(_BYTES), expires=_EXPIRES)
        elsewhere = replace(request, url=request.url.replace(key, forbidden))
        if _send(elsewhere, _BYTES)[0] not in (400, 403) or storage.exists(forbidden):
            return False
        return _send(request, _BYTES)[0] in (200, 201, 204) and _read(storage, key) == _BYTES


def _checksum_enforced(storage: Storage) -> bool:
    """Other bytes of the same length must be refused and leave nothing, and the right ones must be taken."""
    with _unused_key(storage) as key:
        request = storage.presigned_put(key, size=len(_BYTES), sha256=_digest(_BYTES), expires=_EXPIRES)
        if _send(request, _OTHER)[0] < 400 or storage.exists(key):
            return False
        return _send(request, _BYTES)[0] in (200, 201, 204) and _read(storage, key) == _BYTES


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _send(request: PresignedRequest, body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
    """Status, headers in lower case, body."""
    message = urllib.request.Request(  # noqa: S310 (the URL is our own)
        request.url, data=body, method=request.method, headers=dict(request.headers)
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(message, timeout=_SECONDS) as answer:
            return (
                answer.status,
                {name.lower(): value for name, value in answer.headers.items()},
                answer.read(),
            )
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {}, b""
    except OSError as error:
        raise StorageError("unavailable", detail=type(error).__name__) from error


_CHECKS: dict[str, Callable[[Storage], bool]] = {
    "local_path": _local_path,
    "multipart": _multipart,
    "presigned_get": _presigned_get,
    "presigned_put": _presigned_put,
    "checksum_enforced": _checksum_enforced,
    "conditional_put": _conditional_put,
    "server_copy": _server_copy,
    "bulk_delete": _bulk_delete,
}
