"""What somebody sees of the past: of what is hidden from them now, nothing, wherever it was then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from accounts.actor import Actor
from common.batches import in_batches
from files import errors
from files.access.compute import Access, SpaceAccess, facts_of
from files.access.rights import Right
from files.models import Node, Space
from files.queries.journal import Past
from files.queries.veil import veil_for
from files.queries.whereabouts import BATCH, Chain, whereabouts


@dataclass(frozen=True, slots=True)
class PastEyes:
    """`access` is that to the root of the space, or to a folder that is mounted. No query for who sees all of the
    space.
    """

    space: Space
    access: Access
    rules: SpaceAccess

    def require_seen(self, folder_id: int) -> None:
        """Raises NotFound for a folder that is hidden, or purged, where something is hidden."""
        if not self.is_whole:
            chain = whereabouts(self.space, [folder_id]).get(folder_id)
            if chain is None or not self._is_seen(chain):
                raise errors.NotFound(id=folder_id)

    def seen(self, entries: Sequence[Past]) -> Sequence[Past]:
        """What a folder held that the actor sees, without what is hidden now; folders with the sizes that they have
        now, as they are shown. No query for who sees all of the space. Where something is hidden three, and some for
        each five hundred entries that something has happened to since.
        """
        if self.is_whole:
            return entries
        chains = whereabouts(self.space, [entry.node_id for entry in entries if not entry.is_there])
        there = [entry for entry in entries if self._is_entry_seen(entry, chains)]
        veil = veil_for(self.access, self.space.pk)
        if veil is None:
            return there
        folders: dict[int, Node] = {}
        shown = [e.node_id for e in there if e.is_folder and (e.node_id in veil.less or not e.is_there)]
        for some in in_batches(shown, BATCH):
            folders |= {node.pk: node for node in Node.objects.filter(pk__in=some)}
        veil.cover(folders.values())
        return [replace(e, size=folders[e.node_id].size) if e.node_id in folders else e for e in there]

    @property
    def is_whole(self) -> bool:
        return self.access.sees_all(self.space.root_id)

    def _is_entry_seen(self, entry: Past, chains: Mapping[int, Chain]) -> bool:
        """What is in the folder still is seen with it, unless it is restricted itself."""
        if entry.is_there:
            return entry.node_id not in self.access.hidden
        return entry.node_id in chains and self._is_seen(chains[entry.node_id])

    def _is_seen(self, chain: Chain) -> bool:
        return Right.VIEW in self.rules.along([step.id for step in chain]).rights


def eyes_of(actor: Actor, space: Space, access: Access) -> PastEyes:
    return PastEyes(space, access, SpaceAccess(actor, facts_of(space)))
