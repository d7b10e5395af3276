"""What is used of gunicorn beyond its settings and hooks: this fails first when a new version changes it.

A name that is gone, or that takes other arguments, means: read the new version's code before anything else is tried.
"""

import inspect
import re
from types import ModuleType
from typing import Any

import pytest
from gunicorn import arbiter, glogging, util
from gunicorn.http import body, message, unreader, wsgi
from gunicorn.workers import base, gthread

from tests.architecture.test_house import ROOT, SOURCES

PACKAGE = ROOT / "dropbox_clone" / "web_server"

# (class, method, its parameters, the module of dropbox_clone/web_server that overrides, replaces or calls it)
METHODS: list[tuple[Any, str, list[str], str]] = [
    (gthread.ThreadWorker, "init_process", ["self"], "worker"),
    (gthread.ThreadWorker, "run", ["self"], "worker"),
    (gthread.ThreadWorker, "accept", ["self", "listener"], "worker"),
    (gthread.ThreadWorker, "set_accept_enabled", ["self", "enabled"], "worker"),
    (gthread.ThreadWorker, "enqueue_req", ["self", "conn"], "worker"),
    (gthread.ThreadWorker, "handle", ["self", "conn"], "worker"),
    (gthread.ThreadWorker, "handle_request", ["self", "req", "conn"], "worker"),
    (gthread.ThreadWorker, "finish_request", ["self", "conn", "fs"], "worker"),
    (gthread.ThreadWorker, "wait_for_and_dispatch_events", ["self", "timeout"], "worker"),
    (gthread.ThreadWorker, "murder_keepalived", ["self", "force"], "worker"),
    (gthread.ThreadWorker, "_cap_keepalive", ["self", "deadline"], "worker"),
    (gthread.TConn, "__init__", ["self", "cfg", "sock", "client", "server"], "connection"),
    (gthread.TConn, "init", ["self"], "connection"),
    (wsgi.Response, "send_headers", ["self"], "worker"),
    (wsgi.Response, "write", ["self", "arg"], "worker"),
    (wsgi.Response, "sendfile", ["self", "respiter"], "worker"),
    (message.Message, "should_close", ["self"], "request_bodies"),
    (message.Message, "force_close", ["self"], "worker"),
    (body.ChunkedReader, "read", ["self", "size"], "request_bodies"),
    (body.LengthReader, "read", ["self", "size"], "request_bodies"),
    (unreader.Unreader, "unread", ["self", "data"], "connection"),
    (unreader.Unreader, "take_buffered", ["self"], "socket_body"),
    (unreader.SocketUnreader, "chunk", ["self", "size_hint"], "socket_body"),
    (arbiter.Arbiter, "handle_term", ["self"], "draining"),
    (glogging.Logger, "setup", ["self", "cfg"], "gunicorn_conf"),
    (glogging.Logger, "exception", ["self", "msg", "args", "kwargs"], "gunicorn_conf"),
    (util, "http_date", ["timestamp"], "worker"),
]
# (module of gunicorn, attribute of an object that it makes, the module that reads or sets it)
ATTRIBUTES: list[tuple[ModuleType, str, str]] = [
    (arbiter, "WORKERS", "gunicorn_conf"),
    (gthread, "nr_conns", "worker"),
    (gthread, "poller", "worker"),
    (gthread, "method_queue", "worker"),
    (gthread, "tpool", "worker"),
    (gthread, "_accepting", "worker"),
    (gthread, "worker_connections", "worker"),
    (gthread, "is_http2", "worker"),
    (gthread, "parser", "connection"),
    (base, "alive", "worker"),
    (base, "sockets", "gunicorn_conf"),
    (glogging, "error_log", "gunicorn_conf"),
    (wsgi, "headers_sent", "request_bodies"),
    (wsgi, "response_length", "worker"),
    (wsgi, "sent", "worker"),
    (wsgi, "sock", "worker"),
    (wsgi, "chunked", "worker"),
    (wsgi, "_omits_body", "worker"),
    (message, "_expected_100_continue", "request_bodies"),
    (message, "body", "request_bodies"),
    (message, "unreader", "request_bodies"),
    (body, "parser", "socket_body"),
    (body, "buf", "socket_body"),
    (body, "length", "socket_body"),
    (body, "failed", "request_bodies"),
    (body, "reader", "request_bodies"),
    (body, "req", "socket_body"),
    (body, "unreader", "socket_body"),
    (unreader, "sock", "request_bodies"),
    (unreader, "buf", "request_bodies"),
]


def text_of(module: str) -> str:
    return (PACKAGE / f"{module}.py").read_text()


def uses(module: str, name: str) -> bool:
    """As an attribute, a method that overrides it, or by name."""
    return re.search(rf"\.{name}\b|def {name}\(|\"{name}\"", text_of(module)) is not None


@pytest.mark.parametrize(("owner", "name", "parameters", "module"), METHODS, ids=str)
def test_methods_take_what_they_took(owner: Any, name: str, parameters: list[str], module: str) -> None:
    assert list(inspect.signature(getattr(owner, name)).parameters) == parameters
    assert uses(module, name), "it is not used any more: remove the line"


@pytest.mark.parametrize(("theirs", "name", "module"), ATTRIBUTES, ids=str)
def test_attributes_are_there(theirs: ModuleType, name: str, module: str) -> None:
    assert re.search(rf"self\.{name}\b|^    {name} = ", inspect.getsource(theirs), re.MULTILINE)
    assert uses(module, name), "it is not used any more: remove the line"


def test_names_that_are_replaced_are_there() -> None:
    assert gthread.STOP_KEEPALIVE_LINGER > 0
    assert wsgi.Response is not None
    assert not hasattr(body.Body, "socket_chunks"), "gunicorn has a method of this name of its own"


def test_no_other_package_knows_gunicorn() -> None:
    importing = re.compile(r"^\s*(from|import) gunicorn\b", re.MULTILINE)
    assert {path.parent for path in SOURCES if importing.search(path.read_text())} == {PACKAGE}
