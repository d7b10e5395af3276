"""Pages of shares: sharing a file or folder, and what is shared with me and by me."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from common.errors import CodedError
from files.access.rights import Right
from files.models import SpaceKind
from files.queries.members import person_of_team, subjects_of_team
from files.queries.mounts import owns
from files.queries.tree import LocatedNode, locate
from http_kit.page import back, is_about_input, message_of, page
from sharing.actions.shares import change_share, end_share, share
from sharing.actions.transfers import accept_transfer, end_transfer, offer_transfer
from sharing.days import end_of, last_day
from sharing.queries.opening import Opening, opening
from sharing.queries.shares import (
    SharedNode,
    SharePage,
    may_change,
    share_of,
    shares_by,
    shares_on,
    shares_with,
)
from sharing.queries.transfers import transfers_of
from sharing.roles import LABELS, OFFERED
from sharing.web.forms import ShareForm, role_of

ROLES = tuple((role, LABELS[role]) for role in OFFERED)
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A share with what the page says of it."""

    share: SharedNode
    label: str
    until: str
    may_change: bool


@page
def share_page(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    """GET shows who has it and the form; POST first shows what the share would open, then (`step` is `share`) makes it.

    Renders sharing/share.html. Context: section, node, name, roles, form, opening, wrong, rows,
    next_cursor, may_give (it is one's own), people, groups.
    """
    place = locate(actor, node_id)
    place.entered.require(Right.SHARE)
    form, found, wrong = ShareForm.of(request.POST), None, ""
    if request.method == "POST":
        try:
            if request.POST.get("step") == "share":
                return _make(request, actor, place, form)
            found = opening(actor, node_id=node_id, to=form.to(actor), given=form.given)
        except CodedError as error:
            if not is_about_input(error) and error.code not in ("subject_not_found", "invalid_request"):
                raise
            wrong = message_of(error)
    return render(request, "sharing/share.html", _context(request, actor, place, form, found, wrong))


def _make(request: HttpRequest, actor: Actor, place: LocatedNode, form: ShareForm) -> HttpResponse:
    made = share(actor, node_id=place.node.pk, to=form.to(actor), given=form.given, message=form.message)
    found = share_of(actor, share_id=made)
    if found.is_waiting:
        text = _("%(who)s is invited. “%(name)s” is shared with them as soon as they have come.")
    else:
        text = _("“%(name)s” is shared with %(who)s now.")
    messages.success(request, text % {"who": found.name, "name": name_of(place)})
    return redirect("shares:share", place.node.pk)


def _context(
    request: HttpRequest,
    actor: Actor,
    place: LocatedNode,
    form: ShareForm,
    found: Opening | None,
    wrong: str,
) -> dict[str, Any]:
    there = place.entered
    shares = shares_on(actor, node_id=there.node.pk, cursor=request.GET.get("cursor") or None, limit=PAGE_SIZE)
    return {
        "section": section_of(there),
        "space": there.space,
        "node": place.node,
        "name": name_of(place),
        "roles": ROLES,
        "form": form,
        "opening": found,
        "wrong": wrong,
        "rows": rows_of(actor, shares.items),
        "next_cursor": shares.next_cursor,
        "may_give": owns(actor, there.space),
        **subjects_of_team(there.space.team_id),
    }


def rows_of(actor: Actor, found: Sequence[SharedNode]) -> list[Row]:
    return [Row(one, str(LABELS[one.role]), last_day(one.expires_at), may_change(actor, one)) for one in found]


def name_of(place: LocatedNode) -> str:
    """As the actor sees it: of a mount its own name."""
    outer = place.outer
    return outer.node.name or outer.space.name


def section_of(place: LocatedNode) -> str:
    return "files" if place.space.kind == SpaceKind.HOME else "team"


@require_POST
@page
def change(request: HttpRequest, actor: Actor, share_id: int) -> HttpResponse:
    found = share_of(actor, share_id=share_id)
    until = request.POST.get("until", "")
    ends = ... if until == last_day(found.expires_at) else end_of(until)
    change_share(actor, share_id=share_id, role=role_of(request.POST.get("role", "")), expires_at=ends)
    messages.success(request, _("The share with %(who)s has changed.") % {"who": found.name})
    return redirect(back(request))


@page
def end(request: HttpRequest, actor: Actor, share_id: int) -> HttpResponse:
    """GET asks, POST does it. Renders sharing/end.html. Context: section, share, name, is_mine, next."""
    found = share_of(actor, share_id=share_id)
    is_mine = found.subject_id is not None and found.subject_id == actor.user_id
    if request.method == "POST":
        end_share(actor, share_id=share_id)
        messages.success(request, _("“%(name)s” is no longer shared so.") % {"name": name_of(found.place)})
        return redirect("shares:with_me" if is_mine else back(request))
    context = {"section": "shared", "share": found, "name": name_of(found.place), "is_mine": is_mine}
    return render(request, "sharing/end.html", context | {"next": back(request), "label": LABELS[found.role]})


@require_safe
@page
def with_me(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders sharing/shared.html.

    Context: section, which, rows, next_cursor, offers.
    """
    found = shares_with(actor, cursor=request.GET.get("cursor") or None, limit=PAGE_SIZE)
    return _shared(request, actor, "with_me", found)


@require_safe
@page
def by_me(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The same of what one has shared."""
    found = shares_by(actor, cursor=request.GET.get("cursor") or None, limit=PAGE_SIZE)
    return _shared(request, actor, "by_me", found)


def _shared(request: HttpRequest, actor: Actor, which: str, found: SharePage) -> HttpResponse:
    context = {
        "section": "shared",
        "which": which,
        "rows": rows_of(actor, found.items),
        "next_cursor": found.next_cursor,
        "offers": transfers_of(actor),
    }
    return render(request, "sharing/shared.html", context)


@require_POST
@page
def offer(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    """Give it to somebody for good, as soon as they accept."""
    place = locate(actor, node_id).entered
    receiver = person_of_team(place.space.team_id, request.POST.get("email", ""))
    keeps = request.POST.get("keeps", "")
    offer_transfer(actor, node_id=node_id, to_user_id=receiver, keeps=role_of(keeps) if keeps else None)
    text = _("“%(name)s” belongs to %(who)s as soon as they accept.")
    messages.success(request, text % {"name": name_of(place), "who": request.POST.get("email", "")})
    return redirect("shares:share", node_id)


@require_POST
@page
def answer(request: HttpRequest, actor: Actor, transfer_id: int) -> HttpResponse:
    """Accept what is offered, or end the offer: declined, or withdrawn by who makes it."""
    if request.POST.get("accept") == "1":
        accepted = accept_transfer(actor, transfer_id=transfer_id)
        messages.success(request, _("“%(name)s” is yours now.") % {"name": accepted.node.name})
        return redirect("files:browse", accepted.node.pk)
    end_transfer(actor, transfer_id=transfer_id)
    messages.success(request, _("The offer has ended."))
    return redirect("shares:with_me")
