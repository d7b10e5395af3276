"""Who may do what to accounts and teams. Raises from accounts.errors; answers nothing else."""

from accounts.actor import ADMIN, Actor
from accounts.errors import AccountNotFound, NotAllowed, ReauthenticationRequired, ScopeMissing, SupportNotAllowed
from accounts.models import Membership, Role

TEAM_MANAGERS = frozenset({Role.OWNER, Role.ADMIN})


def require_scope(actor: Actor, scope: str) -> None:
    if not actor.may(scope):
        if actor.support is not None:
            raise SupportNotAllowed
        raise ScopeMissing(scope=scope)


def require_recent_proof(actor: Actor) -> None:
    """For what outlives a session. A token or a password that comes with the request is proof by itself."""
    if actor.support is not None:
        raise SupportNotAllowed
    if not actor.proved_recently:
        raise ReauthenticationRequired


def require_administrator(actor: Actor) -> None:
    """An administrator of the whole installation (or the system itself), not only of a team."""
    require_scope(actor, ADMIN)
    if not (actor.is_staff or actor.is_system):
        raise NotAllowed


def is_administrator(actor: Actor) -> bool:
    return actor.may(ADMIN) and (actor.is_staff or actor.is_system)


def require_team_manager(actor: Actor, team_id: int) -> None:
    """Owner or admin of this very team, or an administrator of the installation."""
    require_scope(actor, ADMIN)
    if is_administrator(actor):
        return
    if actor.team_id != team_id:
        raise AccountNotFound
    if actor.role not in TEAM_MANAGERS:
        raise NotAllowed


def require_own_team(actor: Actor) -> int:
    """Owner or admin of the own team, whose id it returns."""
    if actor.team_id is None:
        raise AccountNotFound
    require_team_manager(actor, actor.team_id)
    return actor.team_id


def require_may_manage(actor: Actor, member: Membership) -> None:
    """Only an owner (or an administrator of the installation) touches an owner."""
    require_team_manager(actor, member.team_id)
    if member.role == Role.OWNER and not (is_administrator(actor) or actor.role == Role.OWNER):
        raise NotAllowed
