"""Lines of the journal as JSON values."""

from files.api.outputs.render import KINDS, Json, person, text_id, time
from files.models import Change


def change(row: Change) -> Json:
    """`before` is null for what was not there, `after` for what is not."""
    return {
        "seq": row.seq,
        "kind": row.kind,
        "node": {"id": str(row.node_id), "kind": KINDS[row.node_kind]},
        "before": _spot(row.before_parent_id, row.before_name, row.before_path, row.before_version_id),
        "after": _spot(row.after_parent_id, row.after_name, row.after_path, row.after_version_id),
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
