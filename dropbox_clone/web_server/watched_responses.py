"""Answers that take long, such as downloads, zips and long listings, end when who gets them may not have them any more.

An answer that was begun cannot turn into a refusal, so the connection is reset in its middle: what was promised by its
length, or by the chunk that says that nothing more comes, is missing, and no client takes it for the whole. What the
system has not sent yet is thrown away.
"""

import errno
import logging
import socket
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse

from accounts.actor import READ, Actor
from accounts.request_actor import actor_in
from common.errors import CodedError
from files.queries.still import require_still
from http_kit.long_requests import Watch, sent_by

GetResponse = Callable[[HttpRequest], HttpResponseBase]
logger = logging.getLogger(__name__)


class RightsGone(ConnectionResetError):
    """To a server it looks as if the client had gone; which it is about to be told."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "who gets the answer may not have it any more")


class WatchedResponsesMiddleware:
    """Sees every answer that is streamed, so that no view has to remember."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.streaming:
            actor = actor_in(request)
            if actor is not None:
                _watch(cast(StreamingHttpResponse, response), _Look(request, actor, sent_by(response)))
        return response


class _Look:
    """Resets the connection, and raises RightsGone, when the actor may not read any more."""

    def __init__(self, request: HttpRequest, actor: Actor, node_ids: Sequence[int]) -> None:
        also = partial(require_still, node_ids=node_ids) if node_ids else None
        self._watch, self._whose = Watch(actor, READ, also), f"{actor.principal} {actor.principal.id}"
        self._connection = request.META.get("gunicorn.socket")

    def __call__(self) -> None:
        try:
            self._watch()
        except CodedError as error:
            logger.info("an answer to %s ends in its middle: %s", self._whose, error.code)
            if isinstance(self._connection, socket.socket):
                self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._connection.close()
            raise RightsGone from error


def _watch(response: StreamingHttpResponse, look: _Look) -> None:
    file = getattr(response, "file_to_stream", None)
    if file is not None:
        file.look = look  # for admission/pace.py, when the server sends the file itself
    response.streaming_content = _watched(look, cast(Iterable[bytes], response.streaming_content))


def _watched(look: _Look, chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        look()
        yield chunk
