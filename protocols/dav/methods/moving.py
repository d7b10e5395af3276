"""COPY and MOVE (RFC 4918 sections 9.8 and 9.9)."""

from datetime import datetime

from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from common.errors import CodedError
from files import errors
from files.actions.annotations import set_properties
from files.actions.copy import copy_node
from files.actions.move import move_node
from files.queries import journal
from files.queries.tree import LocatedNode, split_path
from protocols.dav.call import Call
from protocols.dav.errors import SameResource
from protocols.dav.headers import INFINITY, depth_of, destination_of, modified_of, overwrite_of
from protocols.dav.methods.writing import done

_HOLDS_SOURCE = _("The destination holds the source.")


def move(call: Call) -> HttpResponseBase:
    """201, or 204 when it took the place of something, which is in the trash now, or made another version of a mounted
    file. Ids stay.
    """
    depth = depth_of(call.request)
    try:
        source = _source(call)
    except errors.NotFound:
        return _moved_before(call)
    path = _destination(call)
    if source.node.is_folder and depth != INFINITY:
        raise errors.InvalidRequest(_("MOVE takes everything along: Depth is infinity."))
    overwrite, modified_at = overwrite_of(call.request), modified_of(call.request)
    try:
        moved = move_node(
            call.actor,
            node_id=source.node.pk,
            target=call.root.target(path),
            overwrite=overwrite,
            conditions=call.conditions,
        )
    except errors.NameTaken as error:
        raise _taken(error, overwrite) from error
    return _done(call, moved.place, modified_at, created=not moved.replaced)


def _moved_before(call: Call) -> HttpResponseBase:
    """The same MOVE again, because its response was lost: what it requests is done. Raises NotFound for all others."""
    try:
        place = call.root.locate(call.actor, _destination(call))
    except CodedError as error:
        raise errors.NotFound from error
    if not journal.was_moved(call.actor, place, call.path):
        raise errors.NotFound
    call.require_conditions(place)
    return done(call, place.known_as, created=True)


def copy(call: Call) -> HttpResponseBase:
    """201, or 204 when it took the place of something, which is in the trash now."""
    depth = depth_of(call.request)
    source, path = _source(call), _destination(call)
    if source.node.is_folder and depth == "1":
        raise errors.InvalidRequest(_("COPY takes everything along, or nothing: Depth is infinity or 0."))
    overwrite, modified_at = overwrite_of(call.request), modified_of(call.request)
    try:
        copied = copy_node(
            call.actor,
            node_id=source.node.pk,
            target=call.root.target(path),
            overwrite=overwrite,
            only_itself=depth == "0",
            conditions=call.conditions,
        )
    except errors.NameTaken as error:
        raise _taken(error, overwrite) from error
    return _done(call, copied, modified_at, created=not copied.replaced)


def _done(call: Call, place: LocatedNode, modified_at: datetime | None, *, created: bool) -> HttpResponseBase:
    """The time that a client gives along (X-OC-Mtime) is a second act: what has been moved stays moved without it. A
    mount has the time of what it stands for.
    """
    if place.node.is_mount:
        modified_at = None
    if modified_at is not None:
        place = set_properties(call.actor, node_id=place.node.pk, modified_at=modified_at)
    return done(call, place.known_as, created=created, accepted_time=modified_at is not None)


def _source(call: Call) -> LocatedNode:
    """A missing ancestor of the source is no conflict: there is no such source."""
    try:
        place = call.place()
    except errors.ParentNotFound as error:
        raise errors.NotFound from error
    call.root.require_below(place)
    return place


def _destination(call: Call) -> str:
    """Raises SameResource and Forbidden: what goes onto itself, or onto a folder above it, is forbidden. For the core a
    mount above it would be a row of the home like any other.
    """
    path = call.root.path_of(destination_of(call.request), call.request)
    names = split_path(path)
    if not names:
        raise errors.RootIsFixed
    source = split_path(call.path)
    if names == source:
        raise SameResource
    if names == source[: len(names)] and overwrite_of(call.request):
        raise errors.Forbidden(_HOLDS_SOURCE)
    return "/".join(names)


def _taken(error: errors.NameTaken, overwrite: bool) -> CodedError:
    """With Overwrite: T only what cannot be overwritten is left: the source itself, or a folder above it."""
    if overwrite:
        return errors.Forbidden(_HOLDS_SOURCE)
    return error
