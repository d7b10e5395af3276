"""Use the set-up link: make the first administrator."""

from django.db import IntegrityError

from accounts import setup
from accounts.actions.create_account import insert_account, new_person
from accounts.actor import Actor
from accounts.email_addresses import clean_email
from accounts.errors import EmailTaken, SetupClosed
from accounts.models import SetupLink, User
from accounts.unit_of_work import unit_of_work


def complete_setup(visitor: Actor, *, secret: str, email: str, password: str, name: str = "") -> User:
    """Only one of many at once succeeds: the link's row is locked, and gone afterwards.

    Whoever has the link may. Raises SetupClosed, InvalidEmail, EmailTaken, PasswordRefused.
    """
    link = SetupLink.objects.first()
    if link is None or not setup.fits(link, secret):  # before a password is hashed for nothing
        raise SetupClosed
    user = new_person(email=clean_email(email), password=password, name=name, is_admin=True)
    try:
        with unit_of_work(visitor) as visitor:
            link = SetupLink.objects.select_for_update().first()
            if link is None or not setup.fits(link, secret) or setup.has_administrator():
                raise SetupClosed
            insert_account(user, actor=visitor, limit_bytes=None)
            link.delete()
    except IntegrityError as error:
        raise EmailTaken from error
    return user
