"""Taking the last act back: the session remembers what would, the notice carries a key to it."""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from files import errors
from files.actions.mounts import bring_back
from files.actions.move import Moved, move_nodes, rename_node
from files.actions.trash import restore_items, trash_nodes
from files.actions.versions import restore_version
from files.models import TrashItem
from files.queries.mount_list import list_mounts
from files.queries.tree import LocatedNode
from http_kit import forms
from http_kit.page import back, page

SESSION_KEY = "undo"
REMEMBERED = 5

Record = dict[str, Any]


def offer(request: HttpRequest, message: str, record: Record | None) -> None:
    """A notice with an undo button. Without a record, only the notice."""
    if record is None:
        messages.success(request, message)
        return
    key = secrets.token_urlsafe(9)
    records = list(request.session.get(SESSION_KEY, {}).items())
    request.session[SESSION_KEY] = dict([*records, (key, record)][-REMEMBERED:])
    messages.success(request, message, extra_tags=key)


def trashed(items: Iterable[TrashItem]) -> Record:
    return {"act": "restore", "items": [item.pk for item in items]}


def moved(places_before: Iterable[LocatedNode]) -> Record:
    return {"act": "move", "nodes": [[place.node.pk, place.ancestors[-1].id] for place in places_before]}


def renamed(before: Moved) -> Record:
    return {"act": "rename", "node": before.place.node.pk, "name": before.path_before.rpartition("/")[2]}


def added(places: Iterable[LocatedNode]) -> Record:
    """For copies and for what came back from the trash."""
    return {"act": "trash", "nodes": [place.node.pk for place in places]}


def mount_removed(mount: LocatedNode) -> Record:
    return {"act": "show", "target": mount.node.target_id}


def version_restored(node_id: int, version_before: int) -> Record:
    return {"act": "version", "node": node_id, "version": version_before}


@require_POST
@page
def undo(request: HttpRequest, actor: Actor) -> HttpResponse:
    records = request.session.get(SESSION_KEY, {})
    record = records.pop(forms.text(request.POST, "undo"), None)
    if record is None:
        raise errors.HistoryGone
    request.session[SESSION_KEY] = records
    ACTS[record["act"]](actor, record)
    messages.success(request, _("Undone."))
    return redirect(back(request))


def _move_back(actor: Actor, record: Record) -> None:
    by_parent: defaultdict[int, list[int]] = defaultdict(list)
    for node_id, parent_id in record["nodes"]:
        by_parent[parent_id].append(node_id)
    for parent_id, node_ids in by_parent.items():
        move_nodes(actor, node_ids=node_ids, parent_id=parent_id, autorename=True)


def _restore(actor: Actor, record: Record) -> None:
    item_ids: Sequence[int] = record["items"]
    restore_items(actor, item_ids=item_ids)


def _trash(actor: Actor, record: Record) -> None:
    trash_nodes(actor, node_ids=record["nodes"])


def _rename(actor: Actor, record: Record) -> None:
    rename_node(actor, node_id=record["node"], name=record["name"])


def _version(actor: Actor, record: Record) -> None:
    restore_version(actor, node_id=record["node"], version_id=record["version"])


def _show(actor: Actor, record: Record) -> None:
    for entry in list_mounts(actor):
        if entry.row.target_id == record["target"]:
            bring_back(actor, mount_id=entry.row.pk)


ACTS: dict[str, Callable[[Actor, Record], None]] = {
    "restore": _restore,
    "move": _move_back,
    "trash": _trash,
    "rename": _rename,
    "version": _version,
    "show": _show,
}
