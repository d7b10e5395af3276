"""The text of a multistatus (RFC 4918 sections 14.16 and 14.24): HEAD, a response for each resource, TAIL.

No object is made for a property or an element: a listing has a hundred thousand of them.
"""

from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

from protocols.dav.properties.registry import PREFIXES, Name

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<d:multistatus {}>'.format(
    " ".join(f'xmlns:{prefix}="{namespace}"' for namespace, prefix in PREFIXES.items())
)
TAIL = "</d:multistatus>"
_XML = "http://www.w3.org/XML/1998/namespace"
OK, NOT_FOUND = "200 OK", "404 Not Found"


def tags(name: Name) -> tuple[str, str, str]:
    """The opening, the closing and the empty tag of a property."""
    namespace, local = name
    if namespace in PREFIXES:
        tag = f"{PREFIXES[namespace]}:{local}"
        return f"<{tag}>", f"</{tag}>", f"<{tag}/>"
    if namespace == _XML:  # the one namespace that no other prefix may stand for
        return f"<xml:{local}>", f"</xml:{local}>", f"<xml:{local}/>"
    if not namespace:
        return f"<{local}>", f"</{local}>", f"<{local}/>"
    declared = f"x:{local} xmlns:x={quoteattr(namespace)}"
    return f"<{declared}>", f"</x:{local}>", f"<{declared}/>"


def propstat(elements: Iterable[str], status: str, *, error: str = "") -> str:
    """Properties that have the same status (`200 OK`), as elements; `error` is an element that says why."""
    return f"<d:propstat><d:prop>{''.join(elements)}</d:prop><d:status>HTTP/1.1 {status}</d:status>{error}</d:propstat>"


def response(href: str, *inner: str) -> str:
    """`href` is percent-encoded; `inner` are propstats, or one status."""
    return f"<d:response><d:href>{href}</d:href>{''.join(inner)}</d:response>"


def response_of_properties(href: str, found: list[str], missing: list[str], *, minimal: bool = False) -> str:
    """`found` and `missing` are elements. Without any, an empty propstat says that the resource is there.

    `minimal`: nobody wants to know what is missing.
    """
    if not missing or minimal:
        return response(href, propstat(found, OK))
    if not found:
        return response(href, propstat(missing, NOT_FOUND))
    return response(href, propstat(found, OK), propstat(missing, NOT_FOUND))


def response_of_status(href: str, status: str) -> str:
    """Of the resource as a whole."""
    return response(href, f"<d:status>HTTP/1.1 {status}</d:status>")
