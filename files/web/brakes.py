"""Pages of clients that the brake on mass change holds: which, what they did, and what becomes of them."""

from datetime import UTC, datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from files.access.spaces import manages_own_team
from files.actions.brake import OwnBounds, accept, set_bounds
from files.actions.brake_revert import revert
from files.errors import InvalidRequest
from files.models import BrakeState
from files.queries.brakes import bounds_of_team, brakes_of, changes_of, get_brake
from http_kit import forms
from http_kit.page import page


@require_safe
@page
def held(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders files/held.html. Context: section, brakes (a page of them), bounds and policy (for managers)."""
    found = Paginator(brakes_of(actor), forms.PAGE_SIZE).get_page(request.GET.get("page"))
    bounds, policy = bounds_of_team(actor) if manages_own_team(actor) else (None, None)
    context = {"section": "team", "brakes": found, "bounds": bounds, "policy": policy}
    return render(request, "files/held.html", context)


@require_safe
@page
def brake(request: HttpRequest, actor: Actor, brake_id: int) -> HttpResponse:
    """Renders files/brake.html. Context: section, brake, may_decide, total (steps), changes (a page of them)."""
    seen = get_brake(actor, brake_id)
    changes = None
    if seen.may_decide:
        changes = Paginator(changes_of(actor, brake_id), forms.PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "section": "team",
        "brake": seen.brake,
        "may_decide": seen.may_decide,
        "total": len(seen.brake.plan),
        "changes": changes,
    }
    return render(request, "files/brake.html", context)


@require_POST
@page
def accept_brake(request: HttpRequest, actor: Actor, brake_id: int) -> HttpResponse:
    accept(actor, brake_id=brake_id)
    messages.success(request, _("It may change files again. What was refused has to be done once more."))
    return redirect("files:brake", brake_id)


@require_POST
@page
def revert_brake(request: HttpRequest, actor: Actor, brake_id: int) -> HttpResponse:
    found = revert(actor, brake_id=brake_id, since=_moment(request.POST.get("since", "")))
    if found.state == BrakeState.REVERTED:
        messages.success(request, _("What it did was undone."))
    return redirect("files:brake", brake_id)


@require_POST
@page
def bounds(request: HttpRequest, actor: Actor) -> HttpResponse:
    own = {name: _number(request.POST.get(name, "")) for name in ("floor", "most", "share", "strict")}
    try:
        set_bounds(actor, bounds=OwnBounds(is_on=request.POST.get("on") == "1", **own))
    except InvalidRequest as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The bounds have changed."))
    return redirect("files:held")


def _number(text: str) -> int | None:
    """None for an empty field. What is no number is out of every bound."""
    return (int(text) if text.strip().isascii() and text.strip().isdecimal() else -1) if text.strip() else None


def _moment(text: str) -> datetime | None:
    """Of a field `datetime-local`, in UTC. Raises InvalidRequest."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidRequest(_("That is no moment."), parameter="since") from error
