"""The console's page of all links: to be looked at, revoked and taken out as CSV. No page shows an address of one."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateFilter,
)

from accounts.console import ConsoleAdmin, actor_of, telling
from common.content_disposition import content_disposition
from common.errors import CodedError
from sharing.actions.link_administration import export_links, revoke_any_link
from sharing.models import Link
from sharing.queries.link_administration import Standing, standing_so

MAXIMUM_REVOKED = 200  # at once: as many as one looks through before


class StandingFilter(DropdownFilter):
    """Live, expired or revoked."""

    title = _("state")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        titles = (_("Open until its end"), _("Expired"), _("Revoked"))
        return list(zip([standing.value for standing in Standing], titles, strict=True))

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        value = self.value()
        return standing_so(queryset, Standing(value)) if value in [one.value for one in Standing] else queryset


@admin.register(Link)
class LinkAdmin(ConsoleAdmin):
    list_display = (
        *("created_at", "created_by", "team", "name", "role", "audience", "is_locked"),
        *("expires_at", "revoked_at", "visits", "downloads", "uploads"),
    )
    list_filter = (
        ("node__space__team", AutocompleteSelectFilter),
        ("created_by", AutocompleteSelectFilter),
        ("audience", ChoicesDropdownFilter),
        ("role", ChoicesDropdownFilter),
        StandingFilter,
        ("created_at", RangeDateFilter),
    )
    search_fields = ("created_by__email", "node__space__team__name")
    list_select_related = ("created_by", "node__space__team")
    ordering = ("-id",)
    fields = (
        *("created_at", "created_by", "team", "name", "role", "audience", "is_locked", "allow_download"),
        *("expires_at", "deadline", "max_downloads", "revoked_at", "visits", "downloads", "uploads"),
    )
    actions = ("revoke", "as_csv")

    @admin.display(description=_("team"))
    def team(self, link: Link) -> str:
        return "—" if link.node.space.team is None else link.node.space.team.name

    @admin.display(description=_("name"))
    def name(self, link: Link) -> str:
        return link.node.name or link.node.space.name

    @admin.display(description=_("password"), boolean=True)
    def is_locked(self, link: Link) -> bool:
        return link.has_password

    @admin.action(description=_("Revoke…"))
    def revoke(self, request: HttpRequest, links: "QuerySet[Link]") -> HttpResponse | None:
        """Asks first, with what is revoked: exactly that is sent again to be done."""
        chosen = list(links.filter(revoked_at=None)[: MAXIMUM_REVOKED + 1])
        if len(chosen) > MAXIMUM_REVOKED:
            text = _now("Choose at most %(count)d links at once.") % {"count": MAXIMUM_REVOKED}
            messages.error(request, text)
        elif not chosen:
            messages.warning(request, _now("These links are revoked already."))
        elif request.POST.get("confirmed") != "yes":
            return _asking(request, self, chosen)
        else:
            _revoke(request, chosen)
        return None

    @admin.action(description=_("Download as CSV"))
    def as_csv(self, request: HttpRequest, links: "QuerySet[Link]") -> HttpResponseBase:
        """Of the selected links, or of all that the filters have left (Select all)."""
        headers = {"Content-Disposition": content_disposition("links.csv"), "Cache-Control": "no-store"}
        pieces = export_links(actor_of(request), chosen=links)
        return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)


def _asking(request: HttpRequest, page: LinkAdmin, chosen: list[Link]) -> HttpResponse:
    """Renders admin/sharing/revoke_links.html. Context: that of the console, links, action_checkbox_name."""
    context = {
        **page.admin_site.each_context(request),
        "title": _now("Revoke links"),
        "opts": page.model._meta,
        "links": chosen,
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
        "media": page.media,
    }
    return TemplateResponse(request, "admin/sharing/revoke_links.html", context)


def _revoke(request: HttpRequest, chosen: list[Link]) -> None:
    done = 0
    for link in chosen:
        with telling(request, CodedError):
            revoke_any_link(actor_of(request), link_id=link.pk)
            done += 1
    text = ngettext("%(count)d link is revoked.", "%(count)d links are revoked.", done)
    messages.success(request, text % {"count": done})
