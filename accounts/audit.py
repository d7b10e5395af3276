"""One way to write the audit record. Never give it a secret."""

from typing import Any

from accounts.actor import Actor
from accounts.models import AuditEvent


def record(actor: Actor, kind: str, target: str = "", *, of_team: int | None = None, **detail: Any) -> AuditEvent:
    """Writes who did `kind` to `target`, in the caller's transaction. `detail` is JSON types.

    `of_team`: the id of the team whose log tells it, where that may be another one than the actor's.
    """
    return AuditEvent.objects.create(
        actor_id=actor.user_id,
        principal=str(actor.principal)[:60],
        link_id=actor.link_id,
        team_id=actor.team_id if of_team is None else of_team,
        kind=kind,
        target=target[:200],
        detail=detail,
        client=actor.client[:200],
        address=actor.address,
    )
