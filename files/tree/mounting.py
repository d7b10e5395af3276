"""Mounts as rows of a home: making one, hiding one, and hiding those below a folder that goes away.

They are folders and files of the home in name and place only, so none of this touches sums, ledgers, or anything of the
target.
"""

from accounts.quotas import Charge
from files import sql_rows
from files.errors import MountStaysHome
from files.models import (
    ChangeKind,
    Favourite,
    Mount,
    Node,
    NodeLock,
    NodeProperty,
    Space,
    Upload,
)
from files.queries.located import PathStep, ancestors_of
from files.queries.properties import size_of_nodes
from files.tree import keys
from files.tree.keys import free_name
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork

Chain = tuple[PathStep, ...]


def make(work: SpaceUnitOfWork, target_id: int, name: str, kind: int) -> Node:
    """A row for the target at the top of the home, under `name` or the first numbered form of it that is free."""
    root_id = work.space.root_id
    assert root_id is not None
    node = sql_rows.make(
        Node,
        space_id=work.space.pk,
        parent_id=root_id,
        kind=kind,
        name=free_name(root_id, name),
        created_at=work.at,
        modified_at=work.at,
        target_id=target_id,
    )
    keys.insert_nodes([node])
    node.seq = work.record(ChangeKind.CREATE, node, after=NodeLocation(root_id, node.name, f"/{node.name}"))
    work.touch([root_id, node.pk])
    _count(work, 1)
    return node


def hide(work: SpaceUnitOfWork, node: Node, chain: Chain) -> None:
    """As it is deleted by its owner, or leads nowhere any more. `chain` leads from the root to its parent."""
    parent_id = chain[-1].id
    path = "/".join(["", *(step.name for step in chain[1:]), node.name])
    work.record(ChangeKind.TRASH, node, before=NodeLocation(parent_id, node.name, path))
    work.touch([step.id for step in chain])
    _remove(work, [node.pk])
    node.parent_id = None
    keys.hand_on(parent_id, node.name_key)


def hide_below(work: SpaceUnitOfWork, folder_id: int) -> None:
    """Those in a folder that is deleted. Its line in the journal is theirs. No query in a home without mounts."""
    if work.space.mounts:
        _remove(work, below(work.space, [folder_id]))


def below(space: Space, folder_ids: list[int]) -> list[int]:
    """Ids of the mounts in these folders of a home, or deeper in them, for everybody."""
    if not space.mounts:
        return []
    rows = Mount.objects.filter(user_id=space.owner_id or 0, node__space_id=space.pk).values_list("node_id", flat=True)
    above = ancestors_of(pk for pk in rows if pk is not None)
    return [pk for pk, steps in above.items() if any(step.id in folder_ids for step in steps)]


def refuse_to_leave(space: Space, node: Node, path: str) -> None:
    """A mount stays in its home, and so does a folder with mounts below it. Raises MountStaysHome."""
    if node.is_mount or below(space, [node.pk]):
        raise MountStaysHome(path=path)


def _remove(work: SpaceUnitOfWork, node_ids: list[int]) -> None:
    """The rows, and what hangs on them; the mounts are hidden."""
    if not node_ids:
        return
    Mount.objects.filter(node_id__in=node_ids).update(node=None, hidden_at=work.at)
    Upload.objects.filter(parent_id__in=node_ids).update(parent=None)
    work.charge += Charge(properties=-size_of_nodes(node_ids))
    for model in (Favourite, NodeProperty, NodeLock):
        model.objects.filter(node_id__in=node_ids).delete()
    removed = Node.objects.filter(pk__in=node_ids)._raw_delete("default")
    _count(work, -removed)


def recount(work: SpaceUnitOfWork) -> None:
    """Sets the number of mounts in the home to what there is."""
    there = Mount.objects.filter(user_id=work.space.owner_id or 0, node__space_id=work.space.pk).count()
    if there != work.space.mounts:
        _count(work, there - work.space.mounts)


def _count(work: SpaceUnitOfWork, more: int) -> None:
    work.space.mounts = max(0, work.space.mounts + more)
    Space.objects.filter(pk=work.space.pk).update(mounts=work.space.mounts)
