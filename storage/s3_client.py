"""From an `s3://` URL to the clients of an S3Storage."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

import boto3.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from storages.backends.s3 import S3Storage as DjangoS3Storage

from common.redaction import redact
from storage.base import StorageConfigurationError
from storage.s3 import S3Storage
from storage.s3_endpoint import Endpoint

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CONNECT_SECONDS = 1.5
_QUICK_SECONDS = 4  # a server that is away altogether is noticed sooner: s3_endpoint.py
_PATIENT_SECONDS = 20
_ATTEMPTS = 2
_CONNECTIONS = 64
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_LOCATION = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*")


@functools.cache
def _session(access: str | None, secret: str | None) -> boto3.session.Session:
    """One for all clients of the same credentials: each session reads its description of S3 anew, a second of CPU."""
    return boto3.session.Session(aws_access_key_id=access, aws_secret_access_key=secret)


class _DjangoS3Storage(DjangoS3Storage):
    def _create_session(self) -> boto3.session.Session:
        return _session(self.access_key, self.secret_key)


def build_s3(parts: SplitResult, options: dict[str, str]) -> S3Storage:
    """Options: region, secure (1), addressing (path), public_endpoint."""
    bucket, _, location = unquote(parts.path).lstrip("/").partition("/")
    if not parts.hostname or not _BUCKET.fullmatch(bucket):
        raise StorageConfigurationError("storage URL: s3:// needs s3://KEY:SECRET@host[:port]/bucket")
    location = f"{location.strip('/')}/" if location.strip("/") else ""
    if not _LOCATION.fullmatch(location):
        raise StorageConfigurationError("storage URL: the prefix in the bucket may hold A-Z a-z 0-9 . _ - /")
    scheme = "https" if _choice(options, "secure", ("1", "0")) == "1" else "http"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    endpoint = f"{scheme}://{host}" + (f":{parts.port}" if parts.port else "")
    public = options.get("public_endpoint") or endpoint
    if urlsplit(public).scheme not in ("http", "https") or not urlsplit(public).hostname:
        raise StorageConfigurationError("storage URL: public_endpoint must be an http:// or https:// URL")
    region = options.get("region") or "us-east-1"
    addressing = _choice(options, "addressing", ("path", "virtual", "auto"))
    if (parts.username is None) != (parts.password is None):
        raise StorageConfigurationError("storage URL: s3:// needs key and secret, or neither (own role)")
    access = unquote(parts.username) if parts.username else None
    secret = unquote(parts.password) if parts.password else None

    server = Endpoint(endpoint)

    def client(url: str, seconds: float) -> S3Client:
        # A client is safe to share between threads; making one is not, which the registry's lock sees to.
        storage = _DjangoS3Storage(
            access_key=access,
            secret_key=secret,
            security_token=None,
            session_profile=None,
            bucket_name=bucket,
            endpoint_url=url,
            region_name=region,
            client_config=_configuration(addressing, seconds),
        )
        made: S3Client = storage.connection.meta.client
        if url == endpoint:
            server.watch(made)
        return made

    try:
        quick = client(endpoint, _QUICK_SECONDS)
        patient = client(endpoint, _PATIENT_SECONDS)
        signer = quick if public == endpoint else client(public, _QUICK_SECONDS)
    except (BotoCoreError, ValueError) as error:
        raise StorageConfigurationError(
            redact(f"storage URL: {type(error).__name__}: {error}".splitlines()[0])
        ) from error
    return S3Storage(quick, patient, signer, bucket=bucket, location=location)


def _configuration(addressing: str, seconds: float) -> Config:
    style: Any = {"addressing_style": addressing}
    return Config(
        signature_version="s3v4",
        s3=style,
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=seconds,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        max_pool_connections=_CONNECTIONS,
        # We send SHA-256 where the server enforces it; botocore's CRC32 trailers break several servers.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


def _choice(options: dict[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = options.get(name) or allowed[0]
    if value not in allowed:
        raise StorageConfigurationError(f"storage URL: {name} must be one of {', '.join(allowed)}")
    return value
