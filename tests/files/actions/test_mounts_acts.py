"""What every other action does with what is mounted in a home: into it, out of it, and with itself."""

import random

import pytest

from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount, User
from files import errors
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions import large_copy
from files.actions.annotations import PropertyChange, set_favourite, set_properties
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.chunks import Chunk, finish_chunked_upload, open_chunked_upload, write_chunk
from files.actions.concatenate_uploads import concatenate_uploads
from files.actions.copy import copy_node, copy_nodes
from files.actions.create_folder import create_folder
from files.actions.finish_upload import finish_upload
from files.actions.grants import Subject, set_grant
from files.actions.large_copy import run_copies
from files.actions.lock import LockOptions, lock_node, unlock_node
from files.actions.move import move_node, move_nodes, rename_node
from files.actions.rewind import rewind
from files.actions.trash import restore_items, trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.models import Node, NodeLock, NodeProperty, Space
from files.queries.favourites import list_favourites
from files.queries.journal import was_moved
from files.queries.target import Target
from files.queries.tree import locate, locate_path
from files.tree.writing import WriteOptions
from tests.support.mounts import in_space, let_in, mount_of, mounted_space, names
from tests.support.people import actor_of, make_member
from tests.support.trees import bytes_at, home_of, journal_of, ledger, put


def test_writing_through_a_mount(owner: User, them: Actor, space: Space) -> None:
    team = QuotaAccount.objects.get(team=owner.membership.team)
    before, mine = team.live_bytes, ledger(owner)
    written = put(them, "/Plans/new/b.txt", b"12345678")
    assert (written.place.path, written.place.space.pk) == ("/Plans/new/b.txt", space.pk)
    assert (bytes_at(them, "/Plans/new/b.txt"), ledger(owner)) == (b"12345678", mine)
    assert QuotaAccount.objects.get(pk=team.pk).live_bytes == before + 8
    put(them, "/Plans/big.bin", b"x" * 100_000)
    folder, made = create_folder(them, target=Target("/Plans/new/deeper"))
    assert (made, folder.path) == (True, "/Plans/new/deeper")
    by_id = put(them, "c.txt", parent_id=mount_of(owner, space).pk)
    assert (by_id.place.space.pk, by_id.place.path) == (space.pk, "/Plans/c.txt")
    assert in_space(space) == ["/big.bin", "/c.txt", "/docs", "/docs/a.txt", "/new", "/new/b.txt", "/new/deeper"]
    with pytest.raises(errors.NotAFile):
        put(them, "/Plans", b"x")
    found, made = create_folder(them, target=Target("/Plans"), exist_ok=True)
    assert (made, found.is_mount) == (False, True)
    with pytest.raises(errors.NameTaken):
        create_folder(them, target=Target("/Plans"))


def test_a_bulk_write_at_the_top_goes_through_mounts(owner: User, them: Actor, space: Space) -> None:
    files = [
        SmallFile(path, path.encode(), WriteOptions())
        for path in ("a.txt", "Plans/b.txt", "sub/c.txt", "Plans/docs/d.txt", "Plans")
    ]
    _, puts = bulk_write(them, folder=Target(), files=files)
    assert [put.error is None for put in puts] == [True, True, True, True, False]
    assert bytes_at(them, "/Plans/docs/d.txt") == b"Plans/docs/d.txt"
    assert in_space(space) == ["/b.txt", "/docs", "/docs/a.txt", "/docs/d.txt"]
    assert names(them) == ["Plans", "sub", "a.txt"]


def test_a_bulk_write_refuses_only_what_goes_where_one_may_not(closed_viewer: User) -> None:
    me = actor_of(closed_viewer)
    files = [SmallFile(path, b"x", WriteOptions()) for path in ("Closed/b.txt", "own.txt")]
    _, (refused, kept) = bulk_write(me, folder=Target(), files=files)
    assert isinstance(refused.error, errors.Forbidden)
    assert kept.error is None


def test_uploads_in_pieces_end_in_the_space(owner: User, them: Actor, space: Space) -> None:
    """Also when the mount is renamed meanwhile."""
    upload = open_upload(them, wanted=UploadOptions(Target("/Plans/docs/up.bin"), length=4))
    assert upload.space_id == space.pk
    rename_node(them, node_id=mount_of(owner, space).pk, name="Ours")
    write_piece(them, upload_id=upload.pk, chunks=[b"data"], piece=PieceOptions(0, 4))
    written = finish_upload(them, upload_id=upload.pk)
    assert written.place.space.pk == space.pk
    assert bytes_at(them, "/Ours/docs/up.bin") == b"data"


