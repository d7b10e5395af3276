"""What the one thread that waits for all connections must know of a request: whether its head is whole, where it goes,
what may be sent there, whose credentials it has, and how much of its body is still to come. The parser of the
server reads the head again, strictly, in a thread.

Whose credentials these are is known from threads that have found out before, so that a request can be counted as its
person's before its credentials are checked again. It decides whose turn it is, and nothing else.
"""

import hashlib
import os
import re
from collections import OrderedDict
from enum import Enum
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

REMEMBERED = 20_000  # credentials that are remembered
_KEY = os.urandom(32)  # what is kept reveals nothing of a token, nor to another process
# Endpoints that ask who is there before they read, and then read with limits of their own (files: MAX_UPLOAD_SIZE and
# the quota; JSON and XML: 1 MiB). They answer visitors without having read a byte.
STREAMING = ("/api/", "/tus/", "/dav/", "/remote.php/", "/public.php/")
# So do those that take files through a link: who is there is said by the link, and not by credentials.
LINKS = "/s/"
_SENDING = re.compile(r"/s/[^/]+/send(?:/|$)")
# For monitoring: they take no body, and have threads of their own.
WATCHED = frozenset({"/healthz", "/readyz", "/metrics"})
MAXIMUM_HEAD = 64 * 1024  # bytes; HAProxy's template passes on 32 KiB
END = b"\r\n\r\n"
CONTINUE = b"100-continue"
_TARGET = re.compile(rb"[^ \r\n]+ (?:https?://[^/ ?\r\n]*)?([^ ?\r\n]*)[^ \r\n]*(?: HTTP/1\.(\d))?")
_FIELD = re.compile(
    rb"\n(content-length|transfer-encoding|expect|authorization|cookie|x-forwarded-for)[ \t]*:[ \t]*([^\r\n]*)",
    re.IGNORECASE,
)
_DIGITS = 19


def digest(credential: bytes) -> bytes:
    return hashlib.blake2b(credential, digest_size=16, key=_KEY).digest()


class Credentials:
    """Written by the thread that waits for all connections; others may ask."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._person: OrderedDict[bytes, int] = OrderedDict()

    def person_of(self, credential: bytes) -> int | None:
        """Their id. `credential` is a digest, b"" for a request without any."""
        return self._person.get(credential) if credential else None

    def learn(self, credential: bytes, person: int) -> None:
        self._person[credential] = person
        self._person.move_to_end(credential)
        while len(self._person) > self._most:
            self._person.popitem(last=False)


class EndpointKind(Enum):
    """What stands behind an address, as far as the gate cares."""

    WATCH = "watch"
    STREAM = "stream"
    PAGE = "page"


def endpoint_of(path: str) -> EndpointKind:
    """`path` is without the query, decoded or not: neither prefix has anything to decode."""
    if path.startswith(STREAMING) or f"{path}/" in STREAMING:
        return EndpointKind.STREAM
    if path.startswith(LINKS) and _SENDING.match(path):
        return EndpointKind.STREAM
    return EndpointKind.WATCH if path in WATCHED else EndpointKind.PAGE


def body_limit(endpoint: EndpointKind, *, anonymous: bool, anonymous_limit: int, page_limit: int) -> int | None:
    """Bytes; None where the endpoint itself knows better."""
    if endpoint is EndpointKind.STREAM:
        return None
    if endpoint is EndpointKind.WATCH:
        return 0
    return anonymous_limit if anonymous else page_limit


class Head(NamedTuple):
    """`size` is that of the head, `length` that of the body (None: chunked), both in bytes. `credential` is a digest of
    what it is signed with, b"" without. A client that `waits_for_continue` keeps the body until it gets "100 Continue".
    """

    size: int
    endpoint: EndpointKind
    length: int | None
    anonymous: bool
    waits_for_continue: bool
    forwarded_for: str
    credential: bytes = b""


def end_of_head(received: bytearray, looked_at: int = 0) -> int:
    """Where the body begins; 0 while the head is not whole. `looked_at` bytes were looked at before."""
    found = received.find(END, max(0, looked_at - len(END) + 1))
    return 0 if found < 0 else found + len(END)


def is_hopeless(received: bytearray) -> bool:
    """Whether the parser refuses it without waiting for more: lines end with LF alone (RFC 9112 section 2.2)."""
    return received.count(b"\n") != received.count(b"\r\n")


def read_head(received: bytearray, size: int, *, session_cookie: bytes) -> Head:
    """`size` is what `end_of_head` returned. A malformed head gets some result here, and is refused by the parser."""
    head = bytes(received[:size])
    target = _TARGET.match(head, 2 if head.startswith(b"\r\n") else 0)
    path = target[1] if target else b""
    if b"%" in path:
        path = unquote_to_bytes(path)
    length: int | None = 0
    signed, session, expectation, forwarded = b"", b"", b"", ""
    for field, value in _FIELD.findall(head):
        name = field.lower()
        if name == b"authorization":
            signed = value
        elif name == b"cookie":
            session = session or _cookie(value, session_cookie)
        elif name == b"content-length":
            number = value.strip()
            length = int(number) if number.isdigit() and len(number) <= _DIGITS else 0
        elif name == b"transfer-encoding":
            length = None
        elif name == b"expect":
            expectation = value.strip().lower()
        else:
            forwarded += f",{value.decode('latin-1')}" if forwarded else value.decode("latin-1")
    waits = expectation == CONTINUE and target is not None and target[2] != b"0"  # which HTTP/1.0 does not know
    if expectation not in (b"", CONTINUE):
        length = 0  # no body is worth waiting for
    credential = signed or session
    endpoint = endpoint_of(path.decode("latin-1"))
    signature = digest(credential) if credential else b""
    return Head(size, endpoint, length, not credential, waits, forwarded, signature)


def _cookie(cookies: bytes, name: bytes) -> bytes:
    for cookie in cookies.split(b";"):
        key, _, value = cookie.partition(b"=")
        if key.strip() == name:
            return value.strip()
    return b""


class ChunkScanner:
    """Finds the end of a chunked body (RFC 9112 section 7.1) in what has come so far, and how long the body is.

    It looks at sizes and skips what they announce; whatever is malformed counts as the end, for the parser to refuse.
    """

    def __init__(self, start: int) -> None:
        self.position = start  # of the next size line, or of the trailer
        self.length = 0
        self.in_trailer = False

    def is_whole(self, received: bytearray) -> bool:
        while not self.in_trailer:
            end = received.find(b"\r\n", self.position, self.position + 4096)
            if end < 0:
                return len(received) - self.position > 4096
            digits = bytes(received[self.position : end]).partition(b";")[0].strip()
            if not re.fullmatch(rb"[0-9a-fA-F]{1,15}", digits):
                return True
            size = int(digits, 16)
            self.length += size
            self.position = end + 2 + (size + 2 if size else 0)
            self.in_trailer = not size
            if self.position > len(received):
                return False
        end = received.find(b"\r\n", self.position)
        if end == self.position:
            return True
        return received.find(END, self.position) >= 0
