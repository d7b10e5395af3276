"""Dead properties of nodes."""

from collections.abc import Sequence

from files import rows

Name = tuple[str, str]  # namespace and local name


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
    for node_id, namespace, name, value in rows.fetch(sql, parameters):
        if node_id in wanted:
            found.setdefault(node_id, {})[namespace, name] = value
    return found
