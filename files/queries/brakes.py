"""Clients that the brake on mass change has held: which ones an actor sees, and what those have changed."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.actor import READ, Actor, PrincipalKind
from accounts.permissions import require_scope
from common.ids import is_id
from files import errors
from files.access.compute import access_along
from files.access.rights import Right, Role
from files.access.spaces import grants_of, manages_team, require_manage_own_team
from files.models import Brake, BrakePolicy, Change, Space, SpaceKind
from files.tree.brake import Bounds, bounds_by


@dataclass(frozen=True, slots=True)
class SeenBrake:
    """`may_decide`: accept or undo it. Who may not sees it because the client is their own."""

    brake: Brake
    may_decide: bool


def brakes_of(actor: Actor, *, only_held: bool = False) -> "QuerySet[Brake]":
    """Of the actor's own clients, and of the spaces that they decide for, latest first."""
    require_scope(actor, READ)
    rows = Brake.objects.filter(_seen(actor)).select_related("space", "user", "decided_by").order_by("-held_at", "-pk")
    return rows.filter(released_at=None) if only_held else rows


def _seen(actor: Actor) -> Q:
    if actor.principal.kind is not PrincipalKind.USER or actor.team_id is None:
        return Q(pk__in=[])
    managed = grants_of(actor).filter(role=Role.MANAGER).values("node_id")
    mine = Q(user_id=actor.user_id) | Q(space__kind=SpaceKind.HOME, space__owner_id=actor.user_id)
    mine |= Q(space__kind=SpaceKind.TEAM, space__root_id__in=managed)
    if manages_team(actor, actor.team_id):
        mine |= Q(space__team_id=actor.team_id)
    return Q(space__team_id=actor.team_id, space__deleted_at=None) & mine


def get_brake(actor: Actor, brake_id: int) -> SeenBrake:
    """Raises NotFound, ScopeMissing."""
    brake = brakes_of(actor).filter(pk=brake_id if is_id(brake_id) else 0).first()
    if brake is None:
        raise errors.NotFound(id=brake_id)
    return SeenBrake(brake, may_decide(actor, brake.space))


def may_decide(actor: Actor, space: Space) -> bool:
    """The owner of a home, the managers of a space, and the owner and the admins of their team."""
    if manages_team(actor, space.team_id):
        return True
    if space.kind == SpaceKind.HOME:
        return actor.user_id is not None and space.owner_id == actor.user_id
    access = access_along(actor, space, [space.root_id or 0])
    return Right.MANAGE in access.rights | access.withheld


def changes_of(actor: Actor, brake_id: int) -> "QuerySet[Change]":
    """What the client has done there since the count began, latest first: for who decides. Raises NotFound, Forbidden,
    ScopeMissing.
    """
    seen = get_brake(actor, brake_id)
    if not seen.may_decide:
        raise errors.Forbidden
    brake = seen.brake
    rows = Change.objects.filter(space_id=brake.space_id, at__gte=brake.began_at, credential=brake.client)
    return rows.order_by("-seq")


def bounds_of_team(actor: Actor) -> tuple[Bounds, BrakePolicy | None]:
    """What holds in the actor's team, and what the team says of it itself: for who manages it. Raises Forbidden etc."""
    team_id = require_manage_own_team(actor)
    policy = BrakePolicy.objects.filter(team_id=team_id).first()
    return bounds_by(policy), policy
