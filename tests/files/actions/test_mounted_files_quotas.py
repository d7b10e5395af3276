"""Whose trash gives way where one of a person's files is shared alone with others, and who of them is held up."""

import pytest

from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount, User
from files.actions.copy import copy_node, copy_nodes
from files.actions.move import move_node
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.models import TrashItem
from files.queries.target import Target
from tests.support.shared_files import NAME, TEXT, SharedFile
from tests.support.trees import bytes_at, home_of, ledger, put

LARGE = b"x" * 100_000


def trashed(actor: Actor, data: bytes) -> TrashItem:
    (item,) = trash_nodes(actor, node_ids=[put(actor, "old.bin", data).node.pk])
    return item


def fill(*users: User) -> None:
    for user in users:
        held = ledger(user)
        used = held.live + held.versions + held.trash
        QuotaAccount.objects.filter(user=user).update(limit_bytes=used)


def is_left(item: TrashItem) -> bool:
    return TrashItem.objects.filter(pk=item.pk, purging=False).exists()


def test_a_file_of_that_name_elsewhere_in_the_home_is_an_own_one(world: SharedFile, viewer: Actor) -> None:
    """Nothing of the owner's goes for what a viewer puts into their own home."""
    source = put(viewer, "/office/a.bin", LARGE).node
    owners, own = trashed(world.actor, LARGE), trashed(viewer, LARGE)
    fill(world.owner, world.viewer)
    copied = copy_node(viewer, node_id=source.pk, target=Target(f"/other/{NAME}"), overwrite=True)
    assert (copied.path, world.texts) == (f"/other/{NAME}", [TEXT])
    assert (is_left(owners), is_left(own)) == (True, False)


def test_nor_for_a_move_out_of_another_space(world: SharedFile, viewer: Actor) -> None:
    space = create_team_space(world.actor, name="Plans")
    source = put(viewer, "a.bin", LARGE, space_id=space.pk).node
    owners = trashed(world.actor, LARGE)
    fill(world.owner, world.viewer)
    for folder in ("", "/other"):
        with pytest.raises(QuotaExceeded):
            move_node(viewer, node_id=source.pk, target=Target(f"{folder}/b.bin"), overwrite=True)
    with pytest.raises(QuotaExceeded):
        move_node(viewer, node_id=source.pk, target=Target(f"/other/{NAME}"), overwrite=True)
    assert is_left(owners)


def test_of_two_the_full_one_gives_way(world: SharedFile, editor: Actor) -> None:
    """One of them is the next version of the mounted file, the other one is an own file."""
    over, beside = put(editor, f"/office/{NAME}", b"small").node, put(editor, "/office/b.bin", LARGE).node
    owners, own = trashed(world.actor, LARGE), trashed(editor, LARGE)
    fill(world.editor)
    root = home_of(world.editor).root_id or 0
    copied = copy_nodes(editor, node_ids=[over.pk, beside.pk], parent_id=root, overwrite=True)
    assert [one.path for one in copied] == [f"/{NAME}", "/b.bin"]
    assert (bytes_at(editor, NAME), is_left(owners), is_left(own)) == (b"small", True, False)


def test_both_give_way_where_both_are_full(world: SharedFile, editor: Actor) -> None:
    over, beside = put(editor, f"/office/{NAME}", LARGE).node, put(editor, "/office/b.bin", LARGE).node
    owners, own = trashed(world.actor, LARGE), trashed(editor, LARGE)
    fill(world.owner, world.editor)
    root = home_of(world.editor).root_id or 0
    copy_nodes(editor, node_ids=[over.pk, beside.pk], parent_id=root, overwrite=True)
    assert (bytes_at(editor, NAME), is_left(owners), is_left(own)) == (LARGE, False, False)


def test_a_move_does_not_take_the_trash_of_who_moves(world: SharedFile, editor: Actor) -> None:
    """What was moved goes to it: there must be room for both."""
    source = put(editor, "tmp", LARGE).node
    own = trashed(editor, LARGE)
    fill(world.owner, world.editor)
    with pytest.raises(QuotaExceeded):
        move_node(editor, node_id=source.pk, target=Target(NAME), overwrite=True)
    assert (world.texts, is_left(own)) == ([TEXT], True)


def test_a_full_team_takes_from_where_there_is_something(world: SharedFile, editor: Actor) -> None:
    """Its account is that of both homes."""
    over, beside = put(editor, f"/office/{NAME}", b"small").node, put(editor, "/office/b.bin", LARGE).node
    own = trashed(editor, LARGE)
    team = QuotaAccount.objects.get(team=world.owner.membership.team)
    used = team.live_bytes + team.versions_bytes + team.trash_bytes + team.uploads_bytes
    QuotaAccount.objects.filter(pk=team.pk).update(limit_bytes=used + 2 * len(TEXT))
    root = home_of(world.editor).root_id or 0
    copy_nodes(editor, node_ids=[over.pk, beside.pk], parent_id=root, overwrite=True)
    assert (world.texts, is_left(own)) == ([TEXT, b"small"], False)
