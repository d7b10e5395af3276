"""What a download needs to know of a file, in one statement: by path or by id, this version or an earlier one.

This is the hottest read of the product, so it is raw SQL over plain rows; files.access says who may
read, and when nothing is found, the queries of tree.py say what exactly is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.actor import Actor, PrincipalKind
from common.commit_cache import unchanged
from common.etags import file_etag
from common.ids import is_id
from files import errors, sql_rows
from files.access.compute import Access, SpaceAccess, SpaceFacts
from files.access.rights import Right
from files.models import NodeKind, SpaceKind
from files.queries import tree
from files.queries.versions import get_version


@dataclass(frozen=True, slots=True)
class FileContent:
    """One version of one live file. `key` and `blob_offset` are of its only extent; None when it has many or none.
    `pool_url` is that of its first object.

    `modified_at` is aware. `is_current` is False for an earlier version.
    """

    node_id: int
    name: str
    version_id: int
    modified_at: datetime
    content_id: int
    size: int
    content_hash: str
    checksums: dict[str, str]
    pool_url: str
    redirect_downloads: bool
    key: str | None
    blob_offset: int
    blob_size: int
    # The space that it lies in, for who was let in to a part of it, by a grant or a link; None for who sees all of it.
    shared_in: int | None = None

    @property
    def etag(self) -> str:
        """That of Node.etag while this version is the current one, and unlike every other one otherwise."""
        return file_etag(self.node_id, self.version_id)


# Version.known_checksums: of the version `v` and its content `c`; null for what is no file.
KNOWN_CHECKSUMS = (
    "COALESCE(v.checksums, CASE WHEN c.team_id IS NOT NULL THEN c.checksums WHEN c.id IS NOT NULL THEN '{}' END)"
)
COLUMNS = f"""
SELECT s.id, s.kind, s.owner_id, s.team_id, s.is_open, s.root_id, n.kind, n.id, n.name, v.id, v.modified_at,
  c.id, c.size, c.content_hash,
  {KNOWN_CHECKSUMS}, p.url, p.redirect_downloads, c.extent_count, b.key, e.blob_offset, b.size
