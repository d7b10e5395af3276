"""The trash: look, bring back, delete permanently."""

import re

import pytest

from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.models import TrashItem
from files.queries.tree import locate
from http_kit import forms
from tests.files.web.conftest import Person
from tests.files.web.test_changes import post, undo
from tests.support.trees import put


def throw_away(person: Person, *names: str) -> list[TrashItem]:
    nodes = [put(person.actor, name).node.pk for name in names]
    return trash_nodes(person.actor, node_ids=nodes)


def shown(html: str) -> list[str]:
    return re.findall(r'data-row data-id="\d+" data-name="([^"]*)"', html)


def test_it_lists_what_was_deleted_and_where_it_was(ada: Person) -> None:
    throw_away(ada, "folder/a.txt", "b.txt")
    html = ada.client.get("/trash/").content.decode()
    assert sorted(shown(html)) == ["a.txt", "b.txt"]
    assert "/folder/a.txt" in html


def test_an_empty_trash_says_so(ada: Person) -> None:
    html = ada.client.get("/trash/").content.decode()
    assert "The trash is empty." in html
    assert "/empty" not in html


def test_restore_and_undo(ada: Person) -> None:
    (item,) = throw_away(ada, "a.txt")
    html = post(ada, "/trash/restore", item=item.pk, space=ada.home.pk)
    assert locate(ada.actor, item.node_id).path == "/a.txt"
    undo(ada, html)
    assert TrashItem.objects.filter(node_id=item.node_id).exists()


def test_purge(ada: Person) -> None:
    first, second = throw_away(ada, "a.txt", "b.txt")
    html = post(ada, "/trash/purge", item=first.pk, space=ada.home.pk)
    assert "1 item permanently deleted." in html
    assert shown(html) == [second.node.name]


def test_empty_the_trash(ada: Person) -> None:
    throw_away(ada, "a.txt", "b.txt")
    html = post(ada, f"/trash/{ada.home.pk}/empty")
    assert shown(html) == []


def test_losing_something_is_confirmed(ada: Person) -> None:
    throw_away(ada, "a.txt")
    html = ada.client.get("/trash/").content.decode()
    assert html.count("This cannot be undone.") == 2


def test_pages_join(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "PAGE_SIZE", 2)
    for number in range(5):
        throw_away(ada, f"{number}.txt")
    seen: list[str] = []
    url = "/trash/"
    while url:
        html = ada.client.get(url, headers={"HX-Request-Type": "partial"}).content.decode()
        seen += shown(html)
        following = re.search(r'hx-get="([^"]*)"', html)
        url = following[1] if following else ""
    assert seen == ["4.txt", "3.txt", "2.txt", "1.txt", "0.txt"]


def test_a_team_space_has_its_own(ada: Person) -> None:
    space = create_team_space(ada.actor, name="Design")
    node = put(ada.actor, "plan.txt", space_id=space.pk).node
    trash_nodes(ada.actor, node_ids=[node.pk])
    assert shown(ada.client.get("/trash/").content.decode()) == []
    html = ada.client.get(f"/trash/{space.pk}/").content.decode()
    assert shown(html) == ["plan.txt"]


@pytest.mark.parametrize("url", ["/trash/restore", "/trash/purge", "/trash/1/empty"])
def test_a_get_never_acts(ada: Person, url: str) -> None:
    (item,) = throw_away(ada, "a.txt")
    assert ada.client.get(url, {"item": item.pk, "space": ada.home.pk}).status_code == 405
    assert TrashItem.objects.filter(pk=item.pk, purging=False).exists()
