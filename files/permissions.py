"""Who may do what in which space. What an actor may not see does not exist for them (NotFound)."""

from django.db.models import Q

from accounts.actor import ADMIN, READ, WRITE, Actor
from accounts.models import Role
from files.errors import Forbidden, NotFound, ScopeMissing
from files.models import Space, SpaceKind

__all__ = ["require_manage", "require_read", "require_write", "visible_spaces"]


def visible_spaces(actor: Actor) -> Q:
    """A filter on Space: the actor's own home and the shared spaces of their team."""
    if actor.is_system:
        return Q()
    return Q(kind=SpaceKind.HOME, owner_id=actor.user_id) | Q(kind=SpaceKind.TEAM, team_id=actor.team_id)


def may_see(actor: Actor, space: Space) -> bool:
    return may_see_columns(actor, space.kind, space.owner_id, space.team_id)


def may_see_columns(actor: Actor, kind: str, owner_id: int | None, team_id: int) -> bool:
    """The same for a row that is no Space."""
    if actor.is_system:
        return True
    if kind == SpaceKind.HOME:
        return owner_id == actor.user_id
    return actor.team_id is not None and team_id == actor.team_id


def require_scope(actor: Actor, scope: str) -> None:
    if not actor.may(scope):
        raise ScopeMissing(scope=scope)


def require_read(actor: Actor, space: Space) -> None:
    _require(actor, space, READ)


def require_write(actor: Actor, space: Space) -> None:
    _require(actor, space, WRITE)


def require_manage(actor: Actor, team_id: int) -> None:
    """Make, rename and remove the shared spaces of a team: its owner and administrators."""
    require_scope(actor, ADMIN)
    if actor.is_system:
        return
    if actor.team_id != team_id:
        raise NotFound
    if actor.role not in (Role.OWNER, Role.ADMIN):
        raise Forbidden


def require_manage_own_team(actor: Actor) -> None:
    if actor.team_id is None:
        raise NotFound
    require_manage(actor, actor.team_id)


def _require(actor: Actor, space: Space, scope: str) -> None:
    if not may_see(actor, space):
        raise NotFound
    require_scope(actor, scope)
