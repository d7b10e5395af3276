"""What spaces hold, by line of the ledger, summed from the rows that it is charged for."""

from typing import Any

from django.db.models import BigIntegerField, F, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Length

from accounts.quotas import Charge
from files.models import NodeProperty, Space, TrashItem, Upload


def sums_of(spaces: "QuerySet[Space]") -> dict[str, Coalesce]:
    """As parts of another statement, for `lines_from`. By one statement, which sees one moment: an empty folder that
    goes to the trash changes no line, so that whoever moves it does not hold the account, and would be counted in both
    places by two.
    """
    trash = TrashItem.objects.filter(space__in=spaces, purging=False)
    # Properties of nodes that are no more (the release before left them) are nobody's.
    properties = NodeProperty.objects.filter(node__space__in=spaces)
    return {
        "sum_live": _total(spaces, Sum("root__size")),
        "sum_versions": _total(spaces, Sum("root__versions_size")),
        "sum_nodes": _total(spaces, Sum("root__descendants")),
        "sum_trash": _total(trash, Sum(F("node__size") + F("node__versions_size"))),
        "sum_trashed_nodes": _total(trash, Sum(F("node__descendants") + 1)),
        "sum_uploads": _total(Upload.objects.filter(space__in=spaces), Sum("charged")),
        "sum_properties": _total(properties, Sum(Length("namespace") + Length("name") + Length("value"))),
    }


def lines_from(found: dict[str, int]) -> Charge:
    return Charge(
        live=found["sum_live"],
        versions=found["sum_versions"],
        trash=found["sum_trash"],
        uploads=found["sum_uploads"],
        nodes=found["sum_nodes"] + found["sum_trashed_nodes"],
        properties=found["sum_properties"],
    )


def lines_of_space(space_id: int) -> Charge:
    """Under the lock of the space."""
    one = Space.objects.filter(pk=space_id)
    found: Any = one.values(**sums_of(one)).get()
    return lines_from(found)


def _total(rows: "QuerySet[Any]", total: Sum) -> Coalesce:
    grouped = rows.order_by().annotate(all_rows=Value(1)).values("all_rows")
    return Coalesce(Subquery(grouped.annotate(total=total).values("total"), output_field=BigIntegerField()), 0)
