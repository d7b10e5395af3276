"""What all pages of the admin console share: read-only by default, paged without counting, acts through actions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from accounts.actor import Actor
from accounts.authentication import actor_from_user
from accounts.errors import AccountError


class EstimatingPaginator(Paginator):
    """Counts up to a bound; beyond it PostgreSQL's own estimate, or the bound, is near enough to page by."""

    BOUND = 10_000

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        counted = rows.order_by()[: self.BOUND + 1].count()
        return counted if counted <= self.BOUND else max(counted, _estimate(rows.model))


def _estimate(model: type[Model]) -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [model._meta.db_table])
        else:
            cursor.execute(f'SELECT MAX(rowid) FROM "{model._meta.db_table}"')  # noqa: S608 (our own table's name)
        row = cursor.fetchone()
    return int(row[0] or 0) if row else 0


class ConsoleAdmin(ModelAdmin):
    """Nothing can be added, changed or deleted by hand unless a page says so: rows of a tree, of bytes and of the
    ledger depend on one another, and only actions know how.
    """

    paginator = EstimatingPaginator
    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True
    compressed_fields = True
    actions: ClassVar[Any] = []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Django offers actions only to who may change or delete; ours check their own rights."""
        return {name: act for name, act in super().get_actions(request).items() if name != "delete_selected"}


def actor_of(request: HttpRequest) -> Actor:
    """The administrator who is signed in."""
    assert request.user.is_authenticated
    actor = actor_from_user(request.user, client="admin", address=request.META.get("REMOTE_ADDR"))
    assert actor is not None
    return actor


@contextmanager
def telling(request: HttpRequest) -> Iterator[None]:
    """What an action refuses is a message on the page."""
    try:
        yield
    except AccountError as error:
        messages.error(request, f"{error} ({error.code})")


def human_size(size: int | None) -> str:
    """`1.5 GB`; decimal units, as quotas are typed."""
    if size is None:
        return _("no limit")
    number, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while abs(number) >= 1000 and len(units) > 1:
        number, units = number / 1000, units[1:]
    return f"{number:.0f} {units[0]}" if units[0] == "B" else f"{number:.1f} {units[0]}"
