"""Storage pools: what they hold, their state, where they move, what they may be used for. No URL is ever shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
from common.errors import CodedError
from files.actions.pools import add_pool, change_pool, move_pool, probe_pool, remove_pool, set_pool_state
from files.actions.regions import set_team_region
from files.blobs.pools import kind_of
from files.models import Blob, BlobCopy, MoveProblem, Pool, PoolState, QuarantinedObject, TeamRegion
from files.queries.pools import PoolSize, PoolStatus, pool_sizes, pool_status


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


@dataclass(frozen=True, slots=True)
class Figures:
    """What a page shows beside the rows of pools, by id. Kept with a request's pools: a ModelAdmin serves all."""

    sizes: Mapping[int, PoolSize]
    moves: Mapping[int, PoolStatus]

    @classmethod
    def attach(cls, pools: Iterable[Pool]) -> None:
        draining = list(Pool.objects.filter(state=PoolState.DRAINING))
        figures = cls(pool_sizes(), {status.pool.pk: status for status in pool_status(draining)} if draining else {})
        for pool in pools:
            pool.__dict__["figures"] = figures

    @classmethod
    def of(cls, pool: Pool) -> "Figures":
        found: Figures = pool.__dict__.get("figures", NO_FIGURES)
        return found


NO_FIGURES = Figures({}, {})


@admin.register(Pool)
class PoolAdmin(ConsoleAdmin):
    list_display = (
        "name",
        "kind",
        "state",
        "region",
        "objects",
        "size",
        "progress",
        "redirect_downloads",
        "direct_uploads",
    )
    search_fields = ("name", "region")
    fields = (
        *("name", "kind", "state", "target", "progress", "problems", "left_behind"),
        *("region", "redirect_downloads", "direct_uploads", "created_at"),
    )
    readonly_fields = ("name", "kind", "progress", "problems", "left_behind", "created_at")
    ordering = ("pk",)
    actions = ("probe", "activate", "close", "drain", "remove")
    refusals: ClassVar[tuple[type[Exception], ...]] = (CodedError,)

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
        return super().get_queryset(request).select_related("target")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        Figures.attach(changelist.result_list)
        return changelist

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        pool = super().get_object(request, object_id, from_field)
        if pool is not None:
            Figures.attach([pool])
        return pool

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = form.cleaned_data
        if not change:
            pool = add_pool(actor_of(request), name=data["name"], url=data["url"], region=data["region"])
            obj.pk = pool.pk
            return
        before = Pool.objects.get(pk=obj.pk)
        target = data["target"].pk if data.get("target") else None
        drains = data["state"] == PoolState.DRAINING
        change_pool(
            actor_of(request),
            pool_id=obj.pk,
            state=before.state if drains else data["state"],
            region=data["region"],
            redirect_downloads=data["redirect_downloads"],
            direct_uploads=data["direct_uploads"],
        )
        if drains and (before.state, before.target_id) != (PoolState.DRAINING, target):
            move_pool(actor_of(request), pool_id=obj.pk, target_id=target)
        if not Pool.objects.filter(state=PoolState.ACTIVE).exists():
            messages.warning(request, _now("No pool is active: nothing can be uploaded."))

    @admin.display(description=_("storage"))
    def kind(self, pool: Pool) -> str:
        return kind_of(pool) or _now("of the environment")

    @admin.display(description=_("move"))
    def progress(self, pool: Pool) -> str:
        status = Figures.of(pool).moves.get(pool.pk)
        if status is None:
            return "—"
        if status.goes_to is None:
            return _now("waits: no active pool may take it")
        shown = {
            "target": status.goes_to.name,
            "percent": status.percent,
            "blobs": f"{status.blobs:,}",
            "size": human_size(status.bytes),
            "rate": human_size(pool.move_rate),
            "time": str(status.remaining or "?"),
        }
        return _now("to %(target)s: %(percent)s %%; %(blobs)s objects, %(size)s to go, %(rate)s/s, %(time)s") % shown

    @admin.display(description=_("cannot be moved"))
    def problems(self, pool: Pool) -> int:
        return MoveProblem.objects.filter(pool=pool).count()

    @admin.display(description=_("left behind by moves"))
    def left_behind(self, pool: Pool) -> int:
        return BlobCopy.objects.filter(pool=pool).count()

    @admin.display(description=_("objects"))
    def objects(self, pool: Pool) -> str:
        size = Figures.of(pool).sizes.get(pool.pk)
        return "—" if size is None else f"{size.objects:,}"

    @admin.display(description=_("size"))
    def size(self, pool: Pool) -> str:
        size = Figures.of(pool).sizes.get(pool.pk)
        return "—" if size is None else human_size(size.size)

    @admin.action(description=_("Ask what the storage can do"))
    def probe(self, request: HttpRequest, pools: "QuerySet[Pool]") -> None:
        for pool in pools:
            with telling(request, CodedError):
                able = [name for name, yes in probe_pool(actor_of(request), pool_id=pool.pk).as_dict().items() if yes]
                messages.success(request, f"{pool.name}: {', '.join(able) or _now('nothing beyond the basics')}")

    @admin.action(description=_("Take new bytes (ends a move where it stands)"))
    def activate(self, request: HttpRequest, pools: "QuerySet[Pool]") -> None:
        self._set_state(request, pools, PoolState.ACTIVE)

    @admin.action(description=_("Take no new bytes"))
    def close(self, request: HttpRequest, pools: "QuerySet[Pool]") -> None:
        self._set_state(request, pools, PoolState.READ_ONLY)

    def _set_state(self, request: HttpRequest, pools: "QuerySet[Pool]", state: PoolState) -> None:
        for pool in pools:
            with telling(request, CodedError):
                set_pool_state(actor_of(request), pool_id=pool.pk, state=state)
                messages.success(request, f"{pool.name}: {state.label}")

    @admin.action(description=_("Move everything to the active pool of the region"))
    def drain(self, request: HttpRequest, pools: "QuerySet[Pool]") -> None:
        for pool in pools:
            with telling(request, CodedError):
                move_pool(actor_of(request), pool_id=pool.pk)
                messages.success(request, f"{pool.name}: {PoolState.DRAINING.label}")

    @admin.action(description=_("Forget pools that hold nothing"))
    def remove(self, request: HttpRequest, pools: "QuerySet[Pool]") -> None:
        for pool in pools:
            with telling(request, CodedError):
                remove_pool(actor_of(request), pool_id=pool.pk)
                messages.success(request, f"{pool.name}: {_now('forgotten')}")


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


