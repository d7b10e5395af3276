"""Folders, pages of rows, orders, details."""

import re

import pytest

from files.actions.create_folder import create_folder
from files.queries.target import Target
from files.queries.tree import locate_path
from http_kit import forms
from tests.files.web.conftest import Person
from tests.support.trees import put


def names(html: str) -> list[str]:
    return re.findall(r'data-row data-id="\d+" data-name="([^"]*)"', html)


def test_home_lists_folders_first(ada: Person) -> None:
    put(ada.actor, "b.txt")
    put(ada.actor, "a.txt")
    create_folder(ada.actor, target=Target("zoo"))
    response = ada.client.get("/")
    assert response.status_code == 200
    assert names(response.content.decode()) == ["zoo", "a.txt", "b.txt"]


def test_an_empty_folder_says_so(ada: Person) -> None:
    assert "Drop files or whole folders here" in ada.client.get("/").content.decode()


def test_names_are_escaped(ada: Person) -> None:
    put(ada.actor, '<img src=x onerror=alert(1)>".txt')
    html = ada.client.get("/").content.decode()
    assert "<img src=x" not in html
    assert names(html) == ["&lt;img src=x onerror=alert(1)&gt;&quot;.txt"]


def test_breadcrumbs_lead_up(ada: Person) -> None:
    put(ada.actor, "one/two/three.txt")
    two = locate_path(ada.actor, "one/two").node
    html = ada.client.get(f"/files/{two.pk}/").content.decode()
    one = locate_path(ada.actor, "one").node
    assert re.findall(r'data-drop-folder="(\d+)">([^<]*)</a>', html) == [
        (str(ada.root_id), "Files"),
        (str(one.pk), "one"),
    ]
    assert ">two</h1>" in html


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("name", ["a", "b", "c"]),
        ("-name", ["c", "b", "a"]),
        ("size", ["b", "c", "a"]),
        ("-size", ["a", "c", "b"]),
        ("nonsense", ["a", "b", "c"]),
    ],
)
def test_orders(ada: Person, order: str, expected: list[str]) -> None:
    for name, size in (("a", 3), ("b", 1), ("c", 2)):
        put(ada.actor, name, b"x" * size)
    html = ada.client.get("/", {"order": order}).content.decode()
    assert names(html) == expected


def test_pages_join_without_gap_or_repetition(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "PAGE_SIZE", 3)
    for number in range(8):
        put(ada.actor, f"{number}.txt")
    seen: list[str] = []
    url = "/"
    for _ in range(5):
        html = ada.client.get(url, headers={"HX-Request-Type": "partial"}).content.decode()
        seen += names(html)
        following = re.search(r'hx-get="([^"]*)"', html)
        if not following:
            break
        url = following[1].replace("&amp;", "&")
        assert "<html" in html if len(seen) == 3 else "<html" not in html
    assert seen == [f"{number}.txt" for number in range(8)]


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd:1abc:sig"])
def test_a_forged_cursor_is_a_bad_request(ada: Person, cursor: str) -> None:
    assert ada.client.get("/", {"cursor": cursor}).status_code == 400


def test_a_cursor_of_another_folder_is_refused(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "PAGE_SIZE", 1)
    for path in ("a", "b", "d/a", "d/b"):
        put(ada.actor, path)
    html = ada.client.get("/").content.decode()
    query = re.search(r'hx-get="/(\?[^"]*)"', html)
    assert query
    folder = locate_path(ada.actor, "d").node.pk
    assert ada.client.get(f"/files/{folder}/{query[1]}").status_code == 400


def test_a_file_shows_its_versions(ada: Person) -> None:
    put(ada.actor, "notes.txt", b"one")
    from files.tree.writing import Mode, WriteOptions

    put(ada.actor, "notes.txt", b"three", WriteOptions(mode=Mode.OVERWRITE))
    node = locate_path(ada.actor, "notes.txt").node
    html = ada.client.get(f"/files/{node.pk}/").content.decode()
    assert "5 B" in html
    assert "3 B" in html
    assert html.count("/restore") == 1  # not of the current one


def test_listing_costs_a_constant_number_of_queries(ada: Person, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    for number in range(30):
        put(ada.actor, f"{number}.txt")
    with django_assert_max_num_queries(14):
        ada.client.get("/")


def test_the_bar_shows_what_is_used(ada: Person) -> None:
    from accounts.models import QuotaAccount

    QuotaAccount.objects.filter(user=ada.user).update(limit_bytes=1000)
    put(ada.actor, "a", b"x" * 950)
    html = ada.client.get("/").content.decode()
    assert 'value="95"' in html
    assert "950 B of 1.0 kB used" in html
    assert "Nearly full" in html


def test_pages_of_people_who_are_not_signed_in(client, db: None) -> None:  # type: ignore[no-untyped-def]
    for url in ("/", "/trash/", "/spaces/", "/files/1/"):
        response = client.get(url)
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/accounts/login/")
