"""Pages by signed positions: a page costs the same however deep it is, and a cursor fits only its own listing."""

from typing import Any, NamedTuple

from django.db.models import Model, Q, QuerySet

from common import signing
from http_kit.errors import InvalidCursor


class RowPage(NamedTuple):
    """`next_cursor` None is the end."""

    items: list[Any]
    next_cursor: str | None


def seal(position: list[Any] | None, *, purpose: str, hide: bool = False) -> str | None:
    """`hide`: where the position says something that its holder must not read, such as the id of what is hidden."""
    return None if position is None else signing.seal(position, purpose=purpose, hide=hide)


def unseal(cursor: str | None, *, purpose: str, length: int) -> list[Any] | None:
    """The position, None without a cursor. Raises InvalidCursor for what was not made for this purpose."""
    if cursor is None:
        return None
    try:
        position = signing.unseal(cursor, purpose=purpose)
    except signing.InvalidCursor as error:
        raise InvalidCursor from error
    if not isinstance(position, list) or len(position) != length:
        raise InvalidCursor
    return position


def page_of(
    rows: "QuerySet[Any, Any]",
    *,
    cursor: str | None,
    limit: int,
    purpose: str,
    latest_by: str | None = None,
    hide: bool = False,
) -> RowPage:
    """A page of rows, the highest id first; `latest_by` is a time that comes before the id in the order. `hide`: where
    not all of the rows are shown, so that the last one may be one that is not.
    """
    fields = [name for name in (latest_by, "pk") if name]
    position = unseal(cursor, purpose=purpose, length=len(fields))
    if position is not None:
        rows = rows.filter(_before(fields, position))
    items: list[Model] = list(rows.order_by(*(f"-{name}" for name in fields))[: limit + 1])
    if len(items) <= limit:
        return RowPage(items, None)
    last = items[limit - 1]
    position = [_plain(getattr(last, name)) for name in fields]
    return RowPage(items[:limit], seal(position, purpose=purpose, hide=hide))


def _before(fields: list[str], position: list[Any]) -> Q:
    if len(fields) == 1:
        return Q(pk__lt=position[0])
    first, (time, pk) = fields[0], position
    return Q(**{f"{first}__lt": time}) | Q(**{first: time, "pk__lt": pk})


def _plain(value: Any) -> Any:
    return value if isinstance(value, int) else value.isoformat() if hasattr(value, "isoformat") else str(value)
