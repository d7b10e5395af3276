"""Holding a client that the brake has stopped: remembered in a transaction of its own, since the act that went too far
is taken back, and told to those who decide what becomes of it.
"""

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts import outgoing_mail
from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Membership, Role
from common.clock import now
from files.access.rights import Role as AccessRole
from files.errors import ChangesHeld
from files.models import Brake, BrakeCounter, Grant, Space, SpaceKind
from files.tree.brake import Trip, Tripped

MAXIMUM_TOLD = 50  # people who get a mail of one brake


def hold(actor: Actor, tripped: Tripped) -> ChangesHeld:
    """Holds the client, in this space and in those where it has changed something lately; returns what it is told.

    Another request of the same client may have come first: then there is nothing to do.
    """
    try:
        with transaction.atomic():
            brake = _hold_in(actor, tripped.space, tripped.trip)
            if brake is not None:
                for space, trip in _elsewhere(actor, tripped):
                    _hold_in(actor, space, trip)
    except IntegrityError:
        brake = None
    if brake is None:
        brake = Brake.objects.filter(client=actor.credential, released_at=None).order_by("pk").first()
    return ChangesHeld(brake=None if brake is None else str(brake.pk))


def _hold_in(actor: Actor, space: Space, trip: Trip) -> Brake | None:
    """None where it is held already."""
    if Brake.objects.filter(space=space, client=actor.credential, released_at=None).exists():
        return None
    brake = Brake.objects.create(
        space=space,
        client=actor.credential,
        user_id=actor.user_id,
        client_name=actor.client[:200],
        address=actor.address,
        began_at=trip.began_at,
        held_at=now(),
        changes=trip.changes,
        suspicious=trip.suspicious,
        bound=trip.bound,
    )
    detail: dict[str, Any] = {"space": space.pk, "brake": str(brake.pk), "bound": trip.bound}
    detail |= {"changes": trip.changes, "suspicious": trip.suspicious}
    record(actor, "brake.hold", space.name, of_team=space.team_id, **detail)
    for user_id in _told(space):
        outgoing_mail.queue("changes_held", user=user_id, brake=brake.pk)
    return brake


def _elsewhere(actor: Actor, tripped: Tripped) -> list[tuple[Space, Trip]]:
    """Where the client has changed something lately: too little to be held there, and part of it."""
    lately = now() - settings.BRAKE_WINDOW
    rows = BrakeCounter.objects.select_related("space").filter(client=actor.credential, began_at__gt=lately)
    rows = rows.filter(Q(free_until=None) | Q(free_until__lte=now())).exclude(space=tripped.space)
    return [(row.space, Trip(row.began_at, row.changes, row.suspicious, row.changes)) for row in rows[:100]]


def _told(space: Space) -> list[int]:
    """Ids of who decides: the owner of a home, the managers of a space, and who manages the team."""
    people = set[int | None]()
    if space.kind == SpaceKind.HOME:
        people.add(space.owner_id)
    else:
        managing = Grant.objects.filter(node_id=space.root_id or 0, role=AccessRole.MANAGER, user__is_active=True)
        people |= set(managing.values_list("user_id", flat=True)[:MAXIMUM_TOLD])
    members = Membership.objects.filter(team_id=space.team_id, role__in=(Role.OWNER, Role.ADMIN), user__is_active=True)
    people |= set(members.values_list("user_id", flat=True)[:MAXIMUM_TOLD])
    return sorted(pk for pk in people if pk is not None)[:MAXIMUM_TOLD]
