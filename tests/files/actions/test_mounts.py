"""files.actions.mounts: made, taken away, hidden and brought back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.actions.groups import add_to_group, create_group, remove_from_group
from accounts.actions.members import deactivate_account
from accounts.actor import READ, Actor
from accounts.errors import ScopeMissing
from accounts.models import User
from common.clock import now
from files import errors
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.clear_home import clear_home
from files.actions.create_folder import create_folder
from files.actions.grants import Subject, change_space, remove_grant, set_grant
from files.actions.lock import LockOptions, lock_node, unlock_node
from files.actions.mounts import bring_back, reconcile_all, reconcile_mounts
from files.actions.move import move_node
from files.actions.rewind import rewind
from files.actions.spaces import create_team_space
from files.actions.trash import restore_items, trash_nodes
from files.maintenance.upkeep import UPKEEP, run_asked
from files.models import Change, Grant, Job, Mount, Node, Space, TrashItem
from files.queries.mount_list import list_mounts, users_to_reconcile
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.support.mounts import in_space, let_in, mount_of, mounted_space, names
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import home_of, journal_of, put

# Made and taken away


def test_everybody_who_may_see_a_space_has_it(owner: User, them: Actor) -> None:
    first = make_member(owner)
    assert names(actor_of(first)) == []
    space = mounted_space(them, "Plans")
    second = make_member(owner)
    assert users_to_reconcile() == [second.pk]
    reconcile_all()
    for user in (owner, first, second):
        assert names(actor_of(user)) == ["Plans"]
    assert users_to_reconcile() == []
    change_space(them, space_id=space.pk, is_open=False)
    assert users_to_reconcile() == sorted([first.pk, second.pk])
    reconcile_all()
    assert (names(them), names(actor_of(first))) == (["Plans"], [])
    assert journal_of(actor_of(first)) == [("create", "/Plans"), ("trash", "/Plans")]
    assert home_of(first).mounts == 0
    assert in_space(space) == []


def test_a_group_and_a_grant_that_ends(owner: User, them: Actor) -> None:
    member = make_member(owner)
    space = mounted_space(them, "Closed", is_open=False)
    group = create_group(them, name="Readers")
    subject = Subject(SubjectKind.GROUP, group.pk)
    set_grant(them, node_id=space.root_id or 0, subject=subject, role=Role.VIEWER)
    add_to_group(them, group_id=group.pk, user_id=member.pk)
    reconcile_all()
    assert names(actor_of(member)) == ["Closed"]
    remove_from_group(them, group_id=group.pk, user_id=member.pk)
    reconcile_all()
    assert names(actor_of(member)) == []
    let_in(them, space, member)
    assert names(actor_of(member)) == ["Closed"]
    Grant.objects.filter(user=member).update(expires_at=now() - timedelta(seconds=1))
    assert names(actor_of(member)) == []
    reconcile_all()
    assert not Mount.objects.filter(user=member).exists()
    Grant.objects.filter(user=member).update(role=Role.UPLOADER, expires_at=None)
    assert users_to_reconcile() == []  # who sees nothing of it has no folder of it


def test_who_is_stopped_loses_it(owner: User, them: Actor, space: Space) -> None:
    member = make_member(owner)
    reconcile_all()
    deactivate_account(them, user_id=member.pk)
    reconcile_all()
    assert not Mount.objects.filter(user=member).exists()
    assert home_of(member).mounts == 0


def test_a_name_that_is_taken_gets_a_number(owner: User, them: Actor) -> None:
    put(them, "Plans", b"a file")
    space = mounted_space(them, "Plans")
    assert names(them) == ["Plans (2)", "Plans"]
    assert mount_of(owner, space).name == "Plans (2)"


def test_once_is_enough_and_the_job_does_it(owner: User, them: Actor, space: Space) -> None:
    before = Change.objects.count()
    reconcile_mounts(owner.pk)
    assert (Change.objects.count(), Mount.objects.count()) == (before, 1)
    make_member(owner)
    run = UPKEEP["mounts"].run()
    assert run is not None
    assert run.result == {"people": 1}
    assert UPKEEP["mounts"].run() is None


def test_what_changes_access_wakes_the_job(
    owner: User, them: Actor, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    def wakes(act: Callable[[], object]) -> bool:
        Job.objects.filter(name="mounts").update(asked_at=None)
        with django_capture_on_commit_callbacks(execute=True):
            act()
        return Job.objects.filter(name="mounts").exclude(asked_at=None).exists()

    made: list[Any] = []
    assert wakes(lambda: made.append(make_member(owner)))
    member = made[0]
    assert wakes(lambda: made.append(create_team_space(them, name="Plans")))
    space = made[1]
    assert wakes(lambda: change_space(them, space_id=space.pk, is_open=False))
    subject = Subject(SubjectKind.USER, member.pk)
    assert wakes(lambda: made.append(set_grant(them, node_id=space.root_id, subject=subject, role=Role.VIEWER)))
    assert wakes(lambda: remove_grant(them, grant_id=made[2].pk))
    assert wakes(lambda: made.append(create_group(them, name="G"))) is False
    assert wakes(lambda: add_to_group(them, group_id=made[3].pk, user_id=member.pk))
    assert wakes(lambda: remove_from_group(them, group_id=made[3].pk, user_id=member.pk))
    assert wakes(lambda: deactivate_account(them, user_id=member.pk))
    assert not wakes(lambda: put(them, "a.txt"))
    Job.objects.filter(name="mounts").update(asked_at=now())
    assert [run.job_id for run in run_asked()] == ["mounts"]


def test_one_person_has_it_at_once(
    owner: User, them: Actor, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    """Without the job; and where that cannot be, with it."""
    member = make_member(owner)
    space = mounted_space(them, "Plans", is_open=False)
    given = Subject(SubjectKind.USER, member.pk)
    with django_capture_on_commit_callbacks(execute=True):
        grant = set_grant(them, node_id=space.root_id or 0, subject=given, role=Role.VIEWER)
    assert names(actor_of(member)) == ["Plans"]
    with django_capture_on_commit_callbacks(execute=True):
        remove_grant(them, grant_id=grant.pk)
    assert names(actor_of(member)) == []
    lock_node(actor_of(member), node_id=home_of(member).root_id or 0, options=LockOptions())
    Job.objects.filter(name="mounts").update(asked_at=None)
    with django_capture_on_commit_callbacks(execute=True):
        set_grant(them, node_id=space.root_id or 0, subject=given, role=Role.VIEWER)
    assert names(actor_of(member)) == []
    assert Job.objects.filter(name="mounts").exclude(asked_at=None).exists()


def test_a_home_that_is_locked_waits_for_the_next_run(owner: User, them: Actor) -> None:
    root = locate_path(them, "/").node
    lock_node(them, node_id=root.pk, options=LockOptions())
    space = mounted_space(them, "Plans")
    assert not Mount.objects.filter(space=space).exists()
    unlock_node(them, node_id=root.pk)
    reconcile_all()
    assert names(them) == ["Plans"]


def test_what_the_release_before_has_put_below_one_becomes_a_folder(owner: User, them: Actor, space: Space) -> None:
    """It takes the row for an empty folder. Nothing that somebody has put there stays out of sight."""
    mount = mount_of(owner, space)
    Node.objects.filter(pk=mount.pk).update(target_id=None)
    put(them, "Plans/lost.txt", b"x")
    Node.objects.filter(pk=mount.pk).update(target_id=space.root_id)
    assert names(them, "/Plans") == ["docs"]
    assert users_to_reconcile() == [owner.pk]
    reconcile_all()
    assert names(them, "/Plans") == ["lost.txt"]
    (entry,) = list_mounts(them)
    assert entry.place is None
    assert bring_back(them, mount_id=entry.row.pk).path == "/Plans (2)"


def test_a_home_that_is_emptied_for_good_leaves_the_spaces_alone(owner: User, them: Actor, space: Space) -> None:
    member = make_member(owner)
    reconcile_all()
    put(actor_of(member), "own.txt")
    clear_home(member.pk)
    assert in_space(space) == ["/docs", "/docs/a.txt"]
    assert not Mount.objects.filter(user=member).exists()


# Hidden and brought back


def test_deleting_the_folder_hides_it_and_deletes_nothing(owner: User, them: Actor, space: Space) -> None:
    mount = mount_of(owner, space)
    seq = Space.objects.get(pk=space.pk).seq
    assert trash_nodes(them, node_ids=[mount.pk]) == []
    assert names(them) == []
    assert (in_space(space), TrashItem.objects.count()) == (["/docs", "/docs/a.txt"], 0)
    assert Space.objects.get(pk=space.pk).seq == seq
    assert (home_of(owner).mounts, journal_of(them)[-1]) == (0, ("trash", "/Plans"))
    reconcile_all()
    assert names(them) == []  # nothing makes it again
    (entry,) = list_mounts(them)
    assert (entry.place, entry.row.hidden_at is None) == (None, False)
    place = bring_back(them, mount_id=entry.row.pk)
    assert (place.path, names(them), names(them, "/Plans")) == ("/Plans", ["Plans"], ["docs"])
    assert bring_back(them, mount_id=entry.row.pk).node.pk == place.node.pk
    (entry,) = list_mounts(them)
    assert entry.place is not None
    assert entry.row.hidden_at is None


def test_only_ones_own_is_brought_back_and_with_a_token_that_may(owner: User, them: Actor, space: Space) -> None:
    member = make_member(owner)
    reconcile_all()
    row = Mount.objects.get(user=owner)
    trash_nodes(them, node_ids=[row.node_id or 0])
    for actor, error in (
        (actor_of(member), errors.NotFound),
        (actor_of(make_user()), errors.NotFound),
        (actor_of(owner, scopes=frozenset({READ})), ScopeMissing),
    ):
        with pytest.raises(error):
            bring_back(actor, mount_id=row.pk)
    with pytest.raises(errors.NotFound):
        bring_back(them, mount_id=2**70)
    change_space(them, space_id=space.pk, is_open=False)
    remove_all(space)
    with pytest.raises(errors.NotFound):
        bring_back(them, mount_id=row.pk)


def remove_all(space: Space) -> None:
    Grant.objects.filter(space=space).delete()


def test_hidden_with_the_folder_that_it_was_in(owner: User, them: Actor, space: Space) -> None:
    """Deleted, restored, purged or rewound: the mount is hidden, and its target never touched."""
    put(them, "in/deep/x.txt")
    move_node(them, node_id=mount_of(owner, space).pk, target=Target("/in/deep/Plans"))
    (item,) = trash_nodes(them, node_ids=[locate_path(them, "/in").node.pk])
    assert (names(them), home_of(owner).mounts) == ([], 0)
    assert in_space(space) == ["/docs", "/docs/a.txt"]
    restore_items(them, item_ids=[item.pk])
    assert (names(them), names(them, "/in/deep")) == (["in"], ["x.txt"])
    (entry,) = list_mounts(them)
    assert bring_back(them, mount_id=entry.row.pk).path == "/Plans"


def test_a_rewound_folder_leaves_mounts_where_they_are(owner: User, them: Actor, space: Space) -> None:
    put(them, "in/x.txt")
    before = home_of(owner).seq
    move_node(them, node_id=mount_of(owner, space).pk, target=Target("/in/Plans"))
    put(them, "in/later.txt")
    result = rewind(them, node_id=locate_path(them, "/in").node.pk, seq=before)
    assert (result.trashed, result.lost) == (1, [])
    assert names(them, "/in") == ["Plans", "x.txt"]
    trash_nodes(them, node_ids=[mount_of(owner, space).pk])
    assert rewind(them, node_id=locate_path(them, "/").node.pk, seq=before).lost == []
    assert in_space(space) == ["/docs", "/docs/a.txt"]


def test_overwritten_by_a_folder_it_is_hidden(owner: User, them: Actor, space: Space) -> None:
    put(them, "other/x.txt")
    moved = move_node(them, node_id=locate_path(them, "/other").node.pk, target=Target("/Plans"), overwrite=True)
    assert moved.replaced
    assert names(them, "/Plans") == ["x.txt"]
    assert in_space(space) == ["/docs", "/docs/a.txt"]


def test_a_viewer_deletes_nothing_below_and_renames_what_is_theirs(closed_viewer: User) -> None:
    me = actor_of(closed_viewer)
    with pytest.raises(errors.Forbidden):
        trash_nodes(me, node_ids=[locate_path(me, "/Closed/a.txt").node.pk])
    create_folder(me, target=Target("/mine"))
    move_node(me, node_id=locate_path(me, "/Closed").node.pk, target=Target("/mine/Read"))
    assert names(me, "/mine/Read") == ["a.txt"]
    reconcile_all()
    assert names(me) == ["mine"]
    trash_nodes(me, node_ids=[locate_path(me, "/mine/Read").node.pk])
    assert names(me, "/mine") == []
