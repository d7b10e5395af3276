"""The last resort, when the chain of the audit record cannot go on: its keys are lost, or its end was changed."""

from accounts.actor import Actor
from accounts.audit import record
from accounts.chain.sealing import forget_chain
from accounts.permissions import require_administrator
from accounts.unit_of_work import unit_of_work


def begin_audit_anew(actor: Actor) -> int:
    """For administrators. Removes all sealed acts and their chain; the next act that is sealed begins another one.

    Anchors that were kept outside tell of it for good. Returns how many acts were removed. Raises NotAllowed,
    ScopeMissing.
    """
    require_administrator(actor)
    with unit_of_work(actor) as actor:
        require_administrator(actor)
        chain, removed = forget_chain()
        record(actor, "audit.begin_anew", chain, removed=removed)
    return removed
