"""The storage interface: immutable objects under keys, and what a backend may be able to do besides.

A key is `<2 hex>/<2 hex>/<name>`, or the same below `quarantine/`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Literal, Self

ErrorCode = Literal["not_found", "unavailable", "no_space", "refused", "checksum_mismatch", "invalid_key"]
READ_CHUNK = 1 << 20
QUARANTINE = "quarantine/"
_NAME = r"[0-9a-f]{2}/[0-9a-f]{2}/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}"
_KEY = re.compile(_NAME, re.ASCII)
_ANY_KEY = re.compile(rf"(?:{QUARANTINE})?{_NAME}", re.ASCII)
_PREFIX = re.compile(r"[A-Za-z0-9._/-]*", re.ASCII)


def is_key(key: str) -> bool:
    """Whether an object can be put under this key."""
    return _KEY.fullmatch(key) is not None and ".." not in key


def is_any_key(key: str) -> bool:
    """Whether this is a key, quarantined or not."""
    return _ANY_KEY.fullmatch(key) is not None and ".." not in key


def is_prefix(prefix: str) -> bool:
    """Whether keys can start like this; a prefix is only ever compared, never joined to a path."""
    return _PREFIX.fullmatch(prefix) is not None and ".." not in prefix


def quarantined(key: str) -> str:
    """Where an object goes that nobody refers to."""
    return QUARANTINE + key


class StorageError(Exception):
    """The one error of every backend.

    `code`: `not_found` no such object; `unavailable` the backend does not answer, or answers with a failure
    of its own; `no_space` it is full; `refused` the key exists already, or the input was shorter or longer
    than announced; `checksum_mismatch` the backend found other bytes than the checksum said; `invalid_key`.
    """

    def __init__(self, code: ErrorCode, key: str = "", detail: str = "") -> None:
        super().__init__(": ".join(part for part in (code, key, detail) if part))
        self.code: ErrorCode = code
        self.key = key
        self.detail = detail

    def __reduce__(self) -> tuple[type[StorageError], tuple[str, str, str]]:
        return type(self), (self.code, self.key, self.detail)


class StorageConfigurationError(ValueError):
    """A storage URL that cannot work; the message is one line and holds no secret."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One line of a listing. `size` in bytes, `modified` aware and in UTC."""

    key: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend was seen to do (storage/probe.py); everything else must not be relied on.

    `checksum_enforced`: bytes that differ from the announced SHA-256 are refused by the server itself.
    `conditional_put`: the server itself refuses to write an existing key, also when two writers race.
    """

    local_path: bool = False
    multipart: bool = False
    presigned_get: bool = False
    presigned_put: bool = False
    checksum_enforced: bool = False
    conditional_put: bool = False
    server_copy: bool = False
    bulk_delete: bool = False

    def as_dict(self) -> dict[str, bool]:
        """For a JSON column; the inverse is `from_dict`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, bool]) -> Capabilities:
        """Unknown names are ignored and missing ones are False, so that an old row stays readable."""
        return cls(**{name: bool(values.get(name, False)) for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class PresignedRequest:
    """A request that whoever holds it may send: exactly this method, URL and headers."""

    url: str
    method: str
    headers: Mapping[str, str] = field(default_factory=dict)


class ObjectReader(ABC):
    """A range of one object as a stream; closable, a context manager, an iterator of non-empty chunks.

    A connection that breaks raises `StorageError("unavailable")`: a reader never ends early in silence.
    """

    @abstractmethod
    def read(self, n: int = -1) -> bytes:
        """Exactly `n` bytes, fewer only at the end of the range; everything left when `n` is negative."""

    @abstractmethod
    def close(self) -> None:
        """Release what the reader holds. Idempotent."""

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(READ_CHUNK):
            yield chunk

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Storage(ABC):
    """Immutable objects under keys of the form of keys.py. Safe to share between threads.

    Every method raises `StorageError` and nothing else of its own; an exception that `chunks` raises passes
    through unchanged. The public methods check keys; a backend implements the underscored ones.
    """

    # What the code knows how to use; on a remote server, which of it works is for the probe to find out.
    supported: Capabilities

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """What this backend does. A remote one probes itself at the first question (may be `unavailable`)."""

    @property
    def backend(self) -> str:
        """The kind of storage, for metrics: `local`, `s3`, …"""
        return type(self).__name__.removesuffix("Storage").lower()

    def put(
        self,
        key: str,
        chunks: Iterable[bytes | memoryview],
        *,
        size: int | None = None,
        announced: int | None = None,
    ) -> int:
        """Write a new object and return the number of its bytes; it is durable when this returns.

        `announced`: how many bytes are to be expected, where fewer are no error; a full store refuses before the first
        one.

        An existing key is `refused`, and so is an input that is not `size` bytes long. Whatever goes wrong,
        nothing is visible under `key` and nothing is left behind. Each chunk is used up before the next one
        is asked for, so the caller may reuse its buffer. A remote server that dies between storing the object
        and saying so may keep it: that is an orphan for fsck.
        """
        if not is_key(key):
            raise StorageError("invalid_key", key)
        return self._put_expecting(key, chunks, size, announced if size is None else size)

    def open(self, key: str, offset: int = 0, length: int | None = None) -> ObjectReader:
        """A reader of at most `length` bytes from `offset` on (None: to the end); empty beyond the end."""
        if offset < 0 or (length is not None and length < 0):
            raise ValueError("offset and length of a range cannot be negative")
        return self._open(_checked(key), offset, length)

    def delete(self, key: str) -> None:
        """Idempotent: a missing object is no error."""
        self._delete(_checked(key))

    def delete_many(self, keys: Sequence[str]) -> None:
        """Delete all, in as few requests as the backend allows. Nothing goes when one key is invalid."""
        self._delete_many([_checked(key) for key in keys])

    def exists(self, key: str) -> bool:
        """Whether the object is there now."""
        try:
            self.size(key)
        except StorageError as error:
            if error.code == "not_found":
                return False
            raise
        return True

    def size(self, key: str) -> int:
        """The object's length in bytes."""
        return self._size(_checked(key))

    def list(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """Objects in key order whose key starts with `prefix` and is greater than `after`; paged inside.

        Quarantined objects are listed only when `prefix` starts with `quarantine/`.
        """
        for text in (prefix, after):
            if not is_prefix(text):
                raise StorageError("invalid_key", text)
        return self._list(prefix, after)

    @abstractmethod
    def abandoned(self, older_than: datetime) -> Iterator[str]:
        """Names of what crashed writers left behind and nobody touched since `older_than` (aware)."""

    @abstractmethod
    def sweep_abandoned(self, older_than: datetime) -> int:
        """Remove what `abandoned` names and return how many went."""

    def quarantine(self, key: str) -> None:
        """Move an orphan to `quarantine/<key>`, where `list()` does not see it by default."""
        if not is_key(key):
            raise StorageError("invalid_key", key)
        self._move(key, quarantined(key))

    def release(self, key: str) -> None:
        """Undo `quarantine(key)`."""
        if not is_key(key):
            raise StorageError("invalid_key", key)
        self._move(quarantined(key), key)

    def copy(self, source: str, target: str) -> None:
        """A second object with the same bytes; inside the server when `capabilities.server_copy`."""
        if not is_key(target):
            raise StorageError("invalid_key", target)
        self._copy(_checked(source), target)

    def checksum(self, key: str) -> bytes | None:
        """The SHA-256 of the whole object as the server holds it, None when it holds none."""
        return None

    def local_path(self, key: str) -> str:
        """The object's path on this machine, for sendfile; the file may be missing. Needs `local_path`."""
        raise NotImplementedError("local_path")

    def presigned_get(self, key: str, *, expires: timedelta, filename: str, content_type: str) -> str:
        """A URL that serves the object as an attachment of that name and type. Needs `presigned_get`."""
        raise NotImplementedError("presigned_get")

    def presigned_put(self, key: str, *, size: int, sha256: bytes, expires: timedelta) -> PresignedRequest:
        """A request that writes exactly these bytes under `key`. Needs `presigned_put`.

        Only with `checksum_enforced` does the server refuse other bytes; without it the caller must read them
        again.
        """
        raise NotImplementedError("presigned_put")

    def remember(self, capabilities: Capabilities) -> None:
        """Take the answer of an earlier probe, unless this backend knows better already."""
        return

    def assuming(self, capabilities: Capabilities) -> Self:
        """The same backend as if it had exactly these capabilities; for storage/probe.py."""
        return self

    def _put_expecting(
        self, key: str, chunks: Iterable[bytes | memoryview], size: int | None, expected: int | None
    ) -> int:
        """`expected`: how many bytes will come at most, for a backend that can know whether there is room for them."""
        return self._put(key, chunks, size)

    @abstractmethod
    def _put(self, key: str, chunks: Iterable[bytes | memoryview], size: int | None) -> int: ...

    @abstractmethod
    def _open(self, key: str, offset: int, length: int | None) -> ObjectReader: ...

    @abstractmethod
    def _delete(self, key: str) -> None: ...

    @abstractmethod
    def _size(self, key: str) -> int: ...

    @abstractmethod
    def _list(self, prefix: str, after: str) -> Iterator[ObjectInfo]: ...

    def _delete_many(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._delete(key)

    def _copy(self, source: str, target: str) -> None:
        """Refuses an existing target."""
        with self._open(source, 0, None) as reader:
            self._put(target, reader, self._size(source))

    def _move(self, source: str, target: str) -> None:
        """Give the object another key; `not_found` when it is missing, `refused` when the target exists."""
        self._copy(source, target)
        self._delete(source)


def _checked(key: str) -> str:
    if not is_any_key(key):
        raise StorageError("invalid_key", key)
    return key
