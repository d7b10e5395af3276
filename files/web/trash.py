"""The trash of a space: look, bring back, delete permanently."""

from datetime import datetime

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from files import errors
from files.access.rights import Right
from files.actions import trash as purging
from files.actions.trash import restore_items
from files.models import TrashItem
from files.queries.trash import seen_items, trash_of
from files.queries.tree import root_of
from files.web import places, undo
from http_kit import forms
from http_kit.page import page


@require_safe
@page
def trash(request: HttpRequest, actor: Actor, space_id: int | None = None) -> HttpResponse:
    """Renders files/trash.html, or only its next rows.

    Context: section, space, spaces, items, next_url, may_restore, may_purge.
    """
    space, access = root_of(actor, space_id)
    purpose = f"trash:{space.pk}"
    items = trash_of(space).filter(_beyond(forms.cursor(request, purpose=purpose)))
    shown = list(items[: forms.PAGE_SIZE + 1])
    context = {
        "section": "trash",
        "space": space,
        "items": seen_items(actor, space, access, shown[: forms.PAGE_SIZE]),
        "next_url": forms.next_url(request, _position(shown), purpose=purpose, hide=not access.sees_all(space.root_id)),
    }
    if forms.is_next_page(request):
        return render(request, "files/trash_rows.html", context)
    context |= {
        "spaces": places.space_tabs(actor),
        "may_restore": access.allows(Right.DELETE) and access.allows(Right.CREATE),
        "may_purge": access.allows(Right.MANAGE),
    }
    return render(request, "files/trash.html", context)


@require_POST
@page
def restore(request: HttpRequest, actor: Actor) -> HttpResponse:
    restored = restore_items(actor, item_ids=forms.ids(request.POST, "item"))
    count = len(restored)
    message = ngettext("%(count)d item restored.", "%(count)d items restored.", count) % {"count": count}
    undo.offer(request, message, undo.added(restored))
    return redirect("files:trash_of_space", restored[0].space.pk)


@require_POST
@page
def purge(request: HttpRequest, actor: Actor) -> HttpResponse:
    space_id = forms.one_id(request.POST, "space")
    count = purging.purge_items(actor, item_ids=forms.ids(request.POST, "item"))
    message = ngettext("%(count)d item permanently deleted.", "%(count)d items permanently deleted.", count)
    messages.success(request, message % {"count": count})
    return redirect("files:trash_of_space", space_id)


@require_POST
@page
def empty_trash(request: HttpRequest, actor: Actor, space_id: int) -> HttpResponse:
    purging.empty_trash(actor, space_id=space_id)
    messages.success(request, _("The trash is empty."))
    return redirect("files:trash_of_space", space_id)


def _position(shown: list[TrashItem]) -> list[object] | None:
    if len(shown) <= forms.PAGE_SIZE:
        return None
    last = shown[forms.PAGE_SIZE - 1]
    return [last.deleted_at.isoformat(), last.pk]


def _beyond(position: list[object] | None) -> Q:
    if position is None:
        return Q()
    try:
        at, pk = datetime.fromisoformat(str(position[0])), int(str(position[1]))
    except (ValueError, IndexError) as error:
        raise errors.InvalidCursor from error
    return Q(deleted_at__lt=at) | Q(deleted_at=at, pk__lt=pk)
