"""sharing.actions.waiting: shares that become grants when somebody comes, and those that nobody comes for."""

from datetime import timedelta

import pytest

from accounts.actions.administer_account import delete_account
from accounts.actions.answer_invitation import accept, accept_as_new, decline
from accounts.actions.invite import withdraw_invitation
from accounts.actions.members import remove_member
from accounts.actor import Actor
from accounts.models import AuditEvent, Invitation, User
from common.clock import now
from files import errors
from files.access.rights import Role
from files.actions.mounts import reconcile_all
from files.actions.trash import remove_purged_rows, restore_items, trash_nodes
from files.models import Grant, TrashItem
from files.queries.tree import locate_path
from sharing.actions.shares import change_share, end_share
from sharing.actions.waiting import forget_gone, settle_waiting
from sharing.models import Share, WaitingShare
from sharing.tasks import forget_shares, settle_shares
from tests.sharing.team import Team
from tests.support.mails import invitation_secret, sent_mails
from tests.support.people import PASSWORD, SYSTEM, actor_of, make_user

DORA = "dora@example.com"


def come(email: str = DORA) -> User:
    return accept_as_new(Actor(), secret=invitation_secret(email), password=PASSWORD)


def test_it_becomes_a_grant_of_the_same_id(team: Team) -> None:
    end = now() + timedelta(days=3)
    made = team.share(DORA, Role.EDITOR, expires_at=end)
    change_share(team.actor, share_id=made.id, message="Come in.")
    assert settle_waiting() == 0
    (mail,) = sent_mails(DORA)
    assert "“Photos” is shared with you there" in str(mail.body)
    dora = come()
    assert settle_shares() == 1
    grant = Grant.objects.get(pk=made.id)
    assert (grant.user, grant.role, grant.expires_at, grant.created_by) == (dora, "editor", end, team.ada)
    assert Share.objects.get().message == "Come in."
    assert not WaitingShare.objects.exists()
    reconcile_all()
    assert locate_path(actor_of(dora), "Photos/sea.jpg")
    last = str(sent_mails(DORA)[-1].body)
    assert "Ada Lovelace" in last
    assert "Come in." in last
    assert settle_waiting() == 0


def test_it_waits_for_an_account_that_comes_from_a_team_of_its_own(team: Team) -> None:
    other = make_user(DORA)
    team.share(DORA)
    settle_waiting()
    assert not Grant.objects.exists()  # they are in another team
    accept(actor_of(other), secret=invitation_secret(DORA))
    assert settle_waiting() == 1
    assert Grant.objects.get().user == other


@pytest.mark.parametrize("end", ["decline", "withdraw", "forget", "expire"])
def test_nobody_comes_any_more(team: Team, end: str) -> None:
    team.share(DORA)
    assert settle_waiting() == 0
    if end == "decline":
        decline(Actor(), secret=invitation_secret(DORA))
    elif end == "withdraw":
        withdraw_invitation(team.actor, invitation_id=Invitation.objects.get().pk)
    elif end == "forget":
        Invitation.objects.all().delete()
    else:
        WaitingShare.objects.update(expires_at=now())
    assert settle_waiting() == 1
    assert not WaitingShare.objects.exists()


def test_an_invitation_that_has_expired_can_be_sent_again(team: Team) -> None:
    team.share(DORA)
    Invitation.objects.update(expires_at=now() - timedelta(days=1))
    assert settle_waiting() == 0


def test_who_shared_it_gives_no_more_than_they_have_when_somebody_comes(team: Team) -> None:
    team.share(team.bob, Role.EDITOR)
    team.share(DORA, path="/Photos/2026")
    made = team.share(DORA, Role.EDITOR, by=team.bob)
    change_share(team.actor, share_id=Grant.objects.get(user=team.bob).pk, role=Role.VIEWER)
    dora = come()
    settle_waiting()
    assert [grant.node.name for grant in Grant.objects.filter(user=dora)] == ["2026"]
    assert not WaitingShare.objects.exists()
    event = AuditEvent.objects.get(kind="share.given_up")
    assert event.detail == {"share": made.id, "node": team.node().pk, "why": "forbidden"}


def test_who_shared_it_was_removed(team: Team) -> None:
    team.share(team.bob, Role.EDITOR)
    team.share(DORA, path="/Photos/2026")
    team.share(DORA, by=team.bob)
    remove_member(team.actor, user_id=team.bob.pk)
    dora = come()
    settle_waiting()
    assert [grant.node.name for grant in Grant.objects.filter(user=dora)] == ["2026"]
    assert AuditEvent.objects.get(kind="share.given_up").detail["why"] == "account_stopped"


def test_in_the_trash_it_waits_on(team: Team) -> None:
    team.share(DORA)
    node_id = team.node().pk
    trash_nodes(team.actor, node_ids=[node_id])
    dora = come()
    assert settle_waiting() == 0
    assert WaitingShare.objects.count() == 1
    restore_items(team.actor, item_ids=[TrashItem.objects.get().pk])
    assert settle_waiting() == 1
    assert Grant.objects.get().user == dora


def test_purged_with_its_node(team: Team) -> None:
    team.share(DORA)
    team.share(team.bob)
    trash_nodes(team.actor, node_ids=[team.node().pk])
    TrashItem.objects.update(purging=True)
    remove_purged_rows()
    assert settle_waiting() == 1
    assert Share.objects.count() == 1
    assert forget_shares() == 1
    assert forget_gone() == 0
    assert not Share.objects.exists()


def test_what_was_taken_back_does_not_come(team: Team) -> None:
    made = team.share(DORA)
    come()
    end_share(team.actor, share_id=made.id)
    assert settle_waiting() == 0
    assert not Grant.objects.exists()


def test_a_deleted_account_leaves_no_words(team: Team) -> None:
    team.share(team.bob, Role.EDITOR)
    made = team.share(team.carl, by=team.bob)
    change_share(actor_of(team.bob), share_id=made.id, message="My words")
    team.share(DORA)
    team.share(DORA, by=team.bob, path="/Photos/2026")
    delete_account(SYSTEM, user_id=team.bob.pk)
    assert WaitingShare.objects.get().created_by == team.ada
    beside = Share.objects.get(pk=made.id)
    assert (beside.message, beside.created_by) == ("", None)
    assert Grant.objects.filter(pk=made.id).exists()  # what he gave is Ada's folder: she says who keeps it
    with pytest.raises(errors.NotFound):
        locate_path(actor_of(team.carl), "Photos/nothing")
