"""Taking a tree out of the tree: one row moves, whatever is below it."""

from accounts.quotas import Charge
from files.models import ChangeKind, Node, TrashItem
from files.tree import keys
from files.tree.edit import SpaceEdit, Spot
from files.tree.folders import Chain, chain_path


def trash(edit: SpaceEdit, node: Node, chain: Chain) -> TrashItem:
    """`chain` leads from the root to the node's parent."""
    path = chain_path(chain, node.name)
    parent_id = chain[-1].id
    before = Spot(parent_id, node.name, path, node.version_id)
    seq = edit.record(ChangeKind.TRASH, node, before=before)
    edit.touch(
        [step.id for step in chain],
        size=-node.size,
        versions_size=-node.versions_size,
        descendants=-(node.descendants + 1),
    )
    edit.charge += Charge(live=-node.size, versions=-node.versions_size, trash=node.size + node.versions_size)
    Node.objects.filter(pk=node.pk).update(parent_id=None, seq=seq)
    node.parent_id, node.seq = None, seq
    keys.hand_on(parent_id, node.name_key)
    return TrashItem.objects.create(
        space=edit.space,
        node=node,
        parent_id_before=parent_id,
        path=path,
        deleted_by_id=edit.actor.user_id,
        deleted_at=edit.at,
        seq=seq,
    )
