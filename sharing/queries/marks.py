"""Which files and folders are shared, and with whom: for listings, in a number of queries that does not depend on what
is in them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q

from common.clock import now
from files import sql_rows
from files.access.explain import SubjectKind
from files.models import Grant
from sharing.models import WaitingShare

MOST = 2_000  # nodes that are shared in the spaces of a listing; where there are more, each page asks for its own
MOST_SHAREES = 5_000  # of a page; what is beyond is left out

Kind = SubjectKind | None  # None: an address that waits for somebody
_KINDS: tuple[Kind, ...] = (SubjectKind.USER, SubjectKind.GROUP, SubjectKind.TEAM, SubjectKind.LINK, None)
_MARKS = """
SELECT g.node_id, CASE WHEN g.user_id IS NOT NULL THEN 0 WHEN g.group_id IS NOT NULL THEN 1
  WHEN g.team_id IS NOT NULL THEN 2 ELSE 3 END
FROM files_grant g WHERE g.{column} IN ({marks}) AND (g.expires_at IS NULL OR g.expires_at > %s)
UNION SELECT w.node_id, 4 FROM sharing_waitingshare w JOIN files_node n ON n.id = w.node_id
WHERE n.{of_node} IN ({marks}) AND (w.expires_at IS NULL OR w.expires_at > %s)
"""


def marks_in(space_ids: Collection[int]) -> dict[int, frozenset[Kind]] | None:
    """By the id of each node that is shared in the spaces the kinds of those with whom. One query; None where there are
    more than MOST: `marks_on` tells of those of a page.
    """
    return _marks("space_id", "space_id", space_ids, MOST)


def marks_on(node_ids: Collection[int]) -> dict[int, frozenset[Kind]]:
    """The same of these nodes. One query."""
    return _marks("node_id", "id", node_ids, None) or {}


def _marks(column: str, of_node: str, ids: Collection[int], most: int | None) -> dict[int, frozenset[Kind]] | None:
    if not ids:
        return {}
    moment, marks = sql_rows.adapt_time(now()), ", ".join(["%s"] * len(ids))
    statement = _MARKS.format(column=column, of_node=of_node, marks=marks)
    limit = "" if most is None else f" LIMIT {most + 1}"
    rows = sql_rows.fetch(statement + limit, [*ids, moment, *ids, moment])
    if most is not None and len(rows) > most:
        return None
    found: defaultdict[int, set[Kind]] = defaultdict(set)
    for node_id, kind in rows:
        found[node_id].add(_KINDS[kind])
    return {node_id: frozenset(kinds) for node_id, kinds in found.items()}


@dataclass(frozen=True, slots=True)
class Sharee:
    """With whom something is shared."""

    kind: Kind
    id: str
    name: str


def sharees_on(node_ids: Iterable[int]) -> dict[int, list[Sharee]]:
    """Of each of these nodes, without links. Two queries, or none."""
    ids = list(node_ids)
    if not ids:
        return {}
    holds = Q(expires_at=None) | Q(expires_at__gt=now())
    found: defaultdict[int, list[Sharee]] = defaultdict(list)
    grants = Grant.objects.filter(holds, node_id__in=ids, link_id=None).select_related("user", "group", "team")
    for grant in grants.order_by("pk")[:MOST_SHAREES]:
        if grant.user is not None:
            found[grant.node_id].append(Sharee(SubjectKind.USER, str(grant.user.pk), grant.user.get_full_name()))
        elif grant.group is not None:
            found[grant.node_id].append(Sharee(SubjectKind.GROUP, str(grant.group.pk), grant.group.name))
        elif grant.team is not None:
            found[grant.node_id].append(Sharee(SubjectKind.TEAM, str(grant.team.pk), grant.team.name))
    waiting = WaitingShare.objects.filter(holds, node_id__in=ids).order_by("pk")[:MOST_SHAREES]
    for row in waiting:
        found[row.node_id].append(Sharee(None, row.email, row.email))
    return found
