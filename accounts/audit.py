"""One way to write the audit record. Never give it a secret.

What is done with a link is recorded in the same way: an actor whose principal is a link has the link's id.
"""

from typing import Any

from accounts.actor import Actor
from accounts.chain.rows import mark_of
from accounts.models import AuditEvent


def record(
    actor: Actor,
    kind: str,
    target: str = "",
    *,
    of_team: int | None = None,
    by_grant: int | None = None,
    **detail: Any,
) -> AuditEvent:
    """Writes who did `kind` to `target`, in the caller's transaction. `detail` is JSON types.

    `of_team`: the id of the team whose log tells it, where that may be another one than the actor's. `by_grant`: the id
    of the grant that allowed it; None for an act that a role in the team or in the installation allowed.

    Of what an administrator does as a person (accounts/support.py) the record says both: the person is the actor, and
    `support` of the detail has the administrator and the access.

    No lock is taken: the job of the chain seals the row when it is committed (accounts/chain/sealing.py).
    """
    if actor.support is not None:
        detail["support"] = {"access": actor.support.access_id, "by": actor.support.by.user_id}
    event = AuditEvent(
        actor_id=actor.user_id,
        principal=actor.recorded_as[:60],
        link_id=actor.link_id,
        grant_id=by_grant,
        team_id=actor.team_id if of_team is None else of_team,
        kind=kind,
        target=target[:200],
        detail=detail,
        client=actor.client[:200],
        address=actor.address,
    )
    event.mark = mark_of(event)
    event.save(force_insert=True)
    return event
