"""Pages of rows in the order of their ids, by an opaque cursor: a page costs the same however deep it is."""

from typing import Any, NamedTuple

from cryptography.fernet import InvalidToken
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api.inputs import PageInput
from accounts.secret_box import secret_box
from common.signing import InvalidCursor, seal, unseal


class Page(NamedTuple):
    """Rows, and the cursor of the next page; None at the end."""

    items: list[Any]
    next_cursor: str | None


def page_of(rows: "QuerySet[Any, Any]", request: Request, *, newest_first: bool = False, secret: bool = False) -> Page:
    """`?cursor=` and `?limit=` of the request, applied. Raises ValidationError for a bad one.

    `secret`: the cursor is encrypted, where ids are counted and would tell how many rows others have.
    """
    query = PageInput(data=request.query_params)
    query.is_valid(raise_exception=True)
    limit = query.validated_data["limit"]
    purpose = f"page:{rows.model._meta.label_lower}"
    if "cursor" in query.validated_data:
        try:
            last = int((hidden_id if secret else _signed_id)(query.validated_data["cursor"], purpose))
        except (InvalidCursor, TypeError, ValueError) as error:
            raise serializers.ValidationError({"cursor": _("This cursor is not valid here.")}) from error
        rows = rows.filter(pk__lt=last) if newest_first else rows.filter(pk__gt=last)
    items: list[Model] = list(rows.order_by("-pk" if newest_first else "pk")[: limit + 1])
    more = len(items) > limit
    items = items[:limit]
    if not more:
        return Page(items, None)
    return Page(items, hide_id(items[-1].pk, purpose) if secret else seal(items[-1].pk, purpose=purpose))


def hide_id(pk: int, purpose: str) -> str:
    return secret_box().encrypt(f"{purpose} {pk}".encode()).decode()


def hidden_id(text: str, purpose: str) -> int:
    """Raises InvalidCursor."""
    try:
        known, _, pk = secret_box().decrypt(text.encode()).decode().rpartition(" ")
    except InvalidToken as error:
        raise InvalidCursor("cursor is not valid here") from error
    if known != purpose:
        raise InvalidCursor("cursor is not valid here")
    return int(pk)


def _signed_id(text: str, purpose: str) -> Any:
    return unseal(text, purpose=purpose)
