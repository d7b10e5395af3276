"""Folders that somebody shares out of the middle of their home, or of a team's space: mounted like whole spaces."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.actions.groups import add_to_group, create_group
from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount, User
from common.clock import now
from files import errors
from files.access.explain import SubjectKind
from files.access.rights import Right, Role
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.chunks import Chunk, finish_chunked_upload, open_chunked_upload, write_chunk
from files.actions.copy import copy_node
from files.actions.create_folder import create_folder
from files.actions.finish_upload import finish_upload
from files.actions.grants import Subject, remove_grant, set_grant
from files.actions.lock import LockOptions, lock_node, unlock_node
from files.actions.mounts import bring_back, end_mounts, reconcile_all
from files.actions.move import move_node, move_nodes, rename_node
from files.actions.restrictions import restrict
from files.actions.space_states import delete_space, restore_space
from files.actions.spaces import create_team_space
from files.actions.trash import purge_items, remove_purged_rows, restore_items, trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.versions import restore_version
from files.actions.write_piece import PieceOptions, write_piece
from files.downloads.zip_response import zip_download
from files.models import Grant, Job, Mount, Node, Space, TrashItem, Version
from files.queries.journal import was_moved
from files.queries.mount_list import list_mounts, users_to_reconcile
from files.queries.target import Target
from files.queries.tree import locate, locate_path
from files.tree.writing import WriteOptions
from tests.support.mounts import names
from tests.support.people import actor_of, make_member
from tests.support.shared_folders import FILES, FOLDER, SharedFolder, grant_on, mount_to, shared_folder
from tests.support.trees import bytes_at, home_of, journal_of, ledger, put


@pytest.fixture
def world(pool: Any) -> SharedFolder:
    return shared_folder()


@pytest.fixture
def editor(world: SharedFolder) -> Actor:
    return actor_of(world.editor)


@pytest.fixture
def viewer(world: SharedFolder) -> Actor:
    return actor_of(world.viewer)


# Made and taken away


def test_whoever_may_see_a_folder_has_it(world: SharedFolder, editor: Actor, viewer: Actor) -> None:
    assert names(editor) == names(viewer) == ["Photos"]
    assert names(viewer, "/Photos") == ["2026", "sea.txt"]
    assert names(world.actor) == ["canary-above"], "its owner has it where it is"
    assert journal_of(viewer) == [("create", "/Photos")]
    assert users_to_reconcile() == []
    place = locate_path(viewer, "/Photos/2026/trips/alps.txt")
    assert (place.path, place.space, place.mount is not None) == ("/Photos/2026/trips/alps.txt", world.home, True)


@pytest.mark.parametrize("kind", [SubjectKind.GROUP, SubjectKind.TEAM])
def test_by_a_group_or_the_team(world: SharedFolder, kind: SubjectKind) -> None:
    member = make_member(world.owner)
    group = create_group(world.actor, name="Readers")
    add_to_group(world.actor, group_id=group.pk, user_id=member.pk)
    shared = world.node("2026")
    team_id = world.owner.membership.team_id
    subject = Subject(kind, group.pk if kind is SubjectKind.GROUP else team_id)
    set_grant(world.actor, node_id=shared.pk, subject=subject, role=Role.VIEWER)
    reconcile_all()
    assert names(actor_of(member)) == ["2026"]
    assert names(actor_of(world.viewer)) == ["Photos"], "what is in it is not mounted once more"
    assert "2026" not in names(world.actor)


def test_who_sees_nothing_of_it_has_no_mount(world: SharedFolder) -> None:
    uploader = make_member(world.owner)
    world.share(uploader, Role.UPLOADER)
    assert names(actor_of(uploader)) == []


def test_a_name_that_is_taken_gets_a_number(world: SharedFolder) -> None:
    member = make_member(world.owner)
    put(actor_of(member), "Photos/own.txt")
    world.share(member, Role.VIEWER)
    assert names(actor_of(member)) == ["Photos", "Photos (2)"]
    rename_node(world.actor, node_id=world.folder.pk, name="Pictures")
    reconcile_all()
    assert names(actor_of(member)) == ["Photos", "Photos (2)"], "the name is the receiver's"


def test_what_is_granted_above_takes_the_place_of_it(world: SharedFolder, viewer: Actor) -> None:
    above = world.node("canary-deeper")
    grant = world.share(world.viewer, Role.VIEWER, above)
    assert names(viewer) == ["canary-deeper"]
    assert names(viewer, "/canary-deeper") == ["Photos", "canary-beside.txt"]
    grant.delete()
    reconcile_all()
    assert names(viewer) == ["Photos"]


def test_access_that_ends_ends_at_once(world: SharedFolder, editor: Actor, viewer: Actor) -> None:
    world.end(world.viewer)
    Grant.objects.filter(user=world.editor).update(expires_at=now() - timedelta(seconds=1))
    for actor in (viewer, editor):
        assert names(actor) == []
        with pytest.raises(errors.NotFound):
            locate_path(actor, "/Photos/sea.txt")
        with pytest.raises(errors.NotFound):
            put(actor, "/Photos/new.txt")
    reconcile_all()
    assert not Mount.objects.exists()
    assert journal_of(viewer)[-1] == ("trash", "/Photos")
    assert home_of(world.viewer).mounts == 0
    world.share(world.viewer, Role.VIEWER)
    assert names(viewer) == ["Photos"]


def test_in_the_trash_it_is_away_and_comes_back(world: SharedFolder, viewer: Actor, editor: Actor) -> None:
    (item,) = trash_nodes(world.actor, node_ids=[world.node("canary-deeper").pk])
    assert names(viewer) == [], "before the job has run"
    with pytest.raises(errors.NotFound):
        locate_path(viewer, "/Photos/sea.txt")
    reconcile_all()
    assert not Mount.objects.exists()
    restore_items(world.actor, item_ids=[item.pk])
    reconcile_all()
    assert (names(viewer), names(viewer, "/Photos")) == (["Photos"], ["2026", "sea.txt"])


def test_what_was_hidden_stays_hidden_while_it_is_away(world: SharedFolder, viewer: Actor, editor: Actor) -> None:
    trash_nodes(viewer, node_ids=[mount_to(world.viewer, world.folder).pk])
    (item,) = trash_nodes(world.actor, node_ids=[world.folder.pk])
    reconcile_all()
    assert list_mounts(viewer) == []
    with pytest.raises(errors.NotFound):
        bring_back(viewer, mount_id=Mount.objects.get(user=world.viewer).pk)
    restore_items(world.actor, item_ids=[item.pk])
    reconcile_all()
    assert (names(viewer), names(editor), users_to_reconcile()) == ([], ["Photos"], [])
    (entry,) = list_mounts(viewer)
    assert (entry.name, entry.space, entry.place) == ("Photos", world.home, None)
    assert bring_back(viewer, mount_id=entry.row.pk).path == "/Photos"
    trash_nodes(viewer, node_ids=[mount_to(world.viewer, world.folder).pk])
    world.end(world.viewer)
    reconcile_all()
    world.share(world.viewer, Role.VIEWER)
    assert names(viewer) == ["Photos"], "shared once more, it is there once more"


def test_a_hidden_space_stays_hidden_while_it_is_deleted(world: SharedFolder, viewer: Actor) -> None:
    space = create_team_space(world.actor, name="Plans")
    reconcile_all()
    trash_nodes(viewer, node_ids=[Mount.objects.get(user=world.viewer, space=space).node_id or 0])
    delete_space(world.actor, space_id=space.pk, name="Plans")
    reconcile_all()
    restore_space(world.actor, space_id=space.pk)
    reconcile_all()
    assert (names(viewer), sorted(names(world.actor))) == (["Photos"], ["Plans", "canary-above"])


def test_purged_before_the_job_came_to_it(world: SharedFolder, viewer: Actor) -> None:
    """No listing is 503 because a folder was removed by its owner, and the rows of hidden ones go, too."""
    trash_nodes(actor_of(world.editor), node_ids=[mount_to(world.editor, world.folder).pk])
    (item,) = trash_nodes(world.actor, node_ids=[world.node("canary-deeper").pk])
    purge_items(world.actor, item_ids=[item.pk])
    remove_purged_rows()
    assert names(viewer) == []
    assert home_of(world.viewer).mounts == 0
    assert not Mount.objects.filter(user=world.viewer).exists()
    reconcile_all()
    assert not Mount.objects.exists()


def test_a_locked_home_holds_up_no_purge(world: SharedFolder, viewer: Actor) -> None:
    root = locate_path(viewer, "/").node
    lock_node(viewer, node_id=root.pk, options=LockOptions())
    (item,) = trash_nodes(world.actor, node_ids=[world.folder.pk])
    purge_items(world.actor, item_ids=[item.pk])
    assert remove_purged_rows() > 0
    unlock_node(viewer, node_id=root.pk)
    end_mounts([item.node_id])
    assert names(viewer) == []


def test_a_folder_that_moves_to_another_space_is_followed(world: SharedFolder, viewer: Actor) -> None:
    space = create_team_space(world.actor, name="Plans")
    Space.objects.filter(pk=space.pk).update(is_open=False)
    Grant.objects.create(node_id=space.root_id, space=space, user=world.owner, role=Role.MANAGER)
    mount = mount_to(world.viewer, world.folder)
    move_node(world.actor, node_id=world.folder.pk, target=Target("/in/Photos", space_id=space.pk))
    assert locate_path(viewer, "/Photos/sea.txt").space == space
    assert set(users_to_reconcile()) >= {world.viewer.pk, world.editor.pk}
    reconcile_all()
    row = Mount.objects.get(user=world.viewer)
    assert (row.space, row.node) == (space, mount)
    assert users_to_reconcile() == []


def test_one_that_comes_into_the_own_home_is_no_mount_there(world: SharedFolder, editor: Actor) -> None:
    """Whoever edits the folder above may take it, by its id: a mount must not lead in a circle then."""
    mount = mount_to(world.editor, world.folder)
    with pytest.raises(errors.Forbidden):  # what is shared alone stays where its owner has put it
        move_node(editor, node_id=world.folder.pk, target=Target("/Taken"))
    above = grant_on(world.actor, world.node("canary-deeper"), world.editor, Role.EDITOR)
    move_node(editor, node_id=world.folder.pk, target=Target("/Taken"))
    remove_grant(world.actor, grant_id=above.pk)
    assert names(editor) == ["Taken"]
    with pytest.raises(errors.NotFound):
        locate(editor, mount.pk)
    with pytest.raises(errors.NotFound):
        locate_path(editor, "/Photos/sea.txt")
    reconcile_all()
    assert (names(editor), users_to_reconcile()) == (["Taken"], [])
    assert not Mount.objects.filter(user=world.editor).exists()


def test_what_a_restriction_cuts_off_gets_a_mount(
    world: SharedFolder, viewer: Actor, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    """Of a team's space: the folder in the closed one is shared for itself."""
    space = create_team_space(world.actor, name="Plans")
    put(world.actor, "f/closed/d/e.txt", space_id=space.pk)
    inner, closed = Node.objects.get(space=space, name="d"), Node.objects.get(space=space, name="closed")
    grant_on(world.actor, inner, world.viewer)
    reconcile_all()
    assert names(viewer) == ["Photos", "Plans"]
    Job.objects.filter(name="mounts").update(asked_at=None)
    with django_capture_on_commit_callbacks(execute=True):
        restrict(world.actor, node_id=closed.pk)
    assert Job.objects.filter(name="mounts").exclude(asked_at=None).exists(), "the job is asked for"
    reconcile_all()
    assert sorted(names(viewer)) == ["Photos", "Plans", "d"]
    assert (names(viewer, "/Plans/f"), names(viewer, "/d")) == ([], ["e.txt"])
    assert locate_path(viewer, "/d/e.txt").path == "/d/e.txt"


