"""An upload that was begun for a mounted file, and what becomes of it when something happens to the file meanwhile."""

from typing import Any

import pytest

from accounts.actor import Actor
from files import errors
from files.access.rights import Role
from files.actions.finish_upload import finish_upload
from files.actions.move import move_node, rename_node
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.models import Grant, Space, Upload
from files.queries.target import Target
from files.tree.writing import Mode
from tests.support.shared_files import FILE, NAME, TEXT, SharedFile
from tests.support.shared_folders import ABOVE
from tests.support.trees import bytes_at, home_of, ledger, put

DATA = b"abcdef"


def begun(editor: Actor, mode: Mode = Mode.OVERWRITE, **options: Any) -> Upload:
    wanted = UploadOptions(Target(NAME), length=len(DATA), mode=mode, **options)
    upload = open_upload(editor, wanted=wanted)
    write_piece(editor, upload_id=upload.pk, chunks=[DATA], piece=PieceOptions(0, len(DATA)))
    return upload


def test_its_owner_renames_the_file(world: SharedFile, editor: Actor) -> None:
    upload = begun(editor)
    move_node(world.actor, node_id=world.file_id, target=Target("/elsewhere/other.txt"))
    assert finish_upload(editor, upload_id=upload.pk).node.pk == world.file_id
    assert world.texts == [TEXT, DATA]


def test_its_owner_gives_its_name_to_another_one(world: SharedFile, editor: Actor) -> None:
    """That the same person may write, too: it gets nothing of what was meant for the other."""
    other = put(world.actor, f"{ABOVE}/other.txt", b"the other").node
    world.share(world.editor, Role.EDITOR, other)
    upload = begun(editor)
    rename_node(world.actor, node_id=world.file_id, name="third.txt")
    rename_node(world.actor, node_id=other.pk, name=NAME)
    assert finish_upload(editor, upload_id=upload.pk).node.pk == world.file_id
    assert (world.texts[-1], bytes_at(world.actor, FILE)) == (DATA, b"the other")


def test_it_moves_to_another_space(world: SharedFile, editor: Actor) -> None:
    space = create_team_space(world.actor, name="Plans")
    Space.objects.filter(pk=space.pk).update(is_open=False)
    Grant.objects.create(node_id=space.root_id, space=space, user=world.owner, role=Role.MANAGER)
    upload = begun(editor)
    move_node(world.actor, node_id=world.file_id, target=Target("/in.txt", space_id=space.pk))
    assert finish_upload(editor, upload_id=upload.pk).node.pk == world.file_id
    assert (world.texts[-1], ledger(world.owner).uploads) == (DATA, 0)


def test_a_conflict_copy_lies_beside_the_mount(world: SharedFile, editor: Actor) -> None:
    """As it does for who writes at once, though the upload was begun for the file."""
    upload = begun(editor, Mode.UPDATE, autorename=True, base_version_id=world.file.version_id)
    work = move_node(editor, node_id=world.mount_of(world.editor).pk, target=Target("/office/mine.txt"))
    world.write(b"newer")
    done = finish_upload(editor, upload_id=upload.pk)
    assert (work.place.path, done.place.path) == ("/office/mine.txt", "/office/mine (2).txt")
    assert (bytes_at(editor, done.place.path), world.texts) == (DATA, [TEXT, b"newer"])
    assert (ledger(world.owner).uploads, ledger(world.editor).live) == (0, len(DATA))


def test_a_conflict_copy_of_one_that_is_hidden(world: SharedFile, editor: Actor) -> None:
    upload = begun(editor, Mode.UPDATE, autorename=True, base_version_id=world.file.version_id)
    trash_nodes(editor, node_ids=[world.mount_of(world.editor).pk])
    world.write(b"newer")
    done = finish_upload(editor, upload_id=upload.pk)
    assert (done.place.path, done.place.space) == (f"/{NAME}", home_of(world.editor))


def test_a_conflict_without_another_name(world: SharedFile, editor: Actor) -> None:
    upload = begun(editor, Mode.UPDATE, base_version_id=world.file.version_id)
    world.write(b"newer")
    with pytest.raises(errors.VersionConflict):
        finish_upload(editor, upload_id=upload.pk)
    assert world.texts == [TEXT, b"newer"]


def test_its_access_ends_or_it_is_deleted(world: SharedFile, editor: Actor) -> None:
    first, second = begun(editor), begun(editor)
    world.share(world.editor, Role.VIEWER)
    with pytest.raises(errors.Forbidden):
        finish_upload(editor, upload_id=first.pk)
    world.share(world.editor, Role.EDITOR)
    trash_nodes(world.actor, node_ids=[world.file_id])
    put(world.actor, FILE, b"another one of that name")
    with pytest.raises(errors.NotFound):
        finish_upload(editor, upload_id=first.pk)
    world.end(world.editor)
    for upload in (first, second):
        with pytest.raises(errors.NotFound):
            finish_upload(editor, upload_id=upload.pk)
    assert bytes_at(world.actor, FILE) == b"another one of that name"


def test_without_a_byte_nothing_is_overwritten(world: SharedFile, editor: Actor) -> None:
    """An upload of which no piece has come is an empty new file at most: not one beside, that nobody has wished for."""
    opened = open_upload(editor, wanted=UploadOptions(Target(NAME), length=0, mode=Mode.OVERWRITE))
    trash_nodes(editor, node_ids=[world.mount_of(world.editor).pk])
    with pytest.raises(errors.NameTaken):
        finish_upload(editor, upload_id=opened.pk)
    assert (world.texts, home_of(world.editor).mounts) == ([TEXT], 0)
