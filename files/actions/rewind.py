"""A folder as it was at a time: brought back from the journal, itself one undoable act."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from files import errors
from files.access.rights import Right
from files.actions.trash import restore
from files.actions.unit_of_work import is_whole, require_whole, work_on_nodes
from files.actions.versions import put_version
from files.models import Change, ChangeKind, Node, TrashItem, Version
from files.queries import journal
from files.queries.tree import LocatedNode, ancestors_of, nodes
from files.queries.whereabouts import whereabouts
from files.tree import relocating
from files.tree.folders import Chain, chain_path
from files.tree.trashing import trash
from files.tree.unit_of_work import SpaceUnitOfWork

MAXIMUM_CHANGES = 20_000


@dataclass(slots=True)
class RewindResult:
    """Counts of what was done, and `lost`: paths that could not be brought back because they were purged.

    Rewinding the same folder to `undo_seq` undoes it.
    """

    undo_seq: int
    trashed: int = 0
    restored: int = 0
    moved: int = 0
    rewritten: int = 0
    lost: list[str] = field(default_factory=list)


def rewind(actor: Actor, *, node_id: int, moment: datetime | None = None, seq: int | None = None) -> RewindResult:
    """Makes everything below the folder what it was at `moment`, or after change `seq`.

    What is there now and was not goes to the trash; what was there is taken back from the trash, from where it was
    moved to, and gets the content that it had, as a new version. The folder itself stays where it is. What lies in
    other folders now comes back, and goes back, only where the person may do that there.
    """
    with work_on_nodes(actor, [node_id], right=Right.MANAGE, bulk=True, entering=True) as (unit, (place,)):
        if not place.node.is_folder:
            raise errors.NotAFolder(id=node_id)
        require_whole([place], Right.MANAGE)
        work = unit[place.space.pk]
        work.passes_brake = True
        if seq is None:
            if moment is None:
                raise errors.InvalidRequest(gettext_lazy("Say a time or a change to go back to."))
            seq = journal.seq_at(place.space, moment)
        if not 0 <= seq <= work.space.seq:
            raise errors.InvalidRequest(gettext_lazy("The journal has no such change."))
        result = RewindResult(undo_seq=work.space.seq)
        Rewinding(work, place, seq, result).run()
    return result


class Rewinding:
    """The work of one rewind, under the lock of its space. Each step sees the rows that the one before has written."""

    def __init__(self, work: SpaceUnitOfWork, folder: LocatedNode, seq: int, result: RewindResult) -> None:
        self.work, self.folder, self.result = work, folder, result
        self.firsts = self.first_changes(seq)

    def run(self) -> None:
        self._trash_newcomers()
        wanted = sorted(
            (change for change in self.firsts.values() if self.was_below(change)),
            key=self.depth,
        )
        for change in wanted:
            self.bring_back(change)
        self._trash_newcomers()  # those that came back inside a folder that was deleted later than they were made
        for _ in range(2):  # in the first round a name may still be with another node that has to give it back
            for change in wanted:
                self.rename_back(change)

    def first_changes(self, seq: int) -> dict[int, Change]:
        # Mounts stay where they are: what they stand for has a journal of its own.
        rows = Change.objects.filter(space=self.work.space, seq__gt=seq, target_id=None)
        if rows[: MAXIMUM_CHANGES + 1].count() > MAXIMUM_CHANGES:
            raise errors.TooMany(gettext_lazy("That goes back over too many changes at once."), limit=MAXIMUM_CHANGES)
        firsts: dict[int, Change] = {}
        for change in rows.order_by("-seq").iterator(chunk_size=1000):
            firsts[change.node_id] = change
        return {pk: change for pk, change in firsts.items() if change.kind != ChangeKind.PURGE}

    def _then_chain(self, change: Change) -> list[int]:
        """Ids of the folders above the node as it was, nearest first, up to the folder of the rewind or a root."""
        chain: list[int] = []
        parent_id = change.before_parent_id
        while parent_id and parent_id != self.folder.node.pk and len(chain) < 1000:
            chain.append(parent_id)
            above = self.firsts.get(parent_id)
            if above is not None:
                parent_id = above.before_parent_id
            else:
                parent_id = Node.objects.filter(pk=parent_id).values_list("parent_id", flat=True).first()
        return [*chain, parent_id] if parent_id else [*chain, 0]

    def was_below(self, change: Change) -> bool:
        return change.before_parent_id is not None and self._then_chain(change)[-1] == self.folder.node.pk

    def depth(self, change: Change) -> int:
        return len(self._then_chain(change))

    def _trash_newcomers(self) -> None:
        """What lies below the folder now and did not then: to the trash, or back to where it came from."""
        for node_id, change in sorted(self.firsts.items()):
            place = self.live(node_id)
            if place is None or self.folder.node.pk not in place.ancestor_ids or self.was_below(change):
                continue
            home = self.live(change.before_parent_id) if change.before_parent_id else None
            if home is not None and self._takes(home) and node_id not in {step.id for step in home.chain}:
                relocating.relocate(self.work, place, home.chain, change.before_name)
                self.result.moved += 1
            else:
                trash(self.work, place.node, place.ancestors)
                self.result.trashed += 1
            self.work.flush()

    def bring_back(self, change: Change) -> None:
        parent = self.live(change.before_parent_id or 0)
        if parent is None or not self._is_inside(parent):
            self._lose(change)
            return
        place = self.live(change.node_id)
        if place is None:
            place = self._from_trash(change, parent)
        elif not self._may_take(place, Right.EDIT):
            place = None
        elif place.node.parent_id != parent.node.pk and place.node.pk not in {step.id for step in parent.chain}:
            place = relocating.relocate(self.work, place, parent.chain, change.before_name)
            self.result.moved += 1
        if place is None:
            self._lose(change)
            return
        self.work.flush()
        self.rewrite(change, place)

    def _is_inside(self, place: LocatedNode) -> bool:
        return self.folder.node.pk in place.chain_ids

    def _takes(self, home: LocatedNode) -> bool:
        """Whether the person may put something into this folder, which may be one that is hidden from them."""
        if not home.node.is_folder:
            return False
        return self._is_inside(home) or Right.CREATE in self.work.rules.along(home.chain_ids).rights

    def _may_take(self, place: LocatedNode, right: Right) -> bool:
        """Whether the person has the right with all of what lies, or lay, at another place."""
        if self._is_inside(place):
            return True
        access = self.work.rules.along(place.chain_ids)
        return right in access.rights and is_whole([replace(place, access=access)], right)

    def _may_take_from_trash(self, node: Node) -> bool:
        if self.work.rules.is_even(self.work.space.root_id or 0):
            return True
        chain = whereabouts(self.work.space, [node.pk]).get(node.pk)
        if chain is None:  # it lay in what is purged
            return self.folder.access.sees_all(self.work.space.root_id)
        access = self.work.rules.along([step.id for step in chain])
        place = LocatedNode(self.work.space, node, chain[:-1], access)
        return Right.DELETE in access.rights and is_whole([place], Right.DELETE)

    def _is_shown(self, change: Change) -> bool:
        """Whether the person sees where it is now, or of what is purged where it was."""
        if not self.folder.access.hidden:
            return True
        pk, parent_id = change.node_id, change.before_parent_id or 0
        known = whereabouts(self.work.space, [pk, parent_id])
        chain = [step.id for step in known.get(pk, known.get(parent_id, ()))]
        if not chain:
            return False
        if chain[-1] != pk:
            chain.append(pk)
        return Right.VIEW in self.work.rules.along(chain).rights

    def _lose(self, change: Change) -> None:
        """Its path as it was, from the folder on: nothing of what is above is told to who does not see it, and nothing
        of what is hidden now.
        """
        if not self._is_shown(change):
            return
        names = [change.before_name]
        for pk in self._then_chain(change)[:-1]:
            above = self.firsts.get(pk)
            found = above.before_name if above else Node.objects.filter(pk=pk).values_list("name", flat=True).first()
            names.insert(0, found or "")
        self.result.lost.append("/".join([self.folder.path.rstrip("/"), *names]))

    def _from_trash(self, change: Change, parent: LocatedNode) -> LocatedNode | None:
        item = (
            TrashItem.objects.select_related("node__version", "space")
            .filter(node_id=change.node_id, space=self.work.space, purging=False)
            .first()
        )
        if item is not None:
            if not self._may_take_from_trash(item.node):
                return None
            self.result.restored += 1
            return restore(self.work, item, parent.chain, name=change.before_name)
        node = Node.objects.select_related("version").filter(pk=change.node_id, space=self.work.space).first()
        top = ancestors_of([node.pk])[node.pk] if node else ()
        above = TrashItem.objects.filter(node_id=top[0].id, purging=False).first() if top else None
        if node is None or above is None or not self._may_take_from_trash(node):
            return None
        self.result.restored += 1
        place, path = self._located(node, top), above.path + chain_path(top, node.name)
        return relocating.take_out_of_trash(self.work, place, path, parent.chain, change.before_name)

    def rewrite(self, change: Change, place: LocatedNode) -> None:
        if change.before_version_id is None or place.node.version_id == change.before_version_id:
            return
        version = Version.objects.select_related("content").filter(pk=change.before_version_id).first()
        if version is None:
            self._lose(change)
            return
        put_version(self.work, place, version)
        self.work.flush()
        self.result.rewritten += 1

    def rename_back(self, change: Change) -> None:
        place = self.live(change.node_id)
        if place is None or place.node.name == change.before_name or place.node.parent_id != change.before_parent_id:
            return
        if not self._is_inside(place):
            return
        relocating.relocate(self.work, place, place.ancestors, change.before_name)
        self.work.flush()
        self.result.moved += 1

    def live(self, node_id: int | None) -> LocatedNode | None:
        """The place of a node that is in the tree of this space now."""
        node = nodes().filter(pk=node_id, space=self.work.space).first() if node_id else None
        if node is None:
            return None
        chain = ancestors_of([node.pk])[node.pk]
        top = chain[0].id if chain else node.pk
        return self._located(node, chain) if top == self.work.space.root_id else None

    def _located(self, node: Node, chain: Chain) -> LocatedNode:
        return LocatedNode(self.work.space, node, chain, self.folder.access)
