"""Acts, their notices, and undo."""

import re

import pytest
from django.test import Client

from files.models import Change, Node, TrashItem
from files.queries.tree import locate, locate_path
from files.tree.writing import Mode, WriteOptions
from tests.files.web.conftest import Person
from tests.support.trees import put


def post(person: Person, url: str, **data: object) -> str:
    """Sends a form, follows to the page after it. Returns the page."""
    response = person.client.post(url, data, follow=True)
    assert response.status_code == 200, response.content[:500]
    return response.content.decode()


def undo(person: Person, html: str) -> str:
    key = re.search(r'name="undo" value="([^"]+)"', html)
    assert key, "no undo is offered"
    return post(person, "/files/undo", undo=key[1])


def path_of(person: Person, node_id: int) -> str:
    return locate(person.actor, node_id).path


def test_new_folder_opens_it(ada: Person) -> None:
    html = post(ada, f"/files/{ada.root_id}/folders", name="Übersicht 2025")
    assert ">Übersicht 2025</h1>" in html
    assert locate_path(ada.actor, "Übersicht 2025").node.is_folder


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "x" * 256, "nul\0"])
def test_bad_names_are_told_as_notices(ada: Person, name: str) -> None:
    html = post(ada, f"/files/{ada.root_id}/folders", name=name)
    assert 'class="toast error"' in html
    assert Node.objects.count() == 1


def test_a_taken_name_is_told_as_a_notice(ada: Person) -> None:
    put(ada.actor, "taken")
    html = post(ada, f"/files/{ada.root_id}/folders", name="taken")
    assert "There is already something with that name." in html


def test_rename_and_undo(ada: Person) -> None:
    node = put(ada.actor, "old.txt").node
    html = post(ada, "/files/rename", node=node.pk, name="new.txt", next="/")
    assert path_of(ada, node.pk) == "/new.txt"
    undo(ada, html)
    assert path_of(ada, node.pk) == "/old.txt"


def test_move_and_undo(ada: Person) -> None:
    first, second = put(ada.actor, "one/a.txt").node, put(ada.actor, "two/b.txt").node
    put(ada.actor, "target/a.txt", b"another")
    target = locate_path(ada.actor, "target").node
    html = post(ada, "/files/move", node=[first.pk, second.pk], target=target.pk, next="/")
    assert "2 items moved." in html
    assert path_of(ada, first.pk) == "/target/a (2).txt"  # nothing is overwritten
    assert path_of(ada, second.pk) == "/target/b.txt"
    undo(ada, html)
    assert path_of(ada, second.pk) == "/two/b.txt"
    assert path_of(ada, first.pk).startswith("/one/a")


def test_moving_a_folder_into_itself_is_told(ada: Person) -> None:
    put(ada.actor, "a/b/c.txt")
    a, b = (locate_path(ada.actor, path).node.pk for path in ("a", "a/b"))
    assert "A folder cannot go into itself." in post(ada, "/files/move", node=a, target=b, next="/")


def test_copy_and_undo(ada: Person) -> None:
    node = put(ada.actor, "a.txt").node
    html = post(ada, "/files/copy", node=node.pk, target=ada.root_id, next="/")
    assert locate_path(ada.actor, "a (2).txt").node.pk != node.pk
    undo(ada, html)
    assert not Node.objects.filter(parent_id=ada.root_id, name="a (2).txt").exists()


def test_trash_and_undo(ada: Person) -> None:
    node = put(ada.actor, "a.txt").node
    html = post(ada, "/files/trash", node=node.pk, next="/")
    assert "1 item moved to the trash." in html
    assert TrashItem.objects.count() == 1
    undo(ada, html)
    assert path_of(ada, node.pk) == "/a.txt"
    assert not TrashItem.objects.exists()


def test_an_undo_works_once(ada: Person) -> None:
    node = put(ada.actor, "a.txt").node
    html = post(ada, "/files/trash", node=node.pk, next="/")
    undo(ada, html)
    assert "no longer kept" in undo(ada, html)


def test_restore_a_version_and_undo(ada: Person) -> None:
    node = put(ada.actor, "a.txt", b"first").node
    put(ada.actor, "a.txt", b"second!", WriteOptions(mode=Mode.OVERWRITE))
    version = node.version_id
    html = post(ada, f"/files/{node.pk}/versions/{version}/restore")
    assert locate(ada.actor, node.pk).node.size == 5
    undo(ada, html)
    assert locate(ada.actor, node.pk).node.size == 7


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_next_never_leads_away(ada: Person, url: str) -> None:
    node = put(ada.actor, "a.txt").node
    response = ada.client.post("/files/rename", {"node": node.pk, "name": "b", "next": url})
    assert response.headers["Location"] == "/"


@pytest.mark.parametrize("data", [{}, {"node": "x"}, {"node": "-1"}, {"node": "9" * 30}])
def test_selections_that_are_none(ada: Person, data: dict[str, str]) -> None:
    assert ada.client.post("/files/trash", data).status_code == 400


def test_forms_need_the_csrf_token(ada: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada.user)
    node = put(ada.actor, "a.txt").node
    assert client.post("/files/trash", {"node": node.pk}).status_code == 403
    assert path_of(ada, node.pk) == "/a.txt"


ACTS = ["rename", "move", "copy", "trash", "zip", "undo"]


@pytest.mark.parametrize("act", ACTS)
def test_a_get_never_acts(ada: Person, act: str) -> None:
    node = put(ada.actor, "a.txt").node
    before = Change.objects.count()
    response = ada.client.get(f"/files/{act}", {"node": node.pk, "target": ada.root_id, "name": "b"})
    assert response.status_code == 405
    assert Change.objects.count() == before
