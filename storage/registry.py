"""From a storage URL to a storage: one object a URL and process."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs, urlsplit

from common.file_urls import path_in
from common.redaction import remember, secrets_in
from storage.base import Capabilities, Storage, StorageConfigurationError

_NAME = re.compile(r"[a-z_-]{1,30}", re.ASCII)  # of an option; anything else may be the rest of a password

_storages: dict[str, Storage] = {}
_lock = threading.Lock()


def open_storage(url: str, capabilities: Capabilities | None = None) -> Storage:
    """The storage that `url` names. Opens no connection: an absent server shows at the first use.

    `capabilities` of an earlier probe save a remote backend from probing itself again in this process.

    `file:///absolute/path` · `memory:` or `memory://name` ·
    `s3://KEY:SECRET@host:port/bucket[/prefix]?region=&secure=0|1&addressing=path|virtual&public_endpoint=URL`
    · `gs://bucket?project=&credentials=FILE&endpoint=URL` · `azure://account:key@container?endpoint=URL`.
    Credentials are percent-decoded. Raises StorageConfigurationError with one line that holds no secret.
    """
    with _lock:
        storage = _storages.get(url)
        if storage is None:
            storage = _storages[url] = _build(url)
        if capabilities is not None:
            storage.remember(capabilities)
        return storage


def _forget() -> None:
    """A forked child must not use its parent's connections, nor a lock that another thread held."""
    _storages.clear()
    _lock._at_fork_reinit()  # type: ignore[attr-defined]


os.register_at_fork(after_in_child=_forget)


def _build(url: str) -> Storage:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        message = "storage URL: it cannot be read (is a special character not percent-encoded?)"
        raise StorageConfigurationError(message) from None  # the cause quotes the URL
    options = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if parts.scheme not in BUILDERS:
        known = ", ".join(f"{name}://" for name in BUILDERS)
        shown = f" {parts.scheme!r}" if "://" in url else ""
        raise StorageConfigurationError(f"storage URL: its scheme{shown} is not one of {known}")
    builder, allowed = BUILDERS[parts.scheme]
    if unknown := sorted(options.keys() - allowed):
        shown = repr(unknown[0]) if _NAME.fullmatch(unknown[0]) and options[unknown[0]] else "(no name=value)"
        raise StorageConfigurationError(f"storage URL: unknown option {shown} for {parts.scheme}://")
    remember(secrets_in(parts))
    return builder(parts, options)


def _local(parts: SplitResult, options: dict[str, str]) -> Storage:
    from storage.local import LocalStorage

    path = path_in(parts.path)
    if parts.netloc not in ("", "localhost") or not path.startswith("/"):
        raise StorageConfigurationError("storage URL: file:// needs an absolute path, as in file:///srv/files")
    if "\0" in path or ".." in path.split("/") or os.path.normpath(path) == "/":
        raise StorageConfigurationError("storage URL: file:// needs the path of a folder without '..'")
    return LocalStorage(os.path.normpath(path))


def _memory(parts: SplitResult, options: dict[str, str]) -> Storage:
    from storage.memory import MemoryStorage

    return MemoryStorage(parts.netloc)


def _s3(parts: SplitResult, options: dict[str, str]) -> Storage:
    from storage.s3_client import build_s3

    return build_s3(parts, options)


def _google(parts: SplitResult, options: dict[str, str]) -> Storage:
    from storage.gcs import build_google

    return build_google(parts, options)


def _azure(parts: SplitResult, options: dict[str, str]) -> Storage:
    from storage.azure import build_azure

    return build_azure(parts, options)


BUILDERS: dict[str, tuple[Callable[[SplitResult, dict[str, str]], Storage], frozenset[str]]] = {
    "file": (_local, frozenset()),
    "memory": (_memory, frozenset()),
    "s3": (_s3, frozenset({"region", "secure", "addressing", "public_endpoint"})),
    "gs": (_google, frozenset({"project", "credentials", "endpoint"})),
    "azure": (_azure, frozenset({"endpoint"})),
}
