"""Waiting for a change without standing in anybody's way.

A waiter holds a thread of the server, so that there are few of them; it gives up its database connection while it
sleeps, and ends when the worker is told to stop or its client has gone.
"""

import select
import socket
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest

from accounts import at_once
from accounts.actor import Actor
from http_kit.long_requests import Watch, release_connection

SHORTEST, LONGEST = 0.25, 1.0  # seconds between two looks
LONGEST_WAIT = 25.0  # seconds; marathon-lb gives up on a server that has not answered for 30
RETRY_AFTER = 5  # seconds, for whoever found no place to wait


class _Waiters:
    """Places to wait in this process: a quarter of its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self.stopping: Callable[[], bool] = lambda: False  # set by the server's configuration

    def enter(self) -> bool:
        with self._lock:
            if self._count >= max(1, settings.CONFIGURATION.web_threads // 4):
                return False
            self._count += 1
            return True

    @property
    def count(self) -> int:
        return self._count

    def leave(self) -> None:
        with self._lock:
            self._count -= 1


waiters = _Waiters()


def wait_until(actor: Actor, happened: Callable[[], bool], *, seconds: float, request: HttpRequest) -> bool:
    """Looks until it has happened or the time is over. False when there was no place to wait.

    Raises TooManyRequests when this person waits in too many places already, and what the actor has lost meanwhile
    (InvalidCredentials), within seconds.
    """
    with at_once.waits.one(actor):
        return _wait(happened, Watch(actor), seconds=seconds, request=request)


def _wait(happened: Callable[[], bool], watch: Watch, *, seconds: float, request: HttpRequest) -> bool:
    if not waiters.enter():
        return False
    try:
        deadline, pause = time.monotonic() + min(seconds, LONGEST_WAIT), SHORTEST
        while (left := deadline - time.monotonic()) > 0 and not waiters.stopping():
            release_connection()
            watch()
            if _client_leaves(request, min(pause, left)) or happened():
                break
            pause = min(pause * 1.5, LONGEST)
        return True
    finally:
        waiters.leave()


def _client_leaves(request: HttpRequest, seconds: float) -> bool:
    """Sleeps, and wakes up early when the client closes its connection (gunicorn shows it to the application)."""
    connection = request.META.get("gunicorn.socket")
    if not isinstance(connection, socket.socket):
        time.sleep(seconds)
        return False
    ready = select.poll()
    ready.register(connection, select.POLLIN)
    if not ready.poll(int(seconds * 1000)):
        return False
    try:
        gone = connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        gone = False
    except OSError:
        return True
    if not gone:  # the next request is in the pipe already: it has to wait, and we must not spin
        time.sleep(seconds)
    return gone
