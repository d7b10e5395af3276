"""files.actions.move_home: a home goes to another team as it is; only who pays for it changes."""

import pytest
from django.db import transaction

from accounts.actor import Actor
from accounts.errors import InAnotherTeam, InvalidCredentials, QuotaExceeded
from accounts.models import Membership, QuotaAccount, Team, User
from accounts.quotas import Charge
from files.actions.move_home import move_home
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.actions.uploads import UploadOptions, abort_upload, open_upload
from files.actions.write_file import write_file
from files.maintenance.fsck.ledger import computed_lines, stored_lines
from files.maintenance.teams import run_teams
from files.models import Content, Pool, Space
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.support.people import actor_of
from tests.support.trees import bytes_at, home_of, ledger, put


def lines_of(team_id: int) -> Charge:
    return stored_lines(QuotaAccount.objects.get(team_id=team_id))


def goes(user: User, joined: int) -> None:
    """As accounts.actions.answer_invitation does it."""
    left = user.membership.team_id
    with transaction.atomic():
        move_home(user.pk, left, joined)
        Membership.objects.filter(user=user).update(team_id=joined)


@pytest.fixture
def joined(stranger: User) -> Team:
    put(actor_of(stranger), "theirs", b"of the new team")
    return stranger.membership.team


def test_everything_stays_and_is_charged_elsewhere(user: User, actor: Actor, joined: Team) -> None:
    for number in range(3):
        put(actor, "a/b", b"version %d" % number)
    put(actor, "gone", b"trash")
    trash_nodes(actor, node_ids=[locate_path(actor, "gone").node.pk])
    left, before, theirs = user.membership.team_id, ledger(user), lines_of(joined.pk)
    mine = stored_lines(QuotaAccount.objects.get(user=user))
    goes(user, joined.pk)
    assert ledger(user) == before
    assert lines_of(left) == Charge()
    assert lines_of(joined.pk) == theirs + mine
    for account in QuotaAccount.objects.all():
        assert stored_lines(account) == computed_lines(account)
    assert bytes_at(actor_of(user), "a/b") == b"version 2"
    put(actor_of(user), "new", b"in the new team")
    for account in QuotaAccount.objects.all():
        assert stored_lines(account) == computed_lines(account)


def test_contents_become_the_new_teams(user: User, actor: Actor, joined: Team) -> None:
    put(actor, "same", b"of the new team")  # which has these bytes already
    put(actor, "other", b"other bytes")
    left = user.membership.team_id
    goes(user, joined.pk)
    run_teams()
    used = Content.objects.filter(versions__node__space=home_of(user)).distinct()
    assert {content.team_id for content in used} == {joined.pk}
    assert not Content.objects.filter(team_id=left, versions__isnull=False).exists()
    assert bytes_at(actor_of(user), "same") == b"of the new team"
    assert bytes_at(actor_of(user), "other") == b"other bytes"


def test_a_team_without_room_refuses_and_nothing_changes(user: User, actor: Actor, joined: Team) -> None:
    put(actor, "a", b"x" * 1000)
    left = user.membership.team_id
    QuotaAccount.objects.filter(team=joined).update(limit_bytes=500)
    with pytest.raises(QuotaExceeded) as refused:
        goes(user, joined.pk)
    assert refused.value.detail["whose"] == "team"
    assert home_of(user).team_id == left
    assert (ledger(user).live, lines_of(left).live) == (1000, 1000)


def test_a_team_with_shared_spaces_is_not_left(user: User, actor: Actor, joined: Team) -> None:
    create_team_space(actor, name="Plans")
    with pytest.raises(InAnotherTeam) as refused:
        goes(user, joined.pk)
    assert refused.value.detail["reason"] == "spaces"


def test_uploads_under_way_come_first(user: User, actor: Actor, joined: Team) -> None:
    upload = open_upload(actor, wanted=UploadOptions(Target("u"), length=10))
    with pytest.raises(InAnotherTeam) as refused:
        goes(user, joined.pk)
    assert refused.value.detail["reason"] == "uploads"
    abort_upload(actor, upload_id=upload.pk)
    goes(user, joined.pk)
    assert home_of(user).team_id == joined.pk


def test_what_was_begun_in_the_old_team_is_refused(user: User, actor: Actor, joined: Team) -> None:
    """It was counted and stored for the old team; the client sends it again."""

    def chunks():  # type: ignore[no-untyped-def]
        yield b"x" * 10
        goes(user, joined.pk)
        yield b"y" * 10

    with pytest.raises(InvalidCredentials):
        write_file(actor, target=Target("late"), chunks=chunks(), length=20)
    with pytest.raises(InvalidCredentials):
        open_upload(actor, wanted=UploadOptions(Target("u"), length=10))
    for account in QuotaAccount.objects.all():
        assert stored_lines(account) == computed_lines(account)
    assert put(actor_of(user), "late", b"again").node.pk


def test_a_region_is_looked_at_again(user: User, actor: Actor, joined: Team) -> None:
    put(actor, "a")
    Pool.objects.create(name="eu", region="eu", url="memory://move-home")
    Team.objects.filter(pk=joined.pk).update(region="eu")
    goes(user, joined.pk)
    joined.refresh_from_db()
    assert (joined.region_changed_at is not None, joined.region_settled_at) == (True, None)


def test_who_has_no_home_moves_nothing(user: User, joined: Team) -> None:
    move_home(10**9, user.membership.team_id, joined.pk)
    assert Space.objects.filter(team=joined).count() == 1
