"""A mounted file that is moved, copied and zipped, and what is moved and copied onto it."""

import io
import zipfile
from typing import Any

import pytest

from accounts.actor import Actor
from files import errors
from files.access.rights import Role
from files.actions import large_copy
from files.actions.copy import copy_node, copy_nodes
from files.actions.mounted_files import write_over
from files.actions.mounts import reconcile_all
from files.actions.move import move_node, move_nodes
from files.actions.spaces import create_team_space
from files.actions.trash import restore_items
from files.downloads.zip_response import zip_download
from files.models import Grant, Mount, Node, TrashItem
from files.queries.mount_list import list_mounts
from files.queries.target import Target
from files.queries.tree import locate, locate_path
from files.tree.unit_of_work import space_unit_of_work
from tests.support.mounts import names
from tests.support.shared_files import NAME, TEXT, SharedFile
from tests.support.shared_folders import ABOVE
from tests.support.trees import bytes_at, home_of, ledger, put


def test_a_viewer_renames_and_moves_it(world: SharedFile, viewer: Actor, editor: Actor) -> None:
    row = world.mount_of(world.viewer)
    moved = move_node(viewer, node_id=row.pk, target=Target("/office/mine.txt"))
    assert (moved.place.path, moved.path_before, moved.place.shown.pk) == (
        "/office/mine.txt",
        f"/{NAME}",
        world.file_id,
    )
    assert (names(viewer, "/office"), names(editor), world.file.name) == (["mine.txt"], [NAME], NAME)
    assert Node.objects.get(pk=home_of(world.viewer).root_id or 0).descendants == 1
    space = create_team_space(world.actor, name="Plans")
    reconcile_all()
    for target in (Target("/Plans/x.txt"), Target("/x.txt", space_id=space.pk)):
        with pytest.raises(errors.MountStaysHome):
            move_node(viewer, node_id=row.pk, target=target)


def test_a_copy_is_an_own_file(world: SharedFile, viewer: Actor) -> None:
    row = world.mount_of(world.viewer)
    copied = copy_node(viewer, node_id=row.pk, target=Target("/copy.txt"))
    assert (copied.path, copied.space, copied.node.is_mount) == ("/copy.txt", home_of(world.viewer), False)
    (second,) = copy_nodes(viewer, node_ids=[row.pk], parent_id=row.parent_id or 0, autorename=True)
    assert (second.node.name, ledger(world.viewer).live) == ("report (2).txt", 2 * len(TEXT))
    put(viewer, "/copy.txt", b"own")
    assert (world.texts, bytes_at(viewer, "/report (2).txt")) == ([TEXT], TEXT)
    move_node(viewer, node_id=row.pk, target=Target("/office/in/it.txt"))
    copy_node(viewer, node_id=locate_path(viewer, "/office").node.pk, target=Target("/work2"))
    assert (names(viewer, "/work2/in"), bytes_at(viewer, "/work2/in/it.txt")) == (["it.txt"], TEXT)
    assert not locate_path(viewer, "/work2/in/it.txt").is_mount


def test_a_large_copy_has_it(world: SharedFile, viewer: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_copy, "LARGE", 2)
    move_node(viewer, node_id=world.mount_of(world.viewer).pk, target=Target("/office/mine.txt"))
    for name in ("a", "b", "z"):
        put(viewer, f"/office/{name}.txt")
    copied = copy_node(viewer, node_id=locate_path(viewer, "/office").node.pk, target=Target("/copy"))
    assert copied.job is not None
    large_copy.run_copies(seconds=10)
    assert names(viewer, "/copy") == ["a.txt", "b.txt", "mine.txt", "z.txt"]
    assert bytes_at(viewer, "/copy/mine.txt") == TEXT


def test_zips_have_it_under_its_name(world: SharedFile, viewer: Actor) -> None:
    row = world.mount_of(world.viewer)
    move_node(viewer, node_id=row.pk, target=Target("/office/mine.txt"))
    for path, name in (("/office", "office/mine.txt"), ("/office/mine.txt", "mine.txt"), ("/", "office/mine.txt")):
        data = b"".join(zip_download(viewer, [locate_path(viewer, path)]).streaming_content)
        assert zipfile.ZipFile(io.BytesIO(data)).read(name) == TEXT
    world.end(world.viewer)
    data = b"".join(zip_download(viewer, [locate_path(viewer, "/office")]).streaming_content)
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["office/"]


def test_what_may_not_be_downloaded(world: SharedFile, viewer: Actor) -> None:
    Grant.objects.filter(user=world.viewer).update(can_download=False)
    row = world.mount_of(world.viewer)
    put(viewer, "own.txt")
    data = b"".join(zip_download(viewer, [locate_path(viewer, "/")]).streaming_content)
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["own.txt"]
    for act in (
        lambda: copy_node(viewer, node_id=row.pk, target=Target("/copy.txt")),
        lambda: zip_download(viewer, [locate(viewer, row.pk)]),
    ):
        with pytest.raises(errors.Forbidden):
            act()


