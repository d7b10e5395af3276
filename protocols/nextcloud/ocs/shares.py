"""Nextcloud's share API: `apps/files_sharing/api/v1/shares`, for the share dialogs of its desktop and phone clients.

Shares with people (0) and groups (1), links (3), and shares with addresses that nobody has yet (4). The id of a share
is a number of 31 bits here, since Android's client reads no larger one.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actor import SHARE, Actor
from common.ids import id_of
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Given, Subject
from files.actions.trash import trash_nodes
from files.errors import Forbidden, InvalidRequest, NotFound, SubjectNotFound
from files.queries.tree import locate_path
from protocols.nextcloud.ocs.endpoint import ocs_endpoint
from protocols.nextcloud.ocs.envelope import Outcome
from protocols.nextcloud.ocs.share_data import WHOLE_TEAM, Json, link_data, share_data
from protocols.nextcloud.ocs.share_request import (
    ALL_OF_FOLDER,
    CREATE,
    EMAIL,
    GROUP,
    LINK,
    READ,
    UPDATE,
    USER,
    Fields,
    fields_of,
    given_of,
)
from sharing.actions.link_settings import LinkSettings
from sharing.actions.links import change_link, create_link, revoke_link
from sharing.actions.numbers import number
from sharing.actions.shares import change_share, end_share, share
from sharing.models import Link, LinkRole
from sharing.queries.links import get_link, list_links
from sharing.queries.numbers import numbered
from sharing.queries.places import places_of
from sharing.queries.shares import SharedNode, share_of, shares_by, shares_in, shares_on, shares_with

LISTED = 1_000  # the latest: this API knows no pages


@ocs_endpoint("GET", "HEAD", "POST", is_plain=True)
def shares(request: HttpRequest, actor: Actor) -> Outcome:
    fields = fields_of(request)
    if request.method == "POST":
        return Outcome(_created(actor, fields))
    return Outcome(_listed(actor, fields))


@ocs_endpoint("GET", "HEAD", "PUT", "DELETE", is_plain=True)
def one_share(request: HttpRequest, actor: Actor, share_number: str) -> Outcome:
    share_id = numbered(share_number)
    if not share_id:
        raise NotFound(_("Wrong share ID, share does not exist"))
    fields = fields_of(request)
    is_link = Link.objects.filter(pk=share_id).exists()
    if request.method == "PUT":
        (_changed_link if is_link else _changed_share)(actor, share_id, fields)
    elif request.method == "DELETE":
        revoke_link(actor, link_id=share_id) if is_link else _end(actor, share_id)
        return Outcome([])
    (data,) = (
        _data(actor, [], [get_link(actor, share_id).link])
        if is_link
        else _data(actor, [share_of(actor, share_id=share_id)], [])
    )
    return Outcome(data if request.method == "PUT" else [data])


def _listed(actor: Actor, fields: Fields) -> list[Json]:
    path = fields.text("path")
    node_id = None if path is None else locate_path(actor, path).node.pk
    if fields.is_true("shared_with_me"):
        found = shares_with(actor, limit=LISTED).items
        target = None if path is None else locate_path(actor, path).entered.node.pk
        return _data(actor, [one for one in found if target in (None, one.place.node.pk)], [])
    if fields.is_true("subfiles"):
        if node_id is None:
            raise InvalidRequest(_("%(parameter)s is missing."), parameter="path")
        return _data(actor, shares_in(actor, folder_id=node_id), _links(actor, folder_id=node_id))
    if node_id is None:
        found, links = shares_by(actor, limit=LISTED).items, _links(actor)
    else:
        found, links = shares_on(actor, node_id=node_id, limit=LISTED).items, _links(actor, node_id=node_id)
        found = [one for one in found if one.subject_id != actor.user_id or one.kind is not SubjectKind.USER]
    if not fields.is_true("reshares"):
        found = [one for one in found if one.created_by is not None and one.created_by.pk == actor.user_id]
    return _data(actor, found, links)


def _links(actor: Actor, *, node_id: int | None = None, folder_id: int | None = None) -> list[Link]:
    """None for a token that may not share: whoever knows a link can use it."""
    if not actor.may(SHARE):
        return []
    rows = list_links(actor, node_id=node_id)
    if folder_id is not None:
        rows = rows.filter(node__parent_id=folder_id)
    return list(rows.order_by("-pk")[:LISTED])


def _data(actor: Actor, found: Sequence[SharedNode], links: Sequence[Link]) -> list[Json]:
    """The latest first. Links to what is in the trash, or not seen any more, are left out."""
    places = places_of(actor, {link.node_id for link in links}) if links else {}
    shown = [link for link in links if link.node_id in places]
    numbers = number(actor, share_ids=[one.id for one in found] + [link.pk for link in shown])
    data = [(one.id, share_data(actor, one, numbers[one.id])) for one in found if one.id in numbers]
    data += [(link.pk, link_data(link, places[link.node_id], numbers[link.pk])) for link in shown if link.pk in numbers]
    return [one for _, one in sorted(data, key=lambda pair: -pair[0])]


def _created(actor: Actor, fields: Fields) -> Json:
    place = locate_path(actor, fields.required("path"))
    kind = fields.number("shareType")
    if kind == LINK:
        (data,) = _data(actor, [], [create_link(actor, settings=_link_settings(fields), node_id=place.node.pk)])
        return data
    permissions, can_download = fields.permissions, fields.can_download
    end = fields.end
    given = given_of(ALL_OF_FOLDER if permissions is None else permissions, can_download=can_download is not False)
    share_id = share(
        actor,
        node_id=place.node.pk,
        to=_sharee(actor, kind, fields.required("shareWith")),
        given=Given(given.role, given.can_download, None if end is ... else end, given.can_share),
        message=fields.text("note") or "",
    )
    (data,) = _data(actor, [share_of(actor, share_id=share_id)], [])
    return data


def _sharee(actor: Actor, kind: int | None, share_with: str) -> Subject | str:
    if kind == GROUP and share_with == WHOLE_TEAM:
        return Subject(SubjectKind.TEAM, actor.team_id or 0)
    if kind == EMAIL or (kind == USER and "@" in share_with):
        return share_with
    if kind not in (USER, GROUP):
        raise InvalidRequest(_("Unknown share type"), parameter="shareType")
    pk = id_of(share_with)
    if pk is None:
        raise SubjectNotFound
    return Subject(SubjectKind.USER if kind == USER else SubjectKind.GROUP, pk)


def _changed_share(actor: Actor, share_id: int, fields: Fields) -> None:
    """Clients send one value, or all of them."""
    before = share_of(actor, share_id=share_id)
    permissions = fields.permissions
    wanted = None if permissions is None else given_of(permissions, role=before.role)
    change_share(
        actor,
        share_id=share_id,
        role=None if wanted is None else wanted.role,
        can_download=fields.can_download,
        can_share=None if wanted is None or wanted.role is not Role.EDITOR else wanted.can_share,
        expires_at=fields.end,
        message=fields.text("note"),
    )


def _end(actor: Actor, share_id: int) -> None:
    """Who has it by a group, or by the whole team, has it removed from their own files only."""
    found = share_of(actor, share_id=share_id)
    outer = found.place.outer
    try:
        end_share(actor, share_id=share_id)
    except Forbidden:
        is_received = found.created_by is None or found.created_by.pk != actor.user_id
        if outer is found.place or not is_received:
            raise
        trash_nodes(actor, node_ids=[outer.node.pk])


def _link_settings(fields: Fields) -> LinkSettings:
    changes = _link_changes(fields)
    return LinkSettings(**changes)


def _changed_link(actor: Actor, share_id: int, fields: Fields) -> None:
    changes = _link_changes(fields)
    if changes:
        change_link(actor, link_id=share_id, changes=changes)


def _link_changes(fields: Fields) -> dict[str, Any]:
    """What was sent, in the words of links. An empty password takes it away."""
    role, hidden, password, end = (
        _link_role(fields),
        fields.is_true("hideDownload"),
        fields.text("password"),
        fields.end,
    )
    found: Iterable[tuple[str, Any, bool]] = (
        ("role", role, role is not None),
        ("allow_download", not hidden, hidden is not None),
        ("password", password or None, password is not None),
        ("expires_at", end, end is not ...),
        ("message", fields.text("note"), fields.text("note") is not None),
        ("label", fields.text("label") or fields.text("name") or "", _has_label(fields)),
    )
    return {name: value for name, value, is_sent in found if is_sent}


def _has_label(fields: Fields) -> bool:
    return fields.text("label") is not None or fields.text("name") is not None


def _link_role(fields: Fields) -> str | None:
    """`publicUpload` says less than `permissions`: what only uploads is a file request."""
    permissions, upload = fields.permissions, fields.is_true("publicUpload")
    if permissions is not None:
        if not permissions & READ and permissions & CREATE:
            return LinkRole.UPLOADER
        return LinkRole.EDITOR if permissions & UPDATE else LinkRole.VIEWER
    if upload is None:
        return None
    return LinkRole.EDITOR if upload else LinkRole.VIEWER
