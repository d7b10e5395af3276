"""The bell that every signed-in page shows (a context processor, see settings.TEMPLATES)."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.request_actor import shown_to
from sharing.queries.notifications import unread


def bell(request: HttpRequest) -> dict[str, Any]:
    """`bell` (sharing.queries.notifications.Unread) for people who are signed in: one query, for pages that show it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"bell": SimpleLazyObject(lambda: unread(shown_to(request)))}
