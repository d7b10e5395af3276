"""A file that somebody shares alone, in the homes of those who have it: made, written, locked and hidden there."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount
from files import errors
from files.access.rights import Role
from files.actions.annotations import PropertyChange, record_checksum, set_favourite, set_properties
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.chunks import Chunk, finish_chunked_upload, open_chunked_upload, write_chunk
from files.actions.copy import copy_node
from files.actions.create_folder import create_folder
from files.actions.finish_upload import finish_upload
from files.actions.lock import LockOptions, lock_node, unlock_node
from files.actions.mounts import bring_back, reconcile_all
from files.actions.move import move_node, move_nodes, rename_node
from files.actions.spaces import create_team_space
from files.actions.trash import purge_items, remove_purged_rows, restore_items, trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.versions import delete_versions, restore_version
from files.actions.write_file import write_file, write_node
from files.actions.write_piece import PieceOptions, write_piece
from files.models import Grant, Mount, Node, NodeProperty, Space, TrashItem, Version
from files.queries.favourites import list_favourites
from files.queries.listing import list_folder
from files.queries.mount_list import list_mounts, users_to_reconcile
from files.queries.target import Target
from files.queries.tree import locate, locate_path
from files.queries.versions import list_versions
from files.tree.writing import Mode, WriteOptions
from tests.support.mounts import names
from tests.support.people import actor_of, make_member
from tests.support.shared_files import FILE, NAME, TEXT, SharedFile
from tests.support.shared_folders import ABOVE, grant_on
from tests.support.trees import bytes_at, home_of, journal_of, ledger, put

LARGE = b"x" * 100_000  # more than what is written together with others


# Made and taken away


def test_whoever_may_see_it_has_it(world: SharedFile, editor: Actor, viewer: Actor) -> None:
    assert names(editor) == names(viewer) == [NAME]
    assert journal_of(viewer) == [("create", f"/{NAME}")]
    assert users_to_reconcile() == []
    row = world.mount_of(world.viewer)
    assert (row.is_folder, row.version_id, row.size) == (False, None, 0)
    assert ledger(world.viewer).live == 0
    home = home_of(world.viewer)
    assert (home.mounts, Node.objects.get(pk=home.root_id or 0).descendants) == (1, 0)
    uploader = make_member(world.owner)
    world.share(uploader, Role.UPLOADER)
    assert names(actor_of(uploader)) == []


def test_what_is_granted_above_takes_the_place_of_it(world: SharedFile, viewer: Actor) -> None:
    grant = world.share(world.viewer, Role.VIEWER, Node.objects.get(name="canary-deeper"))
    assert names(viewer) == ["canary-deeper"]
    grant.delete()
    reconcile_all()
    assert names(viewer) == [NAME]


def test_access_that_ends_ends_at_once(world: SharedFile, viewer: Actor) -> None:
    world.end(world.viewer)
    assert names(viewer) == []
    for path in (f"/{NAME}", f"/{NAME}/x"):
        with pytest.raises(errors.NotFound):
            locate_path(viewer, path)
    with pytest.raises(errors.NotFound):
        put(viewer, NAME)
    reconcile_all()
    assert journal_of(viewer)[-1] == ("trash", f"/{NAME}")
    world.share(world.viewer, Role.VIEWER)
    assert names(viewer) == [NAME]


def test_deleting_hides_it_and_it_can_be_brought_back(world: SharedFile, viewer: Actor, editor: Actor) -> None:
    assert trash_nodes(viewer, node_ids=[world.mount_of(world.viewer).pk]) == []
    reconcile_all()
    assert (names(viewer), names(editor), TrashItem.objects.count()) == ([], [NAME], 0)
    (entry,) = list_mounts(viewer)
    assert (entry.name, entry.place) == (NAME, None)
    put(viewer, NAME, b"own")
    place = bring_back(viewer, mount_id=entry.row.pk)
    assert (place.path, place.node.is_folder, place.shown.pk) == ("/report (2).txt", False, world.file_id)
    assert bytes_at(viewer, place.path) == TEXT
    with pytest.raises(errors.NotFound):
        bring_back(editor, mount_id=entry.row.pk)


def test_a_folder_that_is_deleted_hides_it_too(world: SharedFile, viewer: Actor) -> None:
    create_folder(viewer, target=Target("/office"))
    move_nodes(viewer, node_ids=[world.mount_of(world.viewer).pk], parent_id=locate_path(viewer, "/office").node.pk)
    assert names(viewer, "/office") == [NAME]
    (item,) = trash_nodes(viewer, node_ids=[locate_path(viewer, "/office").node.pk])
    assert world.file.parent_id is not None
    restore_items(viewer, item_ids=[item.pk])
    assert names(viewer, "/office") == []
    assert [entry.place for entry in list_mounts(viewer)] == [None]


def test_in_the_trash_it_is_away_and_comes_back(world: SharedFile, viewer: Actor) -> None:
    (item,) = trash_nodes(world.actor, node_ids=[world.file_id])
    assert names(viewer) == [], "before the job has run"
    with pytest.raises(errors.NotFound):
        locate_path(viewer, NAME)
    reconcile_all()
    assert not Mount.objects.exists()
    restore_items(world.actor, item_ids=[item.pk])
    reconcile_all()
    assert (names(viewer), bytes_at(viewer, NAME)) == ([NAME], TEXT)
    (item,) = trash_nodes(world.actor, node_ids=[world.file_id])
    purge_items(world.actor, item_ids=[item.pk])
    remove_purged_rows()
    assert (names(viewer), home_of(world.viewer).mounts) == ([], 0)


def test_its_owner_renames_and_moves_it(world: SharedFile, viewer: Actor, editor: Actor) -> None:
    rename_node(world.actor, node_id=world.file_id, name="other.txt")
    move_node(world.actor, node_id=world.file_id, target=Target("/elsewhere/third.txt"))
    assert (names(viewer), bytes_at(viewer, NAME)) == ([NAME], TEXT)
    put(editor, NAME, b"by the editor")
    assert bytes_at(world.actor, "/elsewhere/third.txt") == b"by the editor"
    space = create_team_space(world.actor, name="Plans")
    Space.objects.filter(pk=space.pk).update(is_open=False)
    Grant.objects.create(node_id=space.root_id, space=space, user=world.owner, role=Role.MANAGER)
    move_node(world.actor, node_id=world.file_id, target=Target("/in/fourth.txt", space_id=space.pk))
    assert locate_path(viewer, NAME).entered.space == space
    reconcile_all()
    assert (names(viewer), Mount.objects.get(user=world.viewer).space) == ([NAME], space)


def test_nobody_takes_it_into_their_home_by_its_id(world: SharedFile, editor: Actor) -> None:
    """It would be taken out of a folder that they do not see (decision 46)."""
    with pytest.raises(errors.Forbidden):
        move_node(editor, node_id=world.file_id, target=Target("/taken.txt"))
    reconcile_all()
    assert names(editor) == [NAME]


# Written


def test_writing_makes_a_version_in_its_space(world: SharedFile, editor: Actor, viewer: Actor) -> None:
    own, owners = ledger(world.editor), ledger(world.owner)
    move_node(editor, node_id=world.mount_of(world.editor).pk, target=Target("/office/my report.txt"))
    for data in (b"small", LARGE):
        written = put(editor, "/office/my report.txt", data)
        assert (written.created, written.node.pk, written.place.path) == (False, world.file_id, "/office/my report.txt")
        assert written.place.node.pk == world.mount_of(world.editor).pk
        assert written.place.etag == locate_path(editor, "/office/my report.txt").etag == world.file.etag
    assert world.texts == [TEXT, b"small", LARGE]
    assert ledger(world.editor) == own, "nothing of it is charged to who writes"
    assert ledger(world.owner).live - owners.live == len(LARGE) - len(TEXT)
    assert bytes_at(viewer, NAME) == LARGE
    change = journal_of(world.actor)[-1]
    assert change == ("write", FILE)
    assert not put(editor, "/office/my report.txt", LARGE).changed
    author = Version.objects.filter(node_id=world.file_id).latest("pk").author
    assert author == world.editor


def test_it_costs_what_writing_in_a_mounted_folder_costs(world: SharedFile, editor: Actor) -> None:
    put(world.actor, f"{ABOVE}/Photos/x.txt")
    world.share(world.editor, Role.EDITOR, Node.objects.get(name="Photos"))

    def count(path: str, data: bytes) -> int:
        with CaptureQueriesContext(connection) as captured:
            put(editor, path, data)
        return len(captured)

    for data in (b"first", b"second", LARGE, LARGE[::-1] + b"y"):
        assert count(NAME, data) <= count("/Photos/x.txt", data + b"z")


@pytest.mark.parametrize("data", [b"small", LARGE])
def test_a_viewer_writes_nothing(world: SharedFile, viewer: Actor, data: bytes) -> None:
    row = world.mount_of(world.viewer)
    for act in (
        lambda: put(viewer, NAME, data),
        lambda: put(viewer, NAME, data, parent_id=home_of(world.viewer).root_id or 0),
        lambda: write_node(viewer, node_id=row.pk, chunks=[data], length=len(data)),
        lambda: open_upload(viewer, wanted=UploadOptions(Target(NAME), length=len(data), mode=Mode.OVERWRITE)),
        lambda: open_chunked_upload(viewer, name="u", protocol="nextcloud", length=9, target=Target(NAME)),
        lambda: restore_version(viewer, node_id=row.pk, version_id=world.file.version_id or 0),
        lambda: delete_versions(viewer, node_id=row.pk, version_ids=[1]),
        lambda: set_properties(viewer, node_id=row.pk, changes=[PropertyChange("n", "a", "1")]),
        lambda: lock_node(viewer, node_id=row.pk, options=LockOptions()),
    ):
        with pytest.raises(errors.Forbidden):
            act()
    (_, [outcome]) = bulk_write(viewer, folder=Target(), files=[SmallFile(NAME, b"b", WriteOptions())])
    assert isinstance(outcome.error, errors.Forbidden)
    assert (world.texts, names(viewer)) == ([TEXT], [NAME])


def test_by_id_and_below_a_folder_of_the_home(world: SharedFile, editor: Actor) -> None:
    row, root = world.mount_of(world.editor), home_of(world.editor).root_id or 0
    for number, act in enumerate(
        (
            lambda data: write_node(editor, node_id=row.pk, chunks=[data], length=len(data)),
            lambda data: write_node(editor, node_id=world.file_id, chunks=[data], length=len(data)),
            lambda data: put(editor, NAME, data, parent_id=root),
        )
    ):
        data = f"version {number}".encode()
        assert act(data).node.pk == world.file_id
        assert world.texts[-1] == data
    assert names(editor) == [NAME]


def test_conditions_and_modes(world: SharedFile, editor: Actor) -> None:
    def write(data: bytes, **options: Any) -> Any:
        return put(editor, NAME, data, WriteOptions(**options))

    first = world.file
    for options in ({"conditions": {"if-match": '"1.1"'}}, {"conditions": {"if-none-match": "*"}}):
        with pytest.raises(errors.PreconditionFailed):
            write(b"no", **options)
    with pytest.raises(errors.NameTaken) as taken:
        write(b"no", mode=Mode.CREATE)
    assert taken.value.detail == {"path": f"/{NAME}", "id": world.mount_of(world.editor).pk}
    with pytest.raises(errors.VersionConflict) as conflict:
        write(b"no", mode=Mode.UPDATE, base_version_id=1)
    assert (conflict.value.detail["path"], conflict.value.detail["current"]) == (f"/{NAME}", first.version_id)
    write(b"two", conditions={"if-match": first.etag})
    write(b"three", mode=Mode.UPDATE, base_version_id=world.file.version_id)
    assert (world.texts, names(editor)) == ([TEXT, b"two", b"three"], [NAME])


@pytest.mark.parametrize("data", [b"beside", LARGE])
def test_another_name_is_one_of_the_own_home(world: SharedFile, editor: Actor, viewer: Actor, data: bytes) -> None:
    """A viewer's client, too: what may not be written there is not lost."""
    for actor, user in ((editor, world.editor), (viewer, world.viewer)):
        created = put(actor, NAME, data, WriteOptions(Mode.CREATE, autorename=True))
        stale = put(actor, NAME, data + b"2", WriteOptions(Mode.UPDATE, autorename=True, base_version_id=1))
        etag = world.file.etag
        options = WriteOptions(Mode.UPDATE, True, 1, conditions={"if-match": etag})
        third = put(actor, NAME, data + b"3", options)
        found = [(one.created, one.place.path, one.node.space) for one in (created, stale, third)]
        assert found == [(True, f"/report ({n}).txt", home_of(user)) for n in (2, 3, 4)]
    assert world.texts == [TEXT]
    put(editor, NAME, b"newer", WriteOptions(Mode.UPDATE, autorename=True, base_version_id=world.file.version_id))
    assert world.texts == [TEXT, b"newer"]


