"""Objects in a bucket of Google Cloud Storage: through the client of django-storages' GoogleCloudStorage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import SplitResult, unquote

from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import GoogleAPIError, NotFound
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError
from google.cloud.storage import Client
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from google.cloud.storage.retry import DEFAULT_RETRY
from google.oauth2.service_account import Credentials
from requests.exceptions import RequestException
from storages.backends.gcloud import GoogleCloudStorage

from common.content_disposition import content_disposition
from common.redaction import redact
from storage.base import (
    Capabilities,
    ObjectInfo,
    ObjectReader,
    StorageConfigurationError,
    StorageError,
    is_any_key,
)
from storage.parts import PART, gather
from storage.probed import STATUSES, SelfCleaningStorage, listed, one_by_one
from storage.window_reader import WindowReader

_OPTIONS: dict[str, Any] = {"timeout": (2, 20), "retry": DEFAULT_RETRY.with_timeout(4)}
_ERRORS = (
    GoogleAPIError,
    GoogleAuthError,
    InvalidResponse,
    DataCorruption,
    RequestException,
    OSError,
)
_DELETERS = 8


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """Turn the client's errors into StorageError. Never wrap a caller's iterator in it."""
    try:
        yield
    except DataCorruption as error:
        raise StorageError("checksum_mismatch", key) from error
    except _ERRORS as error:
        status = getattr(error, "code", None) or getattr(getattr(error, "response", None), "status_code", None)
        code = STATUSES.get(int(status), "unavailable") if isinstance(status, int) else "unavailable"
        raise StorageError(code, key, type(error).__name__) from error


class GoogleStorage(SelfCleaningStorage):
    """Whole objects as one request, larger ones as a resumable upload."""

    supported = Capabilities(multipart=True, presigned_get=True, conditional_put=True, server_copy=True)

    def __init__(self, django_storage: GoogleCloudStorage) -> None:
        super().__init__()
        self._client = django_storage.client
        self._bucket = django_storage.bucket

    def __repr__(self) -> str:
        return f"GoogleStorage({self._bucket.name!r})"

    def _put(self, key: str, chunks: Iterable[bytes | memoryview], size: int | None) -> int:
        """Generation 0 means "no such object": the condition holds at the end of the upload, not only at its start."""
        if not self.capabilities.conditional_put and self.exists(key):
            raise StorageError("refused", key, "exists")
        conditions: dict[str, Any] = {"if_generation_match": 0} if self.capabilities.conditional_put else {}
        blob = self._bucket.blob(key)
        writer: Any = None
        total = 0
        try:
            for data, last in gather(chunks, size, key):
                total += len(data)
                with _translated(key):
                    if writer is None and last and not self._always_multipart:
                        blob.upload_from_string(bytes(data), checksum="crc32c", **conditions, **_OPTIONS)
                        return total
                    if writer is None:
                        writer = blob.open("wb", chunk_size=PART, ignore_flush=True, **conditions, **_OPTIONS)
                    writer.write(data)
            with _translated(key):
                writer.close()
        except BaseException:
            if writer is not None:
                with suppress(*_ERRORS):
                    writer.terminate()
                writer._buffer.close()  # or its finalizer would finish the upload
            raise
        return total

    def _open(self, key: str, offset: int, length: int | None) -> ObjectReader:
        blob = self._existing(key)
        left = max(0, blob.size - offset)

        def fetch(start: int, count: int) -> bytes:
            with _translated(key):
                content: bytes = blob.download_as_bytes(
                    start=start,
                    end=start + count - 1,
                    raw_download=True,
                    checksum=None,  # there is none of a range
                    if_generation_match=blob.generation,
                    **_OPTIONS,
                )
            return content

        return WindowReader(key, offset, left if length is None else min(left, length), fetch)

    def _existing(self, key: str) -> Any:
        with _translated(key):
            blob = self._bucket.get_blob(key, **_OPTIONS)
        if blob is None:
            raise StorageError("not_found", key)
        return blob

    def _size(self, key: str) -> int:
        return int(self._existing(key).size)

    def _delete(self, key: str) -> None:
        with _translated(key), suppress(NotFound):
            self._bucket.delete_blob(key, **_OPTIONS)

    def _delete_many(self, keys: Sequence[str]) -> None:
        with ThreadPoolExecutor(_DELETERS) as pool:
            list(pool.map(self._delete, keys))

    def _copy(self, source: str, target: str) -> None:
        if not self.capabilities.server_copy:
            super()._copy(source, target)
            return
        if self.exists(target):
            raise StorageError("refused", target, "exists")
        with _translated(source):
            blob, copied = self._bucket.blob(source), self._bucket.blob(target)
            token: str | None = None
            while True:  # a large object takes several calls
                token, _, _ = copied.rewrite(blob, token=token, if_generation_match=0, **_OPTIONS)
                if token is None:
                    return

    def _list(self, prefix: str, after: str) -> Iterator[ObjectInfo]:
        pages = self._client.list_blobs(self._bucket, prefix=prefix, start_offset=after or None, **_OPTIONS)
        blobs = one_by_one(pages, _translated, prefix)
        return listed(((blob.name, blob.size, blob.updated) for blob in blobs), prefix, after)

    def presigned_get(self, key: str, *, expires: timedelta, filename: str, content_type: str) -> str:
        if not is_any_key(key):
            raise StorageError("invalid_key", key)
        try:
            url: str = self._bucket.blob(key).generate_signed_url(
                version="v4",
                expiration=expires,
                response_disposition=content_disposition(filename),
                response_type=content_type,
            )
        except (AttributeError, *_ERRORS) as error:
            raise StorageError("unavailable", key, "these credentials cannot sign") from error
        return url


def build_google(parts: SplitResult, options: dict[str, str]) -> GoogleStorage:
    """Options: project, credentials (a service account file; `anonymous`; else the machine's own), endpoint."""
    if not parts.hostname or parts.path not in ("", "/") or parts.username:
        raise StorageConfigurationError("storage URL: gs:// needs only a bucket, as in gs://bucket?project=P")
    file, project = options.get("credentials", ""), options.get("project") or None
    try:
        credentials: Any = None
        if file == "anonymous":
            credentials, project = AnonymousCredentials(), project or "none"
        elif file:
            credentials = Credentials.from_service_account_file(unquote(file))
            project = project or credentials.project_id
        storage = GoogleCloudStorage(bucket_name=parts.hostname, project_id=project, credentials=credentials)
        if endpoint := options.get("endpoint"):
            api = ClientOptions(api_endpoint=endpoint)
            storage._client = Client(project=project, credentials=credentials, client_options=api)
        return GoogleStorage(storage)
    except (GoogleAuthError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise StorageConfigurationError(redact(f"storage URL: gs://{parts.hostname}: {reason}")) from error
