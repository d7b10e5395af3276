"""accounts.actions.members.deactivate_account: out, and in again; nothing of before comes back."""

import pytest

from accounts.actions.members import activate_account, deactivate_account
from accounts.authentication import actor_from_token
from accounts.errors import AccountError, AccountNotFound, LastOwner, NotAllowed, ScopeMissing, TeamFull
from accounts.models import AuditEvent, Membership, Role, Team, User
from tests.support.people import actor_of, make_administrator, make_member, make_token, make_user
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db


def test_tokens_and_sessions_stop_for_good() -> None:
    owner = make_user()
    member = make_member(owner)
    Team.objects.update(seats=2)
    _, secret = make_token(member)
    deactivate_account(actor_of(owner), user_id=member.pk)
    stopped = User.objects.get(pk=member.pk)
    assert (stopped.is_active, stopped.session_epoch) == (False, member.session_epoch + 1)
    assert actor_from_token(secret) is None
    activate_account(actor_of(owner), user_id=member.pk)
    activate_account(actor_of(owner), user_id=member.pk)
    assert User.objects.get(pk=member.pk).is_active
    assert actor_from_token(secret) is None
    kinds = list(AuditEvent.objects.filter(target=member.email).order_by("pk").values_list("kind", flat=True))
    assert kinds[-2:] == ["account.deactivate", "account.activate"]  # the second time nothing changed


def test_who_may() -> None:
    owner, stranger = make_user(), make_user()
    manager, member = make_member(owner, Role.ADMIN), make_member(owner)
    for actor, user, error in (
        (actor_of(member), manager, NotAllowed),
        (actor_of(manager), owner, NotAllowed),
        (actor_of(owner), owner, NotAllowed),
        (actor_of(stranger), member, AccountNotFound),
        (actor_of(owner, scopes=frozenset({"write"})), member, ScopeMissing),
    ):
        with pytest.raises(error):
            deactivate_account(actor, user_id=user.pk)
    assert not User.objects.filter(is_active=False).exists()


def test_only_an_administrator_of_the_installation_stops_another_one() -> None:
    owner = make_user()
    administrator = make_member(owner, is_admin=True)
    for act in (deactivate_account, activate_account):
        with pytest.raises(NotAllowed):
            act(actor_of(owner), user_id=administrator.pk)
    deactivate_account(actor_of(make_administrator()), user_id=administrator.pk)
    assert not User.objects.get(pk=administrator.pk).is_active


def test_the_last_owner_stays_while_others_are_there() -> None:
    administrator, owner = actor_of(make_administrator()), make_user()
    member = make_member(owner)
    with pytest.raises(LastOwner):
        deactivate_account(administrator, user_id=owner.pk)
    deactivate_account(administrator, user_id=member.pk)
    deactivate_account(administrator, user_id=owner.pk)
    assert not User.objects.get(pk=owner.pk).is_active


def test_no_way_back_into_a_full_team() -> None:
    owner = make_user()
    member = make_member(owner)
    deactivate_account(actor_of(owner), user_id=member.pk)
    Team.objects.update(seats=1)
    with pytest.raises(TeamFull):
        activate_account(actor_of(owner), user_id=member.pk)
    assert not User.objects.get(pk=member.pk).is_active


@pytest.mark.django_db(transaction=True)
def test_two_owners_stop_each_other() -> None:
    first = make_user()
    second, _member = make_member(first, Role.OWNER), make_member(first)
    one, two = actor_of(first), actor_of(second)
    at_once(
        lambda: deactivate_account(one, user_id=second.pk),
        lambda: deactivate_account(two, user_id=first.pk),
        expected=AccountError,
    )
    assert Membership.objects.filter(role=Role.OWNER, user__is_active=True).count() == 1
