"""How much the accounts that a space is charged to hold and may still hold, and what a space holds by line of the
ledger, summed from the rows that it is charged for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Length

from accounts.quotas import Charge
from files import sql_rows
from files.models import NodeProperty, Space, TrashItem, Upload


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes. `used` is of the space's own account; `free` what can still be stored, None without any limit."""

    used: int
    free: int | None


def usage_of(space: Space, *, of_team: bool = False) -> Usage:
    """One query: the space's own account and its team's, of which the tighter one counts. `of_team`: the team's alone
    says what is free, for somebody who must not learn what the space holds.
    """
    found = sql_rows.fetch(
        "SELECT id, limit_bytes, live_bytes + versions_bytes + trash_bytes + uploads_bytes "
        "FROM accounts_quotaaccount WHERE id = %s OR team_id = %s",
        [space.quota_id, space.team_id],
    )
    counted = [row for row in found if row[0] != space.quota_id or not of_team]
    free = [max(0, limit - used) for _, limit, used in counted if limit is not None]
    return Usage(sum(used for pk, _, used in found if pk == space.quota_id), min(free, default=None))


def lines_of_spaces(spaces: "QuerySet[Space]") -> Iterator[tuple[Space, Charge]]:
    """Each with the lines that its rows make. By one statement, which sees one moment: an empty folder that goes to the
    trash changes no line, so that its mover does not hold the account, and would be counted in both places by two.
    """
    trash = TrashItem.objects.filter(space=OuterRef("pk"), purging=False)
    uploads = Upload.objects.filter(space=OuterRef("pk"))
    # Properties of nodes that are no more (the previous release left them) belong to nobody.
    properties = NodeProperty.objects.filter(node__space=OuterRef("pk"))
    sums = {
        "sum_trash": _total(trash, Sum(F("node__size") + F("node__versions_size"))),
        "sum_trashed_nodes": _total(trash, Sum(F("node__descendants") + 1)),
        "sum_uploads": _total(uploads, Sum("charged")),
        "sum_properties": _total(properties, Sum(Length("namespace") + Length("name") + Length("value"))),
    }
    live = {f"sum_{name}": Coalesce(F(f"root__{name}"), 0) for name in ("size", "versions_size", "descendants")}
    for space in spaces.annotate(**sums, **live).iterator():
        found = vars(space)
        yield (
            space,
            Charge(
                live=found["sum_size"],
                versions=found["sum_versions_size"],
                trash=found["sum_trash"],
                uploads=found["sum_uploads"],
                nodes=found["sum_descendants"] + found["sum_trashed_nodes"],
                properties=found["sum_properties"],
            ),
        )


def lines_of_space(space_id: int) -> Charge:
    """Under the lock of the space."""
    [(_, lines)] = lines_of_spaces(Space.objects.filter(pk=space_id))
    return lines


def _total(rows: "QuerySet[Any]", total: Sum) -> Coalesce:
    grouped = rows.order_by().annotate(all_rows=Value(1)).values("all_rows")
    return Coalesce(Subquery(grouped.annotate(total=total).values("total"), output_field=BigIntegerField()), 0)
