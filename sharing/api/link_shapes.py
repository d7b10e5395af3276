"""What the REST API of links takes and gives. Ids are strings, times RFC 3339 in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.fields import BooleanField, CharField, ChoiceField, DateTimeField, IntegerField

from accounts.models import User
from http_kit.fields import IdField, Input, PageInput, PathField, Shape, TextField, TimeField, page_shape
from sharing.actions.link_passwords import MAXIMUM_PASSWORD
from sharing.actions.link_settings import MAXIMUM_DOWNLOADS
from sharing.links import url_of
from sharing.models import Audience, LinkRole, Naming
from sharing.models.link import MAXIMUM_ADDRESS, MAXIMUM_GRACE, MAXIMUM_LABEL, MAXIMUM_MESSAGE, MAXIMUM_TITLE
from sharing.queries.link_access import ends_at
from sharing.queries.links import LinkState, ListedLink

ROLE = [(role.value, role.value) for role in LinkRole]
AUDIENCE = [(audience.value, audience.value) for audience in Audience]
NAMING = [(naming.value, naming.value) for naming in Naming]
STATE = [(state.value, state.value) for state in LinkState]
MAXIMUM_PAGE = 200
_NO_LIMIT: dict[str, Any] = {"required": False, "allow_null": True}


class LinkChangeInput(Input):
    """What is left out stays as it is."""

    role = ChoiceField(ROLE, required=False)
    password = TextField(maximum=MAXIMUM_PASSWORD, help_text="null takes it away.", **_NO_LIMIT)
    expires_at = TimeField(help_text="Until when; null: no end.", **_NO_LIMIT)
    max_downloads = IntegerField(
        min_value=1,
        max_value=MAXIMUM_DOWNLOADS,
        help_text="null: any number. Counted since the link was made.",
        **_NO_LIMIT,
    )
    allow_download = BooleanField(required=False, help_text="false: names and previews only.")
    audience = ChoiceField(AUDIENCE, required=False)
    address = TextField(
        maximum=MAXIMUM_ADDRESS, help_text="The last part of the URL, instead of the token.", **_NO_LIMIT
    )
    title = TextField(maximum=MAXIMUM_TITLE, required=False)
    message = TextField(maximum=MAXIMUM_MESSAGE, required=False)
    label = TextField(  # type: ignore[assignment]  # a serializer has one itself, by the same name
        maximum=MAXIMUM_LABEL, required=False, help_text="For me; visitors do not see it."
    )
    deadline = TimeField(help_text="Of an uploader's link: by when files are wanted.", **_NO_LIMIT)
    grace_seconds = IntegerField(
        min_value=0,
        max_value=int(MAXIMUM_GRACE.total_seconds()),
        required=False,
        help_text="How long after the deadline files are still taken, and marked as late.",
    )
    naming = ChoiceField(NAMING, required=False, help_text="`sender`: the name of the sender comes first.")
    take_over = BooleanField(
        required=False, help_text="true: I answer for the link from now on. For who manages what it leads to."
    )


class LinkInput(LinkChangeInput):
    """To exactly one file or folder, by its id, or by its path in the home."""

    exactly_one = ("node_id", "path")
    node_id = IdField(required=False, default=None)
    path = PathField(required=False, default=None)
    take_over = None  # type: ignore[assignment]


class LinksQuery(PageInput):
    """At most one of `node_id`, `path` and `space_id`."""

    node_id = IdField(required=False, default=None)
    path = PathField(required=False, default=None)
    space_id = IdField(required=False, default=None, help_text="All links in a space, for who manages it.")
    limit = IntegerField(min_value=1, max_value=MAXIMUM_PAGE, default=100)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(attrs[name] is not None for name in ("node_id", "path", "space_id")) > 1:
            raise serializers.ValidationError(_("Give at most one of node_id, path, space_id."))
        return attrs


class LinkMakerShape(Shape):
    id = CharField()
    name = CharField()


class LinkShape(Shape):
    """A link. Whoever has its URL or token can use it."""

    id = CharField()
    url = CharField(help_text="From `BASE_URL`; where the server does not know it, the path alone.")
    token = CharField(help_text="`/s/<token>`; user name of WebDAV.")
    address = CharField(allow_null=True)
    node_id = CharField()
    kind = ChoiceField([("file", "file"), ("folder", "folder")])
    name = CharField()
    path = CharField(allow_null=True, help_text="As I see it; null in the trash.")
    role = ChoiceField(ROLE)
    has_password = BooleanField()
    expires_at = DateTimeField(allow_null=True)
    ends_at = DateTimeField(allow_null=True, help_text="Until when it opens, by policies of the team, too.")
    max_downloads = IntegerField(allow_null=True)
    allow_download = BooleanField()
    audience = ChoiceField(AUDIENCE)
    title = CharField()
    message = CharField()
    label = CharField()  # type: ignore[assignment]
    deadline = DateTimeField(allow_null=True)
    grace_seconds = IntegerField()
    naming = ChoiceField(NAMING)
    state = ChoiceField(STATE, help_text="Whether it opens, and why not.")
    visits = IntegerField()
    downloads = IntegerField()
    uploads = IntegerField()
    created_at = DateTimeField()
    created_by = LinkMakerShape(allow_null=True, help_text="Who answers for it; null when they are gone.")


LINK_PAGE = page_shape(LinkShape)


def settings_from(fields: dict[str, Any]) -> dict[str, Any]:
    """From validated fields to those of LinkSettings, as far as they were given."""
    given = {name: value for name, value in fields.items() if name not in ("node_id", "path", "take_over")}
    if "grace_seconds" in given:
        given["grace"] = timedelta(seconds=given.pop("grace_seconds"))
    return given


def render(found: ListedLink) -> dict[str, Any]:
    link, maker = found.link, found.link.created_by
    return {
        "id": str(link.pk),
        "url": url_of(link),
        "token": link.token,
        "address": link.address,
        "node_id": str(link.node_id),
        "kind": "folder" if link.node.is_folder else "file",
        "name": link.node.name,
        "path": found.path,
        "role": str(link.role),
        "has_password": link.has_password,
        "expires_at": _time(link.expires_at),
        "ends_at": _time(ends_at(link)),
        "max_downloads": link.max_downloads,
        "allow_download": link.allow_download,
        "audience": str(link.audience),
        "title": link.title,
        "message": link.message,
        "label": link.label,
        "deadline": _time(link.deadline),
        "grace_seconds": int(link.grace.total_seconds()),
        "naming": str(link.naming),
        "state": found.state.value,
        "visits": link.visits,
        "downloads": link.downloads,
        "uploads": link.uploads,
        "created_at": _time(link.created_at),
        "created_by": None if maker is None else _person(maker),
    }


def _person(user: User) -> dict[str, str]:
    return {"id": str(user.pk), "name": user.get_full_name()}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
