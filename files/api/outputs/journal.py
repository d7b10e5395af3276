"""The past as JSON values: lines of the journal, and entries of a folder as it was."""

from files.api.outputs.render import KINDS, Json, below, person, text_id, time
from files.models import Change
from files.queries.feed import Line
from files.queries.journal import Past
from files.queries.past import PastPage


def line(found: Line) -> Json:
    """With the paths as they are seen from the home."""
    prefix = "" if found.place is None else found.place.path
    return change(found.change, prefix) | {"mount_id": None if found.place is None else str(found.place.node.pk)}


def change(row: Change, prefix: str = "") -> Json:
    """`before` is null for what was not there, `after` for what is not. `prefix`: of the paths."""
    return {
        "seq": row.seq,
        "space_id": str(row.space_id),
        "kind": row.kind,
        "node": {"id": str(row.node_id), "kind": KINDS[row.node_kind]},
        "before": _spot(row.before_parent_id, row.before_name, prefix + row.before_path, row.before_version_id),
        "after": _spot(row.after_parent_id, row.after_name, prefix + row.after_path, row.after_version_id),
        "target": None if row.target_id is None else {"node_id": str(row.target_id)},
        "mount_id": None,
        "size": row.size,
        "actor": person(row.actor),
        "client": row.client,
        "at": time(row.at),
        "batch": str(row.batch) if row.batch else None,
    }


def _spot(parent_id: int | None, name: str, path: str, version_id: int | None) -> Json | None:
    if parent_id is None:
        return None
    return {"path": path, "name": name, "parent_id": str(parent_id), "version_id": text_id(version_id)}


def entry(row: Past, page: PastPage) -> Json:
    return {
        "id": str(row.node_id),
        "kind": KINDS[row.kind],
        "name": row.name,
        "path": None if page.path is None else below(page.path, row.name),
        "parent_id": str(row.parent_id),
        "space_id": str(page.space.pk),
        "size": row.size,
        "version_id": text_id(row.version_id),
        "purged": row.purged,
    }