@pytest.mark.parametrize("known", [True, False])
def test_chunks_that_go_into_a_mount(owner: User, them: Actor, space: Space, known: bool) -> None:
    """What nobody has said the place of is reserved in the home, and paid by the space once it is there."""
    target = Target("/Plans/chunked.bin", make_folders=False)
    open_chunked_upload(them, name="n", protocol="nextcloud", length=6, target=target if known else None)
    for name, data in (("1", b"abc"), ("2", b"def")):
        write_chunk(them, name="n", protocol="nextcloud", chunk=Chunk(name, 3), chunks=[data])
    again = None
    for _ in range(2):  # the answer may have been lost
        written = finish_chunked_upload(them, name="n", protocol="nextcloud", target=target, options=WriteOptions())
        assert (written.place.space.pk, bytes_at(them, "/Plans/chunked.bin")) == (space.pk, b"abcdef")
        assert again in (None, written.node.pk)
        again = written.node.pk
    assert ledger(owner).uploads == 0


def test_parts_that_were_begun_before_anybody_said_where(owner: User, them: Actor, space: Space) -> None:
    parts = [open_upload(them, wanted=UploadOptions(Target(), length=2, is_partial=True)) for _ in range(2)]
    for part, data in zip(parts, (b"ab", b"cd"), strict=True):
        write_piece(them, upload_id=part.pk, chunks=[data], piece=PieceOptions(0, 2))
    whole = open_upload(them, wanted=UploadOptions(Target("/Plans/joined.bin")))
    concatenate_uploads(them, upload_id=whole.pk, part_ids=[part.pk for part in parts], protocol="api")
    finish_upload(them, upload_id=whole.pk)
    assert bytes_at(them, "/Plans/joined.bin") == b"abcd"
    assert ledger(owner).uploads == 0


def test_moves_between_home_and_mount_are_moves_between_spaces(owner: User, them: Actor, space: Space) -> None:
    """The versions go along, and whoever has the file pays for them."""
    put(them, "own.txt", b"one"), put(them, "own.txt", b"three")
    file = locate_path(them, "/own.txt").node
    moved = move_node(them, node_id=file.pk, target=Target("/Plans/docs/theirs.txt"))
    assert (moved.place.path, moved.place.space.pk, moved.path_before) == (
        "/Plans/docs/theirs.txt",
        space.pk,
        "/own.txt",
    )
    assert (ledger(owner).live, ledger(owner).versions) == (0, 0)
    assert Node.objects.get(pk=space.root_id).versions_size == 3
    (back,) = move_nodes(them, node_ids=[file.pk], parent_id=home_of(owner).root_id or 0)
    assert back.place.path == "/theirs.txt"
    assert (ledger(owner).live, ledger(owner).versions) == (5, 3)
    into = move_nodes(them, node_ids=[file.pk], parent_id=mount_of(owner, space).pk)[0]  # by the id of the mount
    assert into.place.space.pk == space.pk
    kinds = [kind for kind, _ in journal_of(them)]
    assert kinds[-3:] == ["move_out", "move_in", "move_out"]


def test_a_viewer_takes_nothing_out(closed_viewer: User) -> None:
    me = actor_of(closed_viewer)
    file = locate_path(me, "/Closed/a.txt").node
    with pytest.raises(errors.Forbidden):
        move_node(me, node_id=file.pk, target=Target("/a.txt"))
    copied = copy_node(me, node_id=file.pk, target=Target("/a.txt"))
    assert (copied.path, bytes_at(me, "/a.txt")) == ("/a.txt", b"text")


def test_mounts_stay_in_their_home(owner: User, them: Actor, space: Space) -> None:
    other = mounted_space(them, "Other")
    put(them, "in/x.txt")
    mount = mount_of(owner, space)
    for target in (Target("/Other/Plans"), Target("Plans", space_id=other.pk)):
        with pytest.raises(errors.MountStaysHome) as refused:
            move_node(them, node_id=mount.pk, target=target)
        assert refused.value.detail == {"path": "/Plans"}
    move_node(them, node_id=mount.pk, target=Target("/in/Plans"))
    with pytest.raises(errors.MountStaysHome):
        move_nodes(them, node_ids=[locate_path(them, "/in").node.pk], parent_id=other.root_id or 0)
    with pytest.raises(errors.RootIsFixed):
        move_node(them, node_id=space.root_id or 0, target=Target("/out"))
    assert names(them, "/in") == ["Plans", "x.txt"]


