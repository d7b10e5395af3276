"""What every page says of support (a context processor, see settings.TEMPLATES): to the administrator, that they act
as somebody else; to the person, that somebody does, did or asks to.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.errors import SupportEnded
from accounts.models import SupportAccess
from accounts.models.support import TOLD
from accounts.request_actor import require_signed_in
from accounts.support import SESSION_KEY, state_of, whole

MOST = 3


@dataclass(frozen=True, slots=True)
class Banner:
    """`acting`: by which the administrator acts; `about`: of which the person is told, each with its state."""

    acting: SupportAccess | None = None
    about: tuple[tuple[SupportAccess, str], ...] = ()


def support_banner(request: HttpRequest) -> dict[str, Any]:
    """`support` (a Banner) for people who are signed in. No query for whom there is nothing to say."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"support": SimpleLazyObject(lambda: _banner(request))}


def _banner(request: HttpRequest) -> Banner:
    if SESSION_KEY in request.session:
        return Banner(acting=_acting(request))
    if not getattr(request.user, "has_support", False):
        return Banner()
    rows = whole().filter(TOLD, person_id=request.user.pk).order_by("-pk")[:MOST]
    return Banner(about=tuple((access, state_of(access)) for access in rows))


def _acting(request: HttpRequest) -> SupportAccess | None:
    try:
        actor = require_signed_in(request)
    except SupportEnded:
        return None
    return None if actor.support is None else whole().filter(pk=actor.support.access_id).first()
