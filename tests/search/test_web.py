"""The page of results."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from search import web
from tests.search.conftest import index
from tests.support.trees import put


@pytest.fixture
def browser(ada: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=ada.user_id))
    return client


def test_results(browser: Client, ada: Actor) -> None:
    put(ada, "docs/<i>guide.txt", b"<script>quick()</script>")
    index()
    response = browser.get(reverse("search:results"), {"q": " quick "})
    assert response.status_code == 200
    assert response.context["search_query"] == "quick"
    assert response.context["total"] == 1
    (hit,) = response.context["hits"]
    assert (hit.path, hit.node.name) == ("/docs/<i>guide.txt", "<i>guide.txt")
    assert ("quick", True) in hit.snippet
    page = response.content.decode()
    assert "&lt;script&gt;<mark>quick</mark>()" in page
    assert "<script>quick" not in page
    assert "<i>guide" not in page


def test_next_page_is_only_its_rows(browser: Client, ada: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PAGE_SIZE", 2)
    for number in range(3):
        put(ada, f"f{number}.txt", b"words")
    index()
    first = browser.get(reverse("search:results"), {"q": "words"})
    assert len(first.context["hits"]) == 2
    rest = browser.get(first.context["next_url"], headers={"HX-Request-Type": "partial"})
    assert len(rest.context["hits"]) == 1
    assert rest.context["next_url"] == ""
    assert "<html" not in rest.content.decode()


def test_nothing_typed_and_odd_input(browser: Client) -> None:
    for text in ("", "\0", '"', "x" * 9_000):
        assert browser.get(reverse("search:results"), {"q": text}).context["hits"] == []
    assert browser.get(reverse("search:results")).status_code == 200
    assert browser.get(reverse("search:results"), {"q": "x", "cursor": "y"}).status_code == 400


def test_strangers_sign_in_first(db: None) -> None:
    response = Client().get(reverse("search:results"), {"q": "x"})
    assert response.status_code == 302
    assert "login" in response["Location"]
