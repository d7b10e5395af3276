"""Objects in a bucket of an S3 server, through the boto3 client of django-storages' S3Storage.

S3Storage's own files are not used: they spool into temporary files, and neither stream, nor refuse existing
keys, nor check sums.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

from common.batches import in_batches
from common.content_disposition import content_disposition
from storage.base import Capabilities, ObjectInfo, ObjectReader, PresignedRequest, StorageError, is_any_key, is_key
from storage.parts import MIB, gather
from storage.probed import ProbedStorage, listed, one_by_one
from storage.s3_errors import error_code, storage_error, translated, was_retried
from storage.s3_multipart import MultipartUpload, checksum_header
from storage.s3_reader import EmptyReader, S3Reader

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_DELETE_AT_ONCE = 1000  # the limit of DeleteObjects


class S3Storage(ProbedStorage):
    """`quick` answers within seconds or not at all, `patient` is for writes, `public` signs URLs."""

    supported = Capabilities(
        multipart=True,
        presigned_get=True,
        presigned_put=True,
        checksum_enforced=True,
        conditional_put=True,
        server_copy=True,
        bulk_delete=True,
    )

    def __init__(
        self, quick: S3Client, patient: S3Client, public: S3Client, *, bucket: str, location: str = ""
    ) -> None:
        super().__init__()
        self._client = quick
        self._patient = patient
        self._public = public
        self._bucket = bucket
        self._location = location

    def __repr__(self) -> str:
        return f"S3Storage({self._client.meta.endpoint_url!r}, {self._bucket!r}, {self._location!r})"

    def assuming(self, capabilities: Capabilities) -> Self:
        twin = super().assuming(capabilities)
        twin._patient = self._client
        twin._public = self._client  # the public address may not be reachable from in here
        return twin

    def _object(self, key: str) -> Any:  # keyword arguments, or a CopySource
        return {"Bucket": self._bucket, "Key": self._location + key}

    def _put(self, key: str, chunks: Iterable[bytes | memoryview], size: int | None) -> int:
        if not self.capabilities.conditional_put and self.exists(key):
            raise StorageError("refused", key, "exists")
        upload: MultipartUpload | None = None
        total = 0
        try:
            for data, last in gather(chunks, size, key):
                total += len(data)
                if upload is None:
                    if last and not self._always_multipart:
                        self._put_at_once(key, data)
                        return total
                    upload = MultipartUpload(
                        self._patient,
                        self._bucket,
                        self._location + key,
                        checksummed=self.capabilities.checksum_enforced,
                    )
                upload.send(data)
            assert upload is not None  # gather yields at least one part
            self._write(key, total, lambda: upload.complete(**self._conditions))
        except BaseException:
            if upload is not None:
                upload.abort()
            raise
        return total

    def _put_at_once(self, key: str, data: Any) -> None:
        checksum: dict[str, Any] = (
            {"ChecksumSHA256": checksum_header(data)} if self.capabilities.checksum_enforced else {}
        )
        self._write(
            key,
            len(data),
            lambda: self._patient.put_object(
                **self._object(key),
                Body=data,
                ContentType="application/octet-stream",
                **checksum,
                **self._conditions,
            ),
        )

    @property
    def _conditions(self) -> dict[str, Any]:
        return {"IfNoneMatch": "*"} if self.capabilities.conditional_put else {}

    def _write(self, key: str, size: int, request: Any) -> None:
        """Send the request that makes the object visible.

        When the answer to a first attempt was lost, the second one finds our own object in its way.
        """
        try:
            request()
        except ClientError as error:
            found_own = was_retried(error) and error_code(error) in (
                "PreconditionFailed",
                "412",
                "NoSuchUpload",
            )
            if not (found_own and self._size_or_none(key) == size):
                raise storage_error(error, key) from error
        except BotoCoreError as error:
            raise storage_error(error, key) from error

    def _size_or_none(self, key: str) -> int | None:
        try:
            return self._size(key)
        except StorageError:
            return None

    def _open(self, key: str, offset: int, length: int | None) -> ObjectReader:
        if length == 0:
            self._size(key)
            return EmptyReader()
        end = "" if length is None else str(offset + length - 1)
        whole = offset == 0 and length is None

        def fetch(start: int, etag: str | None) -> Any:
            condition: dict[str, Any] = {"IfMatch": etag} if etag else {}
            if start or not whole:
                condition["Range"] = f"bytes={start}-{end}"
            with translated(key):
                answer: Any = self._client.get_object(**self._object(key), **condition)
            if start and "ContentRange" not in answer:
                answer["Body"].close()
                raise StorageError("unavailable", key, "the server ignores ranges")
            return answer

        try:
            return S3Reader(key, fetch(offset, None), offset, fetch)
        except StorageError as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and error_code(cause) in ("InvalidRange", "416"):
                return EmptyReader()
            raise

    def _size(self, key: str) -> int:
        with translated(key):
            return self._client.head_object(**self._object(key))["ContentLength"]

    def checksum(self, key: str) -> bytes | None:
        if not is_any_key(key):
            raise StorageError("invalid_key", key)
        with translated(key):
            answer = self._client.head_object(**self._object(key), ChecksumMode="ENABLED")
        value = answer.get("ChecksumSHA256", "")
        if not value or "-" in value or answer.get("ChecksumType") == "COMPOSITE":
            return None  # a sum over the sums of parts is not the sum of the object
        return base64.b64decode(value)

    def _delete(self, key: str) -> None:
        with translated(key):
            self._client.delete_object(**self._object(key))

    def _delete_many(self, keys: Sequence[str]) -> None:
        if not self.capabilities.bulk_delete:
            super()._delete_many(keys)
            return
        for some in in_batches(keys, _DELETE_AT_ONCE):
            names: Any = [{"Key": self._location + key} for key in some]
            with translated(some[0]):
                answer = self._patient.delete_objects(Bucket=self._bucket, Delete={"Objects": names, "Quiet": True})
            for failure in answer.get("Errors", []):
                if failure.get("Code") != "NoSuchKey":
                    raise StorageError("unavailable", failure.get("Key", ""), failure.get("Code", ""))

    def _list(self, prefix: str, after: str) -> Iterator[ObjectInfo]:
        start: dict[str, Any] = {"StartAfter": self._location + after} if after else {}
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._location + prefix, **start
        )
        entries = (entry for page in one_by_one(pages, translated, prefix) for entry in page.get("Contents", []))
        found = ((entry["Key"][len(self._location) :], entry["Size"], entry["LastModified"]) for entry in entries)
        return listed(found, prefix, after)

    def _copy(self, source: str, target: str) -> None:
        if not self.capabilities.server_copy:
            super()._copy(source, target)
            return
        if self.exists(target):
            raise StorageError("refused", target, "exists")
        with translated(source):  # boto3 copies in parts where the object is too large for one request
            self._patient.copy(
                self._object(source),
                **self._object(target),
                Config=TransferConfig(multipart_threshold=128 * MIB, multipart_chunksize=128 * MIB),
            )

    def _unfinished(self, older_than: datetime) -> Iterator[dict[str, Any]]:
        # Without a prefix: MinIO lists all uploads or those of one exact key, and nothing for anything
        # between.
        pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket)
        for page in one_by_one(pages, translated, ""):
            for upload in page.get("Uploads", []):
                target = {"Bucket": self._bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]}
                name = upload["Key"]
                ours = name.startswith(self._location) and is_any_key(name[len(self._location) :])
                if ours and upload["Initiated"] < older_than and self._last_part(target) < older_than:
                    yield target

    def _last_part(self, target: dict[str, Any]) -> datetime:
        """When the newest part arrived: a slow upload is not an abandoned one."""
        try:
            pages = self._client.get_paginator("list_parts").paginate(**target)
            times = [part["LastModified"] for page in pages for part in page.get("Parts", [])]
        except ClientError as error:
            if error_code(error) == "NoSuchUpload":
                return datetime.max.replace(tzinfo=UTC)  # finished since
            raise storage_error(error, target["Key"]) from error
        except BotoCoreError as error:
            raise storage_error(error, target["Key"]) from error
        return max(times, default=datetime.min.replace(tzinfo=UTC))

    def abandoned(self, older_than: datetime) -> Iterator[str]:
        for target in self._unfinished(older_than):
            yield f"{target['Key'][len(self._location) :]}#{target['UploadId']}"

    def sweep_abandoned(self, older_than: datetime) -> int:
        found = list(self._unfinished(older_than))  # first all, since aborting changes the pages
        for target in found:
            try:
                self._client.abort_multipart_upload(**target)
            except ClientError as error:
                if error_code(error) != "NoSuchUpload":
                    raise storage_error(error, target["Key"]) from error
            except BotoCoreError as error:
                raise storage_error(error, target["Key"]) from error
        return len(found)

    def presigned_get(self, key: str, *, expires: timedelta, filename: str, content_type: str) -> str:
        if not is_any_key(key):
            raise StorageError("invalid_key", key)
        with translated(key):
            return self._public.generate_presigned_url(
                "get_object",
                Params={
                    **self._object(key),
                    "ResponseContentDisposition": content_disposition(filename),
                    "ResponseContentType": content_type,
                },
                ExpiresIn=int(expires.total_seconds()),
            )

    def presigned_put(self, key: str, *, size: int, sha256: bytes, expires: timedelta) -> PresignedRequest:
        """The signature covers length and checksum, so that the URL is good for these bytes only."""
        if not is_key(key):
            raise StorageError("invalid_key", key)
        checksum = base64.b64encode(sha256).decode()
        parameters = {
            **self._object(key),
            "ContentLength": size,
            "ChecksumSHA256": checksum,
            **self._conditions,
        }
        with translated(key):
            url = self._public.generate_presigned_url(
                "put_object", Params=parameters, ExpiresIn=int(expires.total_seconds())
            )
        headers = {"Content-Length": str(size), "x-amz-checksum-sha256": checksum}
        if self._conditions:
            headers["If-None-Match"] = "*"
        return PresignedRequest(url, "PUT", headers)
