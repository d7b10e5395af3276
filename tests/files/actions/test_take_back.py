"""files.actions.take_back: managers of a space undo what somebody has moved out of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage

from accounts import notices
from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import AuditEvent, Membership, OutgoingMail, QuotaAccount, User
from common.clock import now
from files import errors
from files.access.rights import Role as SpaceRole
from files.actions.grants import Subject, SubjectKind, change_space, set_grant
from files.actions.lock import LockOptions, lock_node
from files.actions.mounts import bring_back, reconcile_all
from files.actions.move import move_node, move_nodes, rename_node
from files.actions.move_home import move_home
from files.actions.rewind import rewind
from files.actions.spaces import create_team_space
from files.actions.take_back import take_back
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.models import Change, ChangeKind, Mount, Node, NodeLock, Space
from files.queries.moved_out import Whereabouts, moved_out, whereabouts
from files.queries.target import Target
from files.queries.tree import locate, locate_path
from files.queries.versions import list_versions
from tests.support.mails import sent_mails
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import ledger, put


@pytest.fixture
def space(actor: Actor) -> Space:
    return create_team_space(actor, name="Plans")


@pytest.fixture
def bob(user: User) -> Actor:
    return actor_of(make_member(user))


@pytest.fixture
def folder(bob: Actor, space: Space) -> Node:
    """Which bob has moved home: two files, one with two versions."""
    put(bob, "top/a/f", b"one", space_id=space.pk)
    put(bob, "top/a/f", b"second", space_id=space.pk)
    put(bob, "top/a/g", b"1", space_id=space.pk)
    node = locate_path(bob, "top/a", space_id=space.pk).node
    move_node(bob, node_id=node.pk, target=Target("mine"))
    return node


def line_of(space: Space) -> Change:
    return Change.objects.filter(space=space, kind=ChangeKind.MOVE_OUT).latest("seq")


def undo(actor: Actor, space: Space) -> str:
    return take_back(actor, space_id=space.pk, seq=line_of(space).seq).path


def nothing(bob: Actor, folder: Node) -> None:
    """It is where it was moved to."""


def renamed_and_moved(bob: Actor, folder: Node) -> None:
    rename_node(bob, node_id=folder.pk, name="hidden")
    put(bob, "deep/er/x")
    move_node(bob, node_id=folder.pk, target=Target("deep/er/still hidden"))


def trashed(bob: Actor, folder: Node) -> None:
    trash_nodes(bob, node_ids=[folder.pk])


def trashed_below_another(bob: Actor, folder: Node) -> None:
    renamed_and_moved(bob, folder)
    trash_nodes(bob, node_ids=[locate_path(bob, "deep").node.pk])


def locked(bob: Actor, folder: Node) -> None:
    lock_node(bob, node_id=folder.pk, options=LockOptions(timeout=timedelta(days=1), is_deep=True))
    root = locate_path(bob, "/").node.pk
    lock_node(bob, node_id=root, options=LockOptions(timeout=timedelta(days=1), is_deep=False))


@pytest.mark.parametrize("hide", [nothing, renamed_and_moved, trashed, trashed_below_another])
def test_it_comes_back_from_wherever_it_is(
    user: User, actor: Actor, bob: Actor, space: Space, folder: Node, hide: Callable[[Actor, Node], None]
) -> None:
    hide(bob, folder)
    assert undo(actor, space) == "/top/a"
    assert locate(bob, folder.pk).path == "/top/a"
    file = locate_path(bob, "top/a/f", space_id=space.pk)
    assert list_versions(file).count() == 2
    assert locate_path(bob, "top/a/g", space_id=space.pk).node.size == 1
    owner = User.objects.get(pk=bob.user_id)
    left = 0 if hide in (nothing, trashed) else 5  # the file beside it
    assert ledger(owner).total == left
    event = AuditEvent.objects.get(kind="space.take_back")
    assert event.detail["from_user"] == bob.user_id


def test_with_what_was_done_to_it_meanwhile(actor: Actor, bob: Actor, space: Space, folder: Node) -> None:
    put(bob, "mine/f", b"third version")
    put(bob, "mine/new", b"added")
    undo(actor, space)
    assert list_versions(locate_path(actor, "top/a/f", space_id=space.pk)).count() == 3
    assert locate_path(actor, "top/a/new", space_id=space.pk)


def test_where_it_was_is_made_again_and_a_taken_name_gets_a_number(
    actor: Actor, bob: Actor, space: Space, folder: Node
) -> None:
    trash_nodes(bob, node_ids=[locate_path(bob, "top", space_id=space.pk).node.pk])
    put(bob, "top/a", b"another", space_id=space.pk)
    assert undo(actor, space) == "/top/a (2)"


def test_no_lock_of_the_person_holds_it(bob: Actor, actor: Actor, space: Space, folder: Node) -> None:
    locked(bob, folder)
    undo(actor, space)
    assert not NodeLock.objects.filter(node_id=folder.pk).exists()


def test_from_another_persons_home_and_from_another_space(user: User, actor: Actor, bob: Actor, space: Space) -> None:
    second = create_team_space(actor, name="Second")
    node = put(bob, "f", space_id=space.pk).node
    move_node(bob, node_id=node.pk, target=Target("f", space_id=second.pk))
    carl = actor_of(make_member(user))
    move_node(carl, node_id=node.pk, target=Target("carls"))
    assert undo(actor, space) == "/f"


def test_what_was_purged_is_gone(actor: Actor, bob: Actor, space: Space, folder: Node) -> None:
    trash_nodes(bob, node_ids=[folder.pk])
    empty_trash(bob)
    for _ in range(2):
        assert whereabouts([line_of(space)]) == {line_of(space).seq: Whereabouts.GONE}
        with pytest.raises(errors.MovedFileGone):
            undo(actor, space)
        remove_purged_rows()


def test_what_has_left_the_team_is_gone(actor: Actor, bob: Actor, space: Space, folder: Node) -> None:
    other = make_user().membership.team
    assert bob.user_id is not None
    assert bob.team_id is not None
    Space.objects.filter(pk=space.pk).update(deleted_at=now())  # or they would not get away
    move_home(bob.user_id, bob.team_id, other.pk)
    Membership.objects.filter(user_id=bob.user_id).update(team=other)
    Space.objects.filter(pk=space.pk).update(deleted_at=None)
    assert whereabouts([line_of(space)]) == {line_of(space).seq: Whereabouts.GONE}
    with pytest.raises(errors.MovedFileGone):
        undo(actor, space)


def test_what_is_back_is_back(actor: Actor, bob: Actor, space: Space, folder: Node) -> None:
    assert whereabouts(moved_out(actor, space.pk)) == {line_of(space).seq: Whereabouts.ELSEWHERE}
    undo(actor, space)
    assert whereabouts(moved_out(actor, space.pk)) == {line_of(space).seq: Whereabouts.BACK}
    with pytest.raises(errors.InvalidRequest):
        undo(actor, space)
    for seq in (0, 10**6, 10**30, 1):
        with pytest.raises(errors.NotFound):
            take_back(actor, space_id=space.pk, seq=seq)


def test_who_may(user: User, actor: Actor, bob: Actor, space: Space, folder: Node) -> None:
    seq = line_of(space).seq
    with pytest.raises(errors.Forbidden):
        take_back(bob, space_id=space.pk, seq=seq)
    with pytest.raises(errors.Forbidden):
        moved_out(bob, space.pk)
    with pytest.raises(errors.NotFound):
        take_back(actor_of(make_user()), space_id=space.pk, seq=seq)
    with pytest.raises(errors.ScopeMissing):
        take_back(actor_of(user, scopes=frozenset({"read"})), space_id=space.pk, seq=seq)
    manager = actor_of(make_member(user))
    subject = Subject(SubjectKind.USER, manager.user_id or 0)
    set_grant(actor, node_id=space.root_id or 0, subject=subject, role=SpaceRole.MANAGER)
    change_space(actor, space_id=space.pk, is_archived=True)
    assert moved_out(manager, space.pk).count() == 1
    with pytest.raises(errors.SpaceArchived):
        take_back(manager, space_id=space.pk, seq=seq)
    change_space(actor, space_id=space.pk, is_archived=False)
    assert take_back(manager, space_id=space.pk, seq=seq).path == "/top/a"


def test_the_limit_of_the_space_holds(actor: Actor, bob: Actor, space: Space, folder: Node) -> None:
    change_space(actor, space_id=space.pk, limit_bytes=5)
    with pytest.raises(QuotaExceeded):
        undo(actor, space)
    assert locate_path(bob, "mine").node.pk == folder.pk
    QuotaAccount.objects.filter(team_id=bob.team_id).update(limit_bytes=1)  # the team pays for it already
    change_space(actor, space_id=space.pk, limit_bytes=None)
    undo(actor, space)


def test_nobody_moves_out_what_they_may_not_delete(user: User, actor: Actor, space: Space) -> None:
    node = put(actor, "f", space_id=space.pk).node
    change_space(actor, space_id=space.pk, is_open=False)
    viewer = actor_of(make_member(user))
    subject = Subject(SubjectKind.USER, viewer.user_id or 0)
    set_grant(actor, node_id=space.root_id or 0, subject=subject, role=SpaceRole.COMMENTER)
    with pytest.raises(errors.Forbidden):
        move_node(viewer, node_id=node.pk, target=Target("mine"))


def test_a_rewind_of_the_space_takes_nothing_out_of_the_trash_of_a_home(
    actor: Actor, bob: Actor, space: Space, folder: Node
) -> None:
    """It restored a tree that is charged to the home, and put both ledgers wrong."""
    seq = line_of(space).seq - 1
    trash_nodes(bob, node_ids=[folder.pk])
    result = rewind(actor, node_id=locate_path(actor, "top", space_id=space.pk).node.pk, seq=seq)
    assert (result.restored, result.lost) == (0, ["/top/a"])
    undo(actor, space)


def test_a_mount_that_was_put_into_it_stays_with_its_owner(
    actor: Actor, bob: Actor, space: Space, folder: Node
) -> None:
    reconcile_all()
    mount = Mount.objects.get(user_id=bob.user_id, space=space)
    move_nodes(bob, node_ids=[mount.node_id or 0], parent_id=folder.pk)
    undo(actor, space)
    assert Mount.objects.get(pk=mount.pk).node_id is None, "hidden, to be brought back"
    assert not Node.objects.filter(space=space, target_id__isnull=False).exists()
    assert bring_back(bob, mount_id=mount.pk).path == "/Plans"


def mails_to(actor: Actor) -> list[EmailMessage]:
    """About files that were taken back."""
    mails = sent_mails(User.objects.get(pk=actor.user_id).email)
    return [mail for mail in mails if mail.subject.startswith("Taken back")]


def test_whoever_had_it_is_told_by_mail(user: User, actor: Actor, bob: Actor, space: Space, folder: Node) -> None:
    rename_node(bob, node_id=folder.pk, name="not\nhidden")
    undo(actor, space)
    (mail,) = mails_to(bob)
    assert mail.subject == "Taken back into a team space: not hidden"
    assert f"({user.email}), who manages that space, has taken it back." in mail.body
    assert "last mail" not in mail.body
    assert space.name not in mail.body, "who has it need not know that space"


def test_nobody_is_told_of_what_they_did_themselves_or_without_a_mail_server(
    user: User, actor: Actor, bob: Actor, space: Space, folder: Node, settings: Any
) -> None:
    node = put(actor, "own", space_id=space.pk).node
    move_node(actor, node_id=node.pk, target=Target("own"))
    undo(actor, space)
    assert mails_to(actor) == []
    settings.MAIL_IS_SENT = False
    take_back(actor, space_id=space.pk, seq=moved_out(actor, space.pk).earliest("seq").seq)
    assert not OutgoingMail.objects.exists()


def test_many_are_no_flood(
    actor: Actor, bob: Actor, space: Space, folder: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "MAILS_IN_A_DAY", 2)
    for _ in range(3):
        undo(actor, space)
        move_node(bob, node_id=folder.pk, target=Target("mine"))
    assert ["last mail" in mail.body for mail in mails_to(bob)] == [False, True]


def test_an_account_that_was_stopped_meanwhile_gets_no_mail(
    actor: Actor, bob: Actor, space: Space, folder: Node
) -> None:
    undo(actor, space)
    User.objects.filter(pk=bob.user_id).update(is_active=False)
    assert mails_to(bob) == []
    assert not OutgoingMail.objects.exists()
