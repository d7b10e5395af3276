"""Storage pools: what they hold, their state, what they may be used for. None is ever deleted, no URL ever shown."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.console import ConsoleAdmin, actor_of, human_size, telling
from accounts.errors import AccountError
from files.actions.pools import add_pool, change_pool, probe_pool
from files.errors import FileError
from files.maintenance.sizes import pool_sizes
from files.models import Blob, Pool, PoolState, QuarantinedObject


class PoolForm(forms.ModelForm):
    """A further pool. Its URL is not shown again."""

    url = forms.CharField(
        label=_("URL"),
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="s3://KEY:SECRET@host:9000/bucket?region=…, file:///srv/files",
    )

    class Meta:
        model = Pool
        fields = ("name", "url", "region")


@admin.register(Pool)
class PoolAdmin(ConsoleAdmin):
    list_display = ("name", "kind", "state", "region", "redirect_downloads", "direct_uploads", "objects", "size")
    search_fields = ("name", "region")
    fields = ("name", "kind", "state", "region", "redirect_downloads", "direct_uploads", "created_at")
    readonly_fields = ("name", "kind", "created_at")
    ordering = ("pk",)
    actions = ("probe",)
    refusals: ClassVar[tuple[type[Exception], ...]] = (AccountError, FileError)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)

    def get_form(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> type[ModelForm]:
        return PoolForm if obj is None else super().get_form(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return PoolForm.Meta.fields if obj is None else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return () if obj is None else self.readonly_fields

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Pool]":
        self.sizes = pool_sizes()
        return super().get_queryset(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = form.cleaned_data
        if not change:
            pool = add_pool(actor_of(request), name=data["name"], url=data["url"], region=data["region"])
            obj.pk = pool.pk
            return
        change_pool(
            actor_of(request),
            pool_id=obj.pk,
            state=data["state"],
            region=data["region"],
            redirect_downloads=data["redirect_downloads"],
            direct_uploads=data["direct_uploads"],
        )
        if not Pool.objects.filter(state=PoolState.ACTIVE).exists():
            messages.warning(request, _now("No pool is active: nothing can be uploaded."))

    @admin.display(description=_("storage"))
    def kind(self, pool: Pool) -> str:
        return pool.url.partition(":")[0] if pool.url else _now("of the environment")

    @admin.display(description=_("objects"))
    def objects(self, pool: Pool) -> str:
        return f"{self.sizes[pool.pk].objects:,}" if pool.pk in self.sizes else "—"

    @admin.display(description=_("size"))
    def size(self, pool: Pool) -> str:
        return human_size(self.sizes[pool.pk].size) if pool.pk in self.sizes else "—"

    @admin.action(description=_("Ask what the storage can do"))
    def probe(self, request: HttpRequest, pools: "QuerySet[Pool]") -> None:
        for pool in pools:
            with telling(request, FileError):
                able = [name for name, yes in probe_pool(actor_of(request), pool_id=pool.pk).as_dict().items() if yes]
                messages.success(request, f"{pool.name}: {', '.join(able) or _now('nothing beyond the basics')}")


@admin.register(Blob)
class BlobAdmin(ConsoleAdmin):
    list_display = ("key", "pool", "size_shown", "created_at", "claimed_at", "doomed_at")
    list_filter = (("pool", AutocompleteSelectFilter), ("doomed_at", admin.EmptyFieldListFilter))
    search_fields = ("=key",)
    list_select_related = ("pool",)
    ordering = ("-id",)
    fields = ("key", "pool", "size", "created_at", "claimed_at", "doomed_at")

    @admin.display(description=_("size"))
    def size_shown(self, blob: Blob) -> str:
        return human_size(blob.size)


@admin.register(QuarantinedObject)
class QuarantinedObjectAdmin(ConsoleAdmin):
    list_display = ("key", "pool", "size_shown", "found_at")
    list_filter = (("pool", AutocompleteSelectFilter),)
    search_fields = ("=key",)
    list_select_related = ("pool",)
    ordering = ("-id",)

    @admin.display(description=_("size"))
    def size_shown(self, row: QuarantinedObject) -> str:
        return human_size(row.size)
