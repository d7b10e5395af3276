"""Mounts on pages: a question before one is removed from one's files, and the page that brings it back."""

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from files.actions.mounts import bring_back
from files.queries.mount_list import list_mounts
from files.queries.tree import LocatedNode
from files.web import places, undo
from http_kit import forms
from http_kit.page import back, page

CONFIRMED = "remove_mounts"  # the field by which a person says so


def concerned(found: Sequence[LocatedNode]) -> list[LocatedNode]:
    """The mounts among these places and below them: those that a deletion removes from one's files."""
    mounts: dict[int, LocatedNode] = {}
    for place in found:
        below = [] if place.mounts is None or place.is_mount else place.mounts.below(place.node.pk)
        for mount in [place, *below] if place.is_mount else below:
            mounts[mount.node.pk] = mount
    return list(mounts.values())


def ask(request: HttpRequest, mounts: Sequence[LocatedNode], node_ids: Sequence[int]) -> HttpResponse:
    """The page that asks, and whose button sends the same form again.

    Context: section, mounts, node_ids, others (how many selected items are none), next, field.
    """
    context = {
        "section": "files",
        "mounts": mounts,
        "node_ids": node_ids,
        "others": len({*node_ids} - {mount.node.pk for mount in mounts}),
        "next": back(request),
        "field": CONFIRMED,
    }
    return render(request, "files/remove_mounts.html", context)


def tell_removed(request: HttpRequest, mounts: Sequence[LocatedNode]) -> None:
    """A notice for each that says how to bring it back, and does so at once."""
    for mount in mounts:
        text = _("“%(name)s” is removed from your files. You find it under Trash, Removed shares.")
        undo.offer(request, text % {"name": mount.node.name}, undo.mount_removed(mount))


@require_safe
@page
def removed(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders files/removed.html. Context: section, hidden (mount, name and whose it is, of each)."""
    found = [entry for entry in list_mounts(actor) if entry.row.node_id is None]
    prefetch_related_objects([entry.space for entry in found], "team", "owner")
    hidden = [{"mount": entry.row, "name": entry.name, "whose": places.whose(entry.space)} for entry in found]
    return render(request, "files/removed.html", {"section": "trash", "hidden": hidden})


@require_POST
@page
def show(request: HttpRequest, actor: Actor) -> HttpResponse:
    place = bring_back(actor, mount_id=forms.one_id(request.POST, "mount"))
    messages.success(request, _("“%(name)s” is among your files again.") % {"name": place.node.name})
    return redirect("files:browse", place.node.pk)
