"""Before a name is made that only its case sets apart from a neighbour, the page asks."""

import json
from typing import Any

import pytest

from files.models import Node
from files.queries.tree import locate, locate_path
from tests.files.web.conftest import Person
from tests.support.trees import put

ASKS = "Use this name all the same"


def names(person: Person) -> set[str]:
    return set(Node.objects.filter(parent_id=person.root_id).values_list("name", flat=True))


def page(person: Person, url: str, **data: Any) -> str:
    answer = person.client.post(url, data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(("there", "wanted"), [("README", "readme"), ("Maße", "masse"), ("ﬁ", "FI"), ("É", "e\u0301")])
def test_a_new_folder(ada: Person, there: str, wanted: str) -> None:
    put(ada.actor, there)
    url = f"/files/{ada.root_id}/folders"
    html = page(ada, url, name=wanted, next="/")
    assert ASKS in html
    assert f"“{there}” is here already" in html
    assert names(ada) == {there}
    assert ASKS not in page(ada, url, name=wanted, all_the_same="1")
    assert len(names(ada)) == 2
    assert ASKS not in page(ada, url, name=there)  # taken, and nothing to choose


def test_a_new_name(ada: Person) -> None:
    node = put(ada.actor, "notes.txt").node
    put(ada.actor, "TODO.txt")
    html = page(ada, "/files/rename", node=node.pk, name="todo.txt", next="/")
    assert ASKS in html
    assert f'name="node" value="{node.pk}"' in html
    assert locate(ada.actor, node.pk).path == "/notes.txt"
    page(ada, "/files/rename", node=node.pk, name="todo.txt", next="/", all_the_same="1")
    assert locate(ada.actor, node.pk).path == "/todo.txt"


def test_changing_only_the_case_asks_nothing(ada: Person) -> None:
    node = put(ada.actor, "notes.txt").node
    assert ASKS not in page(ada, "/files/rename", node=node.pk, name="Notes.txt", next="/")
    assert locate(ada.actor, node.pk).path == "/Notes.txt"


def test_what_uploads_ask(ada: Person, eve: Person) -> None:
    for name in ("README", "readme", "Masse", "other"):
        put(ada.actor, name)
    wanted = ["ReadMe", "README", "Maße", "new", "..", "u\u0308", "OTHER"]
    url = f"/files/{ada.root_id}/alike"

    def ask(person: Person, body: str) -> Any:
        return person.client.post(url, body, content_type="application/json")

    found = ask(ada, json.dumps({"names": wanted})).json()["alike"]
    assert found == {"ReadMe": "README", "Maße": "Masse", "OTHER": "other"}
    assert ask(eve, json.dumps({"names": wanted})).status_code == 404
    for body in ("", "[]", "{}", '{"names": 1}', json.dumps({"names": ["x"] * 1001})):
        assert ask(ada, body).status_code == 400, body


def test_a_folder_of_somebody_else_is_not_told_of(ada: Person, eve: Person) -> None:
    put(ada.actor, "README")
    answer = eve.client.post(f"/files/{ada.root_id}/folders", {"name": "readme"})
    assert answer.status_code == 404
    assert b"README" not in answer.content


def test_who_renames_what_is_not_theirs_learns_nothing(ada: Person, eve: Person) -> None:
    node = put(ada.actor, "a").node
    put(ada.actor, "README")
    answer = eve.client.post("/files/rename", {"node": node.pk, "name": "readme"})
    assert (answer.status_code, b"README" in answer.content) == (404, False)
    assert locate_path(ada.actor, "a").node.pk == node.pk
