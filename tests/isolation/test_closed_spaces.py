"""Owners and administrators of a team say who is in its closed spaces, and learn nothing of what these hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Role as TeamRole
from accounts.models import User
from files.access.rights import Role
from files.actions.spaces import create_team_space
from files.actions.uploads import UploadOptions, open_upload
from files.models import Grant, Space
from files.queries.target import Target
from tests.support.clients import Api, Dav, Nextcloud, items
from tests.support.people import actor_of, make_member, make_user, sign_in
from tests.support.trees import put

SIZE = 3_456_789
TOLD = ("3456789", "3.5", "3,5")  # as pages round it


@dataclass
class Closed:
    """`member` manages `Board`, a closed space of the team that `owner` and `admin` manage without being in it."""

    owner: User
    admin: User
    member: User
    space: Space

    @property
    def url(self) -> str:
        return f"/spaces/{self.space.pk}"

    def managers(self) -> tuple[User, User]:
        return self.owner, self.admin


@pytest.fixture
def world(db: None, settings: Settings) -> Closed:
    settings.STORAGE_URL = "memory://closed"
    owner = make_user("owner@example.com")
    owner.membership.team.seats = 5
    owner.membership.team.save()
    space = create_team_space(actor_of(owner), name="Board")
    made = Closed(owner, make_member(owner, TeamRole.ADMIN), make_member(owner), space)
    Space.objects.filter(pk=space.pk).update(is_open=False)
    Grant.objects.create(node=space.root, space=space, user=made.member, role=Role.MANAGER)
    put(actor_of(made.member), "minutes.txt", b"x" * SIZE, space_id=space.pk)
    put(actor_of(owner), "own.txt", b"x" * 9_000_000)
    put(actor_of(made.admin), "own.txt", b"x" * 800_000)
    return made


def told(text: str) -> list[str]:
    return [number for number in TOLD if number in text]


def test_rest_tells_no_size_and_no_number(world: Closed) -> None:
    for user in world.managers():
        api = Api(user)
        for answer in (api.get("/spaces"), api.get("/usage"), api.patch(world.url, {"quota_bytes": 10**8})):
            assert answer.status_code == 200
            assert told(answer.content.decode()) == []
        changed = api.patch(world.url, {"name": "Board"}).json()
        assert (changed["size"], changed["seq"], changed["quota_bytes"]) == (None, None, 10**8)
        deleted = api.delete(f"{world.url}?name=Board").json()
        (listed,) = items(api.get("/spaces/deleted"))
        restored = api.post(f"{world.url}/restore", {}).json()
        assert [(one["size"], one["seq"]) for one in (deleted, listed, restored)] == [(None, None)] * 3


def test_who_is_in_it_is_told(world: Closed) -> None:
    (board,) = [one for one in items(Api(world.member).get("/spaces")) if one["name"] == "Board"]
    assert (board["size"], board["seq"]) == (SIZE, Space.objects.get(pk=world.space.pk).seq)
    Grant.objects.create(node=world.space.root, space=world.space, user=world.admin, role=Role.VIEWER)
    api = Api(world.admin)
    deleted = api.delete(f"{world.url}?name=Board").json()
    (listed,) = items(api.get("/spaces/deleted"))
    assert (deleted["size"], listed["size"]) == (SIZE, SIZE)
    (of_owner,) = items(Api(world.owner).get("/spaces/deleted"))
    assert of_owner["size"] is None


def test_who_manages_the_team_shares_it_by_name_alone(world: Closed) -> None:
    """They say who is in it, and are answered what they have done."""
    other = make_member(world.owner)
    for user in world.managers():
        api, root_id = Api(user), str(world.space.root_id)
        made = api.post("/shares", {"node_id": root_id, "grantee": {"user_id": str(other.pk)}, "role": "viewer"})
        assert (made.status_code, made.json()["name"], made.json()["path"]) == (201, "Board", "/")
        url = f"/shares/{made.json()['id']}"
        changed = api.patch(url, {"role": "editor"})
        assert (changed.status_code, changed.json()["role"]) == (200, "editor")
        for answer in (made, changed, api.get(url)):
            assert told(answer.content.decode()) == []
        assert Api(make_user()).get(url).status_code == 404
        assert api.delete(url).status_code == 204


def test_who_only_uploads_into_it_is_told_nothing(world: Closed) -> None:
    uploader = make_member(world.owner)
    Grant.objects.create(node=world.space.root, space=world.space, user=uploader, role=Role.UPLOADER)
    (board,) = [one for one in items(Api(uploader).get("/spaces")) if one["name"] == "Board"]
    assert (board["size"], board["seq"]) == (None, None)


def test_pages_tell_nothing_of_it(world: Closed, client: Client) -> None:
    for user in world.managers():
        sign_in(client, user)
        for page in (
            "/spaces/",
            f"{world.url}/",
            f"{world.url}/delete",
            "/team/",
            "/team/log/",
            "/uploads/?team=1",
            "/",
        ):
            answer = client.get(page)
            assert answer.status_code == 200, page
            assert told(answer.content.decode()) == [], page
        assert "Board" in client.get("/spaces/").content.decode()
        assert f'href="/files/{world.space.root_id}"' not in client.get("/spaces/").content.decode()
        client.post(f"{world.url}/delete", {"name": "Board"})
        html = client.get("/spaces/").content.decode()
        assert ("Board" in html, told(html)) == (True, [])
        client.post(f"{world.url}/restore", {"name": ""})


def test_a_member_sees_the_size_on_the_page(world: Closed, client: Client) -> None:
    sign_in(client, world.member)
    assert told(client.get("/spaces/").content.decode()) != []


def test_uploads_into_it_have_no_place(world: Closed) -> None:
    options = UploadOptions(Target("big.bin", space_id=world.space.pk), length=1234)
    upload = open_upload(actor_of(world.member), wanted=options)

    def told_of(user: User, **query: Any) -> tuple[Any, Any]:
        (found,) = items(Api(user).get("/reservations", **query))
        assert found["id"] == str(upload.pk)
        return found["space_id"], found["path"]

    for user in world.managers():
        assert told_of(user, team="true") == (None, None)
    assert told_of(world.member) == (str(world.space.pk), "big.bin")


def test_quotas_of_sync_clients_are_of_the_account_and_the_team(world: Closed) -> None:
    for user in world.managers():
        assert told(Nextcloud(user).ocs("cloud/user").content.decode()) == []
        quota = Dav(user).properties("", "{DAV:}quota-used-bytes", "{DAV:}quota-available-bytes", depth="1")
        assert told(str(quota)) == []


def test_the_total_of_the_team_stays(world: Closed) -> None:
    """It is what their quota is of (decision 40)."""
    assert Api(world.owner).get("/usage").json()["team"]["used_bytes"] == SIZE + 9_000_000 + 800_000
