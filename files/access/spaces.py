"""Which spaces an actor sees, and who manages those of a team."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.actor import ADMIN, Actor, PrincipalKind
from accounts.models import Role
from accounts.permissions import require_scope
from common.clock import now
from files.errors import Forbidden, NotFound
from files.models import Grant, SpaceKind


def visible_spaces(actor: Actor) -> Q:
    """A filter on Space: the actor's own home, the open spaces of their team, and those on whose roots they, their
    groups or their team hold a grant. None that is deleted.
    """
    kind = actor.principal.kind
    if kind is PrincipalKind.SYSTEM:
        return Q()
    if kind is not PrincipalKind.USER:
        return Q(pk__in=[])
    own = Q(kind=SpaceKind.HOME, owner_id=actor.user_id)
    if actor.team_id is None:
        return own
    let_in = Q(kind=SpaceKind.TEAM, is_open=True) | Q(root_id__in=_granted_nodes(actor))
    return own | Q(team_id=actor.team_id, deleted_at=None) & let_in


def grants_of(actor: Actor) -> "QuerySet[Grant]":
    """What was granted to a person who has a team: to themselves, to a group of theirs or to the team. Without what has
    ended. What was granted in the spaces of another team holds for nobody: see files.access.compute.
    """
    if actor.principal.kind is not PrincipalKind.USER or actor.team_id is None:
        return Grant.objects.none()
    mine = Q(user_id=actor.user_id) | Q(team_id=actor.team_id) | Q(group__members__user_id=actor.user_id)
    return Grant.objects.filter(mine).filter(Q(expires_at=None) | Q(expires_at__gt=now()))


def _granted_nodes(actor: Actor) -> "QuerySet[Grant, Any]":
    return grants_of(actor).values("node_id")


def manages_team(actor: Actor, team_id: int) -> bool:
    """Owners and admins of a team, with a session or a token that may administer, say who is in its spaces."""
    return actor.team_id == team_id and actor.role in (Role.OWNER, Role.ADMIN) and actor.may(ADMIN)


def manages_own_team(actor: Actor) -> bool:
    return actor.team_id is not None and manages_team(actor, actor.team_id)


def require_manage_team(actor: Actor, team_id: int) -> None:
    """Make, rename and remove the shared spaces of a team: its owner and administrators."""
    require_scope(actor, ADMIN)
    if actor.is_system:
        return
    if actor.team_id != team_id:
        raise NotFound
    if actor.role not in (Role.OWNER, Role.ADMIN):
        raise Forbidden


def require_manage_own_team(actor: Actor) -> int:
    """The id of the team."""
    if actor.team_id is None:
        raise NotFound
    require_manage_team(actor, actor.team_id)
    return actor.team_id
