"""Through a link nothing above its root is told, in paths, listings, zips and errors, and nothing of what is restricted
below it; by whatever id one asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from common.errors import CodedError
from files.access.rights import Right
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.copy import copy_node
from files.actions.create_folder import create_folder
from files.actions.move import move_node, rename_node
from files.actions.restrictions import restrict
from files.actions.trash import trash_nodes
from files.downloads.zip_response import zip_download
from files.queries.file_content import file_of_node
from files.queries.listing import list_folder
from files.queries.target import Target
from files.queries.tree import locate
from files.tree.writing import WriteOptions
from search.indexing import following
from search.queries import search
from sharing.actions.link_settings import LinkSettings
from sharing.actions.links import create_link
from sharing.models import LinkRole
from sharing.queries.link_access import OpenLink, open_link
from tests.isolation.canaries import CanaryWorld, canary_world, without_pauses
from tests.support.trees import put

pytestmark = pytest.mark.django_db
VISITOR = Actor(client="a browser", address="198.51.100.7")
SUNG = re.compile("canary-[a-z]+")


@pytest.fixture
def world(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> CanaryWorld:
    without_pauses(monkeypatch)
    settings.STORAGE_URL = "memory://links"
    return canary_world()


def linked(world: CanaryWorld, role: str) -> OpenLink:
    link = create_link(world.actor, node_id=int(world.ids["shared"]), settings=LinkSettings(role=role))
    return open_link(link.token, VISITOR)


def acts(actor: Actor, ids: dict[str, str], node_id: int) -> Iterator[Callable[[], Any]]:
    """What is told of one node, and of what is done with it: as text."""
    shared = int(ids["shared"])
    yield lambda: locate(actor, node_id).path
    yield lambda: [step.name for step in list_folder(actor, locate(actor, node_id)).entries]
    yield lambda: file_of_node(actor, node_id).name
    yield lambda: b"".join(zip_download(actor, [locate(actor, node_id)]).streaming_content)  # type: ignore[arg-type]
    yield lambda: rename_node(actor, node_id=node_id, name="taken.txt")
    yield lambda: copy_node(actor, node_id=node_id, target=Target("taken.txt", parent_id=shared))
    yield lambda: move_node(actor, node_id=node_id, target=Target("sub", parent_id=shared))
    yield lambda: move_node(actor, node_id=shared, target=Target("moved", parent_id=node_id))
    yield lambda: create_folder(actor, target=Target("sub", parent_id=node_id))[0].path
    yield lambda: put(actor, "taken.txt/below", parent_id=node_id).node.name
    yield lambda: put(actor, "sub", parent_id=node_id).node.name
    yield lambda: bulk_write(actor, folder=Target(parent_id=node_id), files=[SmallFile("sub", b"x", WriteOptions())])
    yield lambda: trash_nodes(actor, node_ids=[node_id])[0].node.name


def told(act: Callable[[], Any]) -> str:
    try:
        answer = act()
        shown = answer.decode("latin-1") if isinstance(answer, bytes) else answer
        return str(shown) if isinstance(shown, str | list) else "done"  # places have a repr of all of the way
    except CodedError as error:
        return f"{error.code} {error} {error.detail}"


@pytest.mark.parametrize("role", LinkRole.values)
def test_nothing_of_what_is_above_is_told(world: CanaryWorld, role: str) -> None:
    found = linked(world, role)
    assert found.place.path == "/"
    above = [int(world.ids[name]) for name in ("root", "above", "deeper", "sibling")]
    below = [int(world.ids[name]) for name in ("shared", "report", "taken", "sub", "moved", "renamed")]
    answered = 0
    for node_id in above + below:
        for act in acts(found.actor, world.ids, node_id):
            text = told(act)
            assert not SUNG.search(text), text
            answered += not re.match(r"[a-z_]+ .*\{", text)
            if node_id in above:
                assert re.match("(parent_)?not_found|forbidden", text), text
    assert answered > {"viewer": 12, "editor": 20, "uploader": 0}[role]


def test_a_search_finds_nothing_above(world: CanaryWorld) -> None:
    found = linked(world, LinkRole.VIEWER)
    following.INDEX.follow_all(seconds=60)
    for word in ("canary", "report", "words"):
        assert not any("canary" in hit.place.path for hit in search(found.actor, word).hits)


def test_nothing_of_what_is_restricted_below_is_told(world: CanaryWorld) -> None:
    sub = int(world.ids["sub"])
    found = linked(world, LinkRole.EDITOR)
    restrict(world.actor, node_id=sub)
    inside = world.node("inner.txt").pk
    for node_id in (sub, inside):
        for act in acts(found.actor, world.ids, node_id):
            text = told(act)
            assert "inner" not in text
            assert re.match("(parent_)?not_found|forbidden|not_a_folder", text), text
    root = locate(found.actor, int(world.ids["shared"]))
    assert "sub" not in {node.name for node in list_folder(found.actor, root).entries}
    names = b"".join(zip_download(found.actor, [root]).streaming_content)  # type: ignore[arg-type]
    assert b"report.txt" in names
    assert b"inner.txt" not in names
    assert Right.VIEW in root.access.rights
