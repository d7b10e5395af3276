"""From requests to plain values. Raises http_kit.errors, so that every wrong request is answered in one way."""

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from common import signing
from common.ids import id_of
from http_kit import errors

PAGE_SIZE = 200


def ids(data: QueryDict, name: str) -> list[int]:
    """All values of a field as ids. InvalidRequest when one is none, or when there is none."""
    values = data.getlist(name)
    if not values:
        raise errors.InvalidRequest(_("Nothing was selected."))
    return [_id(value) for value in values]


def one_id(data: QueryDict, name: str) -> int:
    return _id(data.get(name) or "")


def text(data: QueryDict, name: str) -> str:
    return data.get(name) or ""


def cursor(request: HttpRequest, *, purpose: str) -> list[object] | None:
    """The position that `seal_cursor` made, for the same purpose; None on the first page."""
    sealed = request.GET.get("cursor")
    if not sealed:
        return None
    try:
        position = signing.unseal(sealed, purpose=purpose)
    except signing.InvalidCursor as error:
        raise errors.InvalidCursor from error
    if not isinstance(position, list):
        raise errors.InvalidCursor
    return position


def next_url(request: HttpRequest, position: list[object] | None, *, purpose: str, hide: bool = False) -> str:
    """The address of the next page of the same list; empty at the end. `hide`: see http_kit.cursors.page_of."""
    if position is None:
        return ""
    query = request.GET.copy()
    query["cursor"] = signing.seal(position, purpose=purpose, hide=hide)
    return f"{request.path}?{query.urlencode()}"


def is_next_page(request: HttpRequest) -> bool:
    """Whether only further rows are wanted: htmx loads them when the end of the list comes into view."""
    return "cursor" in request.GET and request.headers.get("HX-Request-Type") == "partial"


def _id(value: str) -> int:
    number = id_of(value)
    if number is None:
        raise errors.InvalidRequest
    return number
