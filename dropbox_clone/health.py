"""GET /healthz: this process answers. GET /readyz: so does everything that it depends on, each by name.

/readyz answers `{"ok": bool, "degraded": bool, "checks": {name: {"ok": bool, "error": code, "ms": number}}}` with 200
or 503. Without the cache, the broker or a storage it is `degraded` and still 200: what does not need them goes on.
`storage` is that of STORAGE_URL; other pools are `pool:` and their name.
The codes are `timeout`, `unavailable`, `pending` (migrations) and `draining` (the process was asked to stop, see
draining.py). Details of what went wrong are in the log only, because anybody may ask. A check that hangs is reported as
such and never holds up the answer.
"""

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from common.file_urls import path_in
from dropbox_clone import pool_checks
from dropbox_clone.celery import app as celery_app
from dropbox_clone.web_server import draining
from storage.registry import open_storage

logger = logging.getLogger(__name__)

TIME_LIMIT = 1.5  # seconds for all checks together: they run side by side
DRAINING: dict[str, dict[str, Any]] = {"process": {"ok": False, "ms": 0.0, "error": "draining"}}
REMEMBERED = 1.0  # seconds for which an answer is given again, so that asking often costs nothing


class NotReady(Exception):
    """A dependency answers but cannot be used; the text is the stable code."""


def alive(request: HttpRequest) -> HttpResponse:
    """No dependency is asked: a database that is down must not make anyone restart this process."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


def ready(request: HttpRequest) -> JsonResponse:
    checks = DRAINING if draining.is_draining() else _readiness.answer()
    failed = [name for name, check in checks.items() if not check["ok"]]
    ok = all(name in DEGRADED or name.startswith(pool_checks.PREFIX) for name in failed)
    body = {"ok": ok, "degraded": ok and bool(failed), "checks": checks}
    return JsonResponse(body, status=200 if ok else 503, headers={"Cache-Control": "no-store"})


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_migrations() -> None:
    """Whether the database has every migration that this code needs; asked until it was true once."""
    if _readiness.migrated:
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady("pending")
    _readiness.migrated = True


def check_cache() -> None:
    key = f"readyz:{uuid.uuid4()}"
    cache.set(key, "1", 10)
    if cache.get(key) != "1":
        raise NotReady("unavailable")
    cache.delete(key)


def check_broker() -> None:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    if folder := options.get("data_folder_out"):
        check_folder(Path(folder))
        return
    with celery_app.connection_for_write(connect_timeout=TIME_LIMIT) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0)


def check_storage() -> None:
    """The folder of the default pool can be written; any other storage answers whether it has an object."""
    if settings.STORAGE_URL.startswith("file:"):
        check_folder(Path(path_in(settings.CONFIGURATION.storage.path)))
    else:
        open_storage(settings.STORAGE_URL).exists("00/00/readyz")


def check_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NotReady("unavailable")


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "migrations": check_migrations,
    "cache": check_cache,
    "broker": check_broker,
    "storage": check_storage,
}


# What many requests do without. All replicas share it: to take them all out would end what still goes on.
DEGRADED = frozenset({"cache", "broker", "storage"})  # and every further pool
MOST = 64  # checks at once


class _Readiness:
    """Runs the checks in threads of its own; a check that hangs keeps only its own thread."""

    def __init__(self) -> None:
        self.migrated = False
        self._lock = threading.Lock()
        self._answer: dict[str, dict[str, Any]] = {}
        self._asked_at = float("-inf")
        self._running: dict[str, Future[dict[str, Any]]] = {}
        self._pools = pool_checks.PoolChecks()
        self._threads: ThreadPoolExecutor | None = None  # made after the fork: threads do not survive one

    def answer(self) -> dict[str, dict[str, Any]]:
        with self._lock:
            if time.monotonic() - self._asked_at > REMEMBERED:
                self._answer = self._ask()
                self._asked_at = time.monotonic()
            return self._answer

    def _ask(self) -> dict[str, dict[str, Any]]:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(MOST, thread_name_prefix="readyz")
        end = time.monotonic() + TIME_LIMIT
        running = self._start(self._threads, CHECKS)
        running |= self._start(self._threads, self._further_pools(self._threads))
        wait(running.values(), timeout=max(0.0, end - time.monotonic()))
        late = {"ok": False, "error": "timeout", "ms": round(TIME_LIMIT * 1000, 1)}
        self._running = running
        return {name: future.result() if future.done() else late for name, future in running.items()}

    def _start(self, threads: ThreadPoolExecutor, checks: pool_checks.Checks) -> dict[str, Future[dict[str, Any]]]:
        """One that still runs since the last time is not started again."""
        running = {}
        for name, check in checks.items():
            earlier = self._running.get(name)
            running[name] = threads.submit(_run, name, check) if earlier is None or earlier.done() else earlier
        return running

    def _further_pools(self, threads: ThreadPoolExecutor) -> pool_checks.Checks:
        """Those of the last time when the database does not say it soon; `database` says why."""
        try:
            return threads.submit(self._pools).result(timeout=TIME_LIMIT / 3)
        except Exception:
            return self._pools.last


def _run(name: str, check: Callable[[], None]) -> dict[str, Any]:
    start = time.perf_counter()
    error = ""
    try:
        check()
    except NotReady as reason:
        error = str(reason)
    except Exception as reason:
        logger.warning("readiness check %s failed: %s: %s", name, type(reason).__name__, reason)
        error = "unavailable"
    finally:
        connection.close()
    result: dict[str, Any] = {"ok": not error, "ms": round((time.perf_counter() - start) * 1000, 1)}
    return {**result, "error": error} if error else result


_readiness = _Readiness()
