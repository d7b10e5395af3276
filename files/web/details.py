"""One file: facts and versions."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from common.clock import now
from files import errors
from files.access.rights import Right
from files.actions.lock import lock_file, may_unlock, unlock_node
from files.actions.versions import restore_version as restore_version_action
from files.queries.locks import lock_on
from files.queries.mounts import as_shown
from files.queries.tree import LocatedNode, locate
from files.queries.versions import list_versions
from files.web import places, undo
from http_kit import forms
from http_kit.page import back, page

VERSIONS_SHOWN = 50
LOCK_FOR = (1, 4, 24, 72, 168)  # hours that are offered


def file_page(request: HttpRequest, actor: Actor, place: LocatedNode) -> HttpResponse:
    """Renders files/details.html.

    Context: section, space, node, title, breadcrumbs, may_write, may_move, may_share, there_id (of what a mount stands
    for), lock, may_unlock, lock_is_mine, lock_for (hours; none where one may not lock it), versions, next_url. Of a
    mount it is the file that it stands for; its name and its place are those of the mount.
    """
    there = place.entered
    before = forms.cursor(request, purpose=f"versions:{place.node.pk}")
    versions = list_versions(place)
    if before:
        versions = versions.filter(pk__lt=before[0])
    shown = list(versions[: VERSIONS_SHOWN + 1])
    position: list[object] | None = [shown[VERSIONS_SHOWN - 1].pk] if len(shown) > VERSIONS_SHOWN else None
    lock = lock_on(there)
    context = {
        "section": places.section(place.space),
        "space": place.space,
        "node": as_shown(place.node, place.shown) if place.is_mount else place.node,
        "title": place.node.name,
        "breadcrumbs": places.breadcrumbs(place),
        "may_write": places.may_write(place),
        "there_id": there.node.pk,
        "may_move": place.access.allows(Right.EDIT),
        "may_share": places.may_share(place),
        "lock": lock,
        "may_unlock": lock is not None and lock.node_id == there.node.pk and may_unlock(actor, there, lock),
        "lock_is_mine": lock is not None and lock.is_personal and lock.holder_id == actor.user_id,
        "lock_for": LOCK_FOR if lock is None and places.may_write(place) else (),
        "versions": shown[:VERSIONS_SHOWN],
        "next_url": forms.next_url(request, position, purpose=f"versions:{place.node.pk}"),
    }
    return render(request, "files/details.html", context)


@require_POST
@page
def lock(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    """For so many `hours`, of LOCK_FOR."""
    hours = forms.text(request.POST, "hours")
    if hours not in map(str, LOCK_FOR):
        raise errors.InvalidRequest
    lock_file(actor, node_id=node_id, until=now() + timedelta(hours=int(hours)))
    messages.success(request, _("The file is locked: only you can change it."))
    return redirect(back(request))


@require_POST
@page
def unlock(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    unlock_node(actor, node_id=node_id)
    messages.success(request, _("The lock is removed."))
    return redirect(back(request))


@require_POST
@page
def restore_version(request: HttpRequest, actor: Actor, node_id: int, version_id: int) -> HttpResponse:
    current = locate(actor, node_id).shown.version_id
    restore_version_action(actor, node_id=node_id, version_id=version_id)
    if current is None:
        raise errors.NotFound
    record = undo.version_restored(node_id, current)
    undo.offer(request, _("The earlier version is the current one again."), record)
    return redirect("files:browse", node_id)
