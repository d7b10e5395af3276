"""Spaces and what happened in them. All of it is to be looked at; what changes a tree goes through its endpoints."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateFilter

from accounts.actor import system
from accounts.audit import record
from accounts.console import ConsoleAdmin, actor_of, human_size, telling
from common.errors import CodedError
from files.actions.uploads import abort_upload
from files.models import Change, Space, TrashItem, Upload


@admin.register(Space)
class SpaceAdmin(ConsoleAdmin):
    list_display = ("name", "kind", "team", "owner", "size", "nodes", "seq", "created_at")
    list_filter = (("kind", ChoicesDropdownFilter), ("team", AutocompleteSelectFilter))
    search_fields = ("name", "owner__email", "team__name")
    list_select_related = ("team", "owner", "root")
    ordering = ("-id",)
    fields = ("name", "kind", "team", "owner", "size", "nodes", "seq", "created_at")

    @admin.display(description=_("size"), ordering="root__size")
    def size(self, space: Space) -> str:
        return human_size(space.root.size) if space.root else "—"

    @admin.display(description=_("files and folders"), ordering="root__descendants")
    def nodes(self, space: Space) -> int:
        return space.root.descendants if space.root else 0


@admin.register(Change)
class ChangeAdmin(ConsoleAdmin):
    """The journal: who did what to which file, from where."""

    list_display = ("at", "space", "seq", "kind", "path", "actor", "client", "address")
    list_filter = (
        ("space", AutocompleteSelectFilter),
        ("actor", AutocompleteSelectFilter),
        ("kind", ChoicesDropdownFilter),
        ("at", RangeDateFilter),
    )
    search_fields = ("after_path", "before_path", "actor__email")
    list_select_related = ("space", "actor")
    ordering = ("-id",)

    @admin.display(description=_("path"))
    def path(self, change: Change) -> str:
        before, after = change.before_path, change.after_path
        return f"{before} → {after}" if before and after and before != after else after or before


@admin.register(TrashItem)
class TrashItemAdmin(ConsoleAdmin):
    list_display = ("path", "space", "size", "deleted_by", "deleted_at", "purging")
    list_filter = (("space", AutocompleteSelectFilter), "purging", ("deleted_at", RangeDateFilter))
    search_fields = ("path", "space__name", "deleted_by__email")
    list_select_related = ("space", "node", "deleted_by")
    ordering = ("-deleted_at",)
    fields = ("path", "space", "size", "deleted_by", "deleted_at", "purging")

    @admin.display(description=_("size"))
    def size(self, item: TrashItem) -> str:
        return human_size(item.node.size + item.node.versions_size)


@admin.register(Upload)
class UploadAdmin(ConsoleAdmin):
    list_display = ("path", "space", "user", "protocol", "length_shown", "created_at", "expires_at", "finished_at")
    list_filter = (("user", AutocompleteSelectFilter), ("finished_at", admin.EmptyFieldListFilter))
    search_fields = ("path", "user__email", "id")
    list_select_related = ("space", "user")
    ordering = ("-created_at",)
    actions = ("abort",)

    @admin.display(description=_("length"), ordering="length")
    def length_shown(self, upload: Upload) -> str:
        return "—" if upload.length is None else human_size(upload.length)

    @admin.action(description=_("Give up: frees the reserved bytes"))
    def abort(self, request: HttpRequest, uploads: "QuerySet[Upload]") -> None:
        for upload in uploads.filter(finished_at=None):
            with telling(request, CodedError):
                abort_upload(system("console"), upload_id=upload.pk)
                target = upload.path[:200]
                record(actor_of(request), "upload.abort", target, upload=str(upload.pk), user=upload.user_id)