# What is theirs, and what is not


def test_a_viewer_moves_and_hides_the_mount_and_changes_nothing_in_it(world: SharedFolder, viewer: Actor) -> None:
    mount = mount_to(world.viewer, world.folder)
    create_folder(viewer, target=Target("/mine"))
    seq = world.folder.seq
    move_node(viewer, node_id=mount.pk, target=Target("/mine/Seen"))
    inner = locate_path(viewer, "/mine/Seen/sea.txt")
    for act in (
        lambda: put(viewer, "/mine/Seen/new.txt"),
        lambda: put(viewer, "/mine/Seen/sea.txt", b"other"),
        lambda: trash_nodes(viewer, node_ids=[inner.node.pk]),
        lambda: move_node(viewer, node_id=inner.node.pk, target=Target("/mine/sea.txt")),
        lambda: create_folder(viewer, target=Target("/mine/Seen/new")),
        lambda: set_grant(
            viewer, node_id=mount.pk, subject=Subject(SubjectKind.USER, world.editor.pk), role=Role.VIEWER
        ),
    ):
        with pytest.raises(errors.Forbidden):
            act()
    assert trash_nodes(viewer, node_ids=[mount.pk]) == []
    assert names(viewer, "/mine") == []
    reconcile_all()
    assert (names(viewer), world.folder.seq, TrashItem.objects.count()) == (["mine"], seq, 0)


