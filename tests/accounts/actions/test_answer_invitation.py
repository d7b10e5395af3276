"""accounts.actions.answer_invitation: accepted with a new account or one's own, or declined; nothing is lost by it."""

from dataclasses import replace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.actions.answer_invitation import accept, accept_as_new, decline
from accounts.actions.groups import add_to_group, create_group
from accounts.actions.invite import invite
from accounts.actions.members import deactivate_account
from accounts.authentication import actor_from_basic
from accounts.errors import (
    AccountError,
    AlreadyMember,
    EmailTaken,
    InAnotherTeam,
    InvalidCredentials,
    InvitationNotFound,
    InvitedAddressDiffers,
    LastOwner,
    PasswordRefused,
    ReauthenticationRequired,
    TeamFull,
)
from accounts.invitations import state_of
from accounts.models import AuditEvent, GroupMember, Invitation, Membership, Role, Team, User
from accounts.unit_of_work import unit_of_work
from files.models import Space
from tests.support.mails import invitation_secret, sent_mails
from tests.support.people import PASSWORD, SYSTEM, actor_of, make_administrator, make_member, make_user
from tests.support.threads import at_once
from tests.support.trees import bytes_at, put

pytestmark = pytest.mark.django_db

EMAIL = "new@example.com"
VISITOR = replace(SYSTEM, client="browser", address="192.0.2.7")


def invited(email: str = EMAIL, role: str = Role.MEMBER, *, seats: int = 5) -> tuple[User, str]:
    """The owner of a team, and the secret of an invitation into it."""
    owner = make_user()
    Team.objects.filter(pk=owner.membership.team_id).update(seats=seats)
    invite(actor_of(owner), email=email, role=role)
    return owner, invitation_secret(email)


def test_a_new_account(settings: Any) -> None:
    settings.DEFAULT_ACCOUNT_QUOTA = 77
    owner, secret = invited(role=Role.ADMIN)
    user = accept_as_new(VISITOR, secret=secret, password=PASSWORD, name="New")
    assert (user.email, user.name, user.is_staff) == (EMAIL, "New", False)
    membership = Membership.objects.get(user=user)
    assert (membership.team_id, membership.role) == (owner.membership.team_id, Role.ADMIN)
    assert (user.quota.limit_bytes, Space.objects.get(owner=user).team_id) == (77, owner.membership.team_id)
    assert EmailAddress.objects.get(user=user).verified
    assert actor_from_basic(EMAIL, PASSWORD).user_id == user.pk
    invitation = Invitation.objects.get()
    assert (state_of(invitation), invitation.accepted_by) == ("accepted", user)
    event = AuditEvent.objects.get(kind="invitation.accept")
    assert (event.team_id, event.address, event.client) == (owner.membership.team_id, "192.0.2.7", "browser")
    assert "team" in sent_mails(EMAIL)[-1].subject
    with pytest.raises(InvitationNotFound):
        accept_as_new(VISITOR, secret=secret, password=PASSWORD)


def test_a_weak_password_and_a_taken_address_leave_it_open() -> None:
    _owner, secret = invited()
    with pytest.raises(PasswordRefused):
        accept_as_new(VISITOR, secret=secret, password="1234")
    user = make_user(EMAIL)
    with pytest.raises(EmailTaken):
        accept_as_new(VISITOR, secret=secret, password=PASSWORD)
    assert state_of(Invitation.objects.get()) == "open"
    assert accept(actor_of(user), secret=secret).user == user


def test_ones_own_account_comes_along_with_its_home() -> None:
    owner, secret = invited(role=Role.ADMIN)
    user = make_user(EMAIL)
    put(actor_of(user), "a/b", b"mine")
    left = user.membership.team
    old_actor = actor_of(user)
    member = accept(old_actor, secret=secret)
    joined = owner.membership.team
    assert (member.team_id, member.role) == (joined.pk, Role.ADMIN)
    assert Space.objects.get(owner=user).team_id == joined.pk
    left.quota.refresh_from_db()
    joined.quota.refresh_from_db()
    assert (left.quota.live_bytes, joined.quota.live_bytes, user.quota.limit_bytes) == (0, 4, 10**9)
    assert bytes_at(actor_of(user), "a/b") == b"mine"
    assert actor_from_basic(EMAIL, PASSWORD).team_id == joined.pk
    with pytest.raises(InvalidCredentials), unit_of_work(old_actor):
        pass  # what was begun in the old team does not end in the new one
    assert not Membership.objects.filter(team=left).exists()


def test_a_second_address_that_was_verified_is_ones_own() -> None:
    _owner, secret = invited()
    user = make_user()
    address = EmailAddress.objects.create(user=user, email=EMAIL, verified=False)
    with pytest.raises(InvitedAddressDiffers):
        accept(actor_of(user), secret=secret)
    EmailAddress.objects.filter(pk=address.pk).update(verified=True)
    assert accept(actor_of(user), secret=secret).user == user


def test_who_is_not_alone_stays() -> None:
    _owner, secret = invited()
    user = make_user(EMAIL)
    other = make_member(user)
    with pytest.raises(InAnotherTeam):
        accept(actor_of(user), secret=secret)
    deactivate_account(SYSTEM, user_id=other.pk)
    with pytest.raises(InAnotherTeam):
        accept(actor_of(user), secret=secret)
    assert Membership.objects.get(user=user).team_id == Membership.objects.get(user=other).team_id
    assert state_of(Invitation.objects.get()) == "open"


