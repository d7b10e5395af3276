"""accounts.actions.invite: who may, seats that are kept, mails that are counted, nothing that tells of accounts."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import invitations
from accounts.actions.invite import invite, resend_invitation, withdraw_invitation
from accounts.actions.members import activate_account, add_member, change_role, deactivate_account, remove_member
from accounts.errors import (
    AccountError,
    AccountNotFound,
    AlreadyInvited,
    AlreadyMember,
    InvalidEmail,
    InvitationNotFound,
    MailUnavailable,
    NotAllowed,
    ReauthenticationRequired,
    ScopeMissing,
    TeamFull,
    TeamNotFound,
    TooManyInvitations,
    UnknownRole,
)
from accounts.invitations import invitation_behind, state_of
from accounts.models import AuditEvent, Invitation, InvitationMail, Role, Team, User
from tests.support.mails import invitation_secret, sent_mails
from tests.support.people import SYSTEM, actor_of, make_administrator, make_member, make_user
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db

EMAIL = "new@example.com"


def make_owner(seats: int | None = 9, **fields: Any) -> User:
    owner = make_user(**fields)
    Team.objects.filter(pk=owner.membership.team_id).update(seats=seats)
    return owner


def test_an_invitation_is_a_mail_with_a_link() -> None:
    owner = make_owner(name="Ada\n\nLovelace")
    invitation = invite(actor_of(owner), email=" New@Example.com", role=Role.ADMIN)
    assert (invitation.email, invitation.role, invitation.invited_by, state_of(invitation)) == (
        EMAIL,
        Role.ADMIN,
        owner,
        "open",
    )
    assert not User.objects.filter(email=EMAIL).exists()
    (message,) = sent_mails(EMAIL)
    assert "Ada Lovelace" in str(message.body)  # a name cannot break out of its line
    assert invitation_behind(invitation_secret(EMAIL)) == invitation
    assert invitation_secret(EMAIL) not in str(Invitation.objects.values())
    event = AuditEvent.objects.get(kind="invitation.create")
    assert (event.team_id, event.actor_id, event.target) == (owner.membership.team_id, owner.pk, EMAIL)
    assert (event.address, event.client) == ("192.0.2.1", "tests")


def test_who_may() -> None:
    owner = make_owner()
    admin = make_member(owner, Role.ADMIN)
    for actor, role, error in (
        (actor_of(make_member(owner)), Role.MEMBER, NotAllowed),
        (actor_of(admin), Role.OWNER, NotAllowed),
        (actor_of(owner, scopes=frozenset({"write"})), Role.MEMBER, ScopeMissing),
        (actor_of(owner, proved_recently=False), Role.MEMBER, ReauthenticationRequired),
        (actor_of(owner), "king", UnknownRole),
        (SYSTEM, Role.MEMBER, AccountNotFound),
    ):
        with pytest.raises(error):
            invite(actor, email=EMAIL, role=role)
    with pytest.raises(AccountNotFound):
        invite(actor_of(make_owner()), email=EMAIL, team_id=owner.membership.team_id)
    with pytest.raises(TeamNotFound):
        invite(SYSTEM, email=EMAIL, team_id=10**9)
    assert not Invitation.objects.exists()
    assert invite(actor_of(admin), email=EMAIL, role=Role.ADMIN).role == Role.ADMIN
    administrator = actor_of(make_administrator())
    assert invite(administrator, email="o@example.com", role=Role.OWNER, team_id=owner.membership.team_id).pk


@pytest.mark.parametrize("email", ["ſam@example.com", "x", "rıta@example.com"])
def test_an_address_that_is_none(email: str) -> None:
    with pytest.raises(InvalidEmail):
        invite(actor_of(make_owner()), email=email)


def test_without_mail_nobody_is_invited(settings: Settings) -> None:
    owner = make_owner()
    for setting in ("MAIL_IS_SENT", "LINKS_KNOWN"):
        setattr(settings, setting, False)
        with pytest.raises(MailUnavailable):
            invite(actor_of(owner), email=EMAIL)
        setattr(settings, setting, True)


def test_the_same_happens_whether_or_not_there_is_an_account() -> None:
    """Statements, rows, answer and mail: the inviter learns nothing."""
    make_user("known@example.com")
    owner = make_owner()
    invite(actor_of(owner), email="first@example.com")
    done = []
    for email in ("known@example.com", "knowm@example.com"):
        with CaptureQueriesContext(connection) as queries:
            invitation = invite(actor_of(owner), email=email)
        secret = invitation_secret(email)
        mails = [re.sub(r"\d", "", str(message.body).replace(secret, "")) for message in sent_mails(email)]
        done.append(([query["sql"].partition(" VALUES")[0].replace(email, "") for query in queries], mails))
        done[-1] += (invitation.role, state_of(invitation))  # type: ignore[assignment]
    assert len(done[0][0]) == len(done[1][0])
    assert done[0][1:] == done[1][1:]


def test_an_open_invitation_keeps_a_seat() -> None:
    owner = make_owner(seats=2)
    actor = actor_of(owner)
    invitation = invite(actor, email=EMAIL)
    for act in (lambda: invite(actor, email="b@example.com"), lambda: add_member(actor, email="b@example.com")):
        with pytest.raises(TeamFull):
            act()
    withdraw_invitation(actor, invitation_id=invitation.pk)
    other = invite(actor, email="b@example.com")
    Invitation.objects.filter(pk=other.pk).update(expires_at=timezone.now())
    assert invite(actor, email="c@example.com").pk
    with pytest.raises(TeamFull):  # it would keep a seat again
        resend_invitation(actor, invitation_id=other.pk)


def test_a_seat_is_not_accounts_without_limit() -> None:
    """Add, remove, add: as many stopped ones as seats, and then no more until some are deleted."""
    owner = make_owner(seats=3)
    actor = actor_of(owner)
    for number in range(3):
        remove_member(actor, user_id=add_member(actor, email=f"person{number}@example.com").pk)
    with pytest.raises(TeamFull) as refused:
        add_member(actor, email="person3@example.com")
    assert refused.value.detail == {"seats": 3, "stopped": 3}
    with pytest.raises(TeamFull):
        invite(actor, email=EMAIL)
    activate_account(actor, user_id=User.objects.get(email="person0@example.com").pk)
    assert invite(actor, email=EMAIL).pk


def test_members_and_invited_ones_are_not_invited_again() -> None:
    owner = make_owner()
    member = make_member(owner)
    deactivate_account(actor_of(owner), user_id=member.pk)
    with pytest.raises(AlreadyMember):
        invite(actor_of(owner), email=member.email)
    first = invite(actor_of(owner), email=EMAIL)
    with pytest.raises(AlreadyInvited) as refused:
        invite(actor_of(owner), email=EMAIL.upper())
    assert refused.value.detail["invitation"] == str(first.pk)
    Invitation.objects.update(expires_at=timezone.now())
    second = invite(actor_of(owner), email=EMAIL)
    first.refresh_from_db()
    assert [state_of(first), state_of(second)] == ["withdrawn", "open"]
    assert invite(actor_of(make_owner()), email=EMAIL).pk  # of another team


def test_sending_again_replaces_the_link() -> None:
    owner = make_owner()
    second = make_member(owner, Role.ADMIN)
    invitation = invite(actor_of(owner), email=EMAIL)
    old = invitation_secret(EMAIL)
    again = resend_invitation(actor_of(second), invitation_id=invitation.pk)
    assert (again.pk, again.invited_by_id) == (invitation.pk, second.pk)
    with pytest.raises(InvitationNotFound):
        invitation_behind(old)
    assert invitation_behind(invitation_secret(EMAIL)).pk == invitation.pk
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert state_of(resend_invitation(actor_of(owner), invitation_id=invitation.pk)) == "open"


def test_withdrawn_is_gone() -> None:
    owner = make_owner()
    invitation = invite(actor_of(owner), email=EMAIL)
    secret = invitation_secret(EMAIL)
    for actor, error in ((actor_of(make_owner()), InvitationNotFound), (actor_of(make_member(owner)), NotAllowed)):
        for act in (withdraw_invitation, resend_invitation):
            with pytest.raises(error):
                act(actor, invitation_id=invitation.pk)
    withdraw_invitation(actor_of(owner), invitation_id=invitation.pk)
    for act in (withdraw_invitation, resend_invitation):
        with pytest.raises(InvitationNotFound):
            act(actor_of(owner), invitation_id=invitation.pk)
    with pytest.raises(InvitationNotFound):
        invitation_behind(secret)


def test_an_admin_does_not_touch_an_invitation_of_an_owner() -> None:
    owner = make_owner()
    admin = actor_of(make_member(owner, Role.ADMIN))
    invitation = invite(actor_of(owner), email=EMAIL, role=Role.OWNER)
    for act in (withdraw_invitation, resend_invitation):
        with pytest.raises(NotAllowed):
            act(admin, invitation_id=invitation.pk)


def test_what_is_withdrawn_before_it_is_mailed_is_not_mailed() -> None:
    owner = make_owner()
    withdraw_invitation(actor_of(owner), invitation_id=invite(actor_of(owner), email=EMAIL).pk)
    assert sent_mails(EMAIL) == []


def test_a_team_and_an_address_get_so_many_mails(settings: Settings) -> None:
    settings.INVITATION_MAILS_PER_TEAM = 4
    owner = make_owner()
    actor = actor_of(owner)
    invitation = invite(actor, email=EMAIL)
    for _ in range(2):
        resend_invitation(actor, invitation_id=invitation.pk)
    with pytest.raises(TooManyInvitations) as refused:
        resend_invitation(actor, invitation_id=invitation.pk)
    assert refused.value.detail["whose"] == "address"
    assert 0 < refused.value.detail["retry_after"] <= 86_400
    withdraw_invitation(actor, invitation_id=invitation.pk)
    with pytest.raises(TooManyInvitations):  # a new one for the same address is not another address
        invite(actor, email=EMAIL)
    invite(actor, email="b@example.com")
    with pytest.raises(TooManyInvitations) as refused:
        invite(actor, email="c@example.com")
    assert refused.value.detail["whose"] == "team"
    InvitationMail.objects.update(at=timezone.now() - timedelta(hours=24))
    assert invite(actor, email=EMAIL).pk


def test_many_teams_do_not_flood_an_address_and_learn_nothing_of_each_other() -> None:
    for _ in range(8):
        assert state_of(invite(actor_of(make_owner()), email=EMAIL)) == "open"
    assert len(sent_mails(EMAIL)) == invitations.MAILS_TO_ADDRESS_OF_ALL


def test_who_goes_takes_their_invitations_along() -> None:
    """Nobody comes back by an invitation of their own."""
    owner = make_owner()
    second, admin = make_member(owner, Role.OWNER), make_member(owner, Role.ADMIN)
    kept = invite(actor_of(owner), email="kept@example.com", role=Role.OWNER)
    as_owner = invite(actor_of(second), email="a@example.com", role=Role.OWNER)
    as_member = invite(actor_of(second), email="b@example.com")
    of_admin = invite(actor_of(admin), email="c@example.com")

    def states() -> list[str]:
        return [state_of(Invitation.objects.get(pk=row.pk)) for row in (kept, as_owner, as_member, of_admin)]

    change_role(actor_of(owner), user_id=second.pk, role=Role.ADMIN)
    assert states() == ["open", "withdrawn", "open", "open"]
    change_role(actor_of(owner), user_id=second.pk, role=Role.MEMBER)
    assert states() == ["open", "withdrawn", "withdrawn", "open"]
    deactivate_account(actor_of(owner), user_id=admin.pk)
    assert states() == ["open", "withdrawn", "withdrawn", "withdrawn"]


def test_what_is_over_is_forgotten() -> None:
    owner = make_owner()
    invite(actor_of(owner), email=EMAIL)
    assert invitations.forget_old() == 0
    long_ago = timezone.now() - timedelta(days=31)
    Invitation.objects.update(expires_at=long_ago)
    InvitationMail.objects.update(at=long_ago)
    assert invitations.forget_old() == 2


@pytest.mark.django_db(transaction=True)
def test_the_last_seat_is_kept_once() -> None:
    actor = actor_of(make_owner(seats=2))
    acts = [lambda n=n: invite(actor, email=f"new{n}@example.com") for n in range(4)]  # type: ignore[misc]
    results = at_once(*acts, expected=AccountError)
    assert sum(isinstance(result, Invitation) for result in results) == 1
