"""The pages of a team for its owners and administrators: people, invitations, groups, what was done.

Everything works without script: each act is a form, and what cannot be taken back asks first.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actions.invite import invite, resend_invitation, withdraw_invitation
from accounts.actions.members import activate_account, change_role, deactivate_account, remove_member
from accounts.actions.teams import change_team
from accounts.actions.tokens import end_member_sessions
from accounts.actor import Actor
from accounts.api.paging import hidden_id, hide_id
from accounts.errors import AccountError
from accounts.event_filter import ANY, filter_of
from accounts.invitations import state_of
from accounts.models import Membership, Role
from accounts.permissions import require_own_team
from accounts.queries import devices_of, invitations_of, last_seen_at, member_of, members_of, team_events_of, team_of
from accounts.teams import seats_taken
from accounts.web.forms import EventFilterForm, InviteForm, RoleForm, TeamNameForm
from common.signing import InvalidCursor
from http_kit.page import is_about_input, page_back_to

PAGE = 50
MEMBERS, MEMBER, INVITATIONS = "accounts:team", "accounts:team_member", "accounts:team_invitations"
LOG = "accounts:team_log"


@require_safe
@page_back_to(MEMBERS)
def members(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders accounts/team/members.html. Context: team, taken (seats), members (a page of them), form, is_owner."""
    team = team_of(actor)
    page = Paginator(members_of(actor), PAGE).get_page(request.GET.get("page"))
    for member in page:
        _for_page(member)
    context = {"team": team, "taken": seats_taken(team), "members": page, "is_owner": _owns(actor)}
    return render(request, "accounts/team/members.html", {**context, "form": TeamNameForm(initial={"name": team.name})})


@require_POST
@page_back_to(MEMBERS)
def rename(request: HttpRequest, actor: Actor) -> HttpResponse:
    change_team(actor, team_id=require_own_team(actor), name=request.POST.get("name", ""))
    messages.success(request, _("The team has another name."))
    return redirect(MEMBERS)


@require_safe
@page_back_to(MEMBERS)
def member(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """Renders accounts/team/member.html. Context: member, form (role), is_self, may_change, may_hand_over, grace, and
    devices (a page of them).
    """
    found = member_of(actor, user_id)
    _for_page(found)
    is_self, above = user_id == actor.user_id, found.user.is_staff and not actor.is_staff
    may_change = (found.role != Role.OWNER or _owns(actor)) and (is_self or not above)
    context = {"member": found, "is_self": is_self, "may_change": may_change, "grace": _grace()}
    context["form"] = RoleForm(initial={"role": found.role}, may_own=_owns(actor))
    context["may_hand_over"] = _owns(actor)
    context["devices"] = Paginator(devices_of(actor, user_id=user_id), PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/team/member.html", context)


@require_POST
@page_back_to(MEMBER, "user_id")
def change(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """The button says what: role, stop, start, sessions."""
    act, done = request.POST.get("act", ""), ""
    if act == "role":
        change_role(actor, user_id=user_id, role=request.POST.get("role", ""))
        done = _("The role was changed.")
    elif act == "stop":
        deactivate_account(actor, user_id=user_id)
        done = _("The account was stopped.")
    elif act == "start":
        activate_account(actor, user_id=user_id)
        done = _("The account may sign in again.")
    elif act == "sessions":
        end_member_sessions(actor, user_id=user_id)
        done = _("All sessions, devices and tokens of the person have ended.")
    if done:
        messages.success(request, done)
    return redirect(MEMBER, user_id=user_id)


@page_back_to(MEMBER, "user_id")
def remove(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """GET asks for confirmation, POST does it."""
    found = member_of(actor, user_id)
    if request.method == "POST":
        remove_member(actor, user_id=user_id)
        messages.success(request, _("%(who)s was removed from the team.") % {"who": found.user.email})
        return redirect(MEMBERS)
    return render(request, "accounts/team/remove.html", {"member": found, "grace": _grace()})


@page_back_to(INVITATIONS)
def invitations(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders accounts/team/invitations.html. Context: team, taken, invitations (a page of them), form."""
    form = InviteForm(request.POST or None, may_own=_owns(actor))
    if request.method == "POST" and form.is_valid():
        try:
            made = invite(actor, **form.cleaned_data)
        except AccountError as error:
            if not is_about_input(error):
                raise
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The invitation is on its way to %(who)s.") % {"who": made.email})
            return redirect(INVITATIONS)
    page = Paginator(invitations_of(actor), PAGE).get_page(request.GET.get("page"))
    shown = [(invitation, state_of(invitation)) for invitation in page]
    team = team_of(actor)
    context = {"team": team, "taken": seats_taken(team), "page": page, "invitations": shown, "form": form}
    context["mail_is_sent"] = settings.MAIL_IS_SENT and settings.LINKS_KNOWN
    return render(request, "accounts/team/invitations.html", context, status=422 if form.errors else 200)


@require_POST
@page_back_to(INVITATIONS)
def resend(request: HttpRequest, actor: Actor, invitation_id: int) -> HttpResponse:
    invitation = resend_invitation(actor, invitation_id=invitation_id)
    messages.success(request, _("Another mail is on its way to %(who)s.") % {"who": invitation.email})
    return redirect(INVITATIONS)


@require_POST
@page_back_to(INVITATIONS)
def withdraw(request: HttpRequest, actor: Actor, invitation_id: int) -> HttpResponse:
    withdraw_invitation(actor, invitation_id=invitation_id)
    messages.success(request, _("The invitation was withdrawn."))
    return redirect(INVITATIONS)


@require_safe
@page_back_to(LOG)
def log(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders accounts/team/log.html. Context: events (some), form (what is looked for), looked (whether something
    is), query (of it, for links), older (where to continue, or None), begun.

    By ids and not by numbers of pages: a page costs the same however deep it is. They are hidden, since they are
    counted over all teams.
    """
    form = EventFilterForm(request.GET)
    looked_for = filter_of(form.cleaned_data) if form.is_valid() else ANY
    events, before = team_events_of(actor, looked_for), request.GET.get("before", "")
    if before:
        try:
            events = events.filter(pk__lt=hidden_id(before, LOG))
        except InvalidCursor:
            return redirect(LOG)
    found = list(events[: PAGE + 1])
    older = hide_id(found[PAGE - 1].pk, LOG) if len(found) > PAGE else None
    query = urlencode({name: request.GET[name] for name in form.fields if request.GET.get(name)})
    context = {"events": found[:PAGE], "older": older, "begun": bool(before), "form": form, "query": query}
    return render(request, "accounts/team/log.html", {**context, "looked": looked_for != ANY or bool(form.errors)})


def _for_page(member: Membership) -> None:
    """What templates cannot compute."""
    member.last_seen = last_seen_at(member)  # type: ignore[attr-defined]
    if member.removed_at is not None:
        member.deleted_after = member.removed_at + settings.ACCOUNT_DELETION_GRACE  # type: ignore[attr-defined]


def _grace() -> str:
    days, hours = settings.ACCOUNT_DELETION_GRACE.days, settings.ACCOUNT_DELETION_GRACE.seconds // 3600
    if days:
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}


def _owns(actor: Actor) -> bool:
    return actor.role == Role.OWNER or actor.is_staff