def test_somebody_of_the_team_is_in_it_already() -> None:
    owner, secret = invited()
    member = make_member(owner)
    EmailAddress.objects.create(user=member, email=EMAIL, verified=True)
    with pytest.raises(AlreadyMember):
        accept(actor_of(member), secret=secret)


def test_joining_asks_for_proof_and_for_the_person() -> None:
    _owner, secret = invited()
    user = make_user(EMAIL)
    with pytest.raises(ReauthenticationRequired):
        accept(actor_of(user, proved_recently=False), secret=secret)
    with pytest.raises(InvitedAddressDiffers):
        accept(actor_of(make_user()), secret=secret)


def test_groups_and_invitations_of_the_old_team_end() -> None:
    _owner, secret = invited()
    user = make_user(EMAIL)
    Team.objects.filter(pk=user.membership.team_id).update(seats=3)
    add_to_group(actor_of(user), group_id=create_group(actor_of(user), name="Me").pk, user_id=user.pk)
    pending = invite(actor_of(user), email="other@example.com")
    accept(actor_of(user), secret=secret)
    assert not GroupMember.objects.exists()
    pending.refresh_from_db()
    assert state_of(pending) == "withdrawn"


def test_declined() -> None:
    owner, secret = invited(seats=2)
    decline(VISITOR, secret=secret)
    assert state_of(Invitation.objects.get()) == "declined"
    for act in (
        lambda: decline(VISITOR, secret=secret),
        lambda: accept_as_new(VISITOR, secret=secret, password=PASSWORD),
    ):
        with pytest.raises(InvitationNotFound):
            act()
    assert AuditEvent.objects.get(kind="invitation.decline").team_id == owner.membership.team_id
    assert invite(actor_of(owner), email="b@example.com").pk  # the seat is free


def test_too_late() -> None:
    _owner, secret = invited()
    Invitation.objects.update(expires_at=timezone.now())
    with pytest.raises(InvitationNotFound):
        accept_as_new(VISITOR, secret=secret, password=PASSWORD)
    with pytest.raises(InvitationNotFound):
        accept(actor_of(make_user(EMAIL)), secret=secret)


def test_the_kept_seat_is_the_inviteds_but_seats_may_have_gone() -> None:
    owner, secret = invited(seats=2)
    Team.objects.filter(pk=owner.membership.team_id).update(seats=1)
    with pytest.raises(TeamFull):
        accept_as_new(VISITOR, secret=secret, password=PASSWORD)
    with pytest.raises(TeamFull):
        accept(actor_of(make_user(EMAIL)), secret=secret)
    Team.objects.filter(pk=owner.membership.team_id).update(seats=2)
    assert accept(actor_of(User.objects.get(email=EMAIL)), secret=secret).role == Role.MEMBER


def test_a_team_without_an_owner_gets_an_owner_first() -> None:
    owner = make_user()
    Team.objects.filter(pk=owner.membership.team_id).update(seats=5)
    administrator = actor_of(make_administrator())
    team_id = owner.membership.team_id
    invite(administrator, email=EMAIL, team_id=team_id)
    invite(administrator, email="boss@example.com", team_id=team_id, role=Role.OWNER)
    deactivate_account(administrator, user_id=owner.pk)
    with pytest.raises(LastOwner):
        accept_as_new(VISITOR, secret=invitation_secret(EMAIL), password=PASSWORD)
    user = make_user("alone@example.com")
    EmailAddress.objects.create(user=user, email=EMAIL, verified=True)
    with pytest.raises(LastOwner):
        accept(actor_of(user), secret=invitation_secret(EMAIL))
    EmailAddress.objects.filter(user=user, email=EMAIL).delete()
    accept_as_new(VISITOR, secret=invitation_secret("boss@example.com"), password=PASSWORD)
    assert accept_as_new(VISITOR, secret=invitation_secret(EMAIL), password=PASSWORD).pk


@pytest.mark.django_db(transaction=True)
def test_one_link_makes_one_account() -> None:
    _owner, secret = invited()
    acts = [lambda: accept_as_new(VISITOR, secret=secret, password=PASSWORD)] * 3
    results = at_once(*acts, expected=AccountError)
    assert sum(isinstance(result, User) for result in results) == 1
    assert User.objects.filter(email=EMAIL).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_teams_at_once_get_the_person_once() -> None:
    first, secret = invited()
    second = make_user()
    Team.objects.filter(pk=second.membership.team_id).update(seats=5)
    invite(actor_of(second), email=EMAIL)
    other = invitation_secret(EMAIL)
    user = make_user(EMAIL)
    put(actor_of(user), "a", b"mine")
    actor = actor_of(user)
    at_once(lambda: accept(actor, secret=secret), lambda: accept(actor, secret=other), expected=AccountError)
    joined = Membership.objects.get(user=user).team
    assert joined.pk in (first.membership.team_id, second.membership.team_id)
    for team in Team.objects.select_related("quota"):
        assert team.quota.live_bytes == (4 if team == joined else 0)
