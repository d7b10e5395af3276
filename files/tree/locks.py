"""Locks against what an edit is about to write: one check for all actions, at the end of their transaction.

Every change of a tree passes `SpaceUnitOfWork.record`, so whatever an action does, and whatever endpoint it comes
through, is checked here. It costs nothing in a space without locks.
"""

from collections.abc import Sequence

from accounts.actor import Actor
from files.access.compute import SpaceAccess
from files.models import Change, ChangeKind, Node, NodeLock
from files.queries.locks import Locks, in_the_way, locked_by
from files.queries.shown import path_shown
from files.queries.tree import PathStep, ancestors_of

ARRIVES = frozenset({ChangeKind.CREATE, ChangeKind.COPY, ChangeKind.MOVE, ChangeKind.MOVE_IN, ChangeKind.RESTORE})
LEAVES = frozenset({ChangeKind.MOVE, ChangeKind.MOVE_OUT, ChangeKind.TRASH})


def check(rules: SpaceAccess, actor: Actor, locks: Locks, changes: Sequence[Change]) -> None:
    """Raises Locked. The changes are in the rows already; the transaction takes them back."""
    left = {change.node_id: change for change in changes if change.kind in LEAVES}
    parents = _parents(changes)
    above = {pk: [step.id for step in steps] for pk, steps in ancestors_of(parents).items()}
    for change in changes:
        for parent_id in _lists_changed(change):
            _refuse(rules, actor, locks.covering(parent_id, above[parent_id]), left)
        if change.kind == ChangeKind.WRITE and change.after_parent_id:
            parent_id = change.after_parent_id
            _refuse(rules, actor, locks.covering(change.node_id, [parent_id, *above[parent_id]]), left)
    if left:
        _check_left(rules, actor, locks, left)


def _check_left(rules: SpaceAccess, actor: Actor, locks: Locks, left: dict[int, Change]) -> None:
    """What goes away takes locked members along only for who holds their locks. A lock of a person goes along within
    the space; others do not at all.
    """
    gone = list[NodeLock]()
    above = ancestors_of(locks.by_node)
    for node_id, of_node in locks.by_node.items():
        kinds = {left[pk].kind for pk in (node_id, *(step.id for step in above[node_id])) if pk in left}
        if kinds:
            _refuse(rules, actor, of_node, left)
            gone += [lock for lock in of_node if not lock.is_personal or kinds != {ChangeKind.MOVE}]
    if gone:
        NodeLock.objects.filter(pk__in=[lock.pk for lock in gone]).delete()


def _refuse(rules: SpaceAccess, actor: Actor, covering: Sequence[NodeLock], left: dict[int, Change]) -> None:
    lock = in_the_way(covering, actor)
    if lock is not None:
        raise locked_by(actor, lock, path_shown(rules, _chain_before(lock, left)))


def _chain_before(lock: NodeLock, left: dict[int, Change]) -> list[PathStep]:
    """From the root of the space to what the lock is on, as it was before the changes."""
    chain = [*ancestors_of([lock.node_id])[lock.node_id], PathStep(lock.node_id, lock.node.name, lock.node.kind)]
    for index in reversed(range(len(chain))):
        change = left.get(chain[index].id)
        if change is not None and change.before_parent_id is not None:
            parent = Node.objects.get(pk=change.before_parent_id)
            own = PathStep(parent.pk, parent.name, parent.kind)
            moved = PathStep(change.node_id, change.before_name, change.node_kind)
            return [*ancestors_of([parent.pk])[parent.pk], own, moved, *chain[index + 1 :]]
    return chain


def _parents(changes: Sequence[Change]) -> set[int]:
    found = {parent_id for change in changes for parent_id in _lists_changed(change)}
    written = (change.after_parent_id for change in changes if change.kind == ChangeKind.WRITE)
    return found.union(parent_id for parent_id in written if parent_id)


def _lists_changed(change: Change) -> list[int]:
    """The folders whose lists of members change."""
    found = []
    if change.kind in LEAVES and change.before_parent_id:
        found.append(change.before_parent_id)
    if change.kind in ARRIVES and change.after_parent_id:
        found.append(change.after_parent_id)
    return found
