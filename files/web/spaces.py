"""The spaces of a team: the list, a new one, its name, its members with their roles, and the control that restricts a
folder.
"""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from files.access.explain import SubjectKind
from files.access.rights import Right, Role
from files.access.spaces import manages_own_team
from files.actions.grants import Subject, change_space, remove_grant, set_grant
from files.actions.restrictions import is_restricted, restrict, unrestrict
from files.actions.spaces import create_team_space
from files.errors import InvalidRequest
from files.models import Space, SpaceKind
from files.queries.members import deleted_spaces, members_of_space, person_of_team, spaces_of_team, subjects_of_team
from files.queries.tree import LocatedNode, cover_roots
from http_kit import forms
from http_kit.page import back, page

ROLES = (
    (Role.VIEWER, gettext_lazy("may look and download")),
    (Role.COMMENTER, gettext_lazy("may comment, too")),
    (Role.EDITOR, gettext_lazy("may change and share everything")),
    (Role.MANAGER, gettext_lazy("manages the space and its members")),
)


@require_safe
@page
def spaces(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders files/spaces.html. Context: section, team_spaces (a page of them), may_create, deleted (the last)."""
    found = Paginator(spaces_of_team(actor), forms.PAGE_SIZE).get_page(request.GET.get("page"))
    cover_roots(actor, found)
    manages = manages_own_team(actor)
    deleted = list(deleted_spaces(actor)[: forms.PAGE_SIZE]) if manages else []
    cover_roots(actor, deleted)
    context = {"section": "team", "team_spaces": found, "may_create": manages, "deleted": deleted}
    return render(request, "files/spaces.html", context)


@require_POST
@page
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    space = create_team_space(actor, name=request.POST.get("name", ""))
    messages.success(request, _("The space “%(name)s” is there for your whole team.") % {"name": space.name})
    return redirect("files:space", space.pk)


@require_safe
@page
def space(request: HttpRequest, actor: Actor, space_id: int) -> HttpResponse:
    """Renders files/space.html.

    Context: section, space, may_manage, manages_team, manages_members (as a member of it), limit (as it is typed),
    reached (a page of files.access.explain.Reach), roles, groups, people.
    """
    found = members_of_space(actor, space_id)
    context = {
        "section": "team",
        "space": found.space,
        "may_manage": found.may_manage,
        "manages_team": found.manages_team,
        "manages_members": found.is_manager,
        "limit": _limit(found.space),
        "reached": Paginator(found.reached, forms.PAGE_SIZE).get_page(request.GET.get("page")),
        "roles": ROLES,
        "labels": dict(ROLES),
    }
    if found.may_manage:
        context |= subjects_of_team(found.space.team_id)
    return render(request, "files/space.html", context)


@require_POST
@page
def change(request: HttpRequest, actor: Actor, space_id: int) -> HttpResponse:
    """A new name, or open to the team or not."""
    wanted = request.POST.get("open")
    is_open = {"1": True, "0": False}.get(wanted or "")
    changed = change_space(actor, space_id=space_id, name=request.POST.get("name") or None, is_open=is_open)
    if is_open is True:
        messages.success(request, _("Everybody in the team may use “%(name)s” now.") % {"name": changed.name})
    elif is_open is False:
        messages.success(request, _("Only its members may use “%(name)s” now.") % {"name": changed.name})
    else:
        messages.success(request, _("The space is called “%(name)s” now.") % {"name": changed.name})
    return redirect("files:space", space_id)


@require_POST
@page
def add_member(request: HttpRequest, actor: Actor, space_id: int) -> HttpResponse:
    """A person by their address, a group, or the whole team; who is a member already gets the other role."""
    found = members_of_space(actor, space_id)
    subject = _subject(request, found.space.team_id)
    role = request.POST.get("role", "")
    if role not in list(Role):
        raise InvalidRequest(_("There is no such role."), parameter="role")
    set_grant(actor, node_id=found.space.root_id or 0, subject=subject, role=Role(role))
    messages.success(request, _("The members of the space have changed."))
    return redirect("files:space", space_id)


@require_POST
@page
def remove_member(request: HttpRequest, actor: Actor, space_id: int) -> HttpResponse:
    remove_grant(actor, grant_id=forms.one_id(request.POST, "grant"))
    messages.success(request, _("The members of the space have changed."))
    return redirect("files:spaces") if request.POST.get("myself") else redirect("files:space", space_id)


def _limit(space: Space) -> str:
    limit = space.quota.limit_bytes if space.quota.space_id else None
    return "none" if limit is None else f"{limit}B"


def _subject(request: HttpRequest, team_id: int) -> Subject:
    """Raises SubjectNotFound for an address that nobody in the team has."""
    if request.POST.get("team"):
        return Subject(SubjectKind.TEAM, team_id)
    if request.POST.get("group"):
        return Subject(SubjectKind.GROUP, forms.one_id(request.POST, "group"))
    return Subject(SubjectKind.USER, person_of_team(team_id, request.POST.get("email", "")))


def restriction_of(place: LocatedNode) -> bool | None:
    """Whether the folder is restricted; None, without a query, for who has nothing to say about that."""
    if place.space.kind != SpaceKind.TEAM or place.is_root or not place.access.allows(Right.MANAGE):
        return None
    return is_restricted(place)


@require_POST
@page
def change_restriction(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    if request.POST.get("restricted") == "1":
        place = restrict(actor, node_id=node_id)
        message = _("Only the managers of the space, and who is let in, see “%(name)s” now.")
    else:
        place = unrestrict(actor, node_id=node_id)
        message = _("Whoever sees the folder above sees “%(name)s” now.")
    messages.success(request, message % {"name": place.node.name})
    return redirect(back(request))
