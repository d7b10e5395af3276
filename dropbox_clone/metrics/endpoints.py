"""Which endpoint a path belongs to, and which numbers a finished request adds to."""

from typing import Any

from dropbox_clone.metrics import definitions
from dropbox_clone.metrics.flusher import Tally

METHODS = frozenset(("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS")) | frozenset(
    ("PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH")
)
# The first part of a path; an unknown one is a page of people.
FIRST = {
    "api": "api",
    "tus": "tus",
    "static": "static",
    "admin": "admin",
    "accounts": "accounts",
    "healthz": "probes",
    "readyz": "probes",
    "metrics": "probes",
    "dav": "dav",
    "webdav": "dav",
    "remote.php": "nextcloud",
    "public.php": "nextcloud",
    "ocs": "nextcloud",
    "index.php": "nextcloud",
    "status.php": "nextcloud",
    "2": "dropbox",
}
_PREFIXES = (
    ("/api/v1/content/", "content"),
    ("/api/v1/changes", "changes"),  # may wait, so that it has a duration of its own kind
    ("/api/v1/bulk", "bulk"),
)


def endpoint_of(path: str) -> str:
    """One of a few names, whatever the client asks for."""
    first = FIRST.get(path[1:].partition("/")[0], "web")
    if first == "api":
        for prefix, name in _PREFIXES:
            if path.startswith(prefix):
                return name
    return first


def read_request(tally: Tally, note: tuple[Any, ...]) -> None:
    """("request", path, method, status, seconds, received, sent)"""
    _, path, method, status, seconds, received, sent = note
    endpoint, method = endpoint_of(path), method if method in METHODS else "other"
    tally.count(definitions.REQUESTS, endpoint, method, f"{status // 100}xx")
    tally.time(definitions.REQUEST_SECONDS, seconds, endpoint, method)
    if received:
        tally.count(definitions.RECEIVED, endpoint, by=received)
    if sent:
        tally.count(definitions.SENT, endpoint, by=sent)
