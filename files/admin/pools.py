"""Storage pools: their state and what they hold. A pool with blobs is never deleted."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Model, QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.audit import record
from accounts.console import ConsoleAdmin, actor_of, human_size
from files.blobs.pools import storage_of
from files.models import Blob, Pool
from files.storage.base import StorageError


@admin.register(Pool)
class PoolAdmin(ConsoleAdmin):
    """The URL is shown to nobody: it may hold a secret. Further pools are added by a later release."""

    list_display = ("name", "state", "region", "redirect_downloads", "direct_uploads", "objects", "size")
    fields = ("name", "state", "region", "redirect_downloads", "direct_uploads", "created_at")
    readonly_fields = ("name", "region", "created_at")
    actions = ("probe",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_staff)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Pool]":
        return super().get_queryset(request).annotate(count=Count("blobs"), bytes=Sum("blobs__size"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.save(update_fields=form.changed_data or None)
        record(actor_of(request), "pool.change", obj.name, fields=form.changed_data, state=obj.state)

    @admin.display(description=_("objects"), ordering="count")
    def objects(self, pool: Any) -> int:
        return int(pool.count)

    @admin.display(description=_("size"), ordering="bytes")
    def size(self, pool: Any) -> str:
        return human_size(int(pool.bytes or 0))

    @admin.action(description=_("Ask what the storage can do"))
    def probe(self, request: HttpRequest, pools: "QuerySet[Pool]") -> None:
        for pool in pools:
            try:
                able = [name for name, yes in storage_of(pool).capabilities.as_dict().items() if yes]
            except StorageError as error:
                messages.error(request, f"{pool.name}: {error.code}")
                continue
            messages.success(request, f"{pool.name}: {', '.join(able) or _now('nothing beyond the basics')}")


@admin.register(Blob)
class BlobAdmin(ConsoleAdmin):
    list_display = ("key", "pool", "size", "created_at", "claimed_at", "doomed_at")
    list_filter = ("pool",)
    search_fields = ("key",)
    list_select_related = ("pool",)
    ordering = ("-id",)
