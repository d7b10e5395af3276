"""How gunicorn runs: `gunicorn --config python:dropbox_clone.web_server.gunicorn_conf dropbox_clone.wsgi`.

gthread: a thread for each request under way, and waiting connections in one selector. There are many more
threads than cores because most of them wait for slow clients, whose bytes pass through in small blocks.
"""

import gc
import os
import resource
import socket
import sys
from logging.config import dictConfig
from typing import Any

from gunicorn.glogging import Logger

from common import cpus
from dropbox_clone import tracing
from dropbox_clone.admission.pace import limit_system_calls
from dropbox_clone.configuration import read_configuration
from dropbox_clone.env import one_clear_line
from dropbox_clone.logs import logging_settings
from dropbox_clone.metrics import directory, web
from dropbox_clone.private_files import UMASK
from dropbox_clone.process import die_with_parent
from dropbox_clone.web_server import access_log, draining, request_bodies

STALLED = 120  # seconds without one acknowledgement of a client after which the system gives its connection up

with one_clear_line():
    _configuration = read_configuration()
os.umask(UMASK)

bind = (
    f"[{_configuration.host}]:{_configuration.port}"
    if ":" in _configuration.host
    else (f"{_configuration.host}:{_configuration.port}")
)
backlog = 2048
worker_class = "dropbox_clone.web_server.worker.PatientWorker"
workers = _configuration.web_workers
threads = _configuration.web_threads
worker_connections = _configuration.admission.connections  # those without a request cost no thread
keepalive = 75
# Of gthread, this limits a worker that hangs as a whole; a request may take as long as its client needs.
timeout = 60
graceful_timeout = max(1, int(_configuration.stop_timeout.total_seconds()))
preload_app = True
# Not `sendfile = True`: gunicorn takes every value of that setting as the wish to do without.
limit_request_line = 8190  # gunicorn's largest: long names are percent-encoded in paths
limit_request_fields = 100
limit_request_field_size = 16380
# TrustedProxyMiddleware is the only one who believes X-Forwarded-*: nobody may set the scheme or a header with an
# underscore here, so that the address of each client need not be looked up in a list.
forwarded_allow_ips = "*"
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
# The heartbeat is a touch of a file; on a disk it could wait behind an fsync.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
control_socket_disable = True
accesslog = None
proc_name = "dropbox_clone"


class logger_class(Logger):  # noqa: N801 (a setting of gunicorn)
    """One configuration of logging for all: the product's, instead of gunicorn's own handlers and formats."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        dictConfig(logging_settings(_configuration.log_level, _configuration.log_format))

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """A client that stalled (see post_worker_init) is no fault of ours to be told with a traceback."""
        if isinstance(sys.exc_info()[1], BlockingIOError | TimeoutError):
            self.debug("a client was too slow")
        else:
            super().exception(msg, *args, **kwargs)


def on_starting(server: Any) -> None:
    _raise_descriptor_limit()
    draining.stop_late(server, _configuration.drain_delay.total_seconds())
    directory.create()


def _raise_descriptor_limit() -> None:
    """A connection takes one, and an answer another; many systems begin with 1024 and allow more."""
    needed = 2 * worker_connections + 1024
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (needed if hard == resource.RLIM_INFINITY else min(needed, hard), hard)
        )


def when_ready(server: Any) -> None:
    """The code is loaded once, before the fork, with everything that the first request would load."""
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
    gc.collect()
    # The collector of a worker does not touch, and so does not copy, the pages shared with the others.
    gc.freeze()


def pre_fork(server: Any, worker: Any) -> None:
    """A connection must not be shared by two processes."""
    from django.core.cache import caches
    from django.db import connections

    from dropbox_clone.postgresql.pool import pools

    connections.close_all()
    pools.close()
    caches.close_all()
    worker.cpu = _cpu_for_one_more(server)


def _cpu_for_one_more(server: Any) -> int | None:
    """`auto`: below `make run`, whose supervisor holds the socket; it is the only web server of its machine. Replicas
    that share a machine do not know of each other, and would crowd together.
    """
    wish = _configuration.web_cpu_pinning
    below_supervisor = any(isinstance(address, int) for address in server.cfg.address)
    if wish == "off" or (wish == "auto" and not below_supervisor):
        return None
    return cpus.choose(worker.cpu for worker in server.WORKERS.values())


def post_fork(server: Any, worker: Any) -> None:
    die_with_parent(server.pid)
    cpus.stay(worker.cpu)


def post_worker_init(worker: Any) -> None:
    """Accepted connections inherit these limits."""
    for listener in worker.sockets:
        limit_system_calls(listener.sock)
        if listener.sock.family in (socket.AF_INET, socket.AF_INET6) and hasattr(socket, "TCP_USER_TIMEOUT"):
            # A client whose machine is gone, and takes nothing any more.
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED * 1000)
    # A thread that comes back from SQLite or a socket must not wait 5 ms for one that computes.
    sys.setswitchinterval(0.0005)
    from accounts import at_once
    from dropbox_clone.postgresql.base import serve
    from http_kit.long_poll import waiters

    serve()
    at_once.threads.on = True
    worker.leave_person = at_once.threads.end

    waiters.stopping = lambda: not worker.alive
    access_log.configure(on=_configuration.access_log, json=_configuration.log_format == "json")
    web.start(threads)
    tracing.start(_configuration, "web")


def pre_request(worker: Any, request: Any) -> None:
    web.begin(worker, request)
    request_bodies.pre_request(worker, request)


def post_request(worker: Any, request: Any, environ: Any, response: Any) -> None:
    """The answer is out; what is left of a body that nobody wanted may take some seconds more."""
    request.person = worker.leave_person()  # for the worker, which learns whose credentials these are
    web.finish(worker, request, environ, response)
    request_bodies.post_request(worker, request, environ, response)


def child_exit(server: Any, worker: Any) -> None:
    directory.bury(worker.pid)


def on_exit(server: Any) -> None:
    directory.remove()
