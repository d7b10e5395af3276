"""Links over REST."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.actor import READ, SHARE, WRITE
from accounts.models import User
from common.clock import now
from sharing.models import Link
from tests.sharing.linked import SECRET, Linked, opened
from tests.support.clients import Api, items, problem
from tests.support.people import make_user

SOON = "2090-01-31T12:00:00Z"


@pytest.fixture
def owner(world: Linked) -> Api:
    return Api(world.owner)


@pytest.mark.django_db
def test_a_link_from_its_making_to_its_end(world: Linked, owner: Api, settings: Settings) -> None:
    made = owner.post("/links", {"path": "/Photos", "password": SECRET, "expires_at": SOON, "max_downloads": 3})
    body = made.json()
    assert (made.status_code, made["Location"]) == (201, f"/api/v1/links/{body['id']}")
    assert body["url"] == f"{settings.BASE_URL}/s/{body['token']}"
    assert (body["path"], body["kind"], body["name"]) == ("/Photos", "folder", "Photos")
    assert (body["role"], body["audience"], body["state"]) == ("viewer", "anyone", "open")
    assert (body["expires_at"], body["max_downloads"], body["has_password"]) == (SOON, 3, True)
    assert (body["visits"], body["downloads"], body["uploads"]) == (0, 0, 0)
    assert body["created_by"] == {"id": str(world.owner.pk), "name": "Olga Owner"}
    link = Link.objects.get()
    assert SECRET not in made.content.decode()
    assert link.password not in made.content.decode()

    path = f"/links/{body['id']}"
    assert owner.get(path).json() == body
    changed = owner.patch(path, {"password": None, "expires_at": None, "allow_download": False, "label": "for May"})
    assert changed.status_code == 200
    assert changed.json() == {
        **body,
        "has_password": False,
        "expires_at": None,
        "ends_at": None,
        "allow_download": False,
        "label": "for May",
    }
    assert items(owner.get("/links")) == [changed.json()]
    assert owner.delete(path).status_code == 204
    assert items(owner.get("/links")) == []
    for method in ("GET", "PATCH", "DELETE"):
        assert problem(owner.request(method, path, None if method == "GET" else {})) == (404, "link_not_found")


@pytest.mark.django_db
def test_a_file_request(world: Linked, owner: Api) -> None:
    wanted = {
        "node_id": str(world.home.pk),
        "role": "uploader",
        "title": "Reports of May",
        "message": "Please\nsend them all.",
        "deadline": SOON,
        "grace_seconds": 3600,
        "naming": "sender",
        "address": "reports-may",
    }
    body = owner.post("/links", wanted).json()
    assert {name: body[name] for name in wanted} == wanted
    assert body["url"].endswith("/s/reports-may")
    assert owner.patch(f"/links/{body['id']}", {"grace_seconds": 0, "address": None}).json()["grace_seconds"] == 0
    assert Link.objects.get().grace == timedelta(0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "invalid_request"),
        ({"path": "/Photos", "node_id": "1"}, 400, "invalid_request"),
        ({"path": "/Photos", "colour": "red"}, 400, "invalid_request"),
        ({"path": "/Photos", "take_over": True}, 400, "invalid_request"),
        ({"path": "/Photos", "role": "manager"}, 400, "invalid_request"),
        ({"path": "/Photos", "audience": "all"}, 400, "invalid_request"),
        ({"path": "/Photos", "expires_at": "tomorrow"}, 400, "invalid_request"),
        ({"path": "/Photos", "expires_at": "2020-01-01T00:00:00Z"}, 400, "invalid_request"),
        ({"path": "/Photos", "deadline": SOON}, 400, "invalid_request"),
        ({"path": "/Photos", "max_downloads": 0}, 400, "invalid_request"),
        ({"path": "/Photos", "address": "a/b/c/d/e"}, 400, "invalid_request"),
        ({"path": "/Photos", "address": None, "password": "short"}, 400, "password_refused"),
        ({"path": "/nothing"}, 404, "not_found"),
        ({"node_id": "99999999999999999999"}, 400, "invalid_request"),
        ({"node_id": "9999999999999999999"}, 404, "not_found"),
        ({"path": "/"}, 409, "root_is_fixed"),
        ({"path": "/Photos/sea.jpg", "role": "uploader"}, 409, "not_a_folder"),
        ({"path": "/Photos", "address": "taken-one"}, 409, "link_address_taken"),
    ],
)
def test_what_is_refused(world: Linked, owner: Api, body: dict[str, Any], status: int, code: str) -> None:
    world.link(world.plans, by=world.editor, address="taken-one")
    assert problem(owner.post("/links", body)) == (status, code)
    assert Link.objects.count() == 1


@pytest.mark.django_db
def test_the_token_that_asks(world: Linked) -> None:
    """Links let in: whoever may not share is neither given nor told one."""
    path = f"/links/{world.link().pk}"
    for scopes in ((READ, WRITE), (READ,)):
        narrow = Api(world.owner, *scopes)
        for method, where, body in (
            ("GET", "/links", None),
            ("POST", "/links", {"path": "/Photos"}),
            ("GET", path, None),
            ("PATCH", path, {"title": "x"}),
            ("DELETE", path, None),
        ):
            assert problem(narrow.request(method, where, body)) == (403, "scope_missing"), method
    assert Api(world.owner, READ, SHARE).patch(path, {"title": "x"}).status_code == 200


@pytest.mark.django_db
def test_others_links_do_not_exist(world: Linked) -> None:
    path = f"/links/{world.link().pk}"
    for user in (make_user(), world.editor):
        other = Api(user)
        for method in ("GET", "PATCH", "DELETE"):
            assert problem(other.request(method, path, None if method == "GET" else {})) == (404, "link_not_found")
        assert items(other.get("/links")) == []
        assert problem(other.post("/links", {"node_id": str(world.home.pk)})) == (404, "not_found")
        assert problem(other.get("/links", node_id=world.home.pk)) == (404, "not_found")
    assert opened(Link.objects.get()).place.node == world.home


@pytest.mark.django_db
def test_pages(world: Linked, owner: Api) -> None:
    made = [str(world.link().pk) for _ in range(5)]
    found, cursor = [], None
    while True:
        page = owner.get("/links", limit=2, **({"cursor": cursor} if cursor else {})).json()
        assert len(page["items"]) <= 2
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == made[::-1]
    assert problem(owner.get("/links", cursor="nonsense")) == (400, "invalid_cursor")
    for query in ({"limit": 201}, {"limit": 0}, {"node_id": 1, "space_id": 1}):
        assert problem(owner.get("/links", **query)) == (400, "invalid_request")


@pytest.mark.django_db
def test_those_on_one_folder_and_in_a_space(world: Linked, owner: Api) -> None:
    theirs, ours = world.link(world.plans, by=world.editor), world.link(world.plans)
    world.link()
    for query in ({"node_id": world.plans.pk}, {"path": "/Work/Plans"}, {"space_id": world.space.pk}):
        assert {item["id"] for item in items(owner.get("/links", **query))} == {str(theirs.pk), str(ours.pk)}
    assert problem(Api(world.editor).get("/links", space_id=world.space.pk)) == (403, "forbidden")


@pytest.mark.django_db
def test_taking_over(world: Linked, owner: Api) -> None:
    link = world.link(world.plans, by=world.editor)
    User.objects.filter(pk=world.editor.pk).update(is_active=False)
    path = f"/links/{link.pk}"
    assert owner.get(path).json()["state"] == "paused"
    body = owner.patch(path, {"take_over": True}).json()
    assert (body["state"], body["created_by"]["id"]) == ("open", str(world.owner.pk))


@pytest.mark.django_db
def test_without_base_url_the_url_is_the_path(world: Linked, owner: Api, settings: Settings) -> None:
    settings.LINKS_KNOWN = False
    link = world.link()
    assert owner.get(f"/links/{link.pk}").json()["url"] == f"/s/{link.token}"


@pytest.mark.django_db
def test_who_reaches_a_node_tells_of_its_links(world: Linked, owner: Api) -> None:
    link = world.link(expires_at=now() + timedelta(days=1))
    reached = owner.get(f"/nodes/{world.home.pk}/access").json()["reached_by"]
    assert [(each["kind"], each["id"], each["role"]) for each in reached if each["kind"] == "link"] == [
        ("link", str(link.pk), "viewer")
    ]
