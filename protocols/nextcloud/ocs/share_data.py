"""Shares and links as Nextcloud's share API shows them (ShareAPIController::formatShare of Nextcloud 13 to 31)."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.actor import Actor
from accounts.models import User
from files.access.explain import SubjectKind
from files.access.rights import rights_of
from files.models import SpaceKind
from files.queries.tree import LocatedNode
from protocols.nextcloud.ocs.share_request import EMAIL, GROUP, LINK, USER, permissions_of
from sharing.days import last_day
from sharing.links import url_of
from sharing.models import Link, LinkRole
from sharing.queries.shares import SharedNode, may_change

Json = dict[str, Any]
FOLDER_TYPE = "httpd/unix-directory"
TYPES = {SubjectKind.USER: USER, SubjectKind.GROUP: GROUP, SubjectKind.TEAM: GROUP, None: EMAIL}
WHOLE_TEAM = "team"  # the id by which clients know the whole team, as a group


def share_data(actor: Actor, found: SharedNode, number: int) -> Json:
    """`number` is what clients call it."""
    share_with = WHOLE_TEAM if found.kind is SubjectKind.TEAM else str(found.subject_id or found.email)
    changes = may_change(actor, found)
    is_mine = found.kind is SubjectKind.USER and found.subject_id == actor.user_id
    return {
        **_common(found.place, number, found.created_by, found.created_at, found.expires_at),
        "share_type": TYPES[found.kind],
        "share_with": share_with,
        "share_with_displayname": found.name,
        "share_with_displayname_unique": found.email or found.name,
        "permissions": permissions_of(found.rights, is_folder=found.place.node.is_folder),
        "attributes": attributes_of(can_download=found.can_download),
        "note": found.message,
        "label": "",
        "token": None,
        "can_edit": changes,
        "can_delete": changes or is_mine,
        "hide_download": 0,
        "status": [],
    }


def link_data(link: Link, place: LocatedNode, number: int) -> Json:
    rights = rights_of(link.role, can_share=False)
    permissions = permissions_of(rights, is_folder=place.node.is_folder)
    password = "***" if link.password else None  # that there is one; nobody is told which
    return {
        **_common(place, number, link.created_by, link.created_at, link.deadline or link.expires_at),
        "share_type": LINK,
        "share_with": password,
        "share_with_displayname": "" if password is None else "***",
        "password": password,
        "send_password_by_talk": False,
        "permissions": permissions,
        "attributes": None,
        "note": link.message,
        "label": link.label,
        "name": link.label,
        "token": link.token,
        "url": url_of(link),
        "can_edit": True,
        "can_delete": True,
        "hide_download": 0 if link.allow_download or link.role == LinkRole.UPLOADER else 1,
    }


def attributes_of(*, can_download: bool) -> str | None:
    """`value` from Nextcloud 30 on, `enabled` before."""
    if can_download:
        return None
    return json.dumps([{"scope": "permissions", "key": "download", "value": False, "enabled": False}])


def _common(place: LocatedNode, number: int, giver: User | None, since: datetime, end: datetime | None) -> Json:
    outer, node = place.outer, place.node
    version = None if node.is_folder else node.version
    owner = place.space.owner if place.space.kind == SpaceKind.HOME else None
    owner_name = place.space.team.name if owner is None else owner.get_full_name()
    return {
        "id": str(number),
        "uid_owner": "" if giver is None else str(giver.pk),
        "displayname_owner": "" if giver is None else giver.get_full_name(),
        "uid_file_owner": "" if owner is None else str(owner.pk),
        "displayname_file_owner": owner_name,
        "stime": int(since.timestamp()),
        "parent": None,
        "expiration": f"{last_day(end)} 00:00:00" if end is not None else None,
        "path": outer.path,
        "file_target": outer.path,
        "item_type": "folder" if node.is_folder else "file",
        "mimetype": FOLDER_TYPE if version is None else version.content.media_type,
        "has_preview": False,
        "storage_id": f"home::{place.space.pk}" if owner is not None else f"space::{place.space.pk}",
        "storage": 1,
        "item_source": outer.known_as.pk,
        "file_source": outer.known_as.pk,
        "file_parent": outer.node.parent_id or 0,
        "item_size": outer.shown.size,
        "item_mtime": int(node.modified_at.timestamp()),
        "mail_send": 0,
        "is-mount-root": outer is not place,
        "mount-type": "shared" if outer is not place else "",
        "tags": [],
    }


def sharee(label: str, kind: int, share_with: str, unique: str = "") -> Json:
    """One of the answer of `sharees`."""
    return {
        "label": label,
        "subline": unique if unique != label else "",
        "icon": {USER: "icon-user", GROUP: "icon-group"}.get(kind, "icon-mail"),
        "value": {"shareType": kind, "shareWith": share_with},
        "shareWithDisplayNameUnique": unique or label,
    }


def sharees_data(exact: Sequence[Json], others: Sequence[Json]) -> Json:
    """Sorted by kind. Clients read all of these lists, also those of what is not there."""
    return {"exact": _by_kind(exact), **_by_kind(others), "lookup": [], "lookupEnabled": False}


def _by_kind(found: Sequence[Json]) -> Json:
    lists: Json = {name: [] for name in ("users", "groups", "remotes", "remote_groups", "emails", "circles", "rooms")}
    names = {USER: "users", GROUP: "groups", EMAIL: "emails"}
    for one in found:
        lists[names[one["value"]["shareType"]]].append(one)
    return lists
