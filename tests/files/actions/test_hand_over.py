"""files.actions.hand_over: what a leaver has stays with the team."""

from typing import Any

import pytest

from accounts.actions.administer_account import delete_removed_accounts
from accounts.actions.members import activate_account, deactivate_account, remove_member
from accounts.actor import Actor, system
from accounts.errors import AccountNotFound, NotAllowed, QuotaExceeded, ScopeMissing
from accounts.models import AuditEvent, Membership, QuotaAccount, Role, Team, User
from accounts.quotas import Charge
from common.clock import now
from files import errors
from files.access.rights import Role as SpaceRole
from files.actions.annotations import PropertyChange, set_properties
from files.actions.hand_over import hand_over
from files.actions.lock import LockOptions, lock_node, unlock_node
from files.actions.move import move_node
from files.actions.spaces import create_team_space
from files.actions.trash import remove_purged_rows, restore_items, trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.maintenance.fsck.ledger import computed_lines, stored_lines
from files.models import Grant, Node, Space, TrashItem, Upload
from files.queries.journal import children_at
from files.queries.target import Target
from files.queries.trash import list_trash
from files.queries.tree import locate_path
from files.queries.versions import list_versions
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import bytes_at, home_of, ledger, put


@pytest.fixture
def bob(user: User) -> User:
    """Who leaves: files with versions, properties, something in the trash, an upload, a lock."""
    bob = make_member(user, email="bob@example.com", name="Bob B.")
    actor = actor_of(bob)
    for number in range(3):
        put(actor, "job/plan.txt", b"version %d" % number)
    put(actor, "job/other/x.txt", b"12345")
    put(actor, "job/gone.txt", b"deleted on the last day")
    put(actor, "top.txt", b"1")
    job = locate_path(actor, "job").node.pk
    set_properties(actor, node_id=job, changes=[PropertyChange("urn:x", "p", "value")])
    trash_nodes(actor, node_ids=[locate_path(actor, "job/gone.txt").node.pk])
    open_upload(actor, wanted=UploadOptions(Target("u"), length=10))
    lock_node(actor, node_id=job, options=LockOptions(is_deep=True))
    return bob


@pytest.fixture
def carl(user: User) -> User:
    return make_member(user, email="carl@example.com")


def leave(actor: Actor, person: User) -> None:
    remove_member(actor, user_id=person.pk)


def team_lines(user: User) -> Charge:
    return stored_lines(QuotaAccount.objects.get(team=user.membership.team))


def test_it_appears_as_a_folder_in_the_home_of_another(user: User, actor: Actor, bob: User, carl: User) -> None:
    leave(actor, bob)
    before, team = ledger(bob), team_lines(user)
    handed = hand_over(actor, user_id=bob.pk, to_user_id=carl.pk)
    receiver = actor_of(carl)
    assert handed.path == "/Files of Bob B."
    assert bytes_at(receiver, "Files of Bob B./job/plan.txt") == b"version 2"
    assert list_versions(locate_path(receiver, "Files of Bob B./job/plan.txt")).count() == 3
    assert ledger(bob) == Charge()
    moved = ledger(carl)
    assert (moved.live, moved.versions, moved.trash) == (before.live, before.versions, before.trash)
    assert team_lines(user) == Charge(
        team.live, team.versions, team.trash, 0, team.nodes + 1, team.properties
    )  # the upload ended, and the folder is new
    (item,) = list_trash(receiver)
    assert item.path == "/Files of Bob B./job/gone.txt"
    (back,) = restore_items(receiver, item_ids=[item.pk])
    assert back.path == "/Files of Bob B./job/gone.txt"
    assert not Upload.objects.filter(space=home_of(bob), finished_at=None).exists()
    put(receiver, "Files of Bob B./job/new.txt")
    event = AuditEvent.objects.get(kind="member.hand_over")
    assert (event.target, event.detail["to"], event.detail["user"]) == ("bob@example.com", carl.pk, bob.pk)


def test_as_a_space_it_costs_nobody_but_the_team(user: User, actor: Actor, bob: User, carl: User) -> None:
    QuotaAccount.objects.filter(user=carl).update(limit_bytes=1)
    leave(actor, bob)
    with pytest.raises(QuotaExceeded):
        hand_over(actor, user_id=bob.pk, to_user_id=carl.pk)
    receiver = actor_of(carl)
    assert Node.objects.filter(space=home_of(bob), name="plan.txt").exists()  # nothing has moved
    handed = hand_over(actor, user_id=bob.pk, to_user_id=carl.pk, as_space=True, name="Of Bob")
    assert (handed.space.name, handed.path) == ("Of Bob", "/Of Bob")
    assert not Space.objects.get(pk=handed.space.pk).is_open
    assert locate_path(receiver, "Of Bob/job/plan.txt", space_id=handed.space.pk).node.size == 9
    assert Grant.objects.get(space_id=handed.space.pk).role == SpaceRole.MANAGER
    with pytest.raises(errors.NotFound):
        locate_path(actor, "Of Bob", space_id=handed.space.pk)
    assert QuotaAccount.objects.get(space_id=handed.space.pk).used_bytes > 0
    other = make_member(user)
    put(actor_of(other), "f")
    leave(actor, other)
    with pytest.raises(errors.NameTaken):
        hand_over(actor, user_id=other.pk, to_user_id=carl.pk, as_space=True, name="of bob")
    assert Node.objects.filter(space=home_of(other), name="f").exists()


