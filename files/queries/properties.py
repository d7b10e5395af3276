"""Dead properties of nodes."""

from collections.abc import Sequence

from common.batches import in_batches
from files import sql_rows

Name = tuple[str, str]  # namespace and local name
# What a row (`p`) is charged: characters, which both databases and Python count alike.
SIZE = "LENGTH(p.namespace) + LENGTH(p.name) + LENGTH(p.value)"


def properties_of(node_ids: Sequence[int]) -> dict[int, dict[Name, str]]:
    """The XML inside of each, by node and name: one query. Of some nodes, which the caller may see."""
    if not node_ids:
        return {}
    if len(node_ids) == 1:
        where, parameters = "node_id = %s", list(node_ids)
    else:  # a page of a folder: the range is short to say, and holds few rows that are not wanted
        where, parameters = "node_id BETWEEN %s AND %s", [min(node_ids), max(node_ids)]
    found: dict[int, dict[Name, str]] = {}
    wanted = set(node_ids)
    sql = f"SELECT node_id, namespace, name, value FROM files_nodeproperty WHERE {where} ORDER BY id"
    for node_id, namespace, name, value in sql_rows.fetch(sql, parameters):
        if node_id in wanted:
            found.setdefault(node_id, {})[namespace, name] = value
    return found


def size_of(name: Name, value: str) -> int:
    """What a property is charged."""
    return len(name[0]) + len(name[1]) + len(value)


def size_of_nodes(node_ids: Sequence[int]) -> int:
    """What the properties of these nodes are charged."""
    total = 0
    for part in in_batches(node_ids, 400):
        marks = ", ".join(["%s"] * len(part))
        sql = f"SELECT COALESCE(SUM({SIZE}), 0) FROM files_nodeproperty p WHERE p.node_id IN ({marks})"
        total += int(sql_rows.fetch(sql, part)[0][0])
    return total


def size_below(node_id: int) -> int:
    """The same of a node and everything below it."""
    sql = (
        "WITH RECURSIVE below(id) AS (SELECT CAST(%s AS bigint) UNION ALL "
        "SELECT n.id FROM files_node n JOIN below ON n.parent_id = below.id) "
        f"SELECT COALESCE(SUM({SIZE}), 0) FROM files_nodeproperty p JOIN below ON below.id = p.node_id"
    )
    return int(sql_rows.fetch(sql, [node_id])[0][0])
