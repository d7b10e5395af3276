"""Making the folders of a path, or of many paths, that are missing."""

from collections.abc import Iterable

from accounts.quotas import Charge
from common.batches import in_batches
from common.errors import CodedError
from common.paths import MAXIMUM_DEPTH, join_path
from files import sql_rows
from files.access.rights import Right
from files.errors import Busy, NotAFolder, ParentNotFound, TooDeep
from files.models import ChangeKind, Node, NodeKind, Version
from files.queries.tree import LocatedNode, PathStep, refusal_of_new_name
from files.tree.keys import insert_nodes
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork

Chain = tuple[PathStep, ...]  # from the root to a folder, that folder last
Names = tuple[str, ...]


def chain_path(chain: Chain, *names: str) -> str:
    """In the space, for its journal. What somebody is told is SpaceUnitOfWork.path_shown."""
    return join_path([*(step.name for step in chain[1:]), *names])


Missing = CodedError  # why there is no folder at a path: NotAFolder, ParentNotFound, InvalidName, Forbidden


def ensure_folders(
    work: SpaceUnitOfWork, base: LocatedNode, wanted: Iterable[Names], *, make: bool = True, were_there: bool = False
) -> dict[Names, Chain | Missing]:
    """For each path of clean names below `base` its chain; what is missing is made, level by level.

    A path through a file has NotAFolder for its value; without `make`
    one that is missing has ParentNotFound. A name that nothing new may have gives InvalidName, unless these folders
    `were_there` once.
    """
    chains: dict[Names, Chain | Missing] = {(): base.chain}
    paths = {path[:depth] for path in wanted for depth in range(1, len(path) + 1)}
    deepest = max((len(path) for path in paths), default=0)
    if len(base.chain) + deepest > MAXIMUM_DEPTH + 1:
        raise TooDeep
    for depth in range(1, deepest + 1):
        _ensure_level(work, chains, sorted(path for path in paths if len(path) == depth), make, were_there)
    return chains


def _ensure_level(
    work: SpaceUnitOfWork, chains: dict[Names, Chain | Missing], level: list[Names], make: bool, were_there: bool
) -> None:
    reachable: list[tuple[Names, Chain]] = []
    for path in level:
        parent = chains[path[:-1]]
        if isinstance(parent, Missing):
            chains[path] = parent
        else:
            reachable.append((path, parent))
    existing = children_by_name({parent[-1].id for _, parent in reachable}, {path[-1] for path, _ in reachable})
    missing = [(path, parent) for path, parent in reachable if (parent[-1].id, path[-1]) not in existing]
    refusals = {path: _refusal(work, path, parent, make, were_there) for path, parent in missing}
    for node in make_folders(work, [(parent, path[-1]) for path, parent in missing if not refusals[path]]):
        existing[(node.parent_id or 0, node.name)] = node
    for path, parent in reachable:
        chains[path] = refusals.get(path) or _chain_to(work, existing[(parent[-1].id, path[-1])], parent)


def _refusal(work: SpaceUnitOfWork, path: Names, parent: Chain, make: bool, were_there: bool) -> Missing | None:
    if not make:
        return ParentNotFound(path=work.path_shown(parent, path[-1]))
    try:
        work.require(Right.CREATE, [step.id for step in parent])
    except CodedError as error:
        return error
    return None if were_there else refusal_of_new_name(path[-1])


def _chain_to(work: SpaceUnitOfWork, node: Node, parent: Chain) -> Chain | Missing:
    if not work.sees(parent, node) and (node.is_mount or work.sees_end(parent)):
        return work.name_taken(parent, node)  # who sees nothing here, and only uploads, uses what they have made
    if node.is_mount and node.is_folder:
        return Busy()  # what goes into it goes into another space: it has come there in this very moment
    if node.is_folder:
        return (*parent, PathStep(node.pk, node.name, node.kind))
    return NotAFolder(path=work.path_shown(parent, node.name))


def make_folders(work: SpaceUnitOfWork, items: list[tuple[Chain, str]]) -> list[Node]:
    """New, empty folders: names that are known to be free, each in the folder at the end of its chain."""
    folders = [
        sql_rows.make(
            Node,
            space_id=work.space.pk,
            parent_id=chain[-1].id,
            kind=NodeKind.FOLDER,
            name=name,
            created_at=work.at,
            modified_at=work.at,
        )
        for chain, name in items
    ]
    insert_nodes(folders)
    for folder, (chain, name) in zip(folders, items, strict=True):
        location = NodeLocation(chain[-1].id, name, chain_path(chain, name))
        folder.seq = work.record(ChangeKind.CREATE, folder, after=location)
        work.touch([folder.pk])
        work.touch([step.id for step in chain], descendants=1, height=1)
    work.charge += Charge(nodes=len(folders))
    return folders


def children_by_name(parent_ids: Iterable[int], names: Iterable[str]) -> dict[tuple[int, str], Node]:
    """Children of these folders with one of these names, by (parent, name): one query per 400 names."""
    wanted, parents = list(names), list(parent_ids)
    found: dict[tuple[int, str], Node] = {}
    for some_names in in_batches(wanted, 400):
        for some_parents in in_batches(parents, 400):
            nodes = _children(some_parents, some_names)
            found |= {(node.parent_id or 0, node.name): node for node in nodes}
    return found


def _children(parent_ids: list[int], names: list[str]) -> list[Node]:
    """With their versions."""
    found = sql_rows.select_joined(
        ((Node, "n"), (Version, "v")),
        "FROM files_node n LEFT JOIN files_version v ON v.id = n.version_id "
        f"WHERE n.parent_id IN ({', '.join(['%s'] * len(parent_ids))}) "
        f"AND n.name IN ({', '.join(['%s'] * len(names))})",
        [*parent_ids, *names],
    )
    for node, version in found:
        if version is not None:
            sql_rows.relate(node, "version", version)
    return [node for node, _ in found]
