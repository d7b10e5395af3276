"""Seal everything again with the current SECRET_KEY, and prove that nothing needs an earlier one."""

from collections.abc import Callable

from accounts.actor import Actor
from accounts.audit import record
from accounts.permissions import require_administrator
from accounts.secret_box import Found, vaults
from accounts.unit_of_work import unit_of_work


def rotate_secret(actor: Actor, *, only_look: bool = False, tell: Callable[[Found], None]) -> bool:
    """For administrators. A transaction for each row: it may be interrupted, and continues when called again.

    `tell` is called with what was found in each vault. Returns whether nothing needs an earlier key, checked again
    after everything was sealed, so also what others have written meanwhile. Raises NotAllowed, ScopeMissing.
    """
    require_administrator(actor)
    if not only_look:
        done = {found.name: found.old for found in (vault(only_look=False) for vault in vaults())}
        with unit_of_work(actor) as actor:
            require_administrator(actor)
            record(actor, "secret.rotate", "", **{name.replace(" ", "_"): count for name, count in done.items()})
    proven = True
    for vault in vaults():
        found = vault(only_look=True)
        tell(found)
        proven = proven and not found.old and not found.lost
    return proven
