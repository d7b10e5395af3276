"""Answers that take long, such as downloads, zips and long listings, end when who gets them may not have them any more.

An answer that was begun cannot turn into a refusal, so the connection is reset in its middle: what was promised by its
length, or by the chunk that says that nothing more comes, is missing, and no client takes it for the whole. What the
system has not sent yet is thrown away.
"""

import errno
import logging
import os
import select
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Any, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse

from accounts.actor import READ, Actor
from accounts.errors import AccountError
from accounts.request_actor import actor_in
from files.streaming import EVERY, Watch

GetResponse = Callable[[HttpRequest], HttpResponseBase]
BLOCK = 8 * 1024 * 1024  # bytes that the system is asked to send of a file at once
STALLED = 120.0  # seconds without one byte
logger = logging.getLogger(__name__)


class RightsGone(ConnectionResetError):
    """To a server it looks as if the client had gone; which it is about to be told."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "who gets the answer may not have it any more")


class WatchedAnswersMiddleware:
    """Sees every answer that is streamed, so that no view has to remember."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.streaming:
            actor = actor_in(request)
            if actor is not None:
                _watch(cast(StreamingHttpResponse, response), _Look(request, actor))
        return response


class _Look:
    """Resets the connection, and raises RightsGone, when the actor may not read any more."""

    def __init__(self, request: HttpRequest, actor: Actor) -> None:
        self._watch, self._user_id = Watch(actor, READ), actor.user_id
        self._connection = request.META.get("gunicorn.socket")

    def __call__(self) -> None:
        try:
            self._watch()
        except AccountError as error:
            logger.info("an answer to account %s ends in its middle: %s", self._user_id, error.code)
            if isinstance(self._connection, socket.socket):
                self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._connection.close()
            raise RightsGone from error


def _watch(response: StreamingHttpResponse, look: _Look) -> None:
    file = getattr(response, "file_to_stream", None)
    if file is not None:
        file.look = look  # for WatchedSocket, when the server sends the file itself
    response.streaming_content = _watched(look, cast(Iterable[bytes], response.streaming_content))


def _watched(look: _Look, chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        look()
        yield chunk


class WatchedSocket:
    """A socket that sends a file as sendfile does, and looks up from it every few seconds."""

    def __init__(self, sock: socket.socket, look: Callable[[], None]) -> None:
        self._sock, self._look = sock, look

    def sendall(self, data: bytes, flags: int = 0) -> None:
        self._sock.sendall(data, flags)

    def sendfile(self, file: Any, offset: int, count: int) -> None:
        """Raises TimeoutError for a client that takes nothing for STALLED seconds, and what `look` raises."""
        timeout = self._sock.gettimeout()
        self._sock.setblocking(False)
        try:
            self._send(file.fileno(), offset, offset + count)
        finally:
            if self._sock.fileno() >= 0:
                self._sock.settimeout(timeout)

    def _send(self, file: int, offset: int, end: int) -> None:
        to, ready, moved = self._sock.fileno(), select.poll(), monotonic()
        ready.register(to, select.POLLOUT)
        while offset < end:
            self._look()
            try:
                sent = os.sendfile(to, file, offset, min(end - offset, BLOCK))
            except BlockingIOError:
                if not ready.poll(EVERY * 1000) and monotonic() - moved > STALLED:
                    raise TimeoutError("the client takes nothing") from None
                continue
            if not sent:  # the file is shorter than it was
                return
            offset, moved = offset + sent, monotonic()