@admin.register(BlobCopy)
class BlobCopyAdmin(ConsoleAdmin):
    list_display = ("key", "pool", "size_shown", "state", "at", "blob_id")
    list_filter = (("pool", AutocompleteSelectFilter), "state")
    search_fields = ("=key",)
    list_select_related = ("pool",)
    ordering = ("-id",)

    @admin.display(description=_("size"))
    def size_shown(self, row: BlobCopy) -> str:
        return human_size(row.size)


@admin.register(MoveProblem)
class MoveProblemAdmin(ConsoleAdmin):
    list_display = ("blob_id", "pool", "key", "code", "at")
    list_filter = (("pool", AutocompleteSelectFilter), "code")
    search_fields = ("=key",)
    list_select_related = ("pool",)
    ordering = ("-id",)


@admin.register(TeamRegion)
class TeamRegionAdmin(ConsoleAdmin):
    """Where the bytes of a team may be; changing it moves them."""

    list_display = ("name", "region", "is_there")
    list_filter = ("region",)
    search_fields = ("name",)
    fields = ("name", "region", "is_there")
    readonly_fields = ("name", "is_there")
    ordering = ("pk",)
    refusals: ClassVar[tuple[type[Exception], ...]] = (CodedError,)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        set_team_region(actor_of(request), team_id=obj.pk, region=form.cleaned_data["region"])

    @admin.display(description=_("all bytes are there"), boolean=True)
    def is_there(self, team: TeamRegion) -> bool | None:
        return None if not team.region else team.region_settled_at is not None
