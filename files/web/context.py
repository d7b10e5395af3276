"""What every signed-in page shows around its content (a context processor, see settings.TEMPLATES)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject, cached_property

from accounts.actor import Actor
from accounts.models import QuotaAccount
from accounts.queries import account_of
from accounts.request_actor import shown_to
from files.models import Brake, Space, SpaceKind
from files.queries.brakes import brakes_of
from files.queries.tree import list_spaces
from files.web.strings import ui_strings


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes; `limit` is None without one. `uploads`: those of the account that are no files yet."""

    used: int
    limit: int | None
    uploads: int = 0

    @property
    def percent(self) -> int:
        if self.limit is None:
            return 0
        return min(100, self.used * 100 // self.limit) if self.limit else 100


class Shell:
    """Asked for by templates only where they show it, so that fragments cost nothing."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    @cached_property
    def team_spaces(self) -> list[Space]:
        return [space for space in list_spaces(self.actor) if space.kind == SpaceKind.TEAM]

    @cached_property
    def held(self) -> list[Brake]:
        """The latest clients that are held: the person's own, and those that they decide on."""
        return list(brakes_of(self.actor, only_held=True)[:3])

    @cached_property
    def usage(self) -> Usage:
        """Of the account, or of the team where that has less left."""
        account = account_of(self.actor)
        tightest = min((account.quota, account.team_quota), key=_free)
        return Usage(tightest.used_bytes, tightest.limit_bytes, account.quota.uploads_bytes)


def shell(request: HttpRequest) -> dict[str, Any]:
    """`shell` (a Shell) and `ui_strings` for people who are signed in, nothing for others."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    make: Callable[[], Shell] = lambda: Shell(shown_to(request))  # noqa: E731
    return {"shell": SimpleLazyObject(make), "ui_strings": ui_strings}


def _free(quota: QuotaAccount) -> float:
    return float("inf") if quota.free_bytes is None else quota.free_bytes
