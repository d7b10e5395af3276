"""OPTIONS, GET and HEAD, and what is refused."""

from functools import partial

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from common import etags
from files import errors
from files.downloads.response import download
from http_kit.parameters import conditions_of
from protocols.dav.call import Call
from protocols.dav.errors import UnknownReport
from protocols.dav.marked_etags import etag_of

ALLOW = "OPTIONS, GET, HEAD, PUT, DELETE, MKCOL, COPY, MOVE, PROPFIND, PROPPATCH, LOCK, UNLOCK"
_FOLDER = "This is a folder, to be used by WebDAV clients.\n"


def options() -> HttpResponse:
    """Also for who is not signed in: clients ask what a server can do before they send a password."""
    headers = {"DAV": "1, 2, 3", "Allow": ALLOW, "MS-Author-Via": "DAV", "Accept-Ranges": "bytes"}
    response = HttpResponse(status=200, headers=headers)
    del response.headers["Content-Type"]
    return response


def get(call: Call) -> HttpResponseBase:
    """A file's bytes. No redirect to the object store: not every client follows one."""
    try:
        file = call.root.file(call.actor, call.path)
    except errors.NotAFile:
        return _folder(call)
    except errors.ParentNotFound as error:
        raise errors.NotFound from error
    sends = call.root.dialect.sends
    before = None if sends is None else partial(sends, call, file)
    response = download(call.request, file, redirect=False, before=before)
    for name, value in call.root.dialect.fetched(file).items():
        response.headers[name] = value
    return response


def _folder(call: Call) -> HttpResponse:
    place = call.place()
    etag, modified = etag_of(place), place.shown.modified_at
    conditions = conditions_of(call.request)
    if conditions:
        outcome = etags.evaluate(conditions, method="GET", etag=etag, modified=modified)
        if outcome is etags.Outcome.PRECONDITION_FAILED:
            raise errors.PreconditionFailed
        if outcome is etags.Outcome.NOT_MODIFIED:
            return HttpResponse(status=304, headers={"ETag": etag})
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    return HttpResponse(_FOLDER, headers=headers, content_type="text/plain; charset=utf-8")


def report(call: Call) -> HttpResponseBase:
    call.place()
    raise UnknownReport