def test_the_account_is_deleted_and_nothing_of_it(user: User, actor: Actor, bob: User, carl: User) -> None:
    leave(actor, bob)
    hand_over(actor, user_id=bob.pk, to_user_id=carl.pk)
    Membership.objects.filter(user=bob).update(removed_at=now().replace(year=2000))
    assert delete_removed_accounts(system("tests")) == 1
    remove_purged_rows()
    assert bytes_at(actor_of(carl), "Files of Bob B./job/plan.txt") == b"version 2"
    assert TrashItem.objects.filter(space=home_of(carl)).count() == 1
    with pytest.raises(AccountNotFound):
        hand_over(actor, user_id=bob.pk, to_user_id=carl.pk)


def test_who_comes_back_has_an_empty_home(user: User, actor: Actor, bob: User, carl: User) -> None:
    leave(actor, bob)
    hand_over(actor, user_id=bob.pk, to_user_id=carl.pk)
    Team.objects.filter(pk=user.membership.team_id).update(seats=10)
    activate_account(actor, user_id=bob.pk)
    back = actor_of(bob)
    assert locate_path(back, "/").node.descendants == 0
    put(back, "new/f")
    home = home_of(bob)
    assert [past.name for past in children_at(home, home.root_id or 0, home.seq)] == ["new"]
    assert bytes_at(back, "new/f") == b"hello"


def test_once_only(actor: Actor, bob: User, carl: User) -> None:
    leave(actor, bob)
    hand_over(actor, user_id=bob.pk, to_user_id=carl.pk)
    with pytest.raises(errors.HomeEmpty):
        hand_over(actor, user_id=bob.pk, to_user_id=carl.pk)
    assert locate_path(actor_of(carl), "/").node.descendants == 6


def test_a_home_of_which_everything_is_in_the_trash(user: User, actor: Actor, carl: User) -> None:
    """As somebody leaves it who wants nobody to have it."""
    dora = make_member(user)
    put(actor_of(dora), "a/b", b"123")
    trash_nodes(actor_of(dora), node_ids=[locate_path(actor_of(dora), "a").node.pk])
    leave(actor, dora)
    hand_over(actor, user_id=dora.pk, to_user_id=carl.pk, name="Doras")
    (item,) = list_trash(actor_of(carl))
    assert restore_items(actor_of(carl), item_ids=[item.pk])[0].path == "/Doras/a"


def test_who_may(user: User, actor: Actor, bob: User, carl: User) -> None:
    def hand(who: Actor, **more: Any) -> None:
        hand_over(who, **{"user_id": bob.pk, "to_user_id": carl.pk, **more})

    with pytest.raises(errors.MemberNotRemoved):
        hand(actor)
    deactivate_account(actor, user_id=bob.pk)
    with pytest.raises(errors.MemberNotRemoved):  # who is only stopped keeps what they have
        hand(actor)
    leave(actor, bob)
    with pytest.raises(NotAllowed):
        hand(actor_of(carl))
    with pytest.raises(NotAllowed):  # they could read it all then
        hand(actor_of(make_member(user, Role.ADMIN)))
    with pytest.raises(ScopeMissing):
        hand(actor_of(user, scopes=frozenset({"read", "write"})))
    outsider = make_user()
    with pytest.raises(AccountNotFound):
        hand(actor_of(outsider))
    for nobody in (outsider.pk, bob.pk, 10**12):
        with pytest.raises(errors.SubjectNotFound):
            hand(actor, to_user_id=nobody)
    with pytest.raises(errors.InvalidName):
        hand(actor, name="a/b")
    hand(actor)
    for account in QuotaAccount.objects.all():
        assert stored_lines(account) == computed_lines(account)


def test_versions_that_were_kept_in_the_home_are_the_receivers(user: User, actor: Actor, bob: User, carl: User) -> None:
    space = create_team_space(actor, name="Plans")
    node = locate_path(actor_of(bob), "job/plan.txt").node.pk
    unlock_node(actor_of(bob), node_id=locate_path(actor_of(bob), "job").node.pk)
    move_node(actor_of(bob), node_id=node, target=Target("f", space_id=space.pk))
    move_node(actor_of(bob), node_id=node, target=Target("job/plan.txt"))
    leave(actor, bob)
    hand_over(actor, user_id=bob.pk, to_user_id=carl.pk)
    assert list_versions(locate_path(actor_of(carl), "Files of Bob B./job/plan.txt")).count() == 3


@pytest.mark.parametrize("name", ["a/b", "\u202eevil", "  ", "x" * 150])
def test_whatever_the_person_is_called(user: User, actor: Actor, carl: User, name: str) -> None:
    dora = make_member(user, email="dora@example.com")
    User.objects.filter(pk=dora.pk).update(name=name)
    put(actor_of(dora), "f")
    leave(actor, dora)
    path = hand_over(actor, user_id=dora.pk, to_user_id=carl.pk).path
    assert locate_path(actor_of(carl), f"{path}/f").node.size == 5
