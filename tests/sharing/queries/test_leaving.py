"""Who leaves a team: what they have shared survives, an admin decides, and nothing is orphaned."""

from datetime import timedelta

import pytest

from accounts.actions.administer_account import delete_account, delete_removed_accounts
from accounts.actions.members import remove_member
from accounts.models import Membership, User
from common.clock import now
from files import errors
from files.access.rights import Role
from files.actions.hand_over import hand_over
from files.actions.mounts import reconcile_all
from files.actions.trash import trash_nodes
from files.models import Grant, Node, Space
from files.queries.tree import locate_path
from sharing.actions.shares import end_share
from sharing.actions.waiting import settle_waiting
from sharing.models import WaitingShare
from sharing.queries.leaving import holds_shared
from sharing.queries.shares import share_of
from tests.sharing.team import Team
from tests.support.people import SYSTEM, actor_of, make_user
from tests.support.trees import bytes_at, home_of, put


@pytest.fixture
def left(team: Team) -> User:
    """Bob, who has shared `Work` with Carl, who edits it, and is gone for longer than accounts are kept."""
    put(actor_of(team.bob), "Work/plan.txt", b"the plan")
    team.share(team.carl, Role.EDITOR, by=team.bob, path="/Work", of=team.bob)
    remove_member(team.actor, user_id=team.bob.pk)
    Membership.objects.filter(user=team.bob).update(removed_at=now() - timedelta(days=400))
    return team.bob


def test_others_go_on_until_somebody_decides(team: Team, left: User) -> None:
    carl = actor_of(team.carl)
    assert holds_shared(left.pk)
    assert delete_removed_accounts(SYSTEM) == 0
    reconcile_all()
    assert bytes_at(carl, "Work/plan.txt") == b"the plan"
    put(carl, "Work/more.txt", b"by carl")
    assert holds_shared(left.pk)


def test_handed_over_it_keeps_its_shares_and_has_an_owner(team: Team, left: User) -> None:
    share_id = Grant.objects.get(user=team.carl).pk
    hand_over(team.actor, user_id=left.pk, to_user_id=team.ada.pk)
    reconcile_all()
    assert bytes_at(actor_of(team.carl), "Work/plan.txt") == b"the plan"
    found = share_of(team.actor, share_id=share_id)
    assert (found.place.space.owner, found.role) == (team.ada, Role.EDITOR)
    assert found.place.path.endswith("/Work")
    assert not holds_shared(left.pk)
    assert delete_removed_accounts(SYSTEM) == 1
    assert bytes_at(actor_of(team.carl), "Work/plan.txt") == b"the plan"
    assert not Node.objects.filter(space__in=Space.objects.filter(owner=left), name="Work").exists()


def test_who_had_it_shared_may_become_its_owner(team: Team, left: User) -> None:
    """The mount of it goes, since it lies in their own home now."""
    hand_over(team.actor, user_id=left.pk, to_user_id=team.carl.pk)
    reconcile_all()
    carl = actor_of(team.carl)
    with pytest.raises(errors.NotFound):
        locate_path(carl, "Work")
    (folder,) = Node.objects.filter(space=home_of(team.carl), parent_id=home_of(team.carl).root_id)
    assert bytes_at(carl, f"{folder.name}/Work/plan.txt") == b"the plan"


def test_as_a_space_of_the_team_too(team: Team, left: User) -> None:
    handed = hand_over(team.actor, user_id=left.pk, to_user_id=team.ada.pk, as_space=True)
    reconcile_all()
    assert bytes_at(actor_of(team.carl), "Work/plan.txt") == b"the plan"
    assert Grant.objects.get(user=team.carl).space == handed.space


def test_without_shares_nothing_holds_the_account(team: Team, left: User) -> None:
    Grant.objects.all().delete()
    assert not holds_shared(left.pk)
    assert delete_removed_accounts(SYSTEM) == 1


@pytest.mark.parametrize("case", ["expired", "trashed", "link", "to who left", "to themselves"])
def test_what_holds_nothing(team: Team, case: str) -> None:
    put(actor_of(team.bob), "Work/plan.txt")
    node = locate_path(actor_of(team.bob), "Work").node
    grant = Grant(node=node, space=home_of(team.bob), role="viewer", user=team.carl)
    if case == "expired":
        grant.expires_at = now()
    elif case == "link":
        grant.user, grant.link_id = None, 7
    elif case == "to who left":
        grant.user = make_user("elsewhere@example.org")
    elif case == "to themselves":
        grant.user = team.bob
    grant.save()
    if case == "trashed":
        assert holds_shared(team.bob.pk)
        trash_nodes(actor_of(team.bob), node_ids=[node.pk])
    assert not holds_shared(team.bob.pk)


def test_who_decides_to_delete_it_does(team: Team, left: User) -> None:
    delete_account(SYSTEM, user_id=left.pk)
    assert not holds_shared(left.pk)


def test_a_share_that_waits_ends_with_who_made_it(team: Team) -> None:
    team.share("dora@example.com")
    put(actor_of(team.bob), "Work/plan.txt")
    team.share("dora@example.com", by=team.bob, path="/Work", of=team.bob)
    remove_member(team.actor, user_id=team.bob.pk)
    make_user("dora@example.com", team=team.ada.membership.team)
    settle_waiting()
    assert not WaitingShare.objects.exists()
    assert list(Grant.objects.values_list("created_by_id", flat=True)) == [team.ada.pk]


def test_what_was_shared_by_a_member_who_left_stays(team: Team) -> None:
    """Bob has given Carl a folder of Ada's: it is hers to end, and her page shows it."""
    team.share(team.bob, Role.EDITOR)
    made = team.share(team.carl, by=team.bob)
    remove_member(team.actor, user_id=team.bob.pk)
    reconcile_all()
    assert bytes_at(actor_of(team.carl), "Photos/sea.jpg") == b"picture"
    end_share(team.actor, share_id=made.id)
    assert not Grant.objects.filter(user=team.carl).exists()
