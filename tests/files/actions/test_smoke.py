"""The core in one breath; the details are in the neighbouring files."""

import pytest

from accounts.models import QuotaAccount
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.copy import copy_node
from files.actions.create_folder import create_folder
from files.actions.finish_upload import finish_upload
from files.actions.move import move_node, rename_node
from files.actions.trash import empty_trash, remove_purged_rows, restore_items, trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.versions import restore_version
from files.actions.write_file import WriteOptions
from files.actions.write_piece import PieceOptions, write_piece
from files.blobs import reader
from files.models import Change, Node
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.support.people import actor_of, make_user
from tests.support.trees import home_of, put


@pytest.mark.django_db
def test_a_life_of_files() -> None:
    user = make_user()
    actor = actor_of(user)
    written = put(actor, "a/b/c.txt", b"one")
    assert written.created
    assert written.place.path == "/a/b/c.txt"
    again = put(actor, "a/b/c.txt", b"two!")
    assert again.node.pk == written.node.pk
    assert not again.created
    place = locate_path(actor, "a/b/c.txt")
    assert reader.read_bytes(place.node.version.content) == b"two!"
    root = Node.objects.get(pk=home_of(user).root_id)
    assert (root.size, root.versions_size, root.descendants) == (4, 3, 3)
    restore_version(actor, node_id=place.node.pk, version_id=written.version.pk)
    moved = move_node(actor, node_id=locate_path(actor, "a/b").node.pk, target=Target("x/y/z"))
    assert moved.place.path == "/x/y/z"
    assert locate_path(actor, "x/y/z/c.txt").node.pk == written.node.pk
    rename_node(actor, node_id=written.node.pk, name="C.txt")
    copied = copy_node(actor, node_id=locate_path(actor, "x").node.pk, target=Target("copy of x"))
    assert locate_path(actor, "copy of x/y/z/C.txt").node.size == 3
    (item,) = trash_nodes(actor, node_ids=[copied.node.pk])
    (back,) = restore_items(actor, item_ids=[item.pk])
    assert back.path == "/copy of x"
    trash_nodes(actor, node_ids=[copied.node.pk])
    assert empty_trash(actor) == 1
    assert remove_purged_rows() == 4
    upload = open_upload(actor, wanted=UploadOptions(Target("up.bin"), length=10))
    write_piece(actor, upload_id=upload.pk, chunks=[b"56789"], piece=PieceOptions(5))
    write_piece(actor, upload_id=upload.pk, chunks=[b"01234"], piece=PieceOptions(0))
    done = finish_upload(actor, upload_id=upload.pk)
    assert reader.read_bytes(done.version.content) == b"0123456789"
    folder, _ = create_folder(actor, target=Target("bulk"))
    files = [SmallFile(f"d{i % 3}/f{i}", b"%d" % i, WriteOptions()) for i in range(50)]
    _, puts = bulk_write(actor, folder=Target(parent_id=folder.node.pk), files=files)
    assert all(p.error is None for p in puts)
    root.refresh_from_db()
    quota = QuotaAccount.objects.get(user=user)
    assert (quota.live_bytes, quota.versions_bytes, quota.trash_bytes, quota.uploads_bytes) == (
        root.size,
        root.versions_size,
        0,
        0,
    )
    seqs = list(Change.objects.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))
