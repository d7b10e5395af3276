"""Objects in a container of Azure Blob Storage: through the client of django-storages' AzureStorage."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, HttpResponseError
from azure.storage.blob import BlobBlock, BlobServiceClient
from storages.backends.azure_storage import AzureStorage as DjangoAzureStorage

from common.batches import in_batches
from common.content_disposition import content_disposition
from storage.base import (
    Capabilities,
    ErrorCode,
    ObjectInfo,
    ObjectReader,
    StorageConfigurationError,
    StorageError,
    is_any_key,
)
from storage.parts import MIB, gather
from storage.probed import STATUSES, SelfCleaningStorage, listed, one_by_one
from storage.window_reader import WindowReader

_DELETE_AT_ONCE = 256  # the limit of a blob batch
_CLIENT_OPTIONS: dict[str, Any] = {
    "connection_timeout": 2,
    "read_timeout": 20,
    "retry_total": 1,
    "retry_connect": 1,
    "initial_backoff": 1,
    "increment_base": 1,
    "max_single_put_size": 64 * MIB,
}
_CODES: dict[str, ErrorCode] = {
    "Md5Mismatch": "checksum_mismatch",
    "InvalidMd5": "checksum_mismatch",
    "ContainerNotFound": "unavailable",
    "ContainerBeingDeleted": "unavailable",
}


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """Turn the client's errors into StorageError. Never wrap a caller's iterator in it."""
    try:
        yield
    except HttpResponseError as error:
        name = str(getattr(error, "error_code", "") or "")
        code = _CODES.get(name) or STATUSES.get(error.status_code or 0, "unavailable")
        raise StorageError(code, key, name or type(error).__name__) from error
    except (AzureError, OSError) as error:
        raise StorageError("unavailable", key, type(error).__name__) from error


class AzureStorage(SelfCleaningStorage):
    """Whole objects as one request, larger ones as blocks that are committed together."""

    supported = Capabilities(multipart=True, presigned_get=True, conditional_put=True, bulk_delete=True)

    def __init__(self, django_storage: DjangoAzureStorage) -> None:
        super().__init__()
        self._django = django_storage
        self._container = django_storage.client

    def __repr__(self) -> str:
        return f"AzureStorage({self._container.container_name!r})"

    def _put(self, key: str, chunks: Iterable[bytes | memoryview], size: int | None) -> int:
        """Blocks are invisible until they are committed as one list; MD5 guards each on its way."""
        if not self.capabilities.conditional_put and self.exists(key):
            raise StorageError("refused", key, "exists")
        missing: dict[str, Any] = {}
        if self.capabilities.conditional_put:
            missing = {"match_condition": MatchConditions.IfMissing}
        blob = self._container.get_blob_client(key)
        blocks: list[BlobBlock] = []
        total = 0
        for data, last in gather(chunks, size, key):
            total += len(data)
            with _translated(key):
                if not blocks and last and not self._always_multipart:
                    blob.upload_blob(bytes(data), length=len(data), overwrite=False, validate_content=True)
                    return total
                number = base64.b64encode(f"{len(blocks):08}".encode()).decode()
                if data:
                    blob.stage_block(number, bytes(data), length=len(data), validate_content=True)
                    blocks.append(BlobBlock(number))
        with _translated(key):
            blob.commit_block_list(blocks, **missing)
        return total

    def _open(self, key: str, offset: int, length: int | None) -> ObjectReader:
        blob = self._container.get_blob_client(key)
        with _translated(key):
            properties = blob.get_blob_properties()
        left = max(0, properties.size - offset)

        def fetch(start: int, count: int) -> bytes:
            with _translated(key):
                content: bytes = blob.download_blob(
                    offset=start,
                    length=count,
                    etag=properties.etag,
                    match_condition=MatchConditions.IfNotModified,
                ).readall()
            return content

        return WindowReader(key, offset, left if length is None else min(left, length), fetch)

    def _size(self, key: str) -> int:
        with _translated(key):
            return int(self._container.get_blob_client(key).get_blob_properties().size)

    def _delete(self, key: str) -> None:
        try:
            with _translated(key):
                self._container.delete_blob(key)
        except StorageError as error:
            if error.code != "not_found":
                raise

    def _delete_many(self, keys: Sequence[str]) -> None:
        if not self.capabilities.bulk_delete:
            super()._delete_many(keys)
            return
        for some in in_batches(keys, _DELETE_AT_ONCE):
            with _translated(some[0]):
                answers = list(self._container.delete_blobs(*some, raise_on_any_failure=False))
            for key, answer in zip(some, answers, strict=True):
                if answer.status_code not in (202, 404):
                    raise StorageError("unavailable", key, f"status {answer.status_code}")

    def _list(self, prefix: str, after: str) -> Iterator[ObjectInfo]:
        """Azure cannot start in the middle: `after` costs a walk over what comes before it."""
        blobs = one_by_one(self._container.list_blobs(name_starts_with=prefix or None), _translated, prefix)
        return listed(((blob.name, blob.size, blob.last_modified) for blob in blobs), prefix, after)

    def presigned_get(self, key: str, *, expires: timedelta, filename: str, content_type: str) -> str:
        if not is_any_key(key):
            raise StorageError("invalid_key", key)
        with _translated(key):
            url: str = self._django.url(
                key,
                expire=int(expires.total_seconds()),
                parameters={
                    "content_disposition": content_disposition(filename),
                    "content_type": content_type,
                },
            )
        return url


def build_azure(parts: SplitResult, options: dict[str, str]) -> AzureStorage:
    """Option: endpoint, the URL of the account where it is not `https://<account>.blob.core.windows.net`."""
    if not (parts.username and parts.password and parts.hostname) or parts.path not in ("", "/"):
        raise StorageConfigurationError("storage URL: azure:// needs azure://account:key@container")
    account, key = unquote(parts.username), unquote(parts.password)
    storage = DjangoAzureStorage(
        account_name=account, account_key=key, azure_container=parts.hostname, client_options=_CLIENT_OPTIONS
    )
    if endpoint := options.get("endpoint"):
        if urlsplit(endpoint).scheme not in ("http", "https") or not urlsplit(endpoint).hostname:
            raise StorageConfigurationError("storage URL: endpoint must be an http:// or https:// URL")
        credential = {"account_name": account, "account_key": key}
        storage._service_client = BlobServiceClient(endpoint, credential=credential, **_CLIENT_OPTIONS)
    try:
        return AzureStorage(storage)
    except (AzureError, ValueError) as error:
        raise StorageConfigurationError(f"storage URL: azure://: {type(error).__name__}") from error
