"""What the answers of S3 servers and the silence of absent ones mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from storage.base import ErrorCode, StorageError

# Codes of AWS, MinIO, SeaweedFS, Ceph and Swift.
_CODES: dict[str, ErrorCode] = {
    "NoSuchKey": "not_found",
    "NotFound": "not_found",
    "404": "not_found",
    "PreconditionFailed": "refused",
    "ConditionalRequestConflict": "refused",
    "412": "refused",
    "BadDigest": "checksum_mismatch",
    "InvalidDigest": "checksum_mismatch",
    "XAmzContentChecksumMismatch": "checksum_mismatch",
    "XAmzContentSHA256Mismatch": "checksum_mismatch",
    "InvalidChecksum": "checksum_mismatch",
    "XMinioStorageFull": "no_space",
    "InsufficientStorage": "no_space",
    "QuotaExceeded": "no_space",
    "XMinioAdminBucketQuotaExceeded": "no_space",
    "507": "no_space",
}


def error_code(error: ClientError) -> str:
    """The server's own code, such as `NoSuchKey`; for HEAD, which has no body, the HTTP status."""
    return str(error.response.get("Error", {}).get("Code", ""))


def was_retried(error: ClientError) -> bool:
    """Whether an earlier attempt may have done the work although its answer was lost."""
    return bool(error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0))


def storage_error(error: ClientError | BotoCoreError, key: str) -> StorageError:
    """Whatever is not about this object (also wrong credentials, no bucket) is `unavailable`."""
    if not isinstance(error, ClientError):
        return StorageError("unavailable", key, type(error).__name__)
    code = error_code(error)
    return StorageError(_CODES.get(code, "unavailable"), key, f"{error.operation_name} answered {code}")


@contextmanager
def translated(key: str) -> Iterator[None]:
    """Turn botocore's errors into StorageError. Never wrap a caller's iterator in it."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise storage_error(error, key) from error
