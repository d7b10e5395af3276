"""Pages of a folder: a constant number of queries, whatever the folder holds."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, OrderBy, Q

from accounts.actor import Actor
from files import errors, permissions
from files.models import Node
from files.queries.tree import Place, nodes

# Each order ends in the id, so that a page always goes on where the last one ended.
ORDERS: dict[str, tuple[str, ...]] = {
    "name": ("kind", "name_key", "pk"),
    "-name": ("kind", "-name_key", "pk"),
    "size": ("kind", "size", "pk"),
    "-size": ("kind", "-size", "pk"),
    "modified": ("kind", "modified_at", "pk"),
    "-modified": ("kind", "-modified_at", "pk"),
}
MAXIMUM_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """`after` is the position of the last entry, to ask for the next page with; None at the end."""

    entries: list[Node]
    after: list[Any] | None


def list_folder(
    actor: Actor, place: Place, *, order: str = "name", after: list[Any] | None = None, limit: int = 200
) -> Page:
    """Folders first. `after` is the position that the page before gave."""
    permissions.require_read(actor, place.space)
    if not place.node.is_folder:
        raise errors.NotAFolder(id=place.node.pk)
    fields = ORDERS.get(order)
    if fields is None:
        raise errors.InvalidRequest("Unknown order.", allowed=sorted(ORDERS))
    rows = nodes().filter(parent_id=place.node.pk).order_by(*(_ordering(name) for name in fields))
    if after is not None:
        rows = rows.filter(_beyond(fields, after))
    limit = max(1, min(limit, MAXIMUM_PAGE))
    entries = list(rows[: limit + 1])
    if len(entries) <= limit:
        return Page(entries, None)
    entries = entries[:limit]
    return Page(entries, [_value(entries[-1], name) for name in fields])


def _ordering(name: str) -> OrderBy:
    return F(name[1:]).desc() if name.startswith("-") else F(name).asc()


def _value(node: Node, name: str) -> Any:
    value = getattr(node, name.lstrip("-"))
    return value.isoformat() if hasattr(value, "isoformat") else value


def _beyond(fields: tuple[str, ...], after: list[Any]) -> Q:
    """Row-wise comparison, written out: (a > x) or (a = x and (b > y or ...))."""
    if len(after) != len(fields):
        raise errors.InvalidCursor
    condition = Q()
    for name, value in reversed(list(zip(fields, after, strict=True))):
        field, lookup = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        here = Q(**{f"{field}__{lookup}": value})
        condition = here | (Q(**{field: value}) & condition) if condition else here
    return condition
