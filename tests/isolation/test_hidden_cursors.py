"""A cursor says where to go on. For somebody from whom something is hidden that may be at something hidden, and then
nobody but the server can read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import signing as of_django
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from common import signing
from common.clock import now
from files.actions.mounts import reconcile_all
from files.actions.trash import trash_nodes
from files.models import Change, TrashItem
from files.web import trash as trash_page
from http_kit import forms
from search.indexing import following
from tests.files.queries.restricted import Restricted, restricted_world
from tests.isolation.canaries import without_pauses
from tests.support.clients import Api, items, problem
from tests.support.people import sign_in
from tests.support.shared_folders import SharedFolder, shared_folder
from tests.support.trees import put

pytestmark = pytest.mark.django_db
HIDDEN = re.compile(r"~[A-Za-z0-9_-]+")


@pytest.fixture
def world(db: None, settings: Settings) -> Restricted:
    settings.STORAGE_URL = "memory://hidden-cursors"
    return restricted_world()


def cursors(user: User, world: Restricted, then: str) -> dict[str, str]:
    """One of each list that has any, when the entry that it stands at is a hidden one, where there are such."""
    api, space, f = Api(user), world.space.pk, world.node("f").pk
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "journal": ("/journal", {"space": space, "limit": 1}),
        "trash": ("/trash", {"space": space, "limit": 1}),
        "history": (f"/nodes/{world.node('b.txt').pk}/history", {"limit": 1}),
        "past by id": (f"/nodes/{f}/children", {"at": then, "limit": 1}),
        "past by path": ("/folders", {"path": "/f", "space": space, "at": then, "limit": 1}),
    }
    found = {name: api.get(path, **query).json()["next_cursor"] for name, (path, query) in asked.items()}
    found["changes"] = api.get("/changes", space=space).json()["cursor"]
    found["changes from now on"] = api.get("/changes/cursor", space=space).json()["cursor"]
    found["changes of everything"] = api.get("/changes/cursor").json()["cursor"]
    assert None not in found.values(), found
    return found


def fill(world: Restricted) -> str:
    """The last lines of the journal and the last items of the trash are hidden ones. Returns the time before that."""
    reconcile_all()
    world.put("f/g/b.txt", 5)
    then = now().isoformat()
    for name in ("a.txt", "c.txt", "d"):
        trash_nodes(world.manager, node_ids=[world.node(name).pk])
    world.put("f/g/z.txt", 1)
    world.put("f/closed/last.txt", 1)
    return then


def test_where_something_is_hidden_they_cannot_be_read(world: Restricted) -> None:
    then = fill(world)
    of_member = cursors(world.member, world, then)
    assert [name for name, cursor in of_member.items() if not HIDDEN.fullmatch(cursor)] == []
    last, item = Change.objects.filter(space=world.space).latest("seq"), TrashItem.objects.latest("deleted_at")
    assert signing.unseal(of_member["journal"], purpose=f"journal:{world.space.pk}") == [last.pk], "a hidden line"
    assert signing.unseal(of_member["trash"], purpose=f"trash:{world.space.pk}")[1] == item.pk, "a hidden item"
    of_owner = cursors(world.owner, world, then)
    assert [name for name, cursor in of_owner.items() if cursor.startswith("~")] == []


def test_they_lead_on(world: Restricted) -> None:
    """To all that there is to be seen, each page by the cursor of the one before."""
    fill(world)
    api, space = Api(world.member), world.space.pk

    def walk(address: str, **query: Any) -> Iterator[dict[str, Any]]:
        cursor: dict[str, str] = {}
        while True:
            page = api.get(address, **query, **cursor, limit=1)
            assert page.status_code == 200, page.content
            yield from page.json()["items"]
            if page.json()["next_cursor"] is None:
                return
            cursor = {"cursor": page.json()["next_cursor"]}

    assert [one["path"] for one in walk("/trash", space=space)] == ["/f/a.txt"]
    whole = [line["seq"] for line in items(api.get("/journal", space=space, limit=1000))]
    assert [line["seq"] for line in walk("/journal", space=space)] == whole
    there = [one["name"] for one in walk("/folders", path="/f/g", space=space, at=now().isoformat())]
    assert sorted(there) == ["b.txt", "z.txt"]
    told = api.get("/changes/cursor", space=space).json()["cursor"]
    assert api.get("/changes", cursor=told).json()["cursor"] == told, "the same position is the same text"
    world.put("f/g/news.txt", 1)
    lines = api.get("/changes", cursor=told).json()["changes"]
    assert [line["after"]["path"] for line in lines] == ["/f/g/news.txt"]


def test_a_cursor_fits_its_own_list_alone(world: Restricted) -> None:
    found, api = cursors(world.member, world, fill(world)), Api(world.member)
    for name, path in (("trash", "/journal"), ("journal", "/trash"), ("journal", "/changes")):
        assert problem(api.get(path, cursor=found[name])) == (400, "invalid_cursor")
    for wrong in (found["changes"][:-1], found["changes"] + "A", found["changes"].removeprefix("~"), "~", "~~"):
        assert problem(api.get("/changes", cursor=wrong)) == (400, "invalid_cursor")


def test_those_of_the_release_before_are_read(world: Restricted) -> None:
    """Which signs all of them."""
    found, api, space = cursors(world.member, world, fill(world)), Api(world.member), world.space.pk
    purposes = {"changes": "changes", "changes of everything": "changes", "trash": f"trash:{space}"}
    for name, purpose in (*purposes.items(), ("journal", f"journal:{space}")):
        value = signing.unseal(found[name], purpose=purpose)
        before = of_django.dumps(value, salt=f"cursor:{purpose}")
        path = "/changes" if purpose == "changes" else f"/{name}"
        query = {} if purpose == "changes" else {"space": space}
        answer, same = api.get(path, cursor=before, **query), api.get(path, cursor=found[name], **query)
        assert (answer.status_code, answer.content) == (200, same.content)


def test_one_of_changes_that_the_release_before_made(world: Restricted) -> None:
    """It knew one journal, of which nothing was hidden."""
    space = world.space.pk
    cursor = of_django.dumps([space, 1], salt="cursor:changes")
    assert problem(Api(world.member).get("/changes", cursor=cursor)) == (410, "cursor_reset")
    assert Api(world.owner).get("/changes", cursor=cursor).json()["changes"][0]["seq"] == 2
    made = Api(world.owner).get("/changes/cursor", space=space).json()["cursor"]
    assert len(of_django.loads(made, salt="cursor:changes")) == 2


def test_the_page_of_the_trash(world: Restricted, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(world)
    monkeypatch.setattr(forms, "PAGE_SIZE", 1)
    assert trash_page.forms is forms
    for user, hidden in ((world.member, True), (world.owner, False)):
        sign_in(client, user)
        html = client.get(f"/trash/{world.space.pk}/").content.decode()
        found = re.search(r"cursor=([^\"&]+)", html)
        assert found, html[-500:]
        assert found[1].replace("%7E", "~").startswith("~") is hidden
        assert client.get(f"/trash/{world.space.pk}/?cursor={found[1]}").status_code == 200


def test_a_search_says_nothing_of_how_much_was_left_out(world: Restricted, monkeypatch: pytest.MonkeyPatch) -> None:
    without_pauses(monkeypatch)
    world.put("f/g/more.txt", 1)
    following.INDEX.follow_all(seconds=60)
    for user, hidden in ((world.member, True), (world.owner, False)):
        api = Api(user)
        cursor = api.get("/search", q="txt", limit=1).json()["next_cursor"]
        assert cursor.startswith("~") is hidden
        assert api.get("/search", q="txt", limit=1, cursor=cursor).status_code == 200


def test_a_mounted_folder_says_nothing_of_the_space_around_it(db: None, settings: Settings) -> None:
    """Its owner's home has a number and an id, which are theirs."""
    settings.STORAGE_URL = "memory://hidden-cursors"
    made: SharedFolder = shared_folder()
    api = Api(made.viewer)
    found = [api.get("/changes/cursor").json()["cursor"], api.get("/changes").json()["cursor"]]
    folder = made.folder.pk
    made.put("more.txt"), made.put("sea.txt", b"other")
    for path, query in ((f"/nodes/{folder}/children", {"at": now().isoformat()}), (f"/nodes/{folder}/history", {})):
        page = api.get(path, limit=1, **query).json()
        found += [page["next_cursor"]] if page["next_cursor"] else []
    assert len(found) > 2
    assert [cursor for cursor in found if not HIDDEN.fullmatch(cursor)] == []
    put(made.actor, "elsewhere.txt")
    assert api.get("/changes", cursor=found[0]).status_code == 200
