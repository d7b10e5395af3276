"""Answers of the gate itself, made once: who gets them has had no work done for them, and gets none now.

They are problems (RFC 9457), as HAProxy's template answers too; a test compares them with the table of REST,
which cannot be imported before the application is there.
"""

import json


class Refusal(Exception):
    """`answer` is the whole answer of the server."""

    def __init__(self, code: str, detail: str, *, status: int, title: str, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.code, self.status, self.title = code, status, title
        problem = {"type": f"/api/v1/problems#{code}", "title": title, "status": status, "code": code, "detail": detail}
        body = json.dumps(problem).encode()
        retry = f"Retry-After: {retry_after}\r\n" if retry_after is not None else ""
        head = (
            f"HTTP/1.1 {status} {title}\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n"
            f"Cache-Control: no-store\r\n{retry}Connection: close\r\n\r\n"
        )
        self.answer = head.encode() + body


CONNECTIONS = Refusal(
    "too_many_requests",
    "This address has too many connections at once.",
    status=429,
    title="Too many requests",
    retry_after=2,
)
BUSY = Refusal(
    "overloaded",
    "All threads that this address may have are busy.",
    status=503,
    title="Overloaded",
    retry_after=2,
)
FULL = Refusal(
    "overloaded",
    "Too many bodies wait for their rest.",
    status=503,
    title="Overloaded",
    retry_after=2,
)
BODY = Refusal("too_large", "The request is larger than allowed.", status=413, title="Too large")
HEAD = Refusal("head_too_large", "The head of the request is larger than allowed.", status=431, title="Head too large")
SLOW = Refusal("too_slow", "The request did not come in time.", status=408, title="Too slow")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"  # no refusal: the gate asks for a body that it reads itself
EVERY = (CONNECTIONS, BUSY, FULL, BODY, HEAD, SLOW)


def count(reason: str) -> None:
    from dropbox_clone.metrics import definitions  # not before the folder of numbers is there

    definitions.REFUSED.labels(reason).inc()