def test_writing_in_it_is_charged_to_its_owner(world: SharedFolder, editor: Actor) -> None:
    before, own = ledger(world.owner), ledger(world.editor)
    written = put(editor, "/Photos/new/a.txt", b"hello")
    assert (written.place.path, written.node.space_id) == ("/Photos/new/a.txt", world.home.pk)
    put(editor, "/Photos/new/a.txt", b"hello!")
    after = ledger(world.owner)
    assert (after.live - before.live, after.versions - before.versions) == (6, 5)
    assert ledger(world.editor) == own
    (item,) = trash_nodes(editor, node_ids=[written.node.pk])
    assert (item.space_id, ledger(world.owner).trash) == (world.home.pk, 11)
    (back,) = restore_items(editor, item_ids=[item.pk])
    assert bytes_at(editor, "/Photos/new/a.txt") == b"hello!"
    first = Version.objects.filter(node=back.node).order_by("pk")[0]
    restore_version(editor, node_id=back.node.pk, version_id=first.pk)
    assert bytes_at(world.actor, f"{FOLDER}/new/a.txt") == b"hello"


def test_a_full_owner_stops_who_writes_there(world: SharedFolder, editor: Actor) -> None:
    account = QuotaAccount.objects.get(user=world.owner)
    QuotaAccount.objects.filter(pk=account.pk).update(limit_bytes=account.live_bytes)
    with pytest.raises(QuotaExceeded):
        put(editor, "/Photos/more.txt", b"x")


