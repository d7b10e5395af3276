"""Taking a tree out of the tree: one row moves, whatever is below it."""

from accounts.quotas import Charge
from files.models import ChangeKind, Node, TrashItem
from files.tree import keys, mounting
from files.tree.folders import Chain, chain_path
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork


def trash(work: SpaceUnitOfWork, node: Node, chain: Chain) -> TrashItem | None:
    """`chain` leads from the root to the node's parent. A mount is hidden, for which None is given, and so are those
    below a folder: nothing of their targets is touched.
    """
    if node.is_mount:
        mounting.hide(work, node, chain)
        return None
    mounting.hide_below(work, node.pk)
    path = chain_path(chain, node.name)
    parent_id = chain[-1].id
    before = NodeLocation(parent_id, node.name, path, node.version_id)
    seq = work.record(ChangeKind.TRASH, node, before=before)
    work.touch(
        [step.id for step in chain],
        size=-node.size,
        versions_size=-node.versions_size,
        descendants=-(node.descendants + 1),
    )
    work.charge += Charge(live=-node.size, versions=-node.versions_size, trash=node.size + node.versions_size)
    Node.objects.filter(pk=node.pk).update(parent_id=None, seq=seq)
    node.parent_id, node.seq = None, seq
    keys.hand_on(parent_id, node.name_key)
    return TrashItem.objects.create(
        space=work.space,
        node=node,
        parent_id_before=parent_id,
        path=path,
        deleted_by_id=work.actor.user_id,
        deleted_at=work.at,
        seq=seq,
    )