def test_a_folder_with_mounts_moves_with_them(owner: User, them: Actor, space: Space) -> None:
    put(them, "in/x.txt"), put(them, "to/y.txt")
    move_node(them, node_id=mount_of(owner, space).pk, target=Target("/in/Plans"))
    moved = move_node(them, node_id=locate_path(them, "/in").node.pk, target=Target("/to/in"))
    assert moved.place.etag == locate_path(them, "/to/in").etag
    assert bytes_at(them, "/to/in/Plans/docs/a.txt") == b"hello"


def test_a_copy_of_a_mount_is_a_copy_of_what_is_in_it(owner: User, them: Actor, space: Space) -> None:
    mount = mount_of(owner, space)
    copied = copy_node(them, node_id=mount.pk, target=Target("/copy"))
    assert (copied.path, copied.is_mount, bytes_at(them, "/copy/docs/a.txt")) == ("/copy", False, b"hello")
    assert ledger(owner).live == 5
    (named,) = copy_nodes(them, node_ids=[mount.pk], parent_id=home_of(owner).root_id or 0, autorename=True)
    assert named.path == "/Plans (2)"
    with pytest.raises(errors.MoveIntoItself):
        copy_node(them, node_id=mount.pk, target=Target("/Plans/docs/copy"))
    other = mounted_space(them, "Other")
    assert copy_node(them, node_id=mount.pk, target=Target("/Other/copy")).path == "/Other/copy"
    assert in_space(other) == ["/copy", "/copy/docs", "/copy/docs/a.txt"]
    with pytest.raises(errors.NameTaken):
        copy_node(them, node_id=mount.pk, target=Target("/Plans"), overwrite=True)  # onto itself


def test_a_copy_of_a_folder_holds_what_is_mounted_below_it(owner: User, them: Actor, space: Space) -> None:
    put(them, "in/deep/x.txt", b"x")
    move_node(them, node_id=mount_of(owner, space).pk, target=Target("/in/deep/Plans"))
    copied = copy_node(them, node_id=locate_path(them, "/in").node.pk, target=Target("/copy"))
    assert bytes_at(them, "/copy/deep/Plans/docs/a.txt") == b"hello"
    assert bytes_at(them, "/copy/deep/x.txt") == b"x"
    assert (copied.node.size, ledger(owner).live) == (6, 7)
    assert not Node.objects.exclude(target_id=None).exclude(pk=mount_of(owner, space).pk).exists()


