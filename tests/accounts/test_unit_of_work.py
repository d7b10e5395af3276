"""What an act finds of the rights of who acts, inside its transaction; on both databases."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone

from accounts.actions.members import change_role, deactivate_account
from accounts.actions.tokens import create_token
from accounts.actor import Actor
from accounts.authentication import actor_from_token, actor_from_user
from accounts.errors import AccountError, InvalidCredentials, NotAllowed, ScopeMissing
from accounts.models import AccessToken, Membership, Role, Team, User
from accounts.unit_of_work import Lock, look_again, unit_of_work
from files.models import Space
from files.tree.unit_of_work import space_unit_of_work
from tests.support.people import SYSTEM, actor_of, make_administrator, make_member, make_token, make_user

pytestmark = pytest.mark.django_db


def by_token(user: User, **changes: Any) -> tuple[Actor, AccessToken]:
    token, secret = make_token(user, **changes)
    actor = actor_from_token(secret)
    assert actor is not None
    return actor, token


def of_user(user: User, **fields: Any) -> None:
    User.objects.filter(pk=user.pk).update(**fields)


LOSSES: dict[str, Callable[[User, AccessToken], object]] = {
    "stopped": lambda user, token: of_user(user, is_active=False),
    "gone": lambda user, token: Membership.objects.filter(user=user).delete(),
    "revoked": lambda user, token: AccessToken.objects.update(revoked_at=timezone.now()),
    "expired": lambda user, token: AccessToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1)),
    "deleted": lambda user, token: token.delete(),
    "of somebody else": lambda user, token: AccessToken.objects.update(user=make_user()),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("locks", [[], [Lock(Team, 1)], [Lock(Team), Lock(User, None, share=True)]])
def test_what_was_shown_is_lost(loss: str, locks: list[Lock]) -> None:
    user = make_user()
    actor, token = by_token(user)
    with unit_of_work(actor, *locks) as now:
        assert now == actor
    LOSSES[loss](user, token)
    with pytest.raises(InvalidCredentials), unit_of_work(actor, *locks):
        raise AssertionError


@pytest.mark.parametrize("change", [{"session_epoch": 1}, {"password": "another"}])
def test_sessions_and_passwords_end_with_their_epoch_and_tokens_do_not(change: dict[str, Any]) -> None:
    user = make_user()
    by_session, (token, _) = actor_from_user(user), by_token(user)
    assert by_session is not None
    of_user(user, **change)
    with pytest.raises(InvalidCredentials):
        look_again(by_session)
    assert look_again(token) == token


@pytest.mark.parametrize("engine", ["dropbox_clone.sessions", "dropbox_clone.cached_sessions"])
@pytest.mark.parametrize("cache_knows", [True, False])
def test_a_session_that_was_signed_out(settings: Any, engine: str, cache_knows: bool) -> None:
    """Also while the cache still has a copy of it, as when it could not be told."""
    settings.SESSION_ENGINE = engine
    user, store = make_user(), import_module(engine).SessionStore()
    store.create()
    actor = actor_from_user(user, session_key=store.session_key)
    assert actor is not None
    assert look_again(actor) == actor
    if cache_knows:
        store.flush()
    else:
        Session.objects.all().delete()
    with pytest.raises(InvalidCredentials):
        look_again(actor)


def test_the_actor_is_as_it_is_now() -> None:
    user = make_user()
    actor, token = by_token(user)
    Membership.objects.filter(user=user).update(role=Role.MEMBER)
    AccessToken.objects.filter(pk=token.pk).update(scopes=["read"])
    of_user(user, is_staff=True)
    now = look_again(actor)
    assert (now.role, now.scopes, now.is_staff) == ("member", {"read"}, True)
    AccessToken.objects.filter(pk=token.pk).update(scopes=["read", "write", "share", "admin"])
    assert look_again(now).scopes == {"read"}  # what an actor was not given, no look gives it


def test_it_costs_one_message(django_assert_num_queries: Any) -> None:
    actor, _ = by_token(make_user())
    with django_assert_num_queries(3), unit_of_work(actor, Lock(Team, actor.team_id)):  # with the savepoint
        pass
    space = Space.objects.get(owner=actor.user_id)
    with django_assert_num_queries(3), space_unit_of_work(actor, space.pk):
        pass


def test_the_system_needs_no_rights() -> None:
    with unit_of_work(SYSTEM, Lock(Team, 1)) as actor:
        assert actor is SYSTEM


def test_stale_actors_do_nothing() -> None:
    owner = make_user()
    member = make_member(owner)
    actor = actor_of(owner)
    Membership.objects.filter(user=owner).update(role=Role.MEMBER)
    with pytest.raises(NotAllowed):
        change_role(actor, user_id=member.pk, role=Role.ADMIN)
    narrow, token = by_token(owner)
    AccessToken.objects.filter(pk=token.pk).update(scopes=["read"])
    with pytest.raises(ScopeMissing):
        create_token(narrow, name="successor", scopes=["read"])
    assert AccessToken.objects.filter(user=owner).count() == 1


@pytest.mark.django_db(transaction=True)
class TestWaiting:
    """An act that had to wait decides by what is true when it goes on."""

    def run(
        self, waits: Callable[[], object], lock: Callable[[], object], change: Callable[[], object]
    ) -> list[object]:
        """`waits` in a thread, while the locks are held in which the change is made."""
        outcome: list[object] = []

        def act() -> None:
            try:
                outcome.append(waits())
            except AccountError as error:
                outcome.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=act)
        with transaction.atomic():
            lock()
            thread.start()
            time.sleep(0.5)  # long enough that it usually waits; the outcome is the same when it does not yet
            change()
        thread.join(30)
        return outcome

    def test_for_a_space(self) -> None:
        user = make_user()
        actor, space = actor_of(user), Space.objects.get(owner=user)

        def edit() -> object:
            with space_unit_of_work(actor, space.pk) as unit:
                return unit

        lock = lambda: list(Space.objects.select_for_update().filter(pk=space.pk))  # noqa: E731
        (outcome,) = self.run(edit, lock, lambda: of_user(user, is_active=False))
        assert isinstance(outcome, InvalidCredentials)

    def test_for_a_team(self) -> None:
        owner = make_user()
        second, member = make_member(owner, Role.OWNER), make_member(owner)
        actor, team = actor_of(second), owner.membership.team_id
        lock = lambda: Team.objects.select_for_update().get(pk=team)  # noqa: E731
        demote = lambda: Membership.objects.filter(user=second).update(role=Role.MEMBER)  # noqa: E731
        (outcome,) = self.run(lambda: deactivate_account(actor, user_id=member.pk), lock, demote)
        assert isinstance(outcome, NotAllowed)
        assert User.objects.get(pk=member.pk).is_active

    def test_a_token_that_makes_another_one(self) -> None:
        actor, token = by_token(make_user())
        lock = lambda: AccessToken.objects.select_for_update().get(pk=token.pk)  # noqa: E731
        revoke = lambda: AccessToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())  # noqa: E731
        (outcome,) = self.run(lambda: create_token(actor, name="next", scopes=["read"]), lock, revoke)
        assert isinstance(outcome, InvalidCredentials)
        assert AccessToken.objects.count() == 1

    def test_two_administrators_of_different_teams_stop_each_other(self) -> None:
        """Nobody waits for the other for ever, and one of them remains."""
        first, second = make_administrator(), make_administrator()
        outcomes: list[object] = []

        def stop(actor: Actor, user: User) -> None:
            try:
                outcomes.append(deactivate_account(actor, user_id=user.pk))
            except AccountError as error:
                outcomes.append(error)
            finally:
                connection.close()

        threads = [
            threading.Thread(target=stop, args=pair) for pair in ((actor_of(first), second), (actor_of(second), first))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["InvalidCredentials", "NoneType"]