def test_moving_in_and_out(world: SharedFolder, editor: Actor) -> None:
    put(editor, "own.txt", b"mine")
    moved = move_node(editor, node_id=locate_path(editor, "/own.txt").node.pk, target=Target("/Photos/2026/own.txt"))
    assert (moved.place.path, moved.place.space) == ("/Photos/2026/own.txt", world.home)
    assert was_moved(editor, moved.place, "/own.txt")
    within = move_node(editor, node_id=moved.place.node.pk, target=Target("/Photos/own.txt"))
    assert was_moved(editor, within.place, "/Photos/2026/own.txt")
    assert not was_moved(editor, within.place, "/Photos/own.txt")
    out = move_node(editor, node_id=moved.place.node.pk, target=Target("/back.txt"))
    assert (out.place.path, out.place.space) == ("/back.txt", home_of(world.editor))
    assert was_moved(editor, locate_path(editor, "/back.txt"), "/Photos/own.txt")
    (into,) = move_nodes(editor, node_ids=[out.place.node.pk], parent_id=mount_to(world.editor, world.folder).pk)
    assert into.place.space == world.home
    with pytest.raises(errors.MountStaysHome):
        move_node(editor, node_id=mount_to(world.editor, world.folder).pk, target=Target("/Photos/2026/x"))


def test_from_one_mount_to_another_of_the_same_home(world: SharedFolder, editor: Actor) -> None:
    put(world.actor, "/other/Music/a.txt")
    world.share(world.editor, Role.EDITOR, world.node("Music"))
    assert names(editor) == ["Music", "Photos"]
    moved = move_node(editor, node_id=locate_path(editor, "/Music/a.txt").node.pk, target=Target("/Photos/a.txt"))
    assert moved.place.path == "/Photos/a.txt"
    assert was_moved(editor, locate_path(editor, "/Photos/a.txt"), "/Music/a.txt")
    assert (names(editor, "/Music"), bytes_at(world.actor, f"{FOLDER}/a.txt")) == ([], b"hello")


def test_copies_and_zips(world: SharedFolder, viewer: Actor) -> None:
    copied = copy_node(viewer, node_id=mount_to(world.viewer, world.folder).pk, target=Target("/Copy"))
    assert (copied.path, copied.space) == ("/Copy", home_of(world.viewer))
    assert bytes_at(viewer, "/Copy/2026/trips/alps.txt") == FILES["2026/trips/alps.txt"]
    assert ledger(world.viewer).live == sum(map(len, FILES.values()))
    editor = actor_of(world.editor)
    with pytest.raises(errors.MoveIntoItself):
        copy_node(editor, node_id=mount_to(world.editor, world.folder).pk, target=Target("/Photos/2026/Copy"))
    data = b"".join(zip_download(viewer, [locate_path(viewer, "/")]).streaming_content)
    told = {name for name in zipfile.ZipFile(io.BytesIO(data)).namelist() if not name.endswith("/")}
    assert told >= {f"Photos/{path}" for path in FILES}


