"""From the URLs that name backends to what Django, Celery and haystack want to be told."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote

from common.file_urls import path_in
from dropbox_clone.env import ConfigurationError

SQLITE_OPTIONS = {
    # Writers queue up at BEGIN instead of failing at their first write; readers are never blocked (WAL); an
    # acknowledged commit survives a power cut (FULL).
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}
# libpq's. A server whose machine is gone is noticed within seconds (one that is frozen: postgresql/waiting.py).
POSTGRESQL_OPTIONS = {
    "connect_timeout": 2,
    "application_name": "dropbox_clone",
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,  # milliseconds
}


def database_settings(url: SplitResult) -> dict[str, Any]:
    """One entry of DATABASES. A PostgreSQL URL may have parameters of libpq (`sslmode=verify-full`) and `pool_size`.

    Connections persist: opening one costs more than most requests.
    """
    if url.scheme == "sqlite":
        return {
            "ENGINE": "dropbox_clone.sqlite",
            "NAME": "/" + path_in(url.path).lstrip("/"),  # three slashes or four: the path is absolute
            "OPTIONS": dict(SQLITE_OPTIONS),
            "CONN_MAX_AGE": None,
        }
    options = dict(parse_qsl(url.query))
    if "pool_size" in options and not re.fullmatch(r"[1-9]\d{0,3}", options["pool_size"], re.ASCII):
        raise ConfigurationError(f"DATABASE_URL: pool_size must be a number from 1, got {options['pool_size']!r}")
    return {
        "ENGINE": "dropbox_clone.postgresql",
        "NAME": unquote(url.path.strip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": url.port or "",
        "OPTIONS": {**POSTGRESQL_OPTIONS, **options},
        "CONN_MAX_AGE": 0,  # back to the pool of the process after every request
    }


def cache_settings(url: SplitResult) -> dict[str, Any]:
    """One entry of CACHES."""
    if url.scheme == "locmem":
        return {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    from dropbox_clone.redis_cache import RETRY, TIMEOUT

    return {
        "BACKEND": "dropbox_clone.redis_cache.RedisCache",
        "LOCATION": url.geturl(),
        "KEY_PREFIX": "dropbox_clone-json",  # not "dropbox_clone": there earlier releases keep pickles
        "OPTIONS": {
            "SERIALIZER": "dropbox_clone.redis_cache.JSONSerializer",
            "SOCKET_CONNECT_TIMEOUT": TIMEOUT,
            "SOCKET_TIMEOUT": TIMEOUT,
            "CONNECTION_POOL_KWARGS": {"retry": RETRY},
        },
    }


def broker_settings(url: SplitResult, data_dir: Path) -> tuple[str, dict[str, Any]]:
    """Celery's broker URL and transport options. A lost message is safe: jobs are in the database."""
    if url.scheme != "filesystem":
        # Redis does not notice that a worker died: what it had in hand goes to others after visibility_timeout.
        options: dict[str, Any] = {"socket_timeout": 5, "socket_connect_timeout": 2, "visibility_timeout": 600}
        return url.geturl(), options if url.scheme.startswith("redis") else {}
    folder = Path(path_in(url.path)) if url.path else data_dir / "broker"
    return "filesystem://localhost//", {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.05,
    }


def search_settings(url: SplitResult) -> dict[str, Any]:
    """One entry of HAYSTACK_CONNECTIONS: `sql:`, `elasticsearch7://host:9200/index`, `+https` for TLS."""
    if url.scheme == "sql":
        return {"ENGINE": "search.engine.SqlEngine"}
    if not url.hostname:
        raise ConfigurationError("SEARCH_URL must be like elasticsearch7://host:9200/index")
    scheme = "https" if url.scheme.endswith("+https") else "http"
    return {
        "ENGINE": "search.engine.elasticsearch.ElasticsearchEngine",
        "URL": f"{scheme}://{url.netloc}/",
        "INDEX_NAME": url.path.strip("/") or "dropbox_clone",
        "SILENTLY_FAIL": False,  # a step of the index that did not get there is done again
    }


def email_settings(url: SplitResult, data_dir: Path) -> dict[str, Any]:
    """Django's EMAIL_* settings: `console:`, `file:///folder`, `smtp:`, `smtp+tls:` (STARTTLS), `smtps:`."""
    module = "django.core.mail.backends"
    if url.scheme in ("console", "memory"):
        name = {"console": "console", "memory": "locmem"}[url.scheme]
        return {"EMAIL_BACKEND": f"{module}.{name}.EmailBackend"}
    if url.scheme == "file":
        folder = path_in(url.path) or str(data_dir / "mail")
        return {"EMAIL_BACKEND": f"{module}.filebased.EmailBackend", "EMAIL_FILE_PATH": folder}
    if not url.hostname:
        raise ConfigurationError("EMAIL_URL must be like smtp+tls://user:password@mail.example.com:587")
    return {
        "EMAIL_BACKEND": f"{module}.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": url.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[url.scheme],
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_TLS": url.scheme == "smtp+tls",
        "EMAIL_USE_SSL": url.scheme == "smtps",
        "EMAIL_TIMEOUT": 10,
    }
