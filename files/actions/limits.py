"""What is too much for one request."""

from collections.abc import Sequence

from django.db import connection
from django.utils.translation import gettext_lazy as _

from common.paths import MAXIMUM_DEPTH
from files.errors import InvalidRequest, TooDeep, TooMany
from files.models import Node
from files.tree.folders import Chain

MAXIMUM_NODES = 1_000  # named in one request; what is below them does not count


def check_count(node_ids: Sequence[int], *, maximum: int = MAXIMUM_NODES) -> None:
    if not node_ids:
        raise InvalidRequest(_("Nothing was named."))
    if len(node_ids) > maximum:
        raise TooMany(limit=maximum)


def check_depth(node: Node, chain: Chain) -> None:
    """TooDeep when something of the tree at `node` would lie deeper than MAXIMUM_DEPTH under `chain`.

    Looks below only where the recorded height says that it could.
    """
    room = MAXIMUM_DEPTH - len(chain)  # levels below the node; the root of the space, in the chain, has no name
    if room < 0:
        raise TooDeep
    if not node.is_folder or node.height <= room:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE below(id, depth) AS (SELECT CAST(%s AS bigint), 0 UNION ALL "
            "SELECT n.id, below.depth + 1 FROM files_node n JOIN below ON n.parent_id = below.id "
            "WHERE n.kind = 0) SELECT MAX(depth + CASE WHEN EXISTS "
            "(SELECT 1 FROM files_node f WHERE f.parent_id = below.id) THEN 1 ELSE 0 END) FROM below",
            [node.pk],
        )
        (levels,) = cursor.fetchone()
    if levels > room:
        raise TooDeep
