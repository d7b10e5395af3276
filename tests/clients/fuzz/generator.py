"""Requests that nobody should send, and those that everybody does, mixed; the same seed gives the same ones."""

from __future__ import annotations

import base64
import random
from urllib.parse import quote

from tests.clients.fuzz import bodies
from tests.clients.fuzz.headers import ETAGS, VALUES
from tests.clients.fuzz.places import CHUNKS, FILES, FOLDERS, Places

COMMON = ["PUT", "MKCOL", "PROPFIND", "MOVE", "COPY", "LOCK", "PROPPATCH", "DELETE"]
METHODS = [
    *COMMON,
    *["GET", "HEAD", "UNLOCK", "OPTIONS", "POST", "PATCH", "REPORT", "SEARCH", "TRACE"],
    *["VERSION-CONTROL", "MKCALENDAR", "BREW", "put", "get"],
]
NOT_OURS = ["DAV:no-lock", "opaquelocktoken:x", "urn:uuid:00000000-0000-0000-0000-000000000000", "", "x" * 5000]
WRONG = ["Basic !!!", "Basic ", "Bearer", "Bearer x.y", "Digest username=a", "Basic QQ==", "Negotiate"]


class Fuzzer:
    """Makes one request after another for one connection at a time; `note` tells it what an answer said."""

    def __init__(self, seed: str, user: str, password: str, places: Places) -> None:
        self.random = places.random = random.Random(seed)
        self.places = places
        self.credentials = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.locks: list[str] = ["urn:uuid:none"]

    def note(self, answer: bytes) -> None:
        """A lock that was granted is used later."""
        for line in answer.partition(b"\r\n\r\n")[0].split(b"\r\n"):
            if line.lower().startswith(b"lock-token:"):
                self.locks = [*self.locks[-20:], line.partition(b":")[2].strip(b" <>").decode("latin-1")]

    def next(self) -> bytes:
        """The bytes of one request."""
        if self.random.random() < 0.2:
            return self._plant()
        method = self.random.choice(COMMON if self.random.random() < 0.35 else METHODS)
        target = self.places.target()
        headers = [f"Host: {self.places.host}", *self._authorization(target)]
        headers += [self._header() for _ in range(self.random.choice([0, 1, 1, 2, 2, 3, 5]))]
        if method in ("COPY", "MOVE") and self.random.random() < 0.8:
            headers.append(f"Destination: {self.places.destination()}")
        framing, body = self._frame(self._body(method))
        version = self.random.choices(["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9.9"], [97, 2, 0.5, 0.5])[0]
        head = "\r\n".join([f"{method} {target} {version}", *headers, *framing, "Connection: close", "", ""])
        return head.encode("utf-8", "surrogateescape") + body

    def _plant(self) -> bytes:
        """A good request, by which something is there (again)."""
        chance, places = self.random, self.places
        body = chance.randbytes(chance.choice([0, 10, 5000]))
        method, target, more = chance.choice(
            [
                ("MKCOL", places.tree() + quote(chance.choice(FOLDERS)), []),
                ("PUT", places.tree() + quote(chance.choice(FILES)), []),
                ("MKCOL", places.upload(), [f"Destination: {places.home}/top.txt"]),
                ("PUT", f"{places.upload()}/{chance.choice(CHUNKS[:4])}", []),
                ("LOCK", places.tree() + quote(chance.choice(FOLDERS + FILES)), ["Timeout: Second-3"]),
                ("PROPFIND", places.tree() + quote(chance.choice(FOLDERS)), ["Depth: 1"]),
                ("PROPFIND", places.tree(), ["Depth: 1"]),  # the only one that no other request takes away
            ]
        )
        if method != "PUT":
            body = bodies.good(chance, method)
        fixed = [f"Host: {places.host}", f"Authorization: {self.credentials}", f"Content-Length: {len(body)}"]
        head = "\r\n".join([f"{method} {target} HTTP/1.1", *fixed, *more, "Connection: close", "", ""])
        return head.encode() + body

    def _authorization(self, target: str) -> list[str]:
        roll = self.random.random() if "apppassword" not in target else 0.98  # by it the token would end its own life
        if roll < 0.97:
            return [f"Authorization: {self.credentials}"]
        return [f"Authorization: {self.random.choice(WRONG)}"] if roll < 0.99 else []

    # -- headers

    def _header(self) -> str:
        name = self.random.choice([*VALUES, "Depth", "Destination", "If", "If", "If", "Lock-Token"])
        if name == "Destination":
            return f"Destination: {self.places.destination()}"
        if name == "If":
            return f"If: {self._if()}"
        if name == "Lock-Token":
            return f"Lock-Token: {self.random.choice(['<' + self._token() + '>', self._token(), '<>', '<', ''])}"
        return f"{name}: {self.random.choice(VALUES[name])}"

    def _token(self) -> str:
        return self.random.choice(self.locks if self.random.random() < 0.6 else NOT_OURS)

    def _if(self) -> str:
        """RFC 4918, section 10.4, and what is not in it."""
        token, tagged, etag = self._token(), f"<{self.places.target()}>", self.random.choice(ETAGS)
        good = [f"(<{token}>)", f"{tagged} (<{token}>)", f"(Not <{token}>)", f"(<{token}> [{etag}])"]
        good += [f"(<{token}>) (Not <DAV:no-lock>)", f'{tagged} (Not ["x"]) {tagged} (<{token}>)']
        bad = ["(", "()", f"(<{token}", "<", tagged, "([])", "(" * 500, f"(<{token}>)" * 200, "Not", "", "\xff(<a>)"]
        return self.random.choice(good if self.random.random() < 0.7 else bad)

    # -- bodies and their frames

    def _body(self, method: str) -> bytes:
        roll = self.random.random()
        if method in ("GET", "HEAD", "MKCOL", "DELETE", "COPY", "MOVE") and roll < 0.9:
            return b""
        if method in bodies.FITTING and roll < 0.6:
            return bodies.fitting(self.random, method)
        if method == "PUT" and roll < 0.8:
            return self.random.randbytes(self.random.choice([0, 1, 100, 5000, 70_000]))
        return bodies.anything(self.random)

    def _frame(self, body: bytes) -> tuple[list[str], bytes]:
        """How the body says where it ends: mostly true."""
        roll = self.random.random()
        if roll < 0.85:
            return ([f"Content-Length: {len(body)}"] if body or self.random.random() < 0.5 else []), body
        if roll < 0.92:
            return ["Transfer-Encoding: chunked"], _chunked(body, self.random.choice([1, 7, 1000]))
        chunked = "Transfer-Encoding: chunked"
        lies = [
            ([f"Content-Length: {len(body) + 100}"], body),
            ([f"Content-Length: {len(body) // 2}"], body),
            (["Content-Length: many"], body),
            (["Content-Length: -1"], body),
            ([f"Content-Length: {len(body)}", "Content-Length: 3"], body),
            ([f"Content-Length: {len(body)}", chunked], b"0\r\n\r\n"),
            ([chunked], b"zz\r\n" + body),
            ([f"Content-Length: {10**17}"], body),
        ]
        return self.random.choice(lies)


def _chunked(body: bytes, size: int) -> bytes:
    pieces = [body[start : start + size] for start in range(0, min(len(body), 200 * size), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