def test_it_is_no_folder(world: SharedFile, editor: Actor) -> None:
    for act in (
        lambda: put(editor, f"{NAME}/x.txt"),
        lambda: create_folder(editor, target=Target(f"{NAME}/x")),
        lambda: list_folder(editor, locate_path(editor, NAME)),
        lambda: move_node(editor, node_id=put(editor, "own.txt").node.pk, target=Target(f"{NAME}/own.txt")),
        lambda: move_nodes(editor, node_ids=[put(editor, "b").node.pk], parent_id=world.mount_of(world.editor).pk),
    ):
        with pytest.raises(errors.NotAFolder):
            act()
    with pytest.raises(errors.NameTaken):
        create_folder(editor, target=Target(NAME))
    (_, [outcome]) = bulk_write(editor, folder=Target(), files=[SmallFile(f"{NAME}/x", b"b", WriteOptions())])
    assert isinstance(outcome.error, errors.NotAFolder)


def test_uploads_in_pieces(world: SharedFile, editor: Actor) -> None:
    opened = open_upload(editor, wanted=UploadOptions(Target(NAME), length=6, mode=Mode.OVERWRITE))
    assert (opened.space_id, ledger(world.owner).uploads) == (world.home.pk, 6)
    write_piece(editor, upload_id=opened.pk, chunks=[b"abcdef"], piece=PieceOptions(0, 6))
    rename_node(editor, node_id=world.mount_of(world.editor).pk, name="mine.txt")
    assert finish_upload(editor, upload_id=opened.pk).node.pk == world.file_id
    assert (world.texts[-1], names(editor), ledger(world.owner).uploads) == (b"abcdef", ["mine.txt"], 0)
    again = finish_upload(editor, upload_id=opened.pk)
    assert again.node.pk == world.file_id
    with pytest.raises(errors.NameTaken):
        open_upload(editor, wanted=UploadOptions(Target("mine.txt"), length=6))
    other = open_upload(editor, wanted=UploadOptions(Target("mine.txt"), length=2, autorename=True))
    assert other.space_id == home_of(world.editor).pk
    write_piece(editor, upload_id=other.pk, chunks=[b"ab"], piece=PieceOptions(0, 2))
    assert finish_upload(editor, upload_id=other.pk).place.path == "/mine (2).txt"


