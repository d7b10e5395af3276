"""The folded key of a name: `name_key`, by which names are sorted, warned about, and found by protocols that fold case.

The release before finds names by it, and relies on each being alone in its folder. While it may still run, the first of
several names that fold to one has the folded name itself; each further one has that, a slash, and its own name
(`readme/README`): no name has a slash, so that the release before never asks for such a key, and shows the file in
listings all the same. The release after this one makes them all plain and drops the unique index (decision 20).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from common.batches import in_batches
from common.paths import folded, numbered_name
from files import sql_rows
from files.errors import NameTaken
from files.models import Node

# In the words of the index node_long_key, so that it is used.
_FOLDED = "REPLACE(name_key, '/' || name, '')"
_IS_LONG = {"sqlite": "name_key LIKE '%%/%%' ESCAPE '\\'", "postgresql": "name_key LIKE '%%/%%'"}
# Chosen where the row is written, so that it costs no statement of its own.
_FREE = (
    "CASE WHEN EXISTS (SELECT 1 FROM files_node k WHERE k.parent_id = %s AND k.name_key = %s AND k.id <> %s) "
    "THEN %s ELSE %s END"
)
_NOBODY = 0  # the id of no node
MAXIMUM_TRIES = 10_000


def free_key(parent_id: int, name: str, node_id: int = _NOBODY) -> tuple[str, list[Any]]:
    """SQL that gives the key of `name` in the folder, and its parameters. `node_id` is who may have it already."""
    return _FREE, _parameters(parent_id, folded(name), long_key(name), node_id)


def insert_nodes(nodes: Sequence[Node]) -> None:
    """New nodes with a parent; what they have for a key is not read back."""
    taken: set[tuple[int, str]] = set()
    for node in nodes:
        node.name_key = folded(node.name)
        place = (node.parent_id or 0, node.name_key)
        if place in taken:  # by the same statement, which does not see its own rows
            node.name_key = long_key(node.name)
        taken.add(place)
    computed = sql_rows.Computed("name_key", _FREE, _insert_parameters)
    sql_rows.insert(Node, nodes, computed=computed)


def _insert_parameters(node: Node) -> list[Any]:
    return _parameters(node.parent_id or 0, node.name_key, long_key(node.name), _NOBODY)


def _parameters(parent_id: int, key: str, otherwise: str, node_id: int) -> list[Any]:
    return [parent_id, key, node_id, otherwise, key]


def long_key(name: str) -> str:
    return f"{folded(name)}/{name}"


def hand_on(parent_id: int, key: str) -> None:
    """After a node with this key has left the folder: another one that waited for it gets it."""
    if "/" in key:  # nobody waits for a long one
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE files_node SET name_key = %s WHERE id = (SELECT MIN(id) FROM files_node "
            f"WHERE parent_id = %s AND {_IS_LONG[connection.vendor]} AND {_FOLDED} = %s) "
            "AND NOT EXISTS (SELECT 1 FROM files_node WHERE parent_id = %s AND name_key = %s)",
            [key, parent_id, key, parent_id, key],
        )


def alike(parent_id: int, names: Iterable[str]) -> list[Node]:
    """What the folder holds under names that differ from one of these by case only, or not at all."""
    keys = sorted({folded(name) for name in names})
    select = f"SELECT {sql_rows.columns(Node, 'files_node')} FROM files_node WHERE parent_id = %s AND"
    found: list[Node] = []
    for part in in_batches(keys, 400):
        marks = ", ".join(["%s"] * len(part))
        plain = f"{select} name_key IN ({marks})"
        long = f"{select} {_IS_LONG[connection.vendor]} AND {_FOLDED} IN ({marks})"
        found += sql_rows.select(Node, f"{plain} UNION ALL {long}", [parent_id, *part, parent_id, *part])
    return found


def free_name(parent_id: int, name: str, *, taken: "set[str] | None" = None) -> str:
    """`name`, or the first numbered form of it that is free in the folder. `taken`: names promised already."""
    promised = taken or set()
    if name not in promised and not _exists(parent_id, [name]):
        return name
    start = 2
    while start < MAXIMUM_TRIES:
        candidates = [numbered_name(name, number) for number in range(start, start + 50)]
        used = _exists(parent_id, candidates) | promised
        for candidate in candidates:
            if candidate not in used:
                return candidate
        start += 50
    raise NameTaken(name=name)


def _exists(parent_id: int, names: list[str]) -> set[str]:
    rows = Node.objects.filter(parent_id=parent_id, name__in=names)
    return set(rows.values_list("name", flat=True))
