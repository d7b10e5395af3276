"""What is used of gunicorn beyond its settings and hooks: this fails first when a new version changes it.

Each name says where it is used. A name that is gone, or that takes other arguments, means: read the new version's code
before anything else is tried.
"""

import inspect
import re
from types import ModuleType
from typing import Any

import pytest
from gunicorn import arbiter, util
from gunicorn.http import body, message, unreader, wsgi
from gunicorn.workers import base, gthread

# (class, method, its parameters): overridden in web_server/worker.py, admission/connections.py, web_server/draining.py
METHODS: list[tuple[Any, str, list[str]]] = [
    (gthread.ThreadWorker, "init_process", ["self"]),
    (gthread.ThreadWorker, "run", ["self"]),
    (gthread.ThreadWorker, "accept", ["self", "listener"]),
    (gthread.ThreadWorker, "set_accept_enabled", ["self", "enabled"]),
    (gthread.ThreadWorker, "enqueue_req", ["self", "conn"]),
    (gthread.ThreadWorker, "handle", ["self", "conn"]),
    (gthread.ThreadWorker, "handle_request", ["self", "req", "conn"]),
    (gthread.ThreadWorker, "finish_request", ["self", "conn", "fs"]),
    (gthread.ThreadWorker, "wait_for_and_dispatch_events", ["self", "timeout"]),
    (gthread.ThreadWorker, "murder_keepalived", ["self", "force"]),
    (gthread.ThreadWorker, "_cap_keepalive", ["self", "deadline"]),
    (gthread.TConn, "__init__", ["self", "cfg", "sock", "client", "server"]),
    (wsgi.Response, "send_headers", ["self"]),
    (wsgi.Response, "write", ["self", "arg"]),
    (wsgi.Response, "sendfile", ["self", "respiter"]),
    (message.Message, "should_close", ["self"]),
    (message.Message, "force_close", ["self"]),
    (body.ChunkedReader, "read", ["self", "size"]),
    (body.LengthReader, "read", ["self", "size"]),
    (unreader.Unreader, "unread", ["self", "data"]),
    (unreader.Unreader, "take_buffered", ["self"]),
    (unreader.SocketUnreader, "chunk", ["self", "size_hint"]),
    (arbiter.Arbiter, "handle_term", ["self"]),
    (util, "http_date", ["timestamp"]),
]
# (module, attribute of an object that it makes): read or set
ATTRIBUTES: list[tuple[ModuleType, str]] = [
    (gthread, "nr_conns"),
    (gthread, "poller"),
    (gthread, "method_queue"),
    (gthread, "tpool"),
    (gthread, "_accepting"),
    (gthread, "worker_connections"),
    (gthread, "is_http2"),
    (base, "alive"),
    (base, "sockets"),
    (wsgi, "headers_sent"),
    (wsgi, "response_length"),
    (wsgi, "sent"),
    (wsgi, "sock"),
    (wsgi, "_omits_body"),
    (message, "_expected_100_continue"),
    (body, "parser"),
    (body, "buf"),
    (body, "length"),
    (body, "failed"),
    (body, "reader"),
    (unreader, "sock"),
    (unreader, "buf"),
]


@pytest.mark.parametrize(("owner", "name", "parameters"), METHODS, ids=str)
def test_methods_take_what_they_took(owner: Any, name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(owner, name)).parameters) == parameters


@pytest.mark.parametrize(("module", "name"), ATTRIBUTES, ids=str)
def test_attributes_are_there(module: ModuleType, name: str) -> None:
    assert re.search(rf"self\.{name}\b", inspect.getsource(module))


def test_constants_are_there() -> None:
    assert gthread.STOP_KEEPALIVE_LINGER > 0
    assert wsgi.Response is not None
