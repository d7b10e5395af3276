"""Moving a tree within its space by one row."""

from django.db import connection

from accounts.quotas import Charge
from common.paths import folded
from files.models import ChangeKind, Node
from files.queries.tree import LocatedNode
from files.tree import keys
from files.tree.folders import Chain, chain_path
from files.tree.keys import free_name
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork


def relocate(work: SpaceUnitOfWork, place: LocatedNode, chain: Chain, name: str) -> LocatedNode:
    """To the folder at the end of `chain`, under `name` or the first numbered form of it that is free."""
    node = place.node
    if node.parent_id != chain[-1].id or name != node.name:
        name = free_name(chain[-1].id, name)
    before = NodeLocation(node.parent_id or 0, node.name, place.path_in_space, node.version_id)
    after = NodeLocation(chain[-1].id, name, chain_path(chain, name), node.version_id)
    node.seq = work.record(ChangeKind.MOVE, node, before=before, after=after)
    _shift(work, node, -1, place.ancestors)
    _shift(work, node, 1, chain)
    return _put_row(work, node, chain, name)


def take_out_of_trash(work: SpaceUnitOfWork, place: LocatedNode, path: str, chain: Chain, name: str) -> LocatedNode:
    """A node from below the top of a deleted tree, back into the live one; the rest of that tree stays deleted.

    `path` is what it had when it was deleted: the journal has no line about that of its own, so this one says where
    in the deleted tree the node was, and so where it was before that.
    """
    node, name = place.node, free_name(chain[-1].id, name)
    before = NodeLocation(node.parent_id or 0, node.name, path, node.version_id)
    after = NodeLocation(chain[-1].id, name, chain_path(chain, name), node.version_id)
    node.seq = work.record(ChangeKind.RESTORE, node, before=before, after=after)
    _shift(work, node, -1, place.ancestors)
    _shift(work, node, 1, chain)
    total = node.size + node.versions_size
    work.charge += Charge(live=node.size, versions=node.versions_size, trash=-total)
    return _put_row(work, node, chain, name)


def _shift(work: SpaceUnitOfWork, node: Node, sign: int, chain: Chain) -> None:
    work.touch(
        [step.id for step in chain],
        size=sign * node.size,
        versions_size=sign * node.versions_size,
        descendants=0 if node.is_mount else sign * (node.descendants + 1),
        height=node.height + 1 if sign > 0 else 0,
    )


def _put_row(work: SpaceUnitOfWork, node: Node, chain: Chain, name: str) -> LocatedNode:
    attach(node, chain[-1].id, name)
    access = work.rules.along([*(step.id for step in chain), node.pk])
    return LocatedNode(work.space, node, chain, access)


def attach(node: Node, parent_id: int, name: str) -> None:
    """Below another parent, by another name, in the space that the instance names, with the number that it has got."""
    before = (node.parent_id, node.name_key)
    node.parent_id, node.name, node.name_key = parent_id, name, folded(name)
    key, parameters = keys.free_key(parent_id, name, node.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE files_node SET parent_id = %s, name = %s, name_key = {key}, seq = %s, space_id = %s WHERE id = %s",
            [parent_id, name, *parameters, node.seq, node.space_id, node.pk],
        )
    parent_before, key_before = before
    if parent_before is not None and before != (parent_id, node.name_key):
        keys.hand_on(parent_before, key_before)
