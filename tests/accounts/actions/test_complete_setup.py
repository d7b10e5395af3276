"""accounts.actions.create_account: the first administrator, by the one-time link."""

import pytest
from django.utils import timezone

from accounts.actions.create_account import complete_setup
from accounts.errors import PasswordRefused, SetupClosed
from accounts.models import SetupLink, User
from accounts.setup import create_setup_link, is_open
from tests.support.people import PASSWORD, SYSTEM, make_administrator, make_user

pytestmark = pytest.mark.django_db


def secret_of_link() -> str:
    return (create_setup_link("https://files.example.com") or "").split("/")[-2]


def complete(secret: str, password: str = PASSWORD) -> User:
    return complete_setup(SYSTEM, secret=secret, email="first@example.com", password=password)


def test_the_first_administrator_has_no_limit_and_the_link_is_gone() -> None:
    secret = secret_of_link()
    user = complete(secret)
    assert (user.is_staff, user.is_superuser, user.quota.limit_bytes) == (True, True, None)
    assert not SetupLink.objects.exists()
    with pytest.raises(SetupClosed):
        complete(secret)


def test_another_secret_or_an_old_one_opens_nothing() -> None:
    old = secret_of_link()
    secret = secret_of_link()
    for wrong in (old, secret[:-1], ""):
        with pytest.raises(SetupClosed):
            complete(wrong)
    assert not User.objects.exists()


def test_it_is_open_until_there_is_an_administrator_however_long_that_takes() -> None:
    secret = secret_of_link()
    make_user()
    SetupLink.objects.update(expires_at=timezone.now())
    assert complete(secret).is_staff


def test_nobody_takes_over_an_installation_that_has_an_administrator() -> None:
    secret = secret_of_link()
    administrator = make_administrator()
    with pytest.raises(SetupClosed):
        complete(secret)
    assert [*User.objects.filter(is_staff=True)] == [administrator]


def test_a_refusal_leaves_the_link() -> None:
    secret = secret_of_link()
    with pytest.raises(PasswordRefused):
        complete(secret, password="short")
    assert is_open(secret)
    assert not User.objects.exists()
