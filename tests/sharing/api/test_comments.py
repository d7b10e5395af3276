"""Comments over REST: the requests, what they answer, and what everybody else gets."""

import pytest

from accounts.actor import READ
from files.access.rights import Role
from sharing.models import Comment
from tests.sharing.team import Team
from tests.support.clients import Api, items, problem


@pytest.fixture
def ada(team: Team) -> Api:
    return Api(team.ada)


def test_from_writing_to_deleting_it(team: Team, ada: Api) -> None:
    team.share(team.bob, Role.COMMENTER)
    node_id, bob = team.node("/Photos/sea.jpg").pk, Api(team.bob)
    answer = bob.post(f"/nodes/{node_id}/comments", {"text": "@ada@example.com, look"})
    assert answer.status_code == 201
    comment = answer.json()
    person = {"id": str(team.ada.pk), "name": "Ada Lovelace"}
    assert comment == {
        "id": str(Comment.objects.get().pk),
        "node_id": str(node_id),
        "author": {"id": str(team.bob.pk), "name": "Bob"},
        "text": f"@user:{team.ada.pk}, look",
        "mentions": [person],
        "created_at": comment["created_at"],
        "edited_at": None,
        "may_edit": True,
        "may_delete": True,
    }
    address = f"/comments/{comment['id']}"
    assert answer["Location"] == f"/api/v1{address}"
    assert items(ada.get(f"/nodes/{node_id}/comments")) == [{**comment, "may_edit": False}]
    (notification,) = items(ada.get("/notifications"))
    assert (notification["kind"], notification["text"]) == ("mention", "Bob mentioned you at “sea.jpg”")
    changed = bob.patch(address, {"text": "never mind"}).json()
    assert (changed["text"], changed["mentions"]) == ("never mind", [])
    assert changed["edited_at"] is not None
    assert bob.get(address).json() == changed
    assert ada.delete(address).status_code == 204
    assert problem(bob.get(address)) == (404, "not_found")
    assert items(bob.get(f"/nodes/{node_id}/comments")) == []


def test_what_others_get(team: Team, ada: Api) -> None:
    """A stranger cannot tell a comment that they may not see from one that is not there."""
    node_id = team.node().pk
    comment = ada.post(f"/nodes/{node_id}/comments", {"text": "x"}).json()["id"]
    carl = Api(team.carl)
    assert problem(carl.get(f"/nodes/{node_id}/comments")) == (404, "not_found")
    assert problem(carl.post(f"/nodes/{node_id}/comments", {"text": "x"})) == (404, "not_found")
    for other in (comment, str(int(comment) + 1)):
        answers = [
            carl.get(f"/comments/{other}"),
            carl.patch(f"/comments/{other}", {"text": "y"}),
            carl.delete(f"/comments/{other}"),
        ]
        for answer in answers:
            body = answer.json()
            assert (body["status"], body["code"], body["id"]) == (404, "not_found", other)
    reader = Api(team.ada, READ)
    assert problem(reader.post(f"/nodes/{node_id}/comments", {"text": "x"})) == (403, "scope_missing")
    assert problem(reader.delete(f"/comments/{comment}")) == (403, "scope_missing")
    assert len(items(reader.get(f"/nodes/{node_id}/comments"))) == 1


def test_what_is_wrong_with_a_request(team: Team, ada: Api) -> None:
    address = f"/nodes/{team.node().pk}/comments"
    for body in ({}, {"text": ""}, {"text": 7}, {"text": "x" * 9_000}, {"text": "x" * 4_001}, {"text": "a\0"}):
        assert problem(ada.post(address, body)) == (400, "invalid_request"), body
    assert problem(ada.send("POST", f"/api/v1{address}", b'{"text": "\\ud83d"}')) == (400, "invalid_request")
    assert problem(ada.get(address, cursor="x")) == (400, "invalid_cursor")
    assert ada.post(address, {"text": "<b>ümlaut</b> 🙂"}).json()["text"] == "<b>ümlaut</b> 🙂"


def test_a_former_member(team: Team, ada: Api) -> None:
    Comment.objects.create(node_id=team.node().pk, author=None, text="x @user:1")
    (comment,) = items(ada.get(f"/nodes/{team.node().pk}/comments"))
    assert (comment["author"], comment["mentions"], comment["may_edit"]) == (None, [], False)
