"""The folders of a tree that are still to be walked."""

from collections.abc import Sequence
from dataclasses import dataclass

from files.models import Node, NodeKind
from search.models import FolderVisit

FOLDERS = 50  # visited in one step at most


@dataclass(frozen=True, slots=True)
class Planned:
    """Children of a folder (ids, kinds and sizes only) that a step looks at; `after_id` is where the next step goes
    on in it, None when it is done.
    """

    visit: FolderVisit
    children: list[Node]
    after_id: int | None


def enqueue(space_id: int, folder_ids: Sequence[int]) -> None:
    """A folder that waits already is walked from its start again: it has changed since."""
    FolderVisit.objects.bulk_create(
        [FolderVisit(space_id=space_id, folder_id=pk, after_id=0) for pk in folder_ids],
        update_conflicts=True,
        unique_fields=["space_id", "folder_id"],
        update_fields=["after_id"],
    )


def any_left(space_id: int) -> bool:
    return FolderVisit.objects.filter(space_id=space_id).exists()


def plan(space_id: int, *, nodes: int, size: int) -> list[Planned]:
    """About so many nodes and bytes of files. The latest folders first: few wait at a time, however wide the tree."""
    planned: list[Planned] = []
    for visit in FolderVisit.objects.filter(space_id=space_id).order_by("-pk")[:FOLDERS]:
        rows = Node.objects.filter(parent_id=visit.folder_id, pk__gt=visit.after_id)
        found = list(rows.only("kind", "size").order_by("pk")[: nodes + 1])
        children = within(found[:nodes], size)
        is_done = len(children) == len(found)
        planned.append(Planned(visit, children, None if is_done else children[-1].pk))
        nodes -= len(children)
        size -= sum(_bytes(node) for node in children)
        if nodes <= 0 or size <= 0:
            break
    return planned


def carry_out(space_id: int, planned: Sequence[Planned]) -> None:
    """Notes that these children have been looked at; the folders among them come next."""
    FolderVisit.objects.filter(pk__in=[item.visit.pk for item in planned if item.after_id is None]).delete()
    for item in planned:
        if item.after_id is not None:
            FolderVisit.objects.filter(pk=item.visit.pk).update(after_id=item.after_id)
    enqueue(space_id, [n.pk for item in planned for n in item.children if n.kind == NodeKind.FOLDER])


def within(found: Sequence[Node], size: int) -> list[Node]:
    """As many as fit, at least one."""
    part: list[Node] = []
    for node in found:
        size -= _bytes(node)
        if part and size < 0:
            break
        part.append(node)
    return part


def _bytes(node: Node) -> int:
    return node.size if node.kind == NodeKind.FILE else 0
