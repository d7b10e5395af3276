"""Who is in a team's space, and who could be."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import READ, Actor
from accounts.models import Group, Membership
from accounts.permissions import require_scope
from common.ids import is_id
from files import errors
from files.access.compute import access_along
from files.access.explain import Reach, is_shown_with, who_reaches
from files.access.rights import Right
from files.access.spaces import manages_team, require_manage_own_team, visible_spaces
from files.models import Restriction, Space, SpaceKind

OFFERED = 500  # people and groups that a form offers; anybody else is found by their address


@dataclass(frozen=True, slots=True)
class SpaceMembers:
    """`reached` is empty for members who may neither share nor manage."""

    space: Space
    reached: list[Reach]
    may_manage: bool
    manages_team: bool = False  # so may manage it without being in it
    is_manager: bool = False  # is in it as one


def members_of_space(actor: Actor, space_id: int) -> SpaceMembers:
    """Of a team's space that the actor sees, or whose team they manage. Raises NotFound, ScopeMissing."""
    rows = Space.objects.select_related("root", "team", "owner", "quota").filter(kind=SpaceKind.TEAM, deleted_at=None)
    space = rows.filter(pk=space_id if is_id(space_id) else 0).first()
    if space is None or space.root_id is None:
        raise errors.NotFound(_("There is no such space."))
    access, managed = access_along(actor, space, [space.root_id]), manages_team(actor, space.team_id)
    if not managed:
        access.require(Right.VIEW)
    # Also while the space is archived, which withholds the right.
    is_manager = Right.MANAGE in access.withheld or access.allows(Right.MANAGE)
    may_manage = managed or is_manager
    shown = may_manage or is_shown_with(access)
    return SpaceMembers(space, who_reaches(space, [space.root_id]) if shown else [], may_manage, managed, is_manager)


def subjects_of_team(team_id: int) -> dict[str, Any]:
    """For a form: `people` (name and address) and `groups`, the first OFFERED of each."""
    members = Membership.objects.filter(team_id=team_id, user__is_active=True).select_related("user")
    return {
        "people": [member.user for member in members.order_by("user__email")[:OFFERED]],
        "groups": list(Group.objects.filter(team_id=team_id).order_by("name")[:OFFERED]),
    }


def person_of_team(team_id: int, email: str) -> int:
    """The id of who has this address. Raises SubjectNotFound."""
    rows = Membership.objects.filter(team_id=team_id, user__is_active=True, user__email=email.strip().lower())
    found = rows.values_list("user_id", flat=True).first()
    if found is None:
        raise errors.SubjectNotFound
    return int(found)


def spaces_of_team(actor: Actor) -> "QuerySet[Space]":
    """The shared spaces that the actor sees, by name; for who manages the team all of it, to say who is in them."""
    require_scope(actor, READ)
    seen = visible_spaces(actor)
    if actor.team_id is not None and manages_team(actor, actor.team_id):
        seen |= Q(team_id=actor.team_id)
    rows = Space.objects.filter(seen, kind=SpaceKind.TEAM, deleted_at=None)
    rows = rows.select_related("root", "quota").order_by("name", "pk")
    return rows.annotate(is_restricted=Exists(Restriction.objects.filter(space_id=OuterRef("pk"))))


def deleted_spaces(actor: Actor) -> "QuerySet[Space]":
    """Of the actor's team, that can still be restored, the last one first: for who manages the team. Raises NotFound,
    Forbidden, ScopeMissing.
    """
    team_id = require_manage_own_team(actor)
    rows = Space.objects.filter(team_id=team_id, kind=SpaceKind.TEAM, deleted_at__isnull=False, purge_began_at=None)
    return rows.select_related("root", "quota").order_by("-deleted_at", "pk")
