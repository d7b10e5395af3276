"""People, as the product itself makes them: accounts with homes, actors, tokens."""

import time
from itertools import count
from typing import Any

from django.test import Client

from accounts.actions.create_account import create_account
from accounts.actions.tokens import create_token
from accounts.actor import ALL_SCOPES, Actor, system
from accounts.authentication import actor_from_user
from accounts.models import AccessToken, Role, User

PASSWORD = "correct horse battery staple"
QUOTA = 10**9
SYSTEM = system("tests")
_numbers = count(1)


def make_user(
    email: str | None = None, *, password: str | None = PASSWORD, quota_bytes: int | None = QUOTA, **fields: Any
) -> User:
    """A whole account with a home, in a team of its own (give `team` and `role` for another).

    `quota_bytes` None is an account without a limit. Each account without an `email` gets one of its own.
    """
    email = email or f"person{next(_numbers)}@example.com"
    return create_account(SYSTEM, email=email, password=password, quota_bytes=quota_bytes, **fields)


def make_administrator(**fields: Any) -> User:
    return make_user(is_admin=True, **fields)


def make_member(owner: User, role: str = Role.MEMBER, **fields: Any) -> User:
    """Another person in the owner's team."""
    return make_user(team=owner.membership.team, role=role, **fields)


def actor_of(user: User, **changes: Any) -> Actor:
    """The person with every right that the account has; `changes` are other values for the actor's fields."""
    actor = actor_from_user(User.objects.get(pk=user.pk), client="tests", address="192.0.2.1")
    assert actor is not None
    return Actor(**{**{name: getattr(actor, name) for name in Actor.__slots__}, **changes})


def make_token(user: User, scopes: "frozenset[str] | set[str]" = ALL_SCOPES, **fields: Any) -> tuple[AccessToken, str]:
    new = create_token(SYSTEM, user=user, name="test", scopes=scopes, **fields)
    return new.token, new.secret


def sign_in(client: Client, user: User, *, seconds_ago: float = 0) -> None:
    """As by the password, so long ago."""
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - seconds_ago}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def bearer(secret: str) -> dict[str, str]:
    """The header for Django's test client."""
    return {"Authorization": f"Bearer {secret}"}