"""
JOINS = """
LEFT JOIN files_content c ON c.id = v.content_id
LEFT JOIN files_extent e ON e.content_id = c.id AND e."offset" = 0
LEFT JOIN files_blob b ON b.id = e.blob_id
LEFT JOIN files_pool p ON p.id = b.pool_id
"""
_COLUMNS = COLUMNS.replace("{}", "{{}}")  # for str.format
# Names behind a mount are looked for in its target, of the actor's own home alone, and a mounted file is that target.
# None leads to another one. The last column is that target, or the root that the path begins at.
_BY_PATH = (
    "WITH RECURSIVE wanted(depth, name) AS (VALUES {values}), walk(id, inner_id, top_id, own, depth) AS ("
    " SELECT s.root_id, s.root_id, s.root_id, s.kind = 'home' AND s.owner_id = %s, 0 FROM files_space s WHERE {space}"
    " UNION ALL"
    " SELECT n.id, CASE WHEN walk.own AND n.target_id IS NOT NULL THEN n.target_id ELSE n.id END,"
    " CASE WHEN walk.own AND n.target_id IS NOT NULL THEN n.target_id ELSE walk.top_id END,"
    " walk.own AND n.target_id IS NULL, walk.depth + 1 FROM walk JOIN wanted ON wanted.depth = walk.depth"
    " JOIN files_node n ON n.parent_id = walk.inner_id AND n.name = wanted.name)"
    + _COLUMNS.rstrip()
    + ", walk.top_id\nFROM walk JOIN files_node n ON n.id = walk.inner_id "
    "JOIN files_space s ON s.id = n.space_id AND s.deleted_at IS NULL LEFT JOIN files_version v ON v.id = n.version_id"
    + JOINS
    + "WHERE walk.depth = %s"
)
_BY_ID = (
    "WITH RECURSIVE up(id, parent_id) AS ("
    " SELECT id, parent_id FROM files_node WHERE id = %s"
    " UNION ALL SELECT n.id, n.parent_id FROM up JOIN files_node n ON n.id = up.parent_id)"
    + _COLUMNS
    + "FROM files_node n JOIN files_space s ON s.id = n.space_id AND s.deleted_at IS NULL "
    "LEFT JOIN files_version v ON {version}"
    + JOINS
    + "WHERE n.id = %s AND s.root_id = (SELECT id FROM up WHERE parent_id IS NULL)"
)
# An earlier version that is kept from whom the file went to is none: files.queries.versions.
_OF_NODE = (
    "v.node_id = n.id AND v.id = %s AND (v.kept_in IS NULL OR v.kept_in = s.id "
    "OR v.kept_in IN (SELECT h.id FROM files_space h WHERE h.owner_id = %s AND h.kind = 'home'))"
)
_HOME = "s.kind = 'home' AND s.owner_id = %s"
_SPACE = "s.id = %s"


def file_at_path(actor: Actor, path: str, *, space_id: int | None = None) -> FileContent:
    """The current version of the file at a path of a space (None: the actor's home).

    Raises NotFound, ParentNotFound, NotAFile, InvalidName, ScopeMissing.
    """
    names = tree.split_path(path)
    row: Sequence[Any] | None = None
    if names and (space_id is None or is_id(space_id)):
        parameters: list[object] = []
        for depth, name in enumerate(names):
            parameters += [depth, name]
        values = ", ".join(["(%s, %s)"] * len(names))
        sql = _BY_PATH.format(values=values, space=_HOME if space_id is None else _SPACE)
        start = actor.user_id if space_id is None else space_id
        row = _first(sql, [*parameters, actor.user_id, start, len(names)])
    # A file without a version is somebody else's mount.
    has_none = row is not None and row[9] is None and row[6] != NodeKind.FOLDER
    access = None if row is None or has_none else _access_by_path(actor, row[:-1], top_id=row[-1])
    if row is None or access is None:
        place = tree.locate_path(actor, path, space_id=space_id)  # says what is missing
        (place if place.node.is_folder else place.entered).require(Right.DOWNLOAD)
        raise errors.NotAFile(id=place.node.pk) if place.node.is_folder else errors.NotFound
    return replace(_file_content(row[:-1]), name=names[-1], shared_in=_shared_in(row, access))


def file_of_node(actor: Actor, node_id: int, *, version_id: int | None = None) -> FileContent:
    """The current version, or another one, of a live file. Of a mount those of what it stands for, which is looked for
    then.

    Raises NotFound, NotAFile, ScopeMissing.
    """
    row = None
    if is_id(node_id) and (version_id is None or is_id(version_id)):
        version, parameters = "v.id = n.version_id", list[Any]()
        if version_id is not None:
            version, parameters = _OF_NODE, [version_id, actor.user_id]
        row = _first(_BY_ID.format(version=version), [node_id, *parameters, node_id])
    access = None if row is None else _access(actor, row)
    if row is None or access is None or not access.allows(Right.DOWNLOAD):
        tree.locate(actor, node_id).require(Right.DOWNLOAD)
        raise errors.NotFound
    if version_id is not None and access.hidden and row[6] != NodeKind.FOLDER:  # not all of them may be shown
        get_version(tree.locate(actor, node_id), version_id)
    if row[9] is None and row[6] != NodeKind.FOLDER:
        place = tree.locate(actor, node_id)
        if place.is_mount:
            return replace(file_of_node(actor, place.shown.pk, version_id=version_id), name=place.node.name)
        get_version(place, version_id or 0)
        raise errors.NotFound  # of what the system alone is shown, it reads the content itself
    shared_in = _shared_in(row, access)
    return _file_content(row) if shared_in is None else replace(_file_content(row), shared_in=shared_in)


def _shared_in(row: Sequence[Any], access: Access) -> int | None:
    return row[0] if access.root_id != row[5] or access.holder.kind is PrincipalKind.LINK else None


def _first(sql: str, parameters: list[Any]) -> tuple[Any, ...] | None:
    def read() -> tuple[Any, ...] | None:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            row: tuple[Any, ...] | None = cursor.fetchone()
            return row

    return unchanged(connection, (sql, *parameters), read)


def _access_by_path(actor: Actor, row: Sequence[Any], *, top_id: int) -> Access | None:
    """To what was found by a path that begins in its space at `top_id`, where it may be downloaded: only where all of
    the way from there is seen.
    """
    if top_id != row[5]:
        return _access_below(actor, row, top_id)
    access = _access(actor, row)
    return access if access.allows(Right.DOWNLOAD) and access.root_id == row[5] else None


def _access(actor: Actor, row: Sequence[Any]) -> Access:
    """No query in the own home; one in a space in which all nodes have the same access."""
    facts, root_id, node_id = SpaceFacts(*row[:5]), row[5], row[7]
    rules = SpaceAccess(actor, facts)
    if rules.is_even(root_id):
        return rules.along([root_id])
    return rules.along([*(step.id for step in tree.ancestors_of([node_id])[node_id]), node_id])


def _access_below(actor: Actor, row: Sequence[Any], top_id: int) -> Access | None:
    """Through a mount, of what is not mounted while it is in the trash, or in the own home: two queries. Not what is no
    file: that may be somebody else's mount.
    """
    facts, root_id, node_id = SpaceFacts(*row[:5]), row[5], row[7]
    if row[6] == NodeKind.FOLDER or (facts.kind == SpaceKind.HOME and facts.owner_id == actor.user_id):
        return None
    chain = [*(step.id for step in tree.ancestors_of([node_id])[node_id]), node_id]
    access = SpaceAccess(actor, facts).along(chain)
    is_seen = access.root_id in chain[: chain.index(top_id) + 1] if top_id in chain else False
    return access if chain[0] == root_id and is_seen and access.allows(Right.DOWNLOAD) else None


def _file_content(row: Sequence[Any]) -> FileContent:
    if row[6] == NodeKind.FOLDER:
        raise errors.NotAFile(id=row[7])
    return from_row(row)


def from_row(row: Sequence[Any]) -> FileContent:
    """From COLUMNS of a file."""
    (node_id, name, version_id, modified_at, content_id, size, content_hash, checksums) = row[7:15]
    (pool_url, redirect_downloads, extent_count, key, blob_offset, blob_size) = row[15:]
    if extent_count != 1:
        key, blob_offset, blob_size = None, 0, 0
    return FileContent(
        node_id,
        name,
        version_id,
        sql_rows.aware(modified_at),
        content_id,
        size,
        content_hash,
        sql_rows.from_json(checksums),
        pool_url or "",
        bool(redirect_downloads),
        key,
        blob_offset or 0,
        blob_size or 0,
    )