def test_a_large_copy_too(owner: User, them: Actor, space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    put(them, "in/deep/x.txt", b"x")
    move_node(them, node_id=mount_of(owner, space).pk, target=Target("/in/deep/Plans"))
    monkeypatch.setattr(large_copy, "LARGE", 2)
    copied = copy_node(them, node_id=locate_path(them, "/in").node.pk, target=Target("/copy"))
    assert copied.job is not None
    run_copies(seconds=5)
    copied.job.refresh_from_db()
    assert (copied.job.state, copied.job.done, copied.job.total) == ("done", 5, 5)
    assert bytes_at(them, "/copy/deep/Plans/docs/a.txt") == b"hello"


def test_a_copy_that_does_not_fit_is_not_begun(owner: User, them: Actor, space: Space) -> None:
    put(them, "in/x.txt", b"x")
    move_node(them, node_id=mount_of(owner, space).pk, target=Target("/in/Plans"))
    QuotaAccount.objects.filter(user=owner).update(limit_bytes=4)
    with pytest.raises(QuotaExceeded):
        copy_node(them, node_id=locate_path(them, "/in").node.pk, target=Target("/copy"))
    assert names(them) == ["in"]


def test_properties_and_locks_are_those_of_what_it_stands_for(owner: User, them: Actor, space: Space) -> None:
    mount = mount_of(owner, space)
    place = set_properties(them, node_id=mount.pk, changes=[PropertyChange("urn:x", "a", "1")])
    assert (place.node.pk, place.is_mount) == (mount.pk, True)
    assert NodeProperty.objects.get().node_id == space.root_id
    lock_node(them, node_id=mount.pk, options=LockOptions(is_deep=True))
    assert NodeLock.objects.get().node_id == space.root_id
    member = make_member(owner)
    with pytest.raises(errors.Locked):
        put(actor_of(member), "x.txt", space_id=space.pk)
    rename_node(them, node_id=mount.pk, name="Ours")  # nothing of the space changes by that
    unlock_node(them, node_id=mount.pk)
    assert not NodeLock.objects.exists()


def test_what_is_deleted_below_a_mount_is_in_the_trash_of_its_space(owner: User, them: Actor, space: Space) -> None:
    (item,) = trash_nodes(them, node_ids=[locate_path(them, "/Plans/docs").node.pk])
    assert (item.space_id, item.path) == (space.pk, "/docs")
    (restored,) = restore_items(them, item_ids=[item.pk])
    assert bytes_at(them, "/Plans/docs/a.txt") == b"hello"
    result = rewind(them, node_id=mount_of(owner, space).pk, seq=0)  # what is in it, by who manages it
    assert result.trashed == 1
    assert (in_space(space), names(them)) == ([], ["Plans"])
    assert restored.space.pk == space.pk


def test_conditions_hold_the_tag_that_is_shown(owner: User, them: Actor, space: Space) -> None:
    put(them, "in/x.txt")
    mount = mount_of(owner, space)
    move_node(them, node_id=mount.pk, target=Target("/in/Plans"))
    for path in ("/in/Plans", "/in"):
        place = locate_path(them, path)
        old = place.etag
        put(them, "docs/a.txt", random.randbytes(9), space_id=space.pk)
        with pytest.raises(errors.PreconditionFailed):
            trash_nodes(them, node_ids=[place.node.pk], conditions={"if-match": old})
        fresh = locate(them, place.node.pk).etag
        move_node(them, node_id=place.node.pk, target=Target(path + "2"), conditions={"if-match": fresh})
        move_node(them, node_id=place.node.pk, target=Target(path))


def test_favourites_in_what_is_mounted(owner: User, them: Actor, space: Space) -> None:
    put(them, "in/own.txt")
    mount = mount_of(owner, space)
    for path in ("/in/own.txt", "/Plans/docs/a.txt", "/Plans"):
        set_favourite(them, node_id=locate_path(them, path).node.pk, wanted=True)

    def marked(path: str) -> list[str]:
        return [place.path for place in list_favourites(them, below=locate_path(them, path))]

    assert marked("/") == ["/Plans", "/Plans/docs/a.txt", "/in/own.txt"]
    assert (marked("/Plans"), marked("/in")) == (["/Plans/docs/a.txt"], ["/in/own.txt"])
    trash_nodes(them, node_ids=[mount.pk])
    assert marked("/") == ["/in/own.txt"]


def test_a_move_that_is_asked_for_twice(owner: User, them: Actor, space: Space) -> None:
    """Within the mount, into it and out of it: what was done just now by this client is known again."""
    file = locate_path(them, "/Plans/docs/a.txt").node
    for before, after in (
        ("/Plans/docs/a.txt", "/Plans/b.txt"),
        ("/Plans/b.txt", "/own.txt"),
        ("/own.txt", "/mine.txt"),
        ("/mine.txt", "/Plans/docs/c.txt"),
    ):
        move_node(them, node_id=file.pk, target=Target(after))
        place = locate_path(them, after)
        assert was_moved(them, place, before), (before, after)
        assert not was_moved(them, place, "/other.txt")
        assert not was_moved(actor_of(owner, client="another"), place, before)


def test_what_is_granted_on_a_mount_is_granted_on_what_it_stands_for(owner: User, them: Actor) -> None:
    member, other = make_member(owner), make_member(owner)
    closed = mounted_space(them, "Closed", is_open=False)
    let_in(them, closed, member)
    subject = Subject(SubjectKind.USER, other.pk)
    grant = set_grant(them, node_id=mount_of(owner, closed).pk, subject=subject, role=Role.VIEWER)
    assert (grant.node_id, grant.space_id) == (closed.root_id, closed.pk)
    with pytest.raises(errors.Forbidden):  # a viewer owns the folder, not what is in it
        set_grant(actor_of(member), node_id=mount_of(member, closed).pk, subject=subject, role=Role.VIEWER)
    with pytest.raises(errors.NotFound):  # somebody else's
        set_grant(them, node_id=mount_of(member, closed).pk, subject=subject, role=Role.VIEWER)
