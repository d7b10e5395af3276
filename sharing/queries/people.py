"""With whom something can be shared: people and groups of the own team, by their address or a part of their name."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from accounts.actor import READ, Actor
from accounts.models import Group, Membership, User
from accounts.permissions import require_scope
from accounts.teams import present


def person_in_team(team_id: int, email: str) -> int | None:
    """The id of who has this address, in normal form, and can sign in."""
    rows = Membership.objects.filter(team_id=team_id, user__is_active=True, user__email=email)
    found = rows.values_list("user_id", flat=True).first()
    return None if found is None else int(found)


@dataclass(frozen=True, slots=True)
class Sharees:
    """A page of people and one of groups. `more`: there is another page of one of them."""

    people: Sequence[User]
    groups: Sequence[Group]
    more: bool = False


def sharees(
    actor: Actor, *, text: str, limit: int = 50, skip: int = 0, people: bool = True, groups: bool = True
) -> Sharees:
    """Of the actor's team, but for the actor: whose name or address has the text in it, in the order of names. Raises
    ScopeMissing.
    """
    require_scope(actor, READ)
    if actor.team_id is None or not actor.user_id:
        return Sharees((), ())
    members = present(Membership.objects.filter(team_id=actor.team_id, user__is_active=True))
    members = members.exclude(user_id=actor.user_id).select_related("user")
    named = Group.objects.filter(team_id=actor.team_id)
    if text:
        members = members.filter(Q(user__name__icontains=text) | Q(user__email__icontains=text))
        named = named.filter(name__icontains=text)
    found = list(members.order_by("user__name", "user__email", "pk")[skip : skip + limit + 1]) if people else []
    found_groups = list(named.order_by("name", "pk")[skip : skip + limit + 1]) if groups else []
    more = len(found) > limit or len(found_groups) > limit
    return Sharees([member.user for member in found[:limit]], found_groups[:limit], more)
