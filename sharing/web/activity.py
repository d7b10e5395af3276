"""Pages of activity: mine, of a space, of a file or folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from common.ids import id_of
from files.queries.tree import get_space, locate
from http_kit.errors import InvalidRequest
from http_kit.page import page
from sharing import cursors
from sharing.queries.activity import (
    Activity,
    Asked,
    my_activity,
    node_activity,
    people_in,
    seen_in_home,
    space_activity,
)
from sharing.queries.activity_groups import ActivityKind, Group
from sharing.queries.activity_texts import subjects_of, summary

ICONS = {
    ActivityKind.ADD: "upload",
    ActivityKind.EDIT: "file",
    ActivityKind.RENAME: "rename",
    ActivityKind.MOVE: "move",
    ActivityKind.COPY: "copy",
    ActivityKind.DELETE: "trash",
    ActivityKind.RESTORE: "restore",
    ActivityKind.REMOVE: "move",
    ActivityKind.PURGE: "close",
    ActivityKind.EXPIRE: "clock",
    ActivityKind.MOUNT: "users",
    ActivityKind.UNMOUNT: "users",
    ActivityKind.SHARE: "users",
    ActivityKind.UNSHARE: "users",
    ActivityKind.RESTRICT: "lock",
    ActivityKind.UNRESTRICT: "lock",
    ActivityKind.READ: "download",
    ActivityKind.COMMENT: "comment",
}
GONE = frozenset({ActivityKind.DELETE, ActivityKind.PURGE, ActivityKind.REMOVE, ActivityKind.UNMOUNT})


@dataclass(frozen=True, slots=True)
class Told:
    """A group as a page shows it."""

    group: Group
    text: str
    icon: str

    @property
    def is_gone(self) -> bool:
        """Whether what it tells of is not there any more, so that no link leads to it."""
        return self.group.kind in GONE


def told(found: Activity) -> list[Told]:
    """Three queries at most, where something was shared."""
    subjects = subjects_of(found.groups)
    return [Told(group, summary(group, subjects), ICONS[group.kind]) for group in found.groups]


@require_safe
@page
def activity(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders sharing/activity.html, for all that one has."""
    asked, purpose = _asked(request, actor, "me")
    found = my_activity(actor, asked, after=cursors.unseal(request.GET.get("cursor"), purpose=purpose))
    return _page(request, found, asked, purpose, title=_("Activity"))


@require_safe
@page
def activity_of_node(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    """The same for a file or folder."""
    asked, purpose = _asked(request, actor, f"node {node_id}")
    after = cursors.unseal(request.GET.get("cursor"), purpose=purpose)
    place = seen_in_home(actor, locate(actor, node_id))
    found = node_activity(actor, place, asked, after=after)
    name = place.node.name if place.node.name else place.space.name
    return _page(request, found, asked, purpose, title=_("Activity of “%(name)s”") % {"name": name}, back=node_id)


@require_safe
@page
def activity_of_space(request: HttpRequest, actor: Actor, space_id: int) -> HttpResponse:
    """The same for a space."""
    asked, purpose = _asked(request, actor, f"space {space_id}")
    after = cursors.unseal(request.GET.get("cursor"), purpose=purpose)
    found, space = space_activity(actor, asked, space_id=space_id, after=after), get_space(actor, space_id)
    title = _("Activity in “%(name)s”") % {"name": space.name}
    return _page(request, found, asked, purpose, title=title, back=space.root_id)


def _page(
    request: HttpRequest, found: Activity, asked: Asked, purpose: str, *, title: str, back: int | None = None
) -> HttpResponse:
    """Context: section, title, back (the id of a node), entries (Told), next_url, kinds, people, chosen."""
    people = people_in(found.groups)
    if asked.person_id is not None:
        people = {asked.person_id: people.get(asked.person_id, _("The chosen person")), **people}
    context: dict[str, Any] = {
        "section": "activity",
        "title": title,
        "back": back,
        "entries": told(found),
        "next_url": _next_url(request, cursors.seal(found.end, purpose=purpose)),
        "kinds": ActivityKind.choices,
        "people": sorted(people.items(), key=lambda item: item[1]),
        "chosen": {name: request.GET.get(name, "") for name in ("kind", "person", "since", "until")},
        "is_filtered": asked != Asked(),
    }
    return render(request, "sharing/activity.html", context)


def _next_url(request: HttpRequest, cursor: str | None) -> str:
    if cursor is None:
        return ""
    query = request.GET.copy()
    query["cursor"] = cursor
    return f"{request.path}?{query.urlencode()}"


def _asked(request: HttpRequest, actor: Actor, what: str) -> tuple[Asked, str]:
    """By the form above the list, and what cursors are for. Raises InvalidRequest."""
    person, kinds = request.GET.get("person", ""), _kinds(request.GET.getlist("kind"))
    person_id = id_of(person) if person else None
    if person and person_id is None:
        raise InvalidRequest
    since, until = _day(request.GET.get("since")), _day(request.GET.get("until"))
    asked = Asked(person_id, kinds, since, None if until is None else until + timedelta(days=1))
    return asked, cursors.purpose_of(actor, what, asked)


def _kinds(names: Sequence[str]) -> frozenset[ActivityKind]:
    wanted = {name for name in names if name}
    if wanted - set(ActivityKind.values):
        raise InvalidRequest
    return frozenset(map(ActivityKind, wanted))


def _day(text: str | None) -> datetime | None:
    """The beginning of a day, as a field of a form gives it."""
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError as error:
        raise InvalidRequest from error
    if day is None or day.year > 9000:
        raise InvalidRequest
    return datetime.combine(day, time(), UTC)
