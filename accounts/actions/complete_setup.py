"""Use the set-up link: make the first administrator."""

from accounts import setup
from accounts.actions.create_account import create_account
from accounts.actor import Actor
from accounts.errors import SetupClosed
from accounts.models import SetupLink, User
from accounts.unit_of_work import unit_of_work


def complete_setup(actor: Actor, *, secret: str, email: str, password: str, name: str = "") -> User:
    """Only one of many at once succeeds: the link's row is locked, and gone afterwards.

    `actor` is the system; whoever has the link may. Raises SetupClosed and what create_account does.
    """
    with unit_of_work(actor) as actor:
        link = SetupLink.objects.select_for_update().first()
        if link is None or not setup.fits(link, secret) or setup.has_administrator():
            raise SetupClosed
        user = create_account(actor, email=email, password=password, name=name, is_admin=True, quota_bytes=None)
        link.delete()
    return user
