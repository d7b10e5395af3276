"""Copying a tree: a constant number of statements, whatever is below it. Bytes are shared, never moved."""

from datetime import datetime

from django.db import connection

from accounts.quotas import Charge
from common.ids import new_ids
from files.models import ChangeKind, Node
from files.queries.properties import SIZE, size_of_nodes
from files.queries.tree import LocatedNode
from files.tree import keys
from files.tree.folders import Chain, chain_path
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork

_BELOW = (
    "WITH RECURSIVE below(id, parent_id, version_id) AS ("
    "SELECT id, parent_id, version_id FROM files_node WHERE id = %s UNION ALL "
    "SELECT n.id, n.parent_id, n.version_id FROM files_node n JOIN below ON n.parent_id = below.id "
    "WHERE n.target_id IS NULL) "  # a mount is copied as what it stands for: files.actions.copy
)


def copy(work: SpaceUnitOfWork, place: LocatedNode, chain: Chain, name: str) -> Node:
    """Copies the tree at `place` to the free `name` in the folder at the end of `chain`, in the space of `work`.

    Current versions only, each as the first version of its copy, with the modification time of the original.
    """
    top = place.node
    parent_id, at = chain[-1].id, work.at
    with connection.cursor() as cursor:
        _map_ids(top.pk, top.descendants + 1)
        cursor.execute("SELECT new_id FROM copy_map WHERE old_id = %s", [top.pk])
        (new_id,) = cursor.fetchone()
        seq = work.space.seq + 1
        _insert_nodes(work, top.pk, parent_id, name, seq, at)
        _insert_versions(work, seq, at)
        properties = _insert_properties()
        cursor.execute("DROP TABLE copy_map")
    node = Node.objects.select_related("version__content").get(pk=new_id)
    version_id = node.version_id
    work.record(ChangeKind.COPY, node, after=NodeLocation(parent_id, name, chain_path(chain, name), version_id))
    work.touch([step.id for step in chain], size=top.size, descendants=top.descendants + 1, height=top.height + 1)
    work.charge += Charge(live=top.size, nodes=top.descendants + 1, properties=properties)
    return node


def _map_ids(top_id: int, count: int) -> None:
    """A temporary table (old_id, old_parent_id, old_version_id, new_id, new_version_id) of the whole tree: `count`."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS copy_map")
        nodes, versions = _free_ids("files_node", count), _free_ids("files_version", count)
        place = "CAST(%s AS bigint) + ROW_NUMBER() OVER (ORDER BY id)"
        cursor.execute(
            f"CREATE TEMPORARY TABLE copy_map AS {_BELOW} "
            "SELECT id AS old_id, parent_id AS old_parent_id, version_id AS old_version_id, "
            f"{place} AS new_id, CASE WHEN version_id IS NULL THEN NULL ELSE {place} END AS new_version_id FROM below",
            [top_id, nodes[0] - 1, versions[0] - 1],
        )
        cursor.execute("CREATE UNIQUE INDEX copy_map_old ON copy_map (old_id)")


def _free_ids(table: str, count: int) -> range:
    """Numbers that nobody has, unless another process takes one in this very moment: then the copy fails."""
    with connection.cursor() as cursor:
        while True:
            ids = new_ids(count)
            cursor.execute(f"SELECT 1 FROM {table} WHERE id BETWEEN %s AND %s LIMIT 1", [ids[0], ids[-1]])
            if cursor.fetchone() is None:
                return ids


def _insert_nodes(work: SpaceUnitOfWork, top_id: int, parent_id: int, name: str, seq: int, at: datetime) -> None:
    when = connection.ops.adapt_datetimefield_value(at)
    cast = "::timestamptz" if connection.vendor == "postgresql" else ""
    key, parameters = keys.free_key(parent_id, name)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO files_node (id, space_id, parent_id, kind, name, name_key, version_id, size, versions_size, "
            "descendants, height, seq, created_at, modified_at) "
            "SELECT m.new_id, %s, CASE WHEN n.id = %s THEN %s ELSE p.new_id END, n.kind, "
            f"CASE WHEN n.id = %s THEN %s ELSE n.name END, CASE WHEN n.id = %s THEN {key} ELSE n.name_key END, "
            f"m.new_version_id, n.size, 0, n.descendants, n.height, %s, %s{cast}, n.modified_at "
            "FROM copy_map m JOIN files_node n ON n.id = m.old_id "
            "LEFT JOIN copy_map p ON p.old_id = m.old_parent_id",
            [work.space.pk, top_id, parent_id, top_id, name, top_id, *parameters, seq, when],
        )


def _insert_versions(work: SpaceUnitOfWork, seq: int, at: datetime) -> None:
    when = connection.ops.adapt_datetimefield_value(at)
    cast = "::timestamptz" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO files_version "
            "(id, node_id, content_id, size, checksums, author_id, client, created_at, modified_at, seq) "
            "SELECT m.new_version_id, m.new_id, v.content_id, v.size, v.checksums, "
            f"%s, %s, %s{cast}, v.modified_at, %s "
            "FROM copy_map m JOIN files_version v ON v.id = m.old_version_id",
            [work.actor.user_id, work.actor.client[:200], when, seq],
        )


def _insert_properties() -> int:
    """Dead properties go along (RFC 4918 section 9.8.2). Returns their size in characters."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COALESCE(SUM({SIZE}), 0) FROM copy_map m JOIN files_nodeproperty p ON p.node_id = m.old_id"
        )
        size = int(cursor.fetchone()[0])
        if not size:
            return 0
        cursor.execute(
            "INSERT INTO files_nodeproperty (node_id, namespace, name, value) "
            "SELECT m.new_id, p.namespace, p.name, p.value "
            "FROM copy_map m JOIN files_nodeproperty p ON p.node_id = m.old_id"
        )
    return size


def copy_properties(work: SpaceUnitOfWork, from_id: int, to_id: int) -> None:
    """Those of one node to another one, which has none."""
    work.charge += Charge(properties=size_of_nodes([from_id]))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO files_nodeproperty (node_id, namespace, name, value) "
            "SELECT %s, namespace, name, value FROM files_nodeproperty WHERE node_id = %s",
            [to_id, from_id],
        )
