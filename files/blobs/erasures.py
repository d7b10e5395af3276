"""Notes of what must be gone from objects, made in the transaction that removes the last words about it."""

from collections.abc import Sequence

from django.db import connection

from common.batches import in_batches
from common.clock import now
from files import sql_rows

_NOTE = """
INSERT INTO files_erasure
  (team_id, owner_id, pool_id, key, object_size, "offset", length, content_hash, only_pool, at)
SELECT DISTINCT s.team_id, s.owner_id, b.pool_id, b.key, b.size, e.blob_offset, e.length,
  CASE WHEN e.length = c.size THEN c.content_hash ELSE '' END, {only_pool}, {at}
FROM files_version v JOIN files_node n ON n.id = v.node_id JOIN files_space s ON s.id = n.space_id
  JOIN files_content c ON c.id = v.content_id JOIN files_extent e ON e.content_id = c.id
  JOIN files_blob b ON b.id = e.blob_id JOIN files_pool p ON p.id = b.pool_id
WHERE {where}"""


def note_versions(version_ids: Sequence[int]) -> None:
    """Before these versions are removed. Whether somebody needs their bytes still is asked when it is to be proved."""
    _note("v.id", version_ids)


def note_nodes(node_ids: Sequence[int]) -> None:
    """The same, of all versions of these nodes."""
    _note("v.node_id", node_ids)


def note_abroad(team_id: int, content_id: int, region: str) -> None:
    """Before the bytes of a content leave the objects that are outside the team's region."""
    where = "v.content_id = %s AND s.team_id = %s AND p.region <> %s"
    _run(where, [content_id, team_id, region], only_pool=True)


def _note(column: str, ids: Sequence[int]) -> None:
    for part in in_batches(ids, 500):
        _run(f"{column} IN ({', '.join(['%s'] * len(part))})", part, only_pool=False)


def _run(where: str, parameters: Sequence[int | str], *, only_pool: bool) -> None:
    at = "%s::timestamptz" if connection.vendor == "postgresql" else "%s"
    with connection.cursor() as cursor:
        sql = _NOTE.format(where=where, only_pool="%s::boolean" if connection.vendor == "postgresql" else "%s", at=at)
        cursor.execute(sql, [only_pool, sql_rows.adapt_time(now()), *parameters])
