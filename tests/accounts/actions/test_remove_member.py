"""accounts.actions.members.remove_member: stopped now, deleted after the grace period, unless let in again."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.actions.administer_account import delete_account, delete_removed_accounts
from accounts.actions.create_account import create_account
from accounts.actions.groups import add_to_group, create_group
from accounts.actions.members import activate_account, change_role, deactivate_account, remove_member
from accounts.authentication import actor_from_token
from accounts.errors import AccountNotFound, LastOwner, NotAllowed
from accounts.models import AuditEvent, GroupMember, Membership, Role, Team, User
from accounts.quotas import Charge
from accounts.tasks import delete_removed
from accounts.teams import people_of
from files.actions import clear_home
from tests.support.people import PASSWORD, SYSTEM, actor_of, make_administrator, make_member, make_token, make_user
from tests.support.trees import ledger, put

pytestmark = pytest.mark.django_db


def removed(owner: User, *, days_ago: float = 0) -> User:
    member = make_member(owner)
    remove_member(actor_of(owner), user_id=member.pk)
    Membership.objects.filter(user=member).update(removed_at=timezone.now() - timedelta(days=days_ago))
    return member


def test_removed_at_once_and_deleted_later() -> None:
    owner = make_user()
    member = make_member(owner)
    email = member.email
    put(actor_of(member), "a", b"mine")
    add_to_group(actor_of(owner), group_id=create_group(actor_of(owner), name="All").pk, user_id=member.pk)
    secret = make_token(member)[1]
    remove_member(actor_of(owner), user_id=member.pk)
    remove_member(actor_of(owner), user_id=member.pk)
    assert actor_from_token(secret) is None
    assert not GroupMember.objects.exists()
    assert AuditEvent.objects.filter(kind="member.remove", target=email).count() == 1
    assert delete_removed() == 0
    just_before = settings.ACCOUNT_DELETION_GRACE - timedelta(minutes=1)
    Membership.objects.filter(user=member).update(removed_at=timezone.now() - just_before)
    assert delete_removed() == 0
    Membership.objects.filter(user=member).update(removed_at=timezone.now() - settings.ACCOUNT_DELETION_GRACE)
    assert delete_removed() == 1
    assert delete_removed() == 0
    assert ledger(member) == Charge()
    event = AuditEvent.objects.get(kind="account.delete")
    assert (event.target, event.team_id, event.client) == (email, owner.membership.team_id, "deletion of accounts")
    again = create_account(SYSTEM, email=email, password=PASSWORD)  # the address is free
    assert again.pk != member.pk


def test_let_in_again_ends_it() -> None:
    owner = make_user()
    Team.objects.update(seats=5)
    member = removed(owner, days_ago=31)
    activate_account(actor_of(owner), user_id=member.pk)
    assert delete_removed() == 0
    deactivate_account(actor_of(owner), user_id=member.pk)  # stopped is not removed
    assert delete_removed() == 0
    assert User.objects.get(pk=member.pk).email == member.email


def test_let_in_again_while_the_job_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """It had found both when it began."""
    owner = make_user()
    Team.objects.update(seats=5)
    first, second = removed(owner, days_ago=31), removed(owner, days_ago=31)
    monkeypatch.setattr(clear_home, "clear_home", lambda user_id: activate_account(actor_of(owner), user_id=second.pk))
    assert delete_removed_accounts(SYSTEM) == 1
    assert User.objects.get(pk=first.pk).email != first.email
    kept = User.objects.get(pk=second.pk)
    assert (kept.email, kept.is_active) == (second.email, True)


def test_stopped_ones_are_never_deleted_by_themselves() -> None:
    owner = make_user()
    member = make_member(owner)
    deactivate_account(actor_of(owner), user_id=member.pk)
    Membership.objects.update(joined_at=timezone.now() - timedelta(days=999))
    assert delete_removed() == 0


def test_who_may() -> None:
    owner = make_user()
    admin, member = make_member(owner, Role.ADMIN), make_member(owner)
    for actor, user, error in (
        (actor_of(member), admin, NotAllowed),
        (actor_of(admin), owner, NotAllowed),
        (actor_of(owner), owner, NotAllowed),
        (actor_of(owner), make_member(owner, is_admin=True), NotAllowed),
        (actor_of(make_user()), member, AccountNotFound),
        (SYSTEM, owner, LastOwner),
    ):
        with pytest.raises(error):
            remove_member(actor, user_id=user.pk)
    with pytest.raises(NotAllowed):
        delete_removed_accounts(actor_of(owner))
    assert not User.objects.filter(is_active=False).exists()


def test_deleted_ones_are_nobody_of_the_team() -> None:
    owner = make_user()
    member = removed(owner, days_ago=31)
    assert delete_removed() == 1
    assert [row.user_id for row in people_of(owner.membership.team_id)] == [owner.pk]
    for act in (activate_account, deactivate_account, remove_member):
        with pytest.raises(AccountNotFound):
            act(actor_of(owner), user_id=member.pk)
    with pytest.raises(AccountNotFound):
        change_role(SYSTEM, user_id=member.pk, role=Role.OWNER)


def test_what_was_interrupted_is_finished_and_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = make_user()
    first, second = removed(owner, days_ago=31), removed(owner, days_ago=31)
    real = clear_home.clear_home

    def fails(user_id: int) -> None:
        if user_id == first.pk:
            raise RuntimeError("the store is away")
        real(user_id)

    monkeypatch.setattr(clear_home, "clear_home", fails)
    assert delete_removed_accounts(SYSTEM) == 1
    assert User.objects.get(pk=second.pk).email != second.email
    Team.objects.update(seats=9)
    with pytest.raises(AccountNotFound):  # half of its files may be gone
        activate_account(actor_of(owner), user_id=first.pk)
    monkeypatch.undo()
    assert delete_removed_accounts(SYSTEM) == 1
    assert User.objects.get(pk=first.pk).email != first.email


def test_an_interrupted_deletion_by_hand_is_finished_by_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()

    def fails(user_id: int) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(clear_home, "clear_home", fails)
    with pytest.raises(RuntimeError):
        delete_account(actor_of(make_administrator()), user_id=user.pk)
    monkeypatch.undo()
    assert delete_removed() == 1
    assert User.objects.get(pk=user.pk).email != user.email


def test_a_team_does_not_come_back_without_an_owner() -> None:
    """The lone owner is stopped, then a member let in: nobody would own the team."""
    owner, administrator = make_user(), actor_of(make_administrator())
    Team.objects.filter(pk=owner.membership.team_id).update(seats=5)
    member = make_member(owner)
    for user in (member, owner):
        deactivate_account(administrator, user_id=user.pk)
    with pytest.raises(LastOwner):
        activate_account(administrator, user_id=member.pk)
    with pytest.raises(LastOwner):
        create_account(SYSTEM, email="new@example.com", password=PASSWORD, team=owner.membership.team)
    change_role(administrator, user_id=member.pk, role=Role.OWNER)
    activate_account(administrator, user_id=member.pk)
    assert people_of(owner.membership.team_id).filter(role=Role.OWNER, user__is_active=True).count() == 1


def test_the_last_owner_is_not_deleted_either() -> None:
    owner = make_user()
    make_member(owner)
    with pytest.raises(LastOwner):
        delete_account(SYSTEM, user_id=owner.pk)
    assert User.objects.get(pk=owner.pk).is_active
