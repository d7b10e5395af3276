"""Refusing a bulk write before its body is read."""

from accounts import quotas
from accounts.actor import Actor
from files import errors
from files.access.rights import Right
from files.actions.bulk_write import MAXIMUM_BYTES
from files.queries.target import Target, base_place
from files.tree.unit_of_work import quota_accounts

OVERHEAD = 4 * 1024 * 1024  # bytes of names, headers and padding beside the files' own
MAXIMUM_BODY = MAXIMUM_BYTES + OVERHEAD


def check_bulk(actor: Actor, *, folder: Target, length: int | None) -> None:
    """Raises what stands against it already: rights, no such folder, a body too large, a full quota."""
    if length is not None and length > MAXIMUM_BODY:
        raise errors.TooLarge(limit=MAXIMUM_BYTES)
    base = base_place(actor, folder)
    base.require(Right.CREATE)
    quotas.check(quota_accounts(base.space), 0)
