"""What a start asks of the backends that the environment names, so that a wrong address, key or folder stops it.

Each check raises ConfigurationError with one line that names the variable and holds no secret. A backend that is away
at this moment looks the same as a wrong address: whoever starts the process tries again.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError, connection

from common.file_urls import file_url, printable
from common.redaction import redact
from dropbox_clone import health
from dropbox_clone.data_dir import database_of, refuse_misread
from dropbox_clone.env import ConfigurationError
from storage.base import Storage, StorageConfigurationError, StorageError
from storage.registry import open_storage


def check_data_dir() -> None:
    """Of the embedded shape; it is made."""
    if not settings.CONFIGURATION.embedded:
        return
    folder = settings.CONFIGURATION.data_dir
    refuse_misread(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"DATA_DIR: {printable(folder)}: {error.strerror}") from None


def check_storage_url() -> Storage:
    """What can be seen without asking a server; a local folder is made."""
    configuration = settings.CONFIGURATION
    if configuration.storage.scheme == "memory":
        raise ConfigurationError("STORAGE_URL: memory: is for tests and forgets all; use file:, s3:, gs: or azure:")
    try:
        return open_storage(settings.STORAGE_URL)
    except StorageConfigurationError as error:
        by_default = file_url("file", configuration.data_dir / "blobs") == settings.STORAGE_URL
        name = "DATA_DIR" if by_default else "STORAGE_URL"
        raise ConfigurationError(f"{name}: {str(error).removeprefix('storage URL: ')}") from None


def check_storage() -> None:
    """A local folder can be written; elsewhere one small object is written and removed. A full storage is fine."""
    storage = check_storage_url()
    if settings.CONFIGURATION.storage.scheme == "file":
        return
    try:
        _write_something(storage)
    except StorageError as error:
        if error.code != "no_space":
            reason = redact(error.detail or error.code)
            raise ConfigurationError(
                f"STORAGE_URL: the storage cannot be written ({reason}); is it running, are bucket and keys right?"
            ) from None


def _write_something(storage: Storage) -> None:
    key = f"00/00/probe-{secrets.token_hex(16)}"
    try:
        storage.put(key, [b"start"], size=5)
    finally:
        with suppress(StorageError):
            storage.delete(key)


def check_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sqlite_master" if connection.vendor == "sqlite" else "SELECT 1")
    except DatabaseError as error:
        file = settings.DATABASES["default"]["NAME"] if connection.vendor == "sqlite" else ""
        name = "DATA_DIR" if file == str(database_of(settings.CONFIGURATION.data_dir)) else "DATABASE_URL"
        where = f": {printable(file)}" if file else ""
        raise ConfigurationError(f"{name}: {_first_line(error)}{where}") from None


def check_cache() -> None:
    _ask("CACHE_URL", "the cache does not answer", _ask_cache)


def _ask_cache() -> None:
    """Redis itself: the product's own cache would go on without it."""
    if settings.CONFIGURATION.cache.scheme == "locmem":
        health.check_cache()
        return
    from dropbox_clone.redis_cache import RedisCache  # a tenth of a start, for those who have a Redis

    cache = caches["default"]
    assert isinstance(cache, RedisCache)
    cache.client.get_client().ping()


def check_broker() -> None:
    _ask("BROKER_URL", "the broker does not answer, or its folder cannot be written", health.check_broker)


def check_mail() -> None:
    """The folder of `file:`; a mail server may be away, mails wait for nobody's start."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if folder is not None:
        _ask("EMAIL_URL", "the folder cannot be written", lambda: health.check_folder(Path(folder)))


def _ask(name: str, complaint: str, check: Callable[[], None]) -> None:
    try:
        check()
    except Exception as error:  # each client library has errors of its own
        raise ConfigurationError(f"{name}: {complaint} ({_first_line(error)})") from None


def _first_line(error: BaseException) -> str:
    """Of what lies at the bottom of it; wrappers often say nothing."""
    while not str(error).strip() and (error.__cause__ or error.__context__):
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return redact(str(error).strip().partition("\n")[0]) or type(error).__name__
