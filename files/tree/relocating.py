"""Moving a tree within its space by one row."""

from accounts.quotas import Charge
from files.models import ChangeKind, Node
from files.queries.tree import Place
from files.tree.edit import SpaceEdit, Spot
from files.tree.folders import Chain, chain_path
from files.tree.hang import hang
from files.tree.names import free_name


def relocate(edit: SpaceEdit, place: Place, chain: Chain, name: str) -> Place:
    """To the folder at the end of `chain`, under `name` or the first numbered form of it that is free."""
    node = place.node
    if node.parent_id != chain[-1].id or name != node.name:
        name = free_name(chain[-1].id, name)
    before = Spot(node.parent_id or 0, node.name, place.path, node.version_id)
    after = Spot(chain[-1].id, name, chain_path(chain, name), node.version_id)
    node.seq = edit.record(ChangeKind.MOVE, node, before=before, after=after)
    _shift(edit, node, -1, place.ancestors)
    _shift(edit, node, 1, chain)
    return _put_row(edit, node, chain, name)


def take_out_of_trash(edit: SpaceEdit, place: Place, path: str, chain: Chain, name: str) -> Place:
    """A node from below the top of a deleted tree, back into the live one; the rest of that tree stays deleted.

    `path` is what it had when it was deleted: the journal has no line about that of its own, so this one says where
    in the deleted tree the node was, and so where it was before that.
    """
    node, name = place.node, free_name(chain[-1].id, name)
    before = Spot(node.parent_id or 0, node.name, path, node.version_id)
    after = Spot(chain[-1].id, name, chain_path(chain, name), node.version_id)
    node.seq = edit.record(ChangeKind.RESTORE, node, before=before, after=after)
    _shift(edit, node, -1, place.ancestors)
    _shift(edit, node, 1, chain)
    total = node.size + node.versions_size
    edit.charge += Charge(live=node.size, versions=node.versions_size, trash=-total)
    return _put_row(edit, node, chain, name)


def _shift(edit: SpaceEdit, node: Node, sign: int, chain: Chain) -> None:
    edit.touch(
        [step.id for step in chain],
        size=sign * node.size,
        versions_size=sign * node.versions_size,
        descendants=sign * (node.descendants + 1),
        height=node.height + 1 if sign > 0 else 0,
    )


def _put_row(edit: SpaceEdit, node: Node, chain: Chain, name: str) -> Place:
    hang(node, chain[-1].id, name)
    return Place(edit.space, node, chain)
