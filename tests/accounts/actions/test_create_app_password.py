"""accounts.actions.tokens.create_app_password: a token for one device, and how a device is called."""

import pytest

from accounts.actions.tokens import clean_client, create_app_password
from accounts.authentication import actor_from_token
from accounts.errors import AccountNotFound, InvalidName, ScopeMissing
from accounts.models import TokenKind
from tests.support.people import SYSTEM, actor_of, make_user


@pytest.mark.django_db
def test_for_files_and_nothing_else() -> None:
    user = make_user()
    new = create_app_password(actor_of(user), name="Phone", client="Nextcloud-iOS/6.0")
    assert (new.token.kind, new.token.user, new.token.name) == (TokenKind.APP_PASSWORD, user, "Phone")
    assert new.token.client == "Nextcloud-iOS/6.0"
    actor = actor_from_token(new.secret)
    assert actor is not None
    assert actor.scopes == {"read", "write", "share"}
    with pytest.raises(ScopeMissing):
        create_app_password(actor, name="another one")


@pytest.mark.django_db
def test_refuses() -> None:
    for name in ("", "  ", "x" * 101):
        with pytest.raises(InvalidName):
            create_app_password(actor_of(make_user()), name=name)
    with pytest.raises(AccountNotFound):
        create_app_password(SYSTEM, name="Phone")


@pytest.mark.parametrize(
    ("client", "cleaned"),
    [
        ("mirall/3.15.0\r\nX-Evil: 1", "mirall/3.15.0X-Evil: 1"),
        ("  a \t  b\0 ", "a b"),
        ("", "unknown"),
        ("\n\x1b", "unknown"),
        ("x" * 201, "x" * 200),
    ],
)
def test_what_a_program_calls_itself(client: str, cleaned: str) -> None:
    assert clean_client(client) == cleaned