@pytest.mark.parametrize("said", [True, False])
def test_named_chunks(world: SharedFile, editor: Actor, said: bool) -> None:
    """Whether the client has said at the beginning where they go."""
    target = Target(NAME, make_folders=False)
    opened = open_chunked_upload(editor, name="u1", protocol="nextcloud", length=8, target=target if said else None)
    assert opened.space_id == (world.home if said else home_of(world.editor)).pk
    for number in (1, 2):
        write_chunk(editor, name="u1", protocol="nextcloud", chunk=Chunk(str(number), 4), chunks=[b"1234"])
    for _ in range(2):  # the answer was lost
        done = finish_chunked_upload(editor, name="u1", protocol="nextcloud", target=target, options=WriteOptions())
        assert done.node.pk == world.file_id
    assert (world.texts, names(editor)) == ([TEXT, b"12341234"], [NAME])
    assert (ledger(world.owner).uploads, ledger(world.editor).uploads) == (0, 0)


def test_many_at_once(world: SharedFile, editor: Actor) -> None:
    files = [SmallFile(path, path.encode(), WriteOptions()) for path in ("a.txt", NAME, "b.txt")]
    _, outcomes = bulk_write(editor, folder=Target(), files=files)
    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert [outcome.created for outcome in outcomes] == [True, False, True]
    assert outcomes[1].node == world.file
    assert (world.texts, names(editor)) == ([TEXT, NAME.encode()], ["a.txt", "b.txt", NAME])
    _, [one] = bulk_write(editor, folder=Target(), files=[SmallFile(NAME, b"c", WriteOptions(Mode.CREATE, True))])
    assert (one.error, one.node and one.node.name) == (None, "report (2).txt")
    root = locate_path(editor, "/").node.pk
    _, [one] = bulk_write(editor, folder=Target(parent_id=root), files=[SmallFile(NAME, b"d", WriteOptions())])
    assert (one.error, world.texts[-1]) == (None, b"d")


