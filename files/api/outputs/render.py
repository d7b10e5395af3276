"""From rows to JSON values. Ids are strings, times RFC 3339 in UTC, sizes bytes; a key is never left out."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db.models import prefetch_related_objects

from accounts.models import User
from files.models import Node, NodeKind, NodeLock, Space, SpaceKind, TrashItem, Version
from files.queries.listing import Row
from files.queries.mounts import Mounts
from files.queries.tree import LocatedNode
from files.sql_rows import from_json

_FOLDER = int(NodeKind.FOLDER)
KINDS = {int(NodeKind.FOLDER): "folder", int(NodeKind.FILE): "file"}

Json = dict[str, Any]


def time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def text_id(value: int | None) -> str | None:
    return None if value is None else str(value)


def person(user: User | None) -> Json | None:
    return None if user is None else {"id": str(user.pk), "name": user.name or user.email}


def node(row: Node, path: str | None) -> Json:
    """`row` with its version and content loaded."""
    version = row.version
    content = version.content if version else None
    return {
        "id": str(row.pk),
        "kind": KINDS[row.kind],
        "name": row.name,
        "path": path,
        "parent_id": text_id(row.parent_id),
        "space_id": str(row.space_id),
        "size": row.size,
        "etag": row.etag,
        "created_at": time(row.created_at),
        "modified_at": time(row.modified_at),
        "version_id": text_id(row.version_id),
        "content_hash": content.content_hash if content else None,
        "media_type": content.media_type if content else None,
        "checksums": version.known_checksums if version else None,
        "descendants": row.descendants if row.is_folder else None,
        "target": None,
        "mount_id": None,
    }


def rows(entries: "list[Row]", folder: LocatedNode) -> list[Json]:
    """What `node` gives, from the columns of files.queries.listing. One expression: calls would double its time."""
    folder = folder.entered
    prefix, parent_id, space_id = folder.path.rstrip("/") + "/", str(folder.node.pk), str(folder.space.pk)
    mount_id = _mount_id(folder)
    rendered: list[Json] = [
        {
            "id": str(pk),
            "kind": "folder" if kind == _FOLDER else "file",
            "name": name,
            "path": prefix + name,
            "parent_id": parent_id,
            "space_id": space_id,
            "size": size,
            "etag": f'"{pk}-{seq}"' if kind == _FOLDER else f'"{pk}.{version_id}"',
            "created_at": created.replace(" ", "T") + "Z" if isinstance(created, str) else time(created),
            "modified_at": modified.replace(" ", "T") + "Z" if isinstance(modified, str) else time(modified),
            "version_id": None if version_id is None else str(version_id),
            "content_hash": content_hash,
            "media_type": media,
            "checksums": {} if checksums == "{}" else from_json(checksums),
            "descendants": below if kind == _FOLDER else None,
            "target": None,
            "mount_id": mount_id,
        }
        for (
            pk,
            kind,
            name,
            size,
            seq,
            created,
            modified,
            version_id,
            below,
            content_hash,
            media,
            checksums,
            _,
        ) in entries
    ]
    if folder.mounts is not None:
        _with_mounts(rendered, entries, folder.mounts)
    return rendered


def _with_mounts(rendered: list[Json], entries: "list[Row]", mounts: Mounts) -> None:
    """What a home with mounts shows: which rows are mounts, and the entity tags of folders that have some below."""
    for item, entry in zip(rendered, entries, strict=True):
        found = mounts.get(entry[0])
        if found is not None:
            item["target"] = _target(found)
            item["etag"] = found.etag
        elif mounts.has_below(entry[0]):
            item["etag"] = mounts.etag(entry[0], entry[4])


def _mount_id(found: LocatedNode) -> str | None:
    return None if found.mount is None else str(found.mount.node.pk)


def _target(found: LocatedNode) -> Json | None:
    """What a mount stands for."""
    if found.target is None:
        return None
    return {"node_id": str(found.target.node.pk), "space_id": str(found.target.space.pk)}


def lock(found: NodeLock | None, place: LocatedNode) -> Json | None:
    """`inherited`: it was taken on a folder above."""
    if found is None:
        return None
    return {
        "holder": person(found.holder),
        "client": found.client,
        "scope": found.scope,
        "depth": "infinity" if found.is_deep else "0",
        "personal": found.is_personal,
        "inherited": found.node_id != place.node.pk,
        "created_at": time(found.created_at),
        "expires_at": time(found.expires_at),
    }


# What a mount has of what it stands for.
_OF_TARGET = (
    *("size", "descendants", "modified_at", "version_id"),
    *("content_hash", "media_type", "checksums"),
)


def place(found: LocatedNode) -> Json:
    shown = found.shown
    body = node(found.node, found.path) | {"etag": found.etag, "target": _target(found), "mount_id": _mount_id(found)}
    if found.is_mount:
        of_target = node(shown, None)
        body |= {name: of_target[name] for name in _OF_TARGET}
    return body


def places(found: Iterable[LocatedNode]) -> list[Json]:
    """In a constant number of queries, whatever the action has loaded."""
    all_places = list(found)
    load([item.shown for item in all_places])
    return [place(item) for item in all_places]


def load(rows: list[Node]) -> None:
    prefetch_related_objects([row for row in rows if row.version_id], "version__content")


def below(folder_path: str, name: str) -> str:
    return f"{folder_path.rstrip('/')}/{name}"


def trash_item(item: TrashItem) -> Json:
    return {
        "id": str(item.pk),
        "space_id": str(item.space_id),
        "path": item.path,
        "deleted_at": time(item.deleted_at),
        "deleted_by": person(item.deleted_by),
        "node": node(item.node, None),
    }


def trash_items(items: list[TrashItem]) -> list[Json]:
    prefetch_related_objects(items, "deleted_by")
    load([item.node for item in items])
    return [trash_item(item) for item in items]


def version(row: Version, current_id: int | None) -> Json:
    return {
        "id": str(row.pk),
        "node_id": str(row.node_id),
        "is_current": row.pk == current_id,
        "size": row.size,
        "content_hash": row.content.content_hash,
        "media_type": row.content.media_type,
        "checksums": row.known_checksums,
        "created_at": time(row.created_at),
        "modified_at": time(row.modified_at),
        "author": person(row.author),
        "client": row.client,
    }


def space(row: Space) -> Json:
    """After `cover_roots`. Who is not in the space is told nothing of what it holds."""
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "name": row.name,
        "root_id": text_id(row.root_id),
        "open": row.kind == SpaceKind.TEAM and row.is_open,
        "seq": row.seq if row.is_seen else None,
        "size": (row.root.size if row.root else 0) if row.is_seen else None,
        "quota_bytes": row.quota.limit_bytes if row.kind == SpaceKind.TEAM and row.quota.space_id else None,
        "archived_at": time(row.archived_at),
        "deleted_at": time(row.deleted_at),
        "created_at": time(row.created_at),
    }
