"""Headers that change what a writing request means, and that no endpoint honours: a request with one is refused.

Ignored, each of them would have us do something else than was asked for, and acknowledge it. docs/protocols/headers.md
has the whole table, also of what is honoured and of what may safely be ignored.
"""

from collections.abc import Set

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from http_kit import errors

_OTHER_METHOD = _("it asks for another method than the one that is sent")
_PART = _("only a part of a file is sent: use an upload session")
_COPY = _("it asks for a copy: use COPY")
REFUSED: dict[str, Promise] = {  # by their names in META
    "HTTP_X_HTTP_METHOD_OVERRIDE": _OTHER_METHOD,
    "HTTP_X_HTTP_METHOD": _OTHER_METHOD,
    "HTTP_X_METHOD_OVERRIDE": _OTHER_METHOD,
    "HTTP_CONTENT_RANGE": _PART,  # RFC 9110 section 14.5
    "HTTP_X_UPDATE_RANGE": _PART,  # sabre/dav's PartialUpdate
    "HTTP_OC_CHUNKED": _("this address takes no chunks"),  # where it does: protocols/dav/methods/chunked.py
    "HTTP_TUS_RESUMABLE": _PART,
    "HTTP_X_COPY_FROM": _COPY,  # Swift
    "HTTP_X_AMZ_COPY_SOURCE": _COPY,  # S3
    "HTTP_OC_AUTORENAME": _("this address does not choose a free name: use the REST API"),
    "HTTP_IF_SCHEDULE_TAG_MATCH": _("this condition is not known here"),  # RFC 6638
}
# Resumable uploads, by tus and the IETF's draft (Upload-Offset, Upload-Complete: ?0) or Google's (X-Upload-*).
PREFIXES = ("HTTP_UPLOAD_", "HTTP_X_UPLOAD_")
WRITING = frozenset({"PUT", "PATCH", "MOVE", "COPY", "MKCOL", "DELETE", "PROPPATCH"})


def refuse_unhonoured(request: HttpRequest, *, honoured: Set[str] = frozenset()) -> None:
    """`honoured` are those of them that the caller looks at itself. Raises InvalidRequest."""
    if request.method not in WRITING:
        return
    names = (request.META.keys() & REFUSED.keys()) - honoured
    if request.method == "PUT" and not names:
        names = {name for name in request.META if name.startswith(PREFIXES)}
    if names:
        name = min(names)
        header = name.removeprefix("HTTP_").replace("_", "-").title()
        raise errors.InvalidRequest(
            _("%(header)s is not honoured here: %(reason)s."), header=header, reason=REFUSED.get(name, _PART)
        )
