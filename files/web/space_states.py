"""What becomes of a team's space: its limit, archived, deleted, back again; and what was moved out of it."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from common.sizes import parse_size
from files.actions.grants import change_space
from files.actions.space_states import delete_space, restore_space
from files.actions.take_back import take_back
from files.errors import Forbidden, InvalidRequest
from files.queries.members import members_of_space
from files.queries.moved_out import moved_out, whereabouts
from http_kit import forms
from http_kit.page import message_of, page


@require_POST
@page
def archive(request: HttpRequest, actor: Actor, space_id: int) -> HttpResponse:
    """The button says which: archived or not."""
    archived = request.POST.get("archived") == "1"
    changed = change_space(actor, space_id=space_id, is_archived=archived)
    if archived:
        text = _("“%(name)s” is archived: it can be read, and nothing in it changes.")
    else:
        text = _("“%(name)s” can be changed again.")
    messages.success(request, text % {"name": changed.name})
    return redirect("files:space", space_id)


@require_POST
@page
def limit(request: HttpRequest, actor: Actor, space_id: int) -> HttpResponse:
    try:
        limit_bytes = parse_size(request.POST.get("limit", ""))
    except ValueError as error:
        messages.error(request, str(error))
        return redirect("files:space", space_id)
    change_space(actor, space_id=space_id, limit_bytes=limit_bytes)
    messages.success(request, _("The limit of the space has changed."))
    return redirect("files:space", space_id)


@page
def delete(request: HttpRequest, actor: Actor, space_id: int) -> HttpResponse:
    """GET asks for the name, POST does it. Renders files/delete_space.html. Context: section, space, retention."""
    found = members_of_space(actor, space_id)
    if not found.manages_team:
        raise Forbidden
    if request.method == "POST":
        try:
            deleted = delete_space(actor, space_id=space_id, name=request.POST.get("name", "").strip())
        except InvalidRequest as error:
            messages.error(request, message_of(error))
            return redirect("files:delete_space", space_id)
        messages.success(request, _("“%(name)s” is deleted. It can be restored below.") % {"name": deleted.name})
        return redirect("files:spaces")
    days = max(1, settings.TRASH_RETENTION.days)
    context = {
        "section": "team",
        "space": found.space,
        "retention": ngettext("%(count)d day", "%(count)d days", days) % {"count": days},
    }
    return render(request, "files/delete_space.html", context)


@require_POST
@page
def restore(request: HttpRequest, actor: Actor, space_id: int) -> HttpResponse:
    restored = restore_space(actor, space_id=space_id, name=request.POST.get("name", "").strip() or None)
    messages.success(request, _("“%(name)s” is there again.") % {"name": restored.name})
    return redirect("files:space", space_id)


@require_safe
@page
def moved(request: HttpRequest, actor: Actor, space_id: int) -> HttpResponse:
    """Renders files/moved_out.html. Context: section, space, lines (a page of them), pairs (of line and state)."""
    space = members_of_space(actor, space_id).space
    lines = Paginator(moved_out(actor, space_id), forms.PAGE_SIZE).get_page(request.GET.get("page"))
    states = whereabouts(lines)
    pairs = [(line, states[line.seq].value) for line in lines]
    return render(request, "files/moved_out.html", {"section": "team", "space": space, "lines": lines, "pairs": pairs})


@require_POST
@page
def undo_move(request: HttpRequest, actor: Actor, space_id: int) -> HttpResponse:
    place = take_back(actor, space_id=space_id, seq=forms.one_id(request.POST, "seq"))
    messages.success(request, _("“%(path)s” is in the space again.") % {"path": place.path})
    return redirect("files:moved_out", space_id)
