"""A space in which everything that some people must not see has a name that is found wherever it comes out."""

from __future__ import annotations

import base64
import binascii
import contextlib
import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest

from accounts.actor import Actor
from accounts.models import Group, GroupMember, User
from common.clock import now
from files import journal_follower
from files.access.rights import Role
from files.actions.annotations import set_favourite
from files.actions.create_folder import create_folder
from files.actions.move import move_node, rename_node
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.models import Grant, Node, Space
from files.queries.target import Target
from sharing.actions.comments import add_comment
from sharing.actions.link_settings import LinkSettings
from sharing.actions.links import create_link
from sharing.actions.reminders import set_reminder
from sharing.actions.tags import set_tags
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import put

COLLEAGUES = {"canary-person", "canary-group"}
OFFERED = re.compile(r"/share/$|/apps/files_sharing/api/v1/sharees")  # where people choose with whom they share
_WORD = re.compile(r"canary-[a-z]+", re.IGNORECASE)
_TOKEN = re.compile(rb"[A-Za-z0-9+/_-]{11,}")


def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index follows at once."""
    for name in ("PAUSE", "PAUSE_WHEN_BUSY"):
        monkeypatch.setattr(journal_follower, name, 0)


def canaries_in(response: Any, data: bytes) -> set[str]:
    """Those that the answer tells: status, headers, cookies, body, names and bytes in a zip, sealed cursors."""
    head = "\n".join([response.reason_phrase, *(f"{name}: {value}" for name, value in response.items())])
    cookies = "\n".join(morsel.OutputString() for morsel in response.cookies.values())
    found = set[str]()
    for part in (head.encode(), cookies.encode(), data):
        found |= {word.lower() for text in _readings(part) for word in _WORD.findall(text)}
    return found


def _readings(data: bytes) -> Iterator[str]:
    """The bytes in every way in which a client could read a name out of them."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield "\n".join(archive.namelist())
            for name in archive.namelist():
                yield archive.read(name).decode("latin-1")
    text = data.decode("utf-8", "replace")
    yield text
    yield html.unescape(unquote(text))
    if "\\u" in text:
        yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    for token in _TOKEN.findall(data):
        yield from _decoded(token)


def _decoded(token: bytes) -> Iterator[str]:
    """Base64 of some text or of something compressed: both are how a value is sealed."""
    with contextlib.suppress(binascii.Error, ValueError):
        plain = base64.urlsafe_b64decode(token.replace(b"+", b"-").replace(b"/", b"_") + b"=" * (-len(token) % 4))
        yield plain.decode("latin-1")
        with contextlib.suppress(zlib.error):
            yield zlib.decompress(plain).decode("latin-1")


@dataclass
class CanaryWorld:
    """`/canary-above/canary-deeper/shared` in the closed space `canary-space`: `shared` is granted, and nothing else.

    `ids` are what a test may ask about, by name; everybody's eyes are on `shared`.
    """

    owner: User
    space: Space
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return actor_of(self.owner)

    def node(self, name: str) -> Node:
        """The oldest of this name."""
        return Node.objects.filter(space=self.space, name=name).order_by("pk")[0]

    def person(self, role: Role | None, on: str = "shared", **fields: Any) -> User:
        """A member of the team, with a grant on one node of the space."""
        user = make_member(self.owner, **fields)
        if role is not None:
            self.grant(user, self.node(on).pk, role)
        return user

    def grant(self, user: User, node_id: int, role: Role) -> Grant:
        return Grant.objects.create(node_id=node_id, space=self.space, user=user, role=role)


def canary_world() -> CanaryWorld:
    owner = make_user("owner@example.com", name="Olga Owner")
    owner.membership.team.seats = 100
    owner.membership.team.save()
    space = create_team_space(actor_of(owner), name="canary-space")
    Space.objects.filter(pk=space.pk).update(is_open=False)
    space = Space.objects.get(pk=space.pk)
    Grant.objects.create(node_id=space.root_id or 0, space=space, user=owner, role=Role.MANAGER)
    world = CanaryWorld(owner, space)
    _people_above(world)
    _files(world)
    _history(world)
    return world


