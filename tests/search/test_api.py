"""GET /api/v1/search."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from search.api.views import SearchShape
from tests.search.conftest import index
from tests.support.clients import Api, items, problem
from tests.support.people import actor_of, make_user
from tests.support.trees import home_of, put


@pytest.fixture
def api(user: User) -> Api:
    put(actor_of(user), "docs/guide.txt", b"The <b>quick</b> fox")
    put(actor_of(user), "quick.md", b"hello")
    index()
    return Api(user)


def test_hits(api: Api, user: User) -> None:
    response = api.get("/search", q="quick")
    body = response.json()
    name, text = items(response)
    assert body["total"] == 2
    assert body["next_cursor"] is None
    assert (name["path"], name["snippet"], name["kind"]) == ("/quick.md", [], "file")
    assert name["score"] > text["score"]
    assert text["snippet"] == [
        {"text": "The <b>", "match": False},
        {"text": "quick", "match": True},
        {"text": "</b> fox", "match": False},
    ]
    assert text["id"].isdigit()
    shape = SearchShape().fields["items"].child.fields  # type: ignore[attr-defined]
    assert set(shape) == set(text)


def test_every_filter(api: Api, user: User) -> None:
    def paths(**query: object) -> list[str]:
        return sorted(item["path"] for item in items(api.get("/search", q="quick", **query)))

    both = ["/docs/guide.txt", "/quick.md"]
    docs = items(api.get("/search", q="docs"))[0]
    now = datetime.now(UTC)
    earlier = (now - timedelta(hours=1)).isoformat()
    assert paths() == paths(space="home") == paths(space=home_of(user).pk) == paths(kind="file") == both
    assert paths(under=docs["id"]) == ["/docs/guide.txt"]
    assert paths(kind="folder") == []
    assert paths(ext="md,pdf") == ["/quick.md"]
    assert paths(media_type="text") == both
    assert paths(media_type="image,video") == []
    assert paths(modified_after=earlier) == both
    assert paths(modified_before=earlier) == []
    assert paths(min_size=6) == ["/docs/guide.txt"]
    assert paths(max_size=6) == ["/quick.md"]
    assert [item["name"] for item in items(api.get("/search", q="quick", order="-name"))] == ["quick.md", "guide.txt"]


def test_pages(api: Api) -> None:
    first = api.get("/search", q="quick", limit=1).json()
    second = api.get("/search", q="quick", limit=1, cursor=first["next_cursor"]).json()
    assert first["items"][0]["id"] != second["items"][0]["id"]
    assert second["next_cursor"] is None
    assert problem(api.get("/search", q="other", cursor=first["next_cursor"])) == (400, "invalid_cursor")


def test_wrong_input(api: Api) -> None:
    assert problem(api.get("/search"))[0] == 400
    for wrong in ({"limit": 0}, {"limit": 1000}, {"order": "x"}, {"kind": "x"}, {"under": "x"}, {"min_size": -1}):
        assert problem(api.get("/search", q="x", **wrong)) == (400, "invalid_request")


def test_odd_text_is_fine(api: Api) -> None:
    for text in ("", '"', "\0", "x" * 10_000, "🎉", "a AND (", "' --"):
        assert api.get("/search", q=text).status_code == 200


def test_rights(api: Api, user: User) -> None:
    stranger = make_user("eve@example.org")
    docs = items(api.get("/search", q="docs"))[0]
    others = Api(stranger)
    assert others.get("/search", q="quick").json() == {"items": [], "total": 0, "next_cursor": None}
    assert problem(others.get("/search", q="quick", under=docs["id"])) == (404, "not_found")
    assert problem(others.get("/search", q="quick", space=home_of(user).pk)) == (404, "not_found")
    assert problem(Api(user, "write").get("/search", q="quick")) == (403, "scope_missing")
    assert problem(Api().get("/search", q="quick"))[0] == 401
