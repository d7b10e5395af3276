"""What an address may be sent, by what stands in front of it: known from the head alone, before anything is parsed."""

from enum import Enum

# Endpoints that ask who is there before they read, and then read with limits of their own (files: MAX_UPLOAD_SIZE and
# the quota; JSON and XML: 1 MiB). They answer visitors without having read a byte.
STREAMING = ("/api/", "/tus/", "/dav/", "/remote.php/")
# For whoever watches over the server: they take no body, and have threads of their own.
WATCHED = frozenset({"/healthz", "/readyz", "/metrics"})


class EndpointKind(Enum):
    """What stands behind an address, as far as the gate cares."""

    WATCH = "watch"
    STREAM = "stream"
    PAGE = "page"


def endpoint_of(path: str) -> EndpointKind:
    """`path` is without the query, decoded or not: neither prefix has anything to decode."""
    if path.startswith(STREAMING) or f"{path}/" in STREAMING:
        return EndpointKind.STREAM
    return EndpointKind.WATCH if path in WATCHED else EndpointKind.PAGE


def body_limit(endpoint: EndpointKind, *, anonymous: bool, anonymous_limit: int, page_limit: int) -> int | None:
    """Bytes; None where the endpoint itself knows better."""
    if endpoint is EndpointKind.STREAM:
        return None
    if endpoint is EndpointKind.WATCH:
        return 0
    return anonymous_limit if anonymous else page_limit