def test_a_full_owner_stops_who_writes(world: SharedFile, editor: Actor) -> None:
    account = QuotaAccount.objects.get(user=world.owner)
    QuotaAccount.objects.filter(pk=account.pk).update(limit_bytes=account.live_bytes)
    put(editor, "own.txt", LARGE)
    for act in (
        lambda: put(editor, NAME, b"more of it than there was before"),
        lambda: copy_node(editor, node_id=locate_path(editor, "own.txt").node.pk, target=Target(NAME), overwrite=True),
        lambda: move_node(editor, node_id=locate_path(editor, "own.txt").node.pk, target=Target(NAME), overwrite=True),
    ):
        with pytest.raises(QuotaExceeded):
            act()
    assert (world.texts, names(editor)) == ([TEXT], ["own.txt", NAME])


@pytest.mark.parametrize("act", [move_node, copy_node])
def test_its_owners_trash_gives_way(world: SharedFile, editor: Actor, act: Any) -> None:
    """And not that of who writes."""
    (item,) = trash_nodes(world.actor, node_ids=[put(world.actor, "old.bin", LARGE).node.pk])
    (own,) = trash_nodes(editor, node_ids=[put(editor, "old.bin", LARGE).node.pk])
    source = put(editor, "tmp", LARGE).node
    for user in (world.owner, world.editor):
        held = ledger(user)
        QuotaAccount.objects.filter(user=user).update(limit_bytes=held.live + held.versions + held.trash)
    act(editor, node_id=source.pk, target=Target(NAME), overwrite=True)
    assert world.texts == [TEXT, LARGE]
    assert not TrashItem.objects.filter(pk=item.pk, purging=False).exists()
    assert TrashItem.objects.filter(pk=own.pk, purging=False).exists()


