"""Rows against rows: one statement a check and range of ids, so that each sees one state of the database.

Every statement takes `low` and `high`, and returns `(id, space id or None, detail)` of each row that is wrong
(`low < id <= high`). Sums are compared with the level below only: level by level that is the sum of the leaves.
Heights that grow strictly towards the parent prove that there is no cycle.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils.module_loading import import_string

from files.models import Content, Grant, Node, Restriction, Space, TrashItem, UploadPiece, Version


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A statement that finds rows which contradict each other, and the code of that finding.

    `mend` gets the id of a row, under the lock of its space, and returns whether it is right again.
    """

    code: str
    model: type[models.Model]
    sql: str
    subject: str
    mend: Callable[[int], bool] | None = None


def _node(code: str, sql: str) -> RowCheck:
    return RowCheck(code, Node, sql, "node")


_FOLDER_SUMS = """
SELECT n.id, n.space_id, 'has size ' || n.size || ', versions ' || n.versions_size || ', descendants '
  || n.descendants || '; below are ' || COALESCE(c.size, 0) || ', ' || COALESCE(c.versions_size, 0) || ', '
  || COALESCE(c.descendants, 0)
FROM files_node n LEFT JOIN (
  SELECT parent_id, SUM(size) AS size, SUM(versions_size) AS versions_size, SUM(descendants + 1) AS descendants
  FROM files_node WHERE parent_id > %(low)s AND parent_id <= %(high)s AND target_id IS NULL
  GROUP BY parent_id) c ON c.parent_id = n.id
WHERE n.id > %(low)s AND n.id <= %(high)s AND n.kind = 0 AND (n.size <> COALESCE(c.size, 0)
  OR n.versions_size <> COALESCE(c.versions_size, 0) OR n.descendants <> COALESCE(c.descendants, 0))"""

_FILE_SUMS = """
SELECT n.id, n.space_id, 'has size ' || n.size || ', versions ' || n.versions_size || ', descendants '
  || n.descendants || '; its versions are ' || cv.size || ' and ' || (v.size - cv.size)
FROM files_node n JOIN files_version cv ON cv.id = n.version_id AND cv.node_id = n.id JOIN (
  SELECT node_id, SUM(size) AS size FROM files_version
  WHERE node_id > %(low)s AND node_id <= %(high)s GROUP BY node_id) v ON v.node_id = n.id
WHERE n.id > %(low)s AND n.id <= %(high)s AND n.kind = 1
  AND (n.size <> cv.size OR n.versions_size <> v.size - cv.size OR n.descendants <> 0)"""

_HEIGHT = """
SELECT n.id, n.space_id, 'is ' || n.height || ', a child has ' || c.height
FROM files_node n JOIN (
  SELECT parent_id, MAX(height) AS height FROM files_node
  WHERE parent_id > %(low)s AND parent_id <= %(high)s AND target_id IS NULL GROUP BY parent_id) c ON c.parent_id = n.id
WHERE n.height <= c.height"""

_STRAY = """
SELECT n.id, n.space_id, 'has no parent and is neither a root nor in the trash' FROM files_node n
WHERE n.id > %(low)s AND n.id <= %(high)s AND n.parent_id IS NULL
  AND NOT EXISTS (SELECT 1 FROM files_space s WHERE s.root_id = n.id)
  AND NOT EXISTS (SELECT 1 FROM files_trashitem t WHERE t.node_id = n.id)"""

_PARENT = """
SELECT n.id, n.space_id, 'is below the file ' || p.id FROM files_node n JOIN files_node p ON p.id = n.parent_id
WHERE n.id > %(low)s AND n.id <= %(high)s AND p.kind <> 0"""

_SPACE = """
SELECT n.id, n.space_id, 'is in space ' || n.space_id || ', its parent in ' || p.space_id
FROM files_node n JOIN files_node p ON p.id = n.parent_id
WHERE n.id > %(low)s AND n.id <= %(high)s AND n.space_id <> p.space_id"""

_SEQ = """
SELECT n.id, n.space_id, 'has number ' || n.seq || ', its space ' || s.seq
FROM files_node n JOIN files_space s ON s.id = n.space_id
WHERE n.id > %(low)s AND n.id <= %(high)s AND n.seq > s.seq"""

