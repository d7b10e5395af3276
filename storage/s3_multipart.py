"""S3 multipart uploads: a few parts in flight, nothing left behind."""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from common import cpus
from storage.parts import MIB
from storage.s3_errors import translated

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MEMORY = 32 * MIB
_IN_FLIGHT = 4


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
        self._executor = ThreadPoolExecutor(_IN_FLIGHT, thread_name_prefix="s3-part", initializer=cpus.leave)
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
