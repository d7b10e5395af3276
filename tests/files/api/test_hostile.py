"""Names and numbers that people try on a file server; the answer is a clear refusal and nothing has changed."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.actor import Actor
from files.models import Change
from tests.support.clients import API, Api, items, problem
from tests.support.trees import put

pytestmark = pytest.mark.django_db

TRICKS = ["..", "/..", "../x", "/a/../b", "/a/./b", "a\0b", "/a/" + "n" * 256, "/" + "d/" * 101, "\ud800"]


@pytest.mark.parametrize("path", TRICKS)
def test_paths_are_never_resolved(api: Api, actor: Actor, path: str) -> None:
    put(actor, "a/b/c.txt")
    before = Change.objects.count()
    for body, endpoint in (
        ({"path": path}, "/folders"),
        ({"path": path, "length": 1}, "/uploads"),
        ({"paths": [path]}, "/trash"),
        ({"paths": [path], "to": {"path": "/"}}, "/move"),
        ({"paths": ["/a"], "to": {"path": path}}, "/copy"),
        ({"from_path": "/a/b", "to_path": path}, "/move"),
        ({"from_path": path, "to_path": "/z"}, "/copy"),
    ):
        status, code = problem(api.post(endpoint, body))
        assert (status, code) in {(400, "invalid_name"), (400, "too_deep")}, (endpoint, body)
    if path != "\ud800":
        for endpoint in ("/metadata", "/folders"):
            assert problem(api.get(endpoint, path=path)) == (400, "invalid_name")
    assert Change.objects.count() == before


def test_a_percent_sequence_is_part_of_the_name(api: Api) -> None:
    """Decoded once, by the server: never a second time."""
    made = api.post("/folders", {"path": "/%2e%2e/%2F"})
    assert made.json()["path"] == "/%2e%2e/%2F"
    response = Client().get(f"{API}/metadata?path={quote('/%2e%2e/%2F')}", headers=api.headers)
    assert response.json()["name"] == "%2F"


def test_one_name_in_every_normal_form(api: Api) -> None:
    made = api.post("/folders", {"path": "/Ünïcode"}).json()
    assert made["name"] == "Ünïcode"
    for form in ("Ünïcode", "U\u0308ni\u0308code", "Üni\u0308code"):
        assert problem(api.post("/folders", {"path": form})) == (409, "name_taken")
        assert api.get("/metadata", path=form).json()["id"] == made["id"]
    for other in ("ünïcode", "ÜNÏCODE"):
        assert problem(api.get("/metadata", path=other)) == (404, "not_found")


def test_slashes_at_the_ends_and_doubled(api: Api, actor: Actor) -> None:
    put(actor, "a/b.txt")
    for path in ("a/b.txt", "//a///b.txt/", "/a/b.txt"):
        assert api.get("/metadata", path=path).json()["path"] == "/a/b.txt"


def test_header_injection_by_name(api: Api) -> None:
    response = api.post("/folders", {"path": "/x\r\nSet-Cookie: a=b"})
    assert response.status_code == 201
    assert "Set-Cookie" not in response
    assert "\r" not in response["Location"]


def test_html_in_names_is_only_data(api: Api) -> None:
    response = api.post("/folders", {"path": "/<script>alert(1)<"})
    assert response["Content-Type"] == "application/json"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_half_of_a_surrogate_pair_in_an_error_can_be_sent(api: Api) -> None:
    for body in ({"path": "/a", "mode": "\ud800", "length": 1}, {"path": "/a", "checksums": {"\ud800": "0"}}):
        assert problem(api.post("/uploads", body))[0] == 400


@pytest.mark.parametrize("number", ["-1", "0x10", "1e9", "NaN", "９", "1" * 30, " 1", "1;2", "1,2", "null", "[]"])
def test_ids_that_are_none(api: Api, number: str) -> None:
    assert problem(api.get("/metadata", space=number)) == (400, "invalid_request")
    assert problem(api.get("/trash", space=number)) == (400, "invalid_request")
    assert problem(api.post("/trash", {"ids": [number]})) == (400, "invalid_request")
    assert problem(api.post("/trash/restore", {"ids": ["1"], "parent_id": number})) == (400, "invalid_request")


@pytest.mark.parametrize("value", [None, 1.5, True, [], {}, [["1"]]])
def test_wrong_types(api: Api, value: Any) -> None:
    assert problem(api.post("/trash", {"ids": [value]})) == (400, "invalid_request")
    assert problem(api.post("/trash", {"paths": [value]})) == (400, "invalid_request")
    if value is not None:
        assert problem(api.post("/folders", {"path": "/a", "space": value})) == (400, "invalid_request")


def test_deep_and_wide_bodies(api: Api) -> None:
    assert problem(api.post("/trash", b'{"ids":' + b"[" * 200_000 + b"]" * 200_000 + b"}")) == (400, "invalid_request")
    assert problem(api.post("/trash", {"ids": ["1"] * 100_000})) == (400, "invalid_request")
    assert problem(api.post("/trash", {"paths": ["/" + "x/" * 8000] * 60})) == (400, "invalid_name")


def test_a_thousand_paths_at_once(api: Api, actor: Actor, django_assert_max_num_queries: Any) -> None:
    paths = [f"/f{i % 10}/missing{i}" for i in range(1000)]
    for number in range(10):
        put(actor, f"f{number}/x")
    api.get("/usage")
    with django_assert_max_num_queries(10):
        response = api.post("/trash", {"paths": paths})
    assert problem(response) == (404, "not_found")
    assert response.json()["path"] == "/f0/missing0"


@pytest.mark.parametrize("token", ["", "x", "dbx_", "dbx_" + "x" * 5000, "Ünïcode", "dbx_\0"])
def test_bad_tokens(db: None, token: str) -> None:
    response = Client().get(f"{API}/metadata", headers={"Authorization": f"Bearer {token}"})
    assert problem(response)[0] == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_an_empty_page_is_a_page(api: Api) -> None:
    assert items(api.get("/folders")) == []
    assert items(api.get("/trash")) == []
