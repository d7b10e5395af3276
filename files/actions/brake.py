"""What becomes of a client that the brake on mass change holds: it goes on, or all that it did is undone
(files.actions.brake_revert). And the bounds of a team.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.actor import ADMIN, WRITE, Actor
from accounts.audit import record
from accounts.permissions import require_scope
from accounts.unit_of_work import unit_of_work
from common.clock import now
from files import errors
from files.access.spaces import require_manage_own_team
from files.models import Brake, BrakeCounter, BrakePolicy, BrakeState, Space
from files.queries.brakes import brakes_of, get_brake, may_decide
from files.tree.brake import LOOK_FROM
from files.tree.unit_of_work import space_unit_of_work

MAXIMUM_BOUND = 1_000_000_000


def accept(actor: Actor, *, brake_id: int) -> Brake:
    """Lets the client go on: for BRAKE_ACCEPTED nothing holds it in this space, afterwards it is counted anew.

    Not for the held client itself, unless it is a person at a page: what runs amok must not let itself go on. Raises
    NotFound, Forbidden, ScopeMissing, Busy while it is being undone.
    """
    require_scope(actor, WRITE)
    found = get_brake(actor, brake_id).brake
    with space_unit_of_work(actor, found.space_id) as unit:
        acting, space = unit.actor, unit[found.space_id].space
        brake = locked(acting, brake_id, space)
        if brake.released_at is not None:
            return brake
        if brake.state == BrakeState.REVERTING:
            raise errors.Busy
        moment = now()
        free = {"began_at": moment, "free_until": moment + settings.BRAKE_ACCEPTED, "changes": 0, "suspicious": 0}
        free["user_id"] = brake.user_id
        BrakeCounter.objects.update_or_create(space_id=space.pk, client=brake.client, defaults=free)
        brake.released_at, brake.decided_at, brake.decided_by_id = moment, moment, acting.user_id
        if brake.state != BrakeState.REVERTED:
            brake.state = BrakeState.ACCEPTED
        brake.save(update_fields=["released_at", "decided_at", "decided_by", "state"])
        record(acting, "brake.accept", space.name, of_team=space.team_id, space=space.pk, brake=str(brake.pk))
    return brake


def locked(actor: Actor, brake_id: int, space: Space) -> Brake:
    """The brake under the lock of its space, for who decides. Raises NotFound, Forbidden, ScopeMissing."""
    require_scope(actor, WRITE)
    brake = brakes_of(actor).filter(pk=brake_id, space=space).first()
    if brake is None:
        raise errors.NotFound(id=brake_id)
    itself = actor.credential == brake.client and actor.session_key is None
    if itself or not may_decide(actor, space):
        raise errors.Forbidden
    return brake


@dataclass(frozen=True, slots=True)
class OwnBounds:
    """What a team says; None is what the installation says. See files.tree.brake.Bounds."""

    is_on: bool = True
    floor: int | None = None
    most: int | None = None
    share: int | None = None
    strict: int | None = None


def set_bounds(actor: Actor, *, bounds: OwnBounds) -> BrakePolicy:
    """For who manages the team. Raises Forbidden, NotFound, ScopeMissing, InvalidRequest."""
    require_scope(actor, ADMIN)
    for name in ("floor", "most", "strict"):
        value = getattr(bounds, name)
        if value is not None and not LOOK_FROM <= value <= MAXIMUM_BOUND:
            raise errors.InvalidRequest(_("The bound is too small or too large."), parameter=name)
    if bounds.share is not None and not 1 <= bounds.share <= 100:
        raise errors.InvalidRequest(_("The share is a percentage from 1 to 100."), parameter="share")
    with unit_of_work(actor) as acting:
        team_id = require_manage_own_team(acting)
        values = {name: getattr(bounds, name) for name in ("is_on", "floor", "most", "share", "strict")}
        policy, _made = BrakePolicy.objects.update_or_create(team_id=team_id, defaults=values)
        record(acting, "brake.bounds", "", **values)
    return policy