_MOUNT = """
SELECT n.id, n.space_id, 'stands for ' || n.target_id || CASE WHEN t.id IS NULL THEN ', which is missing'
  WHEN c.id IS NOT NULL THEN ', and ' || c.id || ' is below it' ELSE ', and no mount of its owner says so' END
FROM files_node n LEFT JOIN files_node t ON t.id = n.target_id LEFT JOIN files_node c ON c.parent_id = n.id
LEFT JOIN files_space s ON s.id = n.space_id
LEFT JOIN files_mount m ON m.node_id = n.id AND m.target_id = n.target_id AND m.user_id = s.owner_id
WHERE n.id > %(low)s AND n.id <= %(high)s AND n.target_id IS NOT NULL
  AND (t.id IS NULL OR c.id IS NOT NULL OR m.id IS NULL)"""

_MOUNTS = """
SELECT s.id, s.id, 'says that it has ' || s.mounts || ' mounts, and has ' || COALESCE(m.number, 0)
FROM files_space s LEFT JOIN (SELECT n.space_id, COUNT(*) AS number FROM files_mount f
  JOIN files_node n ON n.id = f.node_id GROUP BY n.space_id) m ON m.space_id = s.id
WHERE s.id > %(low)s AND s.id <= %(high)s AND s.mounts <> COALESCE(m.number, 0)"""

_FILE_VERSION = """
SELECT n.id, n.space_id, 'kind ' || n.kind || ', version ' || COALESCE(CAST(n.version_id AS varchar(20)), 'none')
FROM files_node n LEFT JOIN files_version v ON v.id = n.version_id AND v.node_id = n.id
WHERE n.id > %(low)s AND n.id <= %(high)s
  AND ((n.kind = 1 AND v.id IS NULL AND n.target_id IS NULL)
    OR ((n.kind <> 1 OR n.target_id IS NOT NULL) AND n.version_id IS NOT NULL))"""

_VERSION_SIZE = """
SELECT v.id, n.space_id, 'has ' || v.size || ' bytes, its content ' || c.size || '; node ' || n.id
FROM files_version v JOIN files_content c ON c.id = v.content_id JOIN files_node n ON n.id = v.node_id
WHERE v.id > %(low)s AND v.id <= %(high)s AND (v.size <> c.size OR n.kind <> 1)"""

_ROOT = """
SELECT s.id, s.id, 'root ' || COALESCE(CAST(s.root_id AS varchar(20)), 'none')
FROM files_space s LEFT JOIN files_node n ON n.id = s.root_id
WHERE s.id > %(low)s AND s.id <= %(high)s AND (n.id IS NULL OR n.space_id <> s.id OR n.kind <> 0
  OR n.parent_id IS NOT NULL OR EXISTS (SELECT 1 FROM files_trashitem t WHERE t.node_id = n.id))"""

_TRASH = """
SELECT t.id, t.space_id, 'node ' || n.id || ' of space ' || n.space_id
FROM files_trashitem t JOIN files_node n ON n.id = t.node_id
WHERE t.id > %(low)s AND t.id <= %(high)s AND (n.parent_id IS NOT NULL OR n.space_id <> t.space_id)"""

_ACCESS_SPACE = """
SELECT a.id, n.space_id, 'it says space ' || a.space_id || '; node ' || n.id
FROM {table} a JOIN files_node n ON n.id = a.node_id
WHERE a.id > %(low)s AND a.id <= %(high)s AND a.space_id <> n.space_id"""

_JOURNAL_GAP = """
SELECT s.id, s.id, COUNT(c.id) || ' lines, numbered ' || MIN(c.seq) || ' to ' || MAX(c.seq)
FROM files_space s JOIN files_change c ON c.space_id = s.id WHERE s.id > %(low)s AND s.id <= %(high)s
GROUP BY s.id HAVING MIN(c.seq) <> 1 OR MAX(c.seq) <> COUNT(c.id)"""

_JOURNAL_LAST = """
SELECT s.id, s.id, 'has number ' || s.seq || ', its last change ' || COALESCE(MAX(c.seq), 0)
FROM files_space s LEFT JOIN files_change c ON c.space_id = s.id WHERE s.id > %(low)s AND s.id <= %(high)s
GROUP BY s.id, s.seq HAVING s.seq <> COALESCE(MAX(c.seq), 0)"""

