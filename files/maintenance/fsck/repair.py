"""What fsck can set right by itself: numbers that follow from other rows."""

from django.db import connection, models, transaction

from accounts.actor import system
from files.locking import lock_spaces
from files.models import Content, Extent

SUMS = frozenset({"node.sums", "node.height"})

_DEPTHS = (
    "CREATE TEMPORARY TABLE fsck_depth AS WITH RECURSIVE below(id, depth) AS ("
    "SELECT n.id, 0 FROM files_node n WHERE n.space_id = %s AND n.parent_id IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM files_trashitem t WHERE t.node_id = n.id AND t.purging) UNION ALL "
    "SELECT n.id, below.depth + 1 FROM files_node n JOIN below ON n.parent_id = below.id) "
    "SELECT id, depth FROM below"
)
_FILES = (
    "UPDATE files_node SET size = v.current, versions_size = v.total - v.current, descendants = 0, height = 0 "
    "FROM (SELECT n.id, SUM(v.size) AS total, SUM(CASE WHEN v.id = n.version_id THEN v.size ELSE 0 END) AS current "
    "FROM fsck_depth d JOIN files_node n ON n.id = d.id JOIN files_version v ON v.node_id = n.id "
    "WHERE n.kind = 1 GROUP BY n.id) v WHERE files_node.id = v.id"
)
_EMPTY_FOLDERS = (
    "UPDATE files_node SET size = 0, versions_size = 0, descendants = 0, height = 0 "
    "WHERE kind = 0 AND id IN (SELECT id FROM fsck_depth)"
)
_LEVEL = (
    "UPDATE files_node SET size = c.size, versions_size = c.versions_size, descendants = c.descendants, "
    "height = c.height FROM (SELECT n.parent_id, SUM(n.size) AS size, SUM(n.versions_size) AS versions_size, "
    "SUM(n.descendants + 1) AS descendants, MAX(n.height) + 1 AS height "
    "FROM files_node n JOIN fsck_depth d ON d.id = n.id WHERE d.depth = %s AND n.target_id IS NULL "
    "GROUP BY n.parent_id) c "
    "WHERE files_node.id = c.parent_id"
)


def recompute_sums(space_id: int) -> None:
    """The sums and heights of a whole space, from the leaves up, one statement a level, under its lock.

    Trees that are being purged are left alone. Stamps stay: nothing that a person sees as a change happened.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        lock_spaces(system("fsck"), [space_id])
        cursor.execute("DROP TABLE IF EXISTS fsck_depth")
        cursor.execute(_DEPTHS, [space_id])
        cursor.execute("CREATE UNIQUE INDEX fsck_depth_id ON fsck_depth (id)")
        cursor.execute(_FILES)
        cursor.execute(_EMPTY_FOLDERS)
        cursor.execute("SELECT COALESCE(MAX(depth), 0) FROM fsck_depth")
        for depth in range(cursor.fetchone()[0], 0, -1):
            cursor.execute(_LEVEL, [depth])
        cursor.execute("DROP TABLE fsck_depth")


def recount_extents(content_id: int) -> None:
    count = Extent.objects.filter(content_id=content_id).count()
    Content.objects.filter(pk=content_id).update(extent_count=count)


def follow_node(model: type[models.Model], row_id: int, space_id: int) -> bool:
    """A grant or a restriction says the space that its node is in. Under the lock of that space; False when the node
    has left it.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET space_id = %s WHERE id = %s AND EXISTS ("
            f"SELECT 1 FROM files_node n WHERE n.id = {table}.node_id AND n.space_id = %s)",
            [space_id, row_id, space_id],
        )
        return bool(cursor.rowcount)
