"""Streams of unknown length as S3 multipart uploads in bounded memory.

Limits of S3 (Amazon S3 User Guide, "Multipart upload limits"): 10,000 parts, 5 MiB to 5 GiB each, the last
one may be smaller; 5 TiB in all.
"""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from files.storage.base import StorageError
from files.storage.s3_errors import translated

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MIB = 1 << 20
PART = 8 * MIB
_MAXIMUM_PARTS = 10_000
_SMALL_PARTS = 1000
_GROW_EVERY = 62
_MEMORY = 32 * MIB
_IN_FLIGHT = 4


def part_size(number: int, size: int | None) -> int:
    """Bytes of part `number` (from 1): all the same for a known size, else growing slowly from 8 GiB on.

    10,000 parts hold 5 TiB either way.
    """
    if size is not None:
        needed = -(-size // _MAXIMUM_PARTS)
        return max(PART, -(-needed // MIB) * MIB)
    return PART * (1 + max(0, number - _SMALL_PARTS) // _GROW_EVERY)


def gather(chunks: Iterable[bytes | memoryview], size: int | None, key: str) -> Iterator[tuple[bytearray, bool]]:
    """Cut a stream into parts; the flag marks the last one. A stream of the wrong length is `refused`."""
    number = 1
    buffer, limit, total = bytearray(), part_size(1, size), 0
    for chunk in chunks:
        total += len(chunk)
        if size is not None and total > size:
            raise StorageError("refused", key, f"more than the announced {size} bytes")
        rest = memoryview(chunk)
        while rest:
            if len(buffer) == limit:
                yield buffer, False
                number += 1
                buffer, limit = bytearray(), part_size(number, size)
            taken = rest[: limit - len(buffer)]
            buffer += taken
            rest = rest[len(taken) :]
    if size is not None and total != size:
        raise StorageError("refused", key, f"{total} bytes instead of the announced {size}")
    yield buffer, True


def checksum_header(data: bytes | bytearray) -> str:
    """The value of `x-amz-checksum-sha256`."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


class MultipartUpload:
    """One upload: `send` the parts in order, then `complete`; `abort` on every error. For one thread."""

    def __init__(self, client: S3Client, bucket: str, name: str, *, checksummed: bool) -> None:
        self._client = client
        self._target: dict[str, Any] = {"Bucket": bucket, "Key": name}
        self._name = name
        self._checksummed = checksummed
        algorithm: dict[str, Any] = {"ChecksumAlgorithm": "SHA256"} if checksummed else {}
        with translated(name):
            created = client.create_multipart_upload(
                **self._target, ContentType="application/octet-stream", **algorithm
            )
        self._target["UploadId"] = created["UploadId"]
        self._executor = ThreadPoolExecutor(_IN_FLIGHT, thread_name_prefix="s3-part")
        self._running: deque[Future[dict[str, Any]]] = deque()
        self._parts: list[Any] = []

    def send(self, data: bytearray) -> None:
        """Upload the next part in the background; waits while as many as memory allows are under way."""
        while len(self._running) >= max(1, min(_IN_FLIGHT, _MEMORY // len(data))):
            self._collect()
        number = len(self._parts) + len(self._running) + 1
        self._running.append(self._executor.submit(self._upload, number, data))

    def _upload(self, number: int, data: Any) -> dict[str, Any]:
        checksum: dict[str, Any] = {"ChecksumSHA256": checksum_header(data)} if self._checksummed else {}
        answer = self._client.upload_part(**self._target, PartNumber=number, Body=data, **checksum)
        return {"PartNumber": number, "ETag": answer["ETag"], **checksum}

    def _collect(self) -> None:
        with translated(self._name):
            self._parts.append(self._running.popleft().result())

    def complete(self, **conditions: Any) -> None:
        """Make the object visible; raises botocore's errors: the caller knows what a retry means."""
        while self._running:
            self._collect()
        self._client.complete_multipart_upload(**self._target, MultipartUpload={"Parts": self._parts}, **conditions)
        self._executor.shutdown()

    def abort(self) -> None:
        """Forget the parts; what cannot be forgotten now is for `sweep_abandoned`."""
        for future in self._running:
            future.cancel()
        self._executor.shutdown()  # a part that arrives after the abort would stay
        try:
            self._client.abort_multipart_upload(**self._target)
        except (ClientError, BotoCoreError):
            pass