def test_locks_properties_and_marks(world: SharedFile, editor: Actor, viewer: Actor) -> None:
    row = world.mount_of(world.editor)
    lock_node(world.actor, node_id=world.file_id, options=LockOptions())
    for act in (
        lambda: put(editor, NAME, b"other"),
        lambda: move_node(editor, node_id=put(editor, "t.txt").node.pk, target=Target(NAME), overwrite=True),
        lambda: set_properties(editor, node_id=row.pk, changes=[PropertyChange("n", "a", "1")]),
    ):
        with pytest.raises(errors.Locked) as refused:
            act()
        assert "canary" not in str(refused.value.detail)
    rename_node(editor, node_id=row.pk, name="mine.txt")  # the lock is on the file, and not on what they call it
    unlock_node(world.actor, node_id=world.file_id)
    lock = lock_node(editor, node_id=row.pk, options=LockOptions())
    assert lock.node_id == world.file_id
    unlock_node(editor, node_id=row.pk)
    set_properties(editor, node_id=row.pk, changes=[PropertyChange("n", "a", "1")])
    assert NodeProperty.objects.get().node_id == world.file_id
    set_favourite(viewer, node_id=world.mount_of(world.viewer).pk, wanted=True)
    assert [place.path for place in list_favourites(viewer, below=locate_path(viewer, "/"))] == [f"/{NAME}"]
    assert list_favourites(editor, below=locate_path(editor, "/")) == []


