"""Acts on folders and files: each form ends in one action and a notice with an undo button. And the folder chooser of
"Move" and "Copy".
"""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from files.access.rights import Right
from files.actions import copy as copying
from files.actions.create_folder import create_folder as create_folder_action
from files.actions.move import move_nodes, rename_node
from files.actions.trash import trash_nodes as trash_nodes_action
from files.models import SpaceKind
from files.queries.listing import MAXIMUM_PAGE, list_folder
from files.queries.target import Target
from files.queries.tree import LocatedNode, clean_name, locate, locate_many
from files.web import alike, mounts, places, undo
from http_kit import forms
from http_kit.page import back, page


@require_POST
@page
def create_folder(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    name = clean_name(forms.text(request.POST, "name"))
    other = alike.warning(request, actor, node_id, name)
    if other is not None:
        return alike.ask(request, other, name)
    place, _created = create_folder_action(actor, target=Target(name, parent_id=node_id))
    return redirect("files:browse", place.node.pk)


@require_POST
@page
def rename(request: HttpRequest, actor: Actor) -> HttpResponse:
    node_id, name = forms.one_id(request.POST, "node"), clean_name(forms.text(request.POST, "name"))
    parent_id = locate(actor, node_id).node.parent_id
    other = alike.warning(request, actor, parent_id, name, itself=node_id) if parent_id is not None else None
    if other is not None:
        return alike.ask(request, other, name, node_id=node_id)
    moved = rename_node(actor, node_id=node_id, name=name)
    message = _("Renamed to “%(name)s”.") % {"name": moved.place.node.name}
    undo.offer(request, message, undo.renamed(moved))
    return redirect(back(request))


@require_POST
@page
def move(request: HttpRequest, actor: Actor) -> HttpResponse:
    node_ids, target = forms.ids(request.POST, "node"), forms.one_id(request.POST, "target")
    before = locate_many(actor, node_ids)
    versions, to = forms.text(request.POST, "versions"), locate(actor, target)
    if not versions and _takes_versions_along(actor, before, to):
        context = {"space": to.space, "node_ids": node_ids, "target": target, "next": back(request)}
        return render(request, "files/move_versions.html", {"section": places.section(to.space), **context})
    share = versions == "share"
    moved = move_nodes(actor, node_ids=node_ids, parent_id=target, autorename=True, share_versions=share)
    message = ngettext("%(count)d item moved.", "%(count)d items moved.", len(moved)) % {"count": len(moved)}
    undo.offer(request, message, undo.moved(before))
    return redirect(back(request))


def _takes_versions_along(actor: Actor, moved: Sequence[LocatedNode], to: LocatedNode) -> bool:
    """To people who may not have seen them; a question for those who may decide it."""
    if to.space.kind == SpaceKind.HOME and to.space.owner_id == actor.user_id:
        return False
    return any(
        place.space.pk != to.space.pk and place.node.versions_size and place.access.allows(Right.MANAGE)
        for place in moved
    )


@require_POST
@page
def copy(request: HttpRequest, actor: Actor) -> HttpResponse:
    node_ids, target = forms.ids(request.POST, "node"), forms.one_id(request.POST, "target")
    copies = copying.copy_nodes(actor, node_ids=node_ids, parent_id=target, autorename=True)
    message = ngettext("%(count)d item copied.", "%(count)d items copied.", len(copies)) % {"count": len(copies)}
    undo.offer(request, message, undo.added(copies))
    return redirect(back(request))


@require_POST
@page
def trash_nodes(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Asks first where mounts are among them: those are removed from one's files, and nothing in them is deleted."""
    node_ids = forms.ids(request.POST, "node")
    concerned = mounts.concerned(locate_many(actor, node_ids))
    if concerned and not forms.text(request.POST, mounts.CONFIRMED):
        return mounts.ask(request, concerned, node_ids)
    items = trash_nodes_action(actor, node_ids=node_ids)
    mounts.tell_removed(request, concerned)
    count = len(items)
    if items:
        message = ngettext("%(count)d item moved to the trash.", "%(count)d items moved to the trash.", count)
        undo.offer(request, message % {"count": count}, undo.trashed(items))
    return redirect(back(request))


@require_safe
@page
def picker(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    """A fragment.

    Context: purpose, folder, space, title, breadcrumbs, folders, mounted, next_url, spaces, may_write.
    """
    place = places.seen(actor, locate(actor, node_id))
    found = list_folder(actor, place, limit=MAXIMUM_PAGE)
    folders = [node for node in found.entries if node.is_folder]  # they come first
    context = {
        "purpose": "copy" if request.GET.get("purpose") == "copy" else "move",
        "folder": place.entered.node,
        "space": place.entered.space,
        "title": places.place_title(place),
        "breadcrumbs": places.breadcrumbs(place),
        "folders": folders,
        "mounted": places.mounted_in(place, folders),
        "next_url": found.after is not None and len(folders) == len(found.entries),
        "spaces": places.space_tabs(actor),
        "may_write": places.may_write(place),
    }
    return render(request, "files/picker.html", context)
