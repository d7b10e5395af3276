"""What all pages of the admin console share: read-only by default, paged without counting, acts through actions."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.actor import Actor
from accounts.errors import AccountError
from accounts.request_actor import require_signed_in
from common.sizes import parse_size

OURS = frozenset({"accounts", "files", "search", "sharing"})


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
    refusals: ClassVar[tuple[type[Exception], ...]] = (AccountError,)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Administrators of the installation see everything; the console lets nobody else in."""
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changeform_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> Any:
        """What an action refuses is a message on the page that was sent."""
        try:
            return super().changeform_view(request, *arguments, **options)
        except self.refusals as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.get_full_path())

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Django offers actions only to who may change or delete; ours check their own rights."""
        return {name: act for name, act in super().get_actions(request).items() if name != "delete_selected"}


def actor_of(request: HttpRequest) -> Actor:
    """The administrator who is signed in."""
    return replace(require_signed_in(request), client="admin")


@contextmanager
def telling(request: HttpRequest, *refusals: type[Exception]) -> Iterator[None]:
    """What an action refuses is a message on the page."""
    refused: tuple[type[Exception], ...] = (AccountError, *refusals)
    try:
        yield
    except refused as error:
        messages.error(request, str(error))


class SizeField(forms.CharField):
    """`10 GB`, `500MB`, `1TiB` or `none`; cleaned to bytes or None."""

    widget = UnfoldAdminTextInputWidget

    def clean(self, value: Any) -> Any:
        try:
            return parse_size(super().clean(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error


def forget_foreign_pages() -> None:
    """Pages that libraries bring along edit rows by hand, and some show secrets."""
    for model in list(admin.site._registry):
        if model._meta.app_label not in OURS:
            admin.site.unregister(model)


def human_size(size: int | None) -> str:
    """`1.5 GB`; decimal units, as quotas are typed."""
    if size is None:
        return _("no limit")
    number, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while abs(number) >= 1000 and len(units) > 1:
        number, units = number / 1000, units[1:]
    return f"{number:.0f} {units[0]}" if units[0] == "B" else f"{number:.1f} {units[0]}"
