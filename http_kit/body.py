"""The body of a request as a stream, announced length or chunked, read from the server's own input.

Django shows an empty body when there is no Content-Length, and spools forms to disk: so nothing here touches
`request.body`, `POST` or `FILES`.
"""

import select
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.request_actor import actor_in
from common.errors import CodedError
from http_kit import errors
from http_kit.errors import BodyBroken, BodyTooSlow
from http_kit.long_requests import Watch
from http_kit.unhonoured_headers import refuse_unhonoured

CHUNK = 1024 * 1024  # bytes read at once where the socket cannot be read directly
PATIENCE = 50  # ms in which a small body usually comes
MAXIMUM_LENGTH_DIGITS = 19


class Deadline:
    """The moment by which a whole body must be there, counted from the first look at it."""

    def __init__(self, within: timedelta) -> None:
        self._seconds = within.total_seconds()
        self._end = monotonic() + self._seconds

    def check(self) -> None:
        """Raises BodyTooSlow."""
        if monotonic() >= self._end:
            raise BodyTooSlow(seconds=self._seconds)

    def wait(self, waiting: select.poll) -> None:
        """Until there is something to read. Raises BodyTooSlow."""
        if not waiting.poll(max(0.0, self._end - monotonic()) * 1000):
            raise BodyTooSlow(seconds=self._seconds)
        self.check()


@dataclass(frozen=True, slots=True)
class RequestBody:
    """`chunks` of at most 2 MiB, to be read once; `length` in bytes, None when the body is chunked.

    Nothing is read, and a client that waits with `Expect: 100-continue` gets no "100 Continue", before the first
    chunk is read. Chunks raise BodyBroken when the client goes away, stalls or frames its body wrongly; what the
    actor has lost since the request began (InvalidCredentials), within seconds; and BodyTooSlow.
    """

    chunks: Iterator[bytes]
    length: int | None


def body_of(request: HttpRequest, *, within: timedelta | None = None) -> RequestBody:
    """`within`: all of it must be there by then. Raises InvalidRequest for a length that is none."""
    meta = request.META
    stream = meta["wsgi.input"]
    actor = actor_in(request)
    watch = None if actor is None else Watch(actor)
    if codings := meta.get("HTTP_TRANSFER_ENCODING"):
        _require_plain(codings)
        return RequestBody(_read(stream, None, within, watch), None)
    announced = meta.get("CONTENT_LENGTH") or "0"
    if not (announced.isascii() and announced.isdigit()):
        raise errors.InvalidRequest(_("The Content-Length is not a number."))
    if len(announced) > MAXIMUM_LENGTH_DIGITS:
        raise errors.TooLarge
    length = int(announced)
    return RequestBody(_read(stream, length, within, watch), length)


def _require_plain(codings: str) -> None:
    """RFC 9112 section 6.1. The server passes on what is compressed below its chunks."""
    if any(coding.strip().lower() not in ("chunked", "identity") for coding in codings.split(",")):
        raise errors.InvalidRequest(_("Transfer-Encoding: send the body as it is, in chunks or with its length."))


def require_whole(request: HttpRequest, *, chunk: bool = False) -> None:
    """RFC 9110 sections 14.5 and 8.4: a part, or a coded form, must not be taken for the file.

    `chunk`: the caller honours OC-Chunked.
    """
    refuse_unhonoured(request, honoured=frozenset({"HTTP_OC_CHUNKED"}) if chunk else frozenset())
    coding = request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise errors.InvalidRequest(_("Content-Encoding is not supported: send the file as it is."))


def _read(stream: Any, length: int | None, within: timedelta | None, watch: Watch | None) -> Iterator[bytes]:
    """From the socket itself where the server's input offers that (dropbox_clone/web_server/socket_body.py); the rest,
    and all of it at any other server, as WSGI says.
    """
    left, deadline = length, None if within is None else Deadline(within)
    from_socket = getattr(stream, "socket_chunks", None)
    try:
        for chunk in () if from_socket is None else from_socket(length, deadline):
            left = None if left is None else left - len(chunk)
            if watch is not None:
                watch()
            yield chunk
        while left is None or left > 0:
            chunk = stream.read(CHUNK if left is None else min(CHUNK, left))
            if not chunk:
                break
            left = None if left is None else left - len(chunk)
            if watch is not None:
                watch()
            if deadline is not None:
                deadline.check()
            yield chunk
    except (errors.BodyTooSlow, CodedError):
        _give_up(stream)
        raise
    except Exception as error:  # whatever a server raises from its input means the same: no more will come
        _give_up(stream)
        raise BodyBroken from error
    if left:
        _give_up(stream)
        raise BodyBroken


def _give_up(stream: Any) -> None:
    """Tells gunicorn that nobody knows where the next request of this connection would begin."""
    if hasattr(stream, "failed"):
        stream.failed = True