def test_uploads_of_every_kind(world: SharedFolder, editor: Actor, viewer: Actor) -> None:
    opened = open_upload(editor, wanted=UploadOptions(Target("/Photos/large.bin"), length=6))
    write_piece(editor, upload_id=opened.pk, chunks=[b"abcdef"], piece=PieceOptions(0, 6))
    mount = mount_to(world.editor, world.folder)
    rename_node(editor, node_id=mount.pk, name="Pictures")  # what was begun stays where it was begun
    done = finish_upload(editor, upload_id=opened.pk)
    assert (done.node.space_id, bytes_at(editor, "/Pictures/large.bin")) == (world.home.pk, b"abcdef")
    target = Target("/Pictures/2026/chunked.bin")
    open_chunked_upload(editor, name="u1", protocol="nextcloud", length=4, target=target)
    write_chunk(editor, name="u1", protocol="nextcloud", chunk=Chunk("1", 4), chunks=[b"1234"])
    finished = finish_chunked_upload(editor, name="u1", protocol="nextcloud", target=target, options=WriteOptions())
    assert (finished.place.path, finished.node.space_id) == ("/Pictures/2026/chunked.bin", world.home.pk)
    _, outcomes = bulk_write(
        editor, folder=Target(), files=[SmallFile(path, b"b", WriteOptions()) for path in ("Pictures/b.txt", "c.txt")]
    )
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert bytes_at(world.actor, f"{FOLDER}/b.txt") == b"b"
    for act in (
        lambda: open_upload(viewer, wanted=UploadOptions(Target("/Photos/no.bin"), length=6)),
        lambda: open_chunked_upload(viewer, name="u2", protocol="nextcloud", length=4, target=Target("/Photos/no.bin")),
    ):
        with pytest.raises(errors.Forbidden):
            act()


def test_locks_are_those_of_the_folder(world: SharedFolder, editor: Actor) -> None:
    lock_node(world.actor, node_id=world.node("sea.txt").pk, options=LockOptions())
    with pytest.raises(errors.Locked) as refused:
        put(editor, "/Photos/sea.txt", b"other")
    assert refused.value.detail["path"] == "/sea.txt"
    unlock_node(world.actor, node_id=world.node("sea.txt").pk)
    lock_node(world.actor, node_id=world.node("canary-above").pk, options=LockOptions(is_deep=True))
    with pytest.raises(errors.Locked) as refused:
        put(editor, "/Photos/new.txt", b"other")
    assert refused.value.detail["path"] == "/", "no name of what is above"


# Mounts of its owner in it


@pytest.fixture
def inner_mount(world: SharedFolder) -> Node:
    """The owner has put the mount of a space of the team into the folder that they share."""
    space = create_team_space(world.actor, name="Plans")
    put(world.actor, "a.txt", space_id=space.pk)
    reconcile_all()
    row = Mount.objects.get(user=world.owner).node
    assert row is not None
    move_node(world.actor, node_id=row.pk, target=Target(f"{FOLDER}/2026/Inner"))
    return row


def test_nobody_else_sees_a_mount_of_its_owner_in_it(world: SharedFolder, editor: Actor, inner_mount: Node) -> None:
    assert names(editor, "/Photos/2026") == ["trips", "may.txt"]
    for path in ("/Photos/2026/Inner", "/Photos/2026/Inner/a.txt"):
        with pytest.raises(errors.NotFound):
            locate_path(editor, path)
        with pytest.raises(errors.NotFound):
            put(editor, path)
        with pytest.raises(errors.NotFound):
            create_folder(editor, target=Target(path))
    with pytest.raises(errors.NotFound):
        locate(editor, inner_mount.pk)
    copy_node(editor, node_id=mount_to(world.editor, world.folder).pk, target=Target("/Copy"))
    assert names(editor, "/Copy/2026") == ["trips", "may.txt"]


def test_a_folder_that_is_deleted_with_a_mount_in_it(world: SharedFolder, editor: Actor, inner_mount: Node) -> None:
    trash_nodes(editor, node_ids=[locate_path(editor, "/Photos/2026").node.pk])
    (entry,) = [entry for entry in list_mounts(world.actor) if entry.name == "Plans"]
    assert entry.place is None, "it is hidden from its owner's files, and nothing of it is deleted"
    assert Node.objects.filter(name="a.txt", parent__isnull=False).exists()


def test_the_rights_shown_are_those_of_the_folder(world: SharedFolder, viewer: Actor, editor: Actor) -> None:
    for actor, may in ((viewer, False), (editor, True)):
        place = locate_path(actor, "/Photos")
        assert place.access.allows(Right.DELETE)
        assert place.entered.access.allows(Right.CREATE) is may
        assert not place.entered.access.allows(Right.MANAGE)


def test_more_than_the_limit_are_left(world: SharedFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("files.actions.mounts", "files.queries.mount_list"):
        monkeypatch.setattr(f"{module}.MAXIMUM_MOUNTS", 2)
    member: User = make_member(world.owner)
    for number in range(3):
        folder, _ = create_folder(world.actor, target=Target(f"/f{number}"))
        grant_on(world.actor, folder.node, member)
    reconcile_all()
    assert (names(actor_of(member)), users_to_reconcile()) == (["f0", "f1"], [])