_EXTENTS = """
SELECT c.id, NULL, 'has ' || c.size || ' bytes, its extents end at ' || COALESCE(e.finish, 0) || ' with '
  || COALESCE(e.breaks, 0) || ' gaps or overlaps'
FROM files_content c LEFT JOIN (
  SELECT content_id, MAX(finish) AS finish, SUM(CASE WHEN start <> before THEN 1 ELSE 0 END) AS breaks FROM (
    SELECT content_id, "offset" AS start, "offset" + length AS finish,
      COALESCE(LAG("offset" + length) OVER (PARTITION BY content_id ORDER BY "offset"), 0) AS before
    FROM files_extent WHERE content_id > %(low)s AND content_id <= %(high)s) pieces
  GROUP BY content_id) e ON e.content_id = c.id
WHERE c.id > %(low)s AND c.id <= %(high)s AND (c.size <> COALESCE(e.finish, 0) OR COALESCE(e.breaks, 0) <> 0)"""

_EXTENT_COUNT = """
SELECT c.id, NULL, 'says ' || c.extent_count || ', has ' || COALESCE(e.number, 0)
FROM files_content c LEFT JOIN (
  SELECT content_id, COUNT(*) AS number FROM files_extent
  WHERE content_id > %(low)s AND content_id <= %(high)s GROUP BY content_id) e ON e.content_id = c.id
WHERE c.id > %(low)s AND c.id <= %(high)s AND c.extent_count <> COALESCE(e.number, 0)"""

_EXTENT_BLOB = """
SELECT c.id, NULL, 'extent at ' || e."offset" || ' of ' || e.length || ' bytes: blob ' || b.id || ' has ' || b.size
FROM files_content c JOIN files_extent e ON e.content_id = c.id JOIN files_blob b ON b.id = e.blob_id
WHERE c.id > %(low)s AND c.id <= %(high)s
  AND (e.blob_offset + e.length > b.size OR b.doomed_at IS NOT NULL)"""

_PIECE_BLOB = """
SELECT p.id, NULL, 'upload ' || p.upload_id || ' at ' || p."offset" || ' of ' || p.length || ' bytes: blob ' || b.id
  || ' has ' || b.size
FROM files_uploadpiece p JOIN files_upload u ON u.id = p.upload_id JOIN files_blob b ON b.id = p.blob_id
WHERE p.id > %(low)s AND p.id <= %(high)s
  AND (p.blob_offset + p.length > b.size OR b.doomed_at IS NOT NULL)"""

ROW_CHECKS = (
    RowCheck("space.root", Space, _ROOT, "space"),
    RowCheck("mount.count", Space, _MOUNTS, "space"),
    _node("mount.target", _MOUNT),
    _node("node.stray", _STRAY),
    _node("node.parent", _PARENT),
    _node("node.space", _SPACE),
    _node("node.seq", _SEQ),
    _node("node.height", _HEIGHT),
    _node("node.sums", _FOLDER_SUMS),
    _node("node.sums", _FILE_SUMS),
    _node("file.version", _FILE_VERSION),
    RowCheck("version.size", Version, _VERSION_SIZE, "version"),
    RowCheck("access.space", Grant, _ACCESS_SPACE.format(table="files_grant"), "grant"),
    RowCheck("access.space", Restriction, _ACCESS_SPACE.format(table="files_restriction"), "restriction"),
    RowCheck("trash.item", TrashItem, _TRASH, "trash item"),
    RowCheck("journal.gap", Space, _JOURNAL_GAP, "space"),
    RowCheck("journal.last", Space, _JOURNAL_LAST, "space"),
    RowCheck("content.extents", Content, _EXTENTS, "content"),
    RowCheck("content.extent_count", Content, _EXTENT_COUNT, "content"),
    RowCheck("extent.blob", Content, _EXTENT_BLOB, "content"),
    RowCheck("piece.blob", UploadPiece, _PIECE_BLOB, "piece"),
)


def row_checks() -> list[RowCheck]:
    """With those of the apps above (settings.FSCK_HOOKS): functions that return theirs."""
    return [*ROW_CHECKS, *(check for path in settings.FSCK_HOOKS for check in import_string(path)())]
