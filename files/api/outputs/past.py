"""What was, as JSON values: entries of the past and lines of the journal."""

from files.api.outputs.render import KINDS, Json, below, text_id
from files.queries.journal import Past
from files.queries.past import PastPage


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