@pytest.mark.parametrize("copies", [True, False])
def test_onto_it_is_a_new_version_of_it(world: SharedFile, editor: Actor, copies: bool) -> None:
    """As editors save: they write beside the file, and rename over it."""
    row, owners = world.mount_of(world.editor), ledger(world.owner)
    source = put(editor, "/office/.report.txt.tmp", b"saved").node
    act = copy_node if copies else move_node
    done = act(editor, node_id=source.pk, target=Target(NAME), overwrite=True)
    assert done.replaced
    place = done if copies else done.place  # type: ignore[union-attr]
    assert (place.path, place.node.pk, place.shown.pk) == (f"/{NAME}", row.pk, world.file_id)
    assert place.etag == world.file.etag
    assert world.texts == [TEXT, b"saved"]
    assert (names(editor), names(editor, "/office")) == (["office", NAME], [".report.txt.tmp"] if copies else [])
    assert Mount.objects.get(user=world.editor).node == row
    after = ledger(world.owner)
    assert (after.live - owners.live, after.versions, after.trash) == (5 - len(TEXT), len(TEXT), 0)
    item = TrashItem.objects.filter(node=source).first()
    if copies:
        assert item is None
    else:  # nothing that was there is lost
        assert item is not None
        (back,) = restore_items(editor, item_ids=[item.pk])
        assert bytes_at(editor, back.path) == b"saved"


def test_onto_one_whose_space_is_not_locked_is_busy(world: SharedFile, editor: Actor) -> None:
    """It came there between the question which spaces to lock and the lock."""
    source = put(editor, "new.txt", b"saved").node
    with pytest.raises(errors.Busy), space_unit_of_work(editor, source.space_id) as unit:
        write_over(unit, locate(editor, world.mount_of(world.editor).pk), locate(editor, source.pk))
    assert world.texts == [TEXT]


@pytest.mark.parametrize("copies", [True, False])
def test_onto_it_by_a_viewer_is_refused(world: SharedFile, viewer: Actor, copies: bool) -> None:
    source = put(viewer, "tmp.txt", b"saved").node
    act: Any = copy_node if copies else move_node
    with pytest.raises(errors.Forbidden):
        act(viewer, node_id=source.pk, target=Target(NAME), overwrite=True)
    with pytest.raises(errors.NameTaken):
        act(viewer, node_id=source.pk, target=Target(NAME))
    kept = act(viewer, node_id=source.pk, target=Target(NAME), autorename=True)
    assert (kept if copies else kept.place).path == "/report (2).txt"
    assert (world.texts, bytes_at(viewer, "/report (2).txt")) == ([TEXT], b"saved")
    assert world.mount_of(world.viewer).name == NAME


def test_many_onto_it(world: SharedFile, editor: Actor) -> None:
    """Without a name of their own: they keep the one that they have."""
    source = put(editor, f"/office/{NAME}", b"saved").node
    other = put(editor, "/office/other.txt").node
    root = home_of(world.editor).root_id or 0
    copied = copy_nodes(editor, node_ids=[source.pk, other.pk], parent_id=root, overwrite=True)
    assert [one.path for one in copied] == [f"/{NAME}", "/other.txt"]
    put(editor, f"/office/{NAME}", b"again")
    moved = move_nodes(editor, node_ids=[source.pk], parent_id=root, overwrite=True)
    assert (moved[0].place.path, world.texts) == (f"/{NAME}", [TEXT, b"saved", b"again"])


def test_out_of_another_space_onto_it(world: SharedFile, editor: Actor, viewer: Actor) -> None:
    """Out of a mounted folder: it goes to the trash there. One mounted file over another: that is hidden."""
    create_team_space(world.actor, name="Plans")
    other = put(world.actor, f"{ABOVE}/other.txt", b"the other").node
    world.share(world.editor, Role.VIEWER, other)
    source = put(editor, "/Plans/a.txt", b"of the team").node
    move_node(editor, node_id=source.pk, target=Target(NAME), overwrite=True)
    assert TrashItem.objects.get(node=source).space.name == "Plans"
    assert world.texts == [TEXT, b"of the team"]
    row = Mount.objects.get(user=world.editor, target_id=other.pk).node
    assert row is not None
    move_node(editor, node_id=row.pk, target=Target(NAME), overwrite=True)
    assert (world.texts[-1], names(editor)) == (b"the other", ["Plans", NAME])
    assert Mount.objects.get(user=world.editor, target_id=other.pk).node is None
    assert Node.objects.filter(pk=other.pk, parent__isnull=False).exists()


def test_the_file_itself_is_not_moved_onto_its_mount(world: SharedFile, editor: Actor) -> None:
    for act in (move_node, copy_node):
        with pytest.raises(errors.Forbidden if act is move_node else errors.NameTaken):
            act(editor, node_id=world.file_id, target=Target(NAME), overwrite=True)
    assert (world.texts, world.file.parent_id is None) == ([TEXT], False)


def test_a_folder_takes_its_place_and_hides_it(world: SharedFile, viewer: Actor) -> None:
    """What is no file has nothing to write into it; nothing of it is deleted."""
    put(viewer, "/d/x.txt")
    move_node(viewer, node_id=locate_path(viewer, "/d").node.pk, target=Target(NAME), overwrite=True)
    assert (names(viewer, f"/{NAME}"), world.texts) == (["x.txt"], [TEXT])
    assert [entry.place for entry in list_mounts(viewer)] == [None]


def test_one_that_leads_nowhere_gives_way(world: SharedFile, viewer: Actor) -> None:
    world.end(world.viewer)
    source = put(viewer, "tmp.txt", b"own").node
    moved = move_node(viewer, node_id=source.pk, target=Target(NAME), overwrite=True)
    assert (moved.place.node.pk, bytes_at(viewer, NAME), world.texts) == (source.pk, b"own", [TEXT])
