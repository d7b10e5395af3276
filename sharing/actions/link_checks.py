"""What fsck checks of links: a grant for a link is that of a link that is there, and leads to the same node."""

from files.maintenance.fsck.row_checks import RowCheck
from files.models import Grant

_GRANT_OF_LINK = """
SELECT g.id, n.space_id, 'link ' || g.link_id || CASE WHEN l.id IS NULL THEN ' is gone'
  WHEN l.revoked_at IS NOT NULL THEN ' is revoked' ELSE ' leads to node ' || l.node_id END || '; node ' || n.id
FROM files_grant g JOIN files_node n ON n.id = g.node_id LEFT JOIN sharing_link l ON l.id = g.link_id
WHERE g.id > %(low)s AND g.id <= %(high)s AND g.link_id IS NOT NULL
  AND (l.id IS NULL OR l.revoked_at IS NOT NULL OR l.node_id <> g.node_id)"""


def row_checks() -> list[RowCheck]:
    """For settings.FSCK_HOOKS."""
    return [RowCheck("grant.link", Grant, _GRANT_OF_LINK, "grant", mend=_remove)]


def _remove(grant_id: int) -> bool:
    """It lets nobody in: a link opens by a row of its own, and only what that leads to."""
    return bool(Grant.objects.filter(pk=grant_id).exclude(link_id=None).delete()[0])