def _people_above(world: CanaryWorld) -> None:
    """Who reaches the space from above, by themselves and by their group."""
    above = make_member(world.owner, email="canary-person@example.com", name="canary-person")
    group = Group.objects.create(team=world.owner.membership.team, name="canary-group")
    GroupMember.objects.create(group=group, user=above)
    root = world.space.root_id or 0
    Grant.objects.create(node_id=root, space=world.space, user=above, role=Role.EDITOR)
    Grant.objects.create(node_id=root, space=world.space, group=group, role=Role.VIEWER)


_TREE = {
    "canary-above/canary-deeper/shared/report.txt": b"a report of nothing",
    "canary-above/canary-deeper/shared/taken.txt": b"the name is taken",
    "canary-above/canary-deeper/shared/sub/inner.txt": b"inside",
    "canary-above/canary-deeper/shared/sub/taken.txt": b"here too",
    "canary-above/canary-deeper/canary-sibling.txt": b"a report of canary-words",
    "canary-above/canary-deeper/canary-cousin/canary-file.txt": b"canary-words",
    "canary-above/canary-trash/canary-trashed.txt": b"canary-words",
    "canary-above/canary-origin/canary-old.txt": b"it was somewhere else",
}


def _files(world: CanaryWorld) -> None:
    actor, space_id = world.actor, world.space.pk
    for path, data in _TREE.items():
        put(actor, path, data, space_id=space_id)
    first = world.node("report.txt").version_id
    put(actor, "canary-above/canary-deeper/shared/report.txt", b"a second report", space_id=space_id)
    (hidden,) = trash_nodes(actor, node_ids=[world.node("canary-trash").pk])
    (seen,) = trash_nodes(
        actor, node_ids=[put(actor, "canary-above/canary-deeper/shared/gone.txt", b"x", space_id=space_id).node.pk]
    )
    upload = open_upload(actor, wanted=UploadOptions(Target("canary-above/canary-upload.bin", space_id=space_id), 5))
    names = ("shared", "report.txt", "taken.txt", "sub", "canary-above", "canary-deeper", "canary-sibling.txt")
    world.ids = {name.partition(".")[0].removeprefix("canary-"): str(world.node(name).pk) for name in names}
    world.ids |= {
        "root": str(space_root(world)),
        "space": str(space_id),
        "version": str(first),
        "item": str(seen.pk),
        "hidden_item": str(hidden.pk),
        "upload": str(upload.pk),
        "link": str(_link_above(world)),
        "comment": str(add_comment(actor, node_id=world.node("canary-deeper").pk, text="canary-comment").pk),
        "reminder": str(_remembered(actor, world.node("canary-deeper").pk)),
        "grant": str(Grant.objects.filter(space_id=space_id).order_by("pk").values_list("pk", flat=True)[0]),
    }


def _remembered(actor: Actor, node_id: int) -> int:
    """A reminder, beside tags."""
    set_tags(actor, node_id=node_id, names=["canary-tag"])
    return set_reminder(actor, node_id=node_id, at=now() + timedelta(days=1), note="canary-note").pk


def _link_above(world: CanaryWorld) -> int:
    words = LinkSettings(title="canary-title", message="canary-message", label="canary-label", address="canary-address")
    return create_link(world.actor, node_id=world.node("canary-deeper").pk, settings=words).pk


def space_root(world: CanaryWorld) -> int:
    return world.space.root_id or 0


def _history(world: CanaryWorld) -> None:
    """What is in `shared` came from elsewhere, and `shared` itself had another name and another place."""
    actor, space_id = world.actor, world.space.pk
    moved = world.node("canary-old.txt")
    move_node(
        actor,
        node_id=moved.pk,
        target=Target("canary-above/canary-deeper/shared/moved.txt", space_id=space_id),
    )
    world.ids["moved"] = str(moved.pk)
    shared = int(world.ids["shared"])
    move_node(actor, node_id=shared, target=Target("canary-above/shared", space_id=space_id))
    move_node(actor, node_id=shared, target=Target("canary-above/canary-deeper/shared", space_id=space_id))
    folder, _ = create_folder(actor, target=Target("canary-above/canary-deeper/shared/young", space_id=space_id))
    rename_node(actor, node_id=folder.node.pk, name="renamed")
    world.ids["renamed"] = str(folder.node.pk)


def marked(user: User, world: CanaryWorld, *, sees: bool = True) -> None:
    """What a person has of their own."""
    if sees:
        set_favourite(actor_of(user), node_id=int(world.ids["report"]), wanted=True)
    put(actor_of(user), "own.txt", b"of my own")
    put(actor_of(user), "taken.txt", b"of my own")
