"""Who has read what was shared with them: once for each person or link, file and hour (settings.READ_HOOKS).

A download in one's own home never comes here, nor does one in a space of which somebody sees everything: see
files/downloads/reads.py. The first one of an hour writes a row; the cache, and the row itself, know of the others.
"""

from django.core.cache import cache

from accounts.actor import Actor, PrincipalKind
from accounts.unit_of_work import unit_of_work
from common.clock import now
from sharing.models import Happening, HappeningKind

HOUR = 3600  # seconds


def note_read(actor: Actor, *, space_id: int, node_id: int) -> None:
    """By a user or a link; nobody else reads by a share. Raises InvalidCredentials for who has lost the right to."""
    if actor.principal.kind not in (PrincipalKind.USER, PrincipalKind.LINK):
        return
    moment = now()
    hour = int(moment.timestamp()) // HOUR
    reader = f"{actor.principal.kind}:{actor.principal.id}"
    if not cache.add(f"read:{reader}:{node_id}:{hour}", 1, timeout=HOUR):
        return
    with unit_of_work(actor, only_notes=True) as actor:
        row = Happening(
            space_id=space_id,
            node_id=node_id,
            kind=HappeningKind.READ,
            actor_id=actor.user_id,
            principal=actor.recorded_as[:60],
            link_id=actor.link_id,
            reader=reader,
            hour=hour,
            at=moment,
        )
        Happening.objects.bulk_create([row], ignore_conflicts=True)
