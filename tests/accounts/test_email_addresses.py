"""accounts.names: what looks like another address is none, and stands in nobody's way."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.actions.create_account import create_account
from accounts.errors import EmailTaken, InvalidEmail
from accounts.models import User
from accounts.names import addresses_of, clean_email, email_is_taken, person_with
from tests.support.people import PASSWORD, SYSTEM, make_user

ALIKE = [
    "rıta@example.com",
    "ſam@example.com",
    "İda@example.com",
    "\u212aarl@example.com",
    "ﬁ@example.com",
    "é@example.com",
]
ALIKE_DOMAINS = ["sam@eſample.com", "sam@examp\u2113e.com", "sam@mı.com", "sam@\uff41.com", "sam@\u212a.com"]


@pytest.mark.parametrize(
    "email", [*ALIKE, *ALIKE_DOMAINS, "", "a", "@example.com", "a@", f"{'x' * 250}@a.com", "a b@example.com"]
)
def test_refused(email: str) -> None:
    with pytest.raises(InvalidEmail):
        clean_email(email)


def test_nobody_gets_an_address_of_the_deleted() -> None:
    with pytest.raises(InvalidEmail):
        clean_email("deleted-7@deleted.invalid")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" Ada@Example.COM ", "ada@example.com"),
        ("a+b@bücher.example", "a+b@bücher.example"),
        ("o'hara@straße.de", "o'hara@straße.de"),
    ],
)
def test_kept(given: str, kept: str) -> None:
    assert clean_email(given) == kept


@pytest.mark.django_db
def test_an_old_account_that_looks_alike_blocks_nobody() -> None:
    """Made before such addresses were refused."""
    old = User.objects.create(email="ſam@example.com")
    EmailAddress.objects.create(user=old, email="rıta@example.com", verified=True)
    for email in ("sam@example.com", "rita@example.com"):
        assert not email_is_taken(email)
        assert person_with(create_account(SYSTEM, email=email, password=PASSWORD).email) != old
        with pytest.raises(EmailTaken):
            create_account(SYSTEM, email=email.upper(), password=PASSWORD)


@pytest.mark.django_db
def test_whose_an_address_is() -> None:
    user = make_user("ada@example.com")
    EmailAddress.objects.create(user=user, email="Second@Example.com", verified=True)
    EmailAddress.objects.create(user=user, email="claimed@example.com", verified=False)
    assert person_with("second@example.com") == person_with("ada@example.com") == user
    assert person_with("claimed@example.com") is None
    assert addresses_of(user) == {"ada@example.com", "second@example.com"}


@pytest.mark.django_db
def test_sign_up_says_so_in_its_form(client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"
    answer = client.post("/accounts/signup/", {"email": "rıta@example.com", "password1": PASSWORD})
    assert answer.status_code == 200
    assert "not a valid e-mail address" in answer.content.decode()
    assert not User.objects.exists()
    assert mail.outbox == []
