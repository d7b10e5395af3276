"""Making the folders of a path, or of many paths, that are missing."""

from collections.abc import Iterable

from common.paths import MAXIMUM_DEPTH, join_path, name_key
from files import rows
from files.errors import NotAFolder, ParentNotFound, TooDeep
from files.models import ChangeKind, Node, NodeKind, Version
from files.queries.tree import Place, Step
from files.tree.edit import SpaceEdit, Spot

Chain = tuple[Step, ...]  # from the root to a folder, that folder last
Names = tuple[str, ...]


def chain_path(chain: Chain, *names: str) -> str:
    return join_path([*(step.name for step in chain[1:]), *names])


Missing = NotAFolder | ParentNotFound


def ensure_folders(
    edit: SpaceEdit, base: Place, wanted: Iterable[Names], *, make: bool = True
) -> dict[Names, Chain | Missing]:
    """For each path of clean names below `base` its chain; what is missing is made, level by level.

    Two spellings of one name lead to one folder. A path through a file has NotAFolder for its value; without `make`
    one that is missing has ParentNotFound.
    """
    chains: dict[Names, Chain | Missing] = {(): base.chain}
    paths = {path[:depth] for path in wanted for depth in range(1, len(path) + 1)}
    deepest = max((len(path) for path in paths), default=0)
    if len(base.chain) + deepest > MAXIMUM_DEPTH + 1:
        raise TooDeep
    for depth in range(1, deepest + 1):
        _ensure_level(edit, chains, sorted(path for path in paths if len(path) == depth), make)
    return chains


def _ensure_level(edit: SpaceEdit, chains: dict[Names, Chain | Missing], level: list[Names], make: bool) -> None:
    reachable: list[tuple[Names, Chain]] = []
    for path in level:
        parent = chains[path[:-1]]
        if isinstance(parent, Missing):
            chains[path] = parent
        else:
            reachable.append((path, parent))
    existing = children_by_key(
        {parent[-1].id for _, parent in reachable}, {name_key(path[-1]) for path, _ in reachable}
    )
    missing: dict[tuple[int, str], tuple[Chain, str]] = {}
    for path, parent in reachable:
        place = (parent[-1].id, name_key(path[-1]))
        if place not in existing:
            missing.setdefault(place, (parent, path[-1]))
    for node in make_folders(edit, list(missing.values())) if make else ():
        existing[(node.parent_id or 0, node.name_key)] = node
    for path, parent in reachable:
        found = existing.get((parent[-1].id, name_key(path[-1])))
        if found is None:
            chains[path] = ParentNotFound(path=chain_path(parent, path[-1]))
        elif found.is_folder:
            chains[path] = (*parent, Step(found.pk, found.name, found.kind))
        else:
            chains[path] = NotAFolder(path=chain_path(parent, found.name))


def make_folders(edit: SpaceEdit, items: list[tuple[Chain, str]]) -> list[Node]:
    """New, empty folders: names that are known to be free, each in the folder at the end of its chain."""
    folders = [
        rows.make(
            Node,
            space_id=edit.space.pk,
            parent_id=chain[-1].id,
            kind=NodeKind.FOLDER,
            name=name,
            name_key=name_key(name),
            created_at=edit.at,
            modified_at=edit.at,
        )
        for chain, name in items
    ]
    rows.insert(Node, folders)
    for folder, (chain, name) in zip(folders, items, strict=True):
        spot = Spot(chain[-1].id, name, chain_path(chain, name))
        folder.seq = edit.record(ChangeKind.CREATE, folder, after=spot)
        edit.touch([folder.pk])
        edit.touch([step.id for step in chain], descendants=1, height=1)
    return folders


def children_by_key(parent_ids: Iterable[int], keys: Iterable[str]) -> dict[tuple[int, str], Node]:
    """Children of these folders with one of these keys, by (parent, key): one query per 400 keys."""
    wanted, parents = list(keys), list(parent_ids)
    found: dict[tuple[int, str], Node] = {}
    for start in range(0, len(wanted), 400):
        for parent_start in range(0, len(parents), 400):
            nodes = _children(parents[parent_start : parent_start + 400], wanted[start : start + 400])
            found |= {(node.parent_id or 0, node.name_key): node for node in nodes}
    return found


def _children(parent_ids: list[int], keys: list[str]) -> list[Node]:
    """With their versions."""
    found = rows.select_joined(
        ((Node, "n"), (Version, "v")),
        "FROM files_node n LEFT JOIN files_version v ON v.id = n.version_id "
        f"WHERE n.parent_id IN ({', '.join(['%s'] * len(parent_ids))}) "
        f"AND n.name_key IN ({', '.join(['%s'] * len(keys))})",
        [*parent_ids, *keys],
    )
    for node, version in found:
        if version is not None:
            rows.relate(node, "version", version)
    return [node for node, _ in found]
