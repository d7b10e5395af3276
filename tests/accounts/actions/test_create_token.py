"""accounts.actions.tokens.create_token: never more than the actor has."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions.tokens import create_token
from accounts.authentication import actor_from_token
from accounts.errors import AccountNotFound, InvalidExpiry, InvalidName, ScopeMissing, ScopeTooWide, UnknownScope
from accounts.models import AccessToken, AuditEvent
from tests.support.people import SYSTEM, actor_of, make_administrator, make_token, make_user

pytestmark = pytest.mark.django_db


def test_the_secret_exists_only_in_the_answer() -> None:
    user = make_user()
    new = create_token(actor_of(user), name=" laptop ", scopes=["write", "read", "read"])
    assert (new.token.name, new.token.scopes) == ("laptop", ["read", "write"])
    actor = actor_from_token(new.secret)
    assert actor is not None
    assert (actor.user_id, actor.scopes) == (user.pk, {"read", "write"})
    stored = AccessToken.objects.values().get()
    event = AuditEvent.objects.get(kind="token.create")
    assert new.secret not in f"{stored}{event.detail}{event.target}"


def test_the_system_has_no_tokens_and_a_person_makes_none_for_others() -> None:
    user, other = make_user(), make_user()
    with pytest.raises(AccountNotFound):
        create_token(SYSTEM, name="n", scopes=["read"])
    with pytest.raises(AccountNotFound):
        create_token(actor_of(user), name="n", scopes=["read"], user=other)
    with pytest.raises(AccountNotFound):
        create_token(actor_of(make_administrator()), name="n", scopes=["read"], user=other)


def test_scopes() -> None:
    actor = actor_of(make_user())
    for scopes in ([], ["read", "everything"]):
        with pytest.raises(UnknownScope):
            create_token(actor, name="n", scopes=scopes)
    narrow = actor_of(make_user(), scopes=frozenset({"read", "admin"}))
    with pytest.raises(ScopeTooWide):
        create_token(narrow, name="n", scopes=["read", "write"])
    with pytest.raises(ScopeMissing):
        create_token(actor_of(make_user(), scopes=frozenset({"read"})), name="n", scopes=["read"])
    assert not AccessToken.objects.exists()


def test_a_token_makes_none_that_lives_longer() -> None:
    user, soon = make_user(), timezone.now() + timedelta(hours=1)
    token, _ = make_token(user, expires_at=soon)
    actor = actor_of(user, token_id=token.pk)
    assert create_token(actor, name="n", scopes=["read"]).token.expires_at == soon
    with pytest.raises(InvalidExpiry):
        create_token(actor, name="n", scopes=["read"], expires_at=soon + timedelta(seconds=1))
    with pytest.raises(InvalidExpiry):
        create_token(actor_of(user), name="n", scopes=["read"], expires_at=timezone.now())


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
def test_names(name: str) -> None:
    actor = actor_of(make_user())
    with pytest.raises(InvalidName):
        create_token(actor, name=name, scopes=["read"])
    create_token(actor, name="x" * 100, scopes=["read"])
