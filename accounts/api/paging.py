"""Pages of rows in the order of their ids, by an opaque cursor: a page costs the same however deep it is."""

from typing import Any, NamedTuple

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api.inputs import PageInput
from common.signing import InvalidCursor, seal, unseal


class Page(NamedTuple):
    """Rows, and the cursor of the next page; None at the end."""

    items: list[Any]
    next_cursor: str | None


def page_of(rows: "QuerySet[Any, Any]", request: Request, *, newest_first: bool = False) -> Page:
    """`?cursor=` and `?limit=` of the request, applied. Raises ValidationError for a bad one."""
    given = PageInput(data=request.query_params)
    given.is_valid(raise_exception=True)
    limit = given.validated_data["limit"]
    purpose = f"page:{rows.model._meta.label_lower}"
    if "cursor" in given.validated_data:
        try:
            last = int(unseal(given.validated_data["cursor"], purpose=purpose))
        except (InvalidCursor, TypeError, ValueError) as error:
            raise serializers.ValidationError({"cursor": "This cursor is not valid here."}) from error
        rows = rows.filter(pk__lt=last) if newest_first else rows.filter(pk__gt=last)
    items: list[Model] = list(rows.order_by("-pk" if newest_first else "pk")[: limit + 1])
    more = len(items) > limit
    items = items[:limit]
    return Page(items, seal(items[-1].pk, purpose=purpose) if more else None)
