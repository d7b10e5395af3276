"""LOCK and UNLOCK (RFC 4918 sections 9.10 and 9.11)."""

import re
from datetime import timedelta

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from common.clock import now
from files import errors
from files.actions.lock import LockOptions, lock_node, refresh_lock, unlock_node
from files.actions.write_file import write_file
from files.models import LockScope, NodeLock
from files.queries.tree import LocatedNode
from files.tree.writing import Mode, WriteOptions
from protocols.dav.body import parse_xml, read_xml, split_name
from protocols.dav.call import Call
from protocols.dav.errors import XML, NoConflictingLock
from protocols.dav.escaping import inner_xml
from protocols.dav.headers import INFINITY, depth_of
from protocols.dav.lock_paths import path_of_lock, root_of_lock
from protocols.dav.methods.writing import without_content
from protocols.dav.multistatus import HEAD, TAIL, response_of_status
from protocols.dav.properties.locks import active_lock
from protocols.dav.properties.registry import DAV

_SECONDS = re.compile(r"second-([0-9]{1,12})", re.ASCII)
_CODED_URL = re.compile(r"<([^<>\s]+)>")


def lock(call: Call) -> HttpResponseBase:
    """A new lock (201 with a new, empty file where nothing was), or without a body an old one for longer.

    A lock on a mount is one on what it stands for, against everybody.
    """
    body = read_xml(call.request)
    if not body:
        return _refresh(call)
    options, created = _options(call, body), False
    try:
        place = call.place()
        call.require_conditions(place)
    except errors.NotFound:
        _make_empty(call)
        place, created = call.place(), True
    try:
        taken = lock_node(call.actor, node_id=place.shown.pk, options=options)
    except errors.Locked as error:
        return _refused(call, place, error)
    answer = _answer(call, place, taken, 201 if created else 200)
    answer.headers["Lock-Token"] = f"<{taken.token}>"
    return answer


def unlock(call: Call) -> HttpResponseBase:
    """204."""
    match = _CODED_URL.fullmatch(call.request.META.get("HTTP_LOCK_TOKEN", "").strip())
    if match is None:
        raise errors.InvalidRequest(_("There is no Lock-Token."))
    unlock_node(call.actor, node_id=call.place().shown.pk, token=match[1])
    return without_content(204)


def _refresh(call: Call) -> HttpResponse:
    if not call.actor.lock_tokens:
        raise errors.InvalidRequest(_("Name the lock in an If header, or say in a body what to lock."))
    place = call.place()
    renewed = refresh_lock(call.actor, node_id=place.shown.pk, timeout=_timeout(call))
    return _answer(call, place, renewed, 200)


def _refused(call: Call, place: LocatedNode, error: errors.Locked) -> HttpResponse:
    """423, or 207 when a member stands against a deep lock (section 9.10.3)."""
    path = path_of_lock(error.detail["path"], place)
    href = call.root.href(path, is_folder=False)
    if not path.startswith(place.path.rstrip("/") + "/"):
        raise NoConflictingLock(href, error) from error
    own = call.root.href(place.path, is_folder=True)
    responses = response_of_status(href, "423 Locked") + response_of_status(own, "424 Failed Dependency")
    text = HEAD + responses + TAIL
    return HttpResponse(text.encode(), status=207, headers={"Cache-Control": "private, no-store"}, content_type=XML)


def _make_empty(call: Call) -> None:
    """RFC 4918 section 7.3: a lock on an unmapped address makes an empty resource."""
    options = WriteOptions(Mode.CREATE, conditions=call.conditions)
    write_file(call.actor, target=call.target, chunks=(), length=0, options=options)


def _options(call: Call, body: bytes) -> LockOptions:
    depth = depth_of(call.request)
    if depth == "1":
        raise errors.InvalidRequest(_("A lock has Depth 0 or infinity."))
    root = parse_xml(body)
    if split_name(root.tag) != (DAV, "lockinfo"):
        raise errors.InvalidRequest(_("The body is no DAV:lockinfo."))
    scope = root.find(f"{{{DAV}}}lockscope")
    scopes = [split_name(child.tag) for child in (scope if scope is not None else ())]
    kind = root.find(f"{{{DAV}}}locktype")
    if kind is None or [split_name(child.tag) for child in kind] != [(DAV, "write")]:
        raise errors.InvalidRequest(_("Only write locks are known."))
    if scopes not in ([(DAV, "exclusive")], [(DAV, "shared")]):
        raise errors.InvalidRequest(_("A lock is exclusive or shared."))
    owner = root.find(f"{{{DAV}}}owner")
    return LockOptions(
        LockScope(scopes[0][1]), depth == INFINITY, "" if owner is None else inner_xml(owner), _timeout(call)
    )


def _timeout(call: Call) -> timedelta | None:
    """The first of the wishes that we understand (section 10.7); the core cuts it."""
    for options in call.request.META.get("HTTP_TIMEOUT", "").split(","):
        word = options.strip().lower()
        if word == "infinite":
            return timedelta(days=365)
        match = _SECONDS.fullmatch(word)
        if match:
            return timedelta(seconds=min(int(match[1]), 365 * 24 * 3600))
    return None


def _answer(call: Call, place: LocatedNode, taken: NodeLock, status: int) -> HttpResponse:
    root = root_of_lock(taken, place)
    is_folder = place.node.is_folder or root != place.path
    element = active_lock(taken, call.root.href(root, is_folder=is_folder), now())
    text = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<d:prop xmlns:d="{DAV}"><d:lockdiscovery>{element}'
        "</d:lockdiscovery></d:prop>"
    )
    headers = {"Cache-Control": "private, no-store"}
    return HttpResponse(text.encode(), status=status, headers=headers, content_type=XML)
