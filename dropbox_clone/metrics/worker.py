"""Workers: their numbers on a port of their own (WORKER_METRICS_HOST, WORKER_METRICS_PORT)."""

import logging
from typing import Any

from celery import signals

from dropbox_clone import tracing
from dropbox_clone.metrics import database, directory, flusher, jobs, storage

logger = logging.getLogger(__name__)


def watch() -> None:
    signals.worker_init.connect(_begin, dispatch_uid="metrics.worker")
    signals.worker_process_init.connect(_begin_child, dispatch_uid="metrics.child")
    signals.worker_process_shutdown.connect(_child_ended, dispatch_uid="metrics.child_ended")
    signals.worker_shutdown.connect(_end, dispatch_uid="metrics.worker_ended")


def _begin(sender: Any = None, **_: Any) -> None:
    """In the worker's first process, which does the jobs itself unless its pool is `prefork`."""
    from django.conf import settings

    from dropbox_clone.celery import app

    if getattr(sender, "app", None) is not app:
        return
    directory.create()
    tracing.instrument(settings.CONFIGURATION)
    _start()
    if settings.WORKER_METRICS_PORT:
        serve(settings.WORKER_METRICS_HOST, settings.WORKER_METRICS_PORT)


def _begin_child(**_: Any) -> None:
    _start()


def _start() -> None:
    from django.conf import settings

    readers = {"upload": storage.read_upload, **database.READERS, **storage.READERS, **jobs.READERS}
    flusher.start("worker", readers, [jobs.gauges, database.gauges])
    tracing.start(settings.CONFIGURATION, "worker")


def _child_ended(pid: int | None = None, **_: Any) -> None:
    if pid is not None:
        directory.bury(pid)


def _end(**_: Any) -> None:
    directory.remove()


def serve(host: str, port: int) -> None:
    """GET /metrics for everybody who reaches the port. A port that is taken is logged, and stops no jobs."""
    from threading import Thread
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    from dropbox_clone.metrics.exposition import text

    class Silent(WSGIRequestHandler):
        timeout = 10  # seconds: a silent client keeps nobody waiting

        def log_message(self, format: str, *args: Any) -> None:
            return

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] != "/metrics" or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            start_response("404 Not Found", [("Content-Length", "0")])
            return [b""]
        body, media_type = text(environ.get("HTTP_ACCEPT", ""))
        start_response("200 OK", [("Content-Type", media_type), ("Content-Length", str(len(body)))])
        return [body]

    try:
        server = make_server(host, port, application, handler_class=Silent)
    except OSError as error:
        logger.error("the worker's metrics cannot be served on %s:%s: %s", host, port, error.strerror)
        return
    Thread(target=server.serve_forever, name="metrics-server", daemon=True).start()