def test_versions_and_checksums(world: SharedFile, editor: Actor, viewer: Actor) -> None:
    first, row = world.file.version_id or 0, world.mount_of(world.editor)
    put(editor, NAME, b"second")
    place = locate_path(viewer, NAME)
    assert [version.size for version in list_versions(place)] == [6, len(TEXT)]
    restored = restore_version(editor, node_id=row.pk, version_id=first)
    assert (restored.place.path, restored.place.node.pk, restored.node.pk) == (f"/{NAME}", row.pk, world.file_id)
    assert world.texts == [TEXT, b"second", TEXT]
    assert len(record_checksum(viewer, place=locate_path(viewer, NAME), algorithm="sha1")) == 40
    with pytest.raises(errors.Forbidden):
        delete_versions(editor, node_id=row.pk, version_ids=[first])
    world.share(world.editor, Role.MANAGER)
    assert delete_versions(editor, node_id=row.pk, version_ids=[first]) == 1


# Somebody else's


def test_nobody_else_sees_it_or_takes_its_place(world: SharedFile, viewer: Actor, editor: Actor) -> None:
    """In a folder that its receiver shares with others: its name is taken, and that is all."""
    row = world.mount_of(world.viewer)
    move_node(viewer, node_id=row.pk, target=Target("/ours/mine.txt"))
    ours = locate_path(viewer, "/ours").node
    grant_on(viewer, ours, world.editor, Role.EDITOR)
    reconcile_all()
    assert names(editor, "/ours") == []
    source = put(editor, "/ours/tmp.txt", b"x").node
    for act in (
        lambda: locate_path(editor, "/ours/mine.txt"),
        lambda: locate(editor, row.pk),
        lambda: put(editor, "/ours/mine.txt", b"x"),
        lambda: put(editor, "/ours/mine.txt", LARGE),
        lambda: list_folder(editor, locate(editor, row.pk)),
        lambda: move_nodes(editor, node_ids=[source.pk], parent_id=row.pk),
    ):
        with pytest.raises(errors.NotFound):
            act()
    for act in (move_node, copy_node):
        with pytest.raises(errors.NameTaken) as taken:
            act(editor, node_id=source.pk, target=Target("/ours/mine.txt"), overwrite=True)
        assert "id" not in taken.value.detail
    _, [outcome] = bulk_write(editor, folder=Target(), files=[SmallFile("ours/mine.txt", b"x", WriteOptions())])
    assert isinstance(outcome.error, errors.NameTaken)
    copy_node(editor, node_id=locate_path(editor, "/ours").node.pk, target=Target("/Copy"))
    assert names(editor, "/Copy") == ["tmp.txt"]
    assert (names(viewer, "/ours"), bytes_at(viewer, "/ours/mine.txt")) == (["mine.txt", "tmp.txt"], TEXT)


def test_nor_a_mounted_folder_of_somebody_else(world: SharedFile, viewer: Actor, editor: Actor) -> None:
    put(world.actor, f"{ABOVE}/Photos/x.txt")
    world.share(world.viewer, Role.VIEWER, Node.objects.get(name="Photos"))
    move_node(viewer, node_id=locate_path(viewer, "/Photos").node.pk, target=Target("/ours/Photos"))
    grant_on(viewer, locate_path(viewer, "/ours").node, world.editor, Role.EDITOR)
    reconcile_all()
    source = put(editor, "/ours/tmp.txt", b"x").node
    with pytest.raises(errors.NameTaken):
        move_node(editor, node_id=source.pk, target=Target("/ours/Photos"), overwrite=True)
    _, [outcome] = bulk_write(editor, folder=Target(), files=[SmallFile("ours/Photos/y", b"x", WriteOptions())])
    assert isinstance(outcome.error, errors.NameTaken)
    assert names(viewer, "/ours/Photos") == ["x.txt"]


def test_one_that_comes_in_the_very_moment(world: SharedFile, editor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written into its row: what has found the name free looks again, and writes the file."""
    row = world.mount_of(world.editor)
    monkeypatch.setattr("files.actions.write_file.follows", lambda actor, space: False)
    write_file(editor, target=Target(NAME), chunks=[b"new"], length=3)
    assert Node.objects.get(pk=row.pk).version_id is None
    assert world.texts == [TEXT, b"new"]
