"""Reminders over REST."""

from datetime import timedelta

from common.clock import now
from tests.sharing.team import Team
from tests.support.clients import Api, items, problem


def test_from_setting_to_taking_it_back(team: Team) -> None:
    ada, bob, node_id = Api(team.ada), Api(team.bob), team.node("/Photos/sea.jpg").pk
    at = (now() + timedelta(days=2)).isoformat()
    answer = ada.post(f"/nodes/{node_id}/reminders", {"at": at, "note": "sign it"})
    assert answer.status_code == 201
    reminder = answer.json()
    assert reminder == {
        "id": reminder["id"],
        "node_id": str(node_id),
        "name": "sea.jpg",
        "path": "/Photos/sea.jpg",
        "at": at.replace("+00:00", "Z"),
        "note": "sign it",
        "created_at": reminder["created_at"],
    }
    address = f"/reminders/{reminder['id']}"
    assert answer["Location"] == f"/api/v1{address}"
    assert items(ada.get("/reminders")) == [reminder] == [ada.get(address).json()]
    assert items(bob.get("/reminders")) == []
    assert problem(bob.get(address)) == problem(bob.delete(address)) == (404, "not_found")
    assert problem(bob.post(f"/nodes/{node_id}/reminders", {"at": at})) == (404, "not_found")
    for body in ({}, {"at": "soon"}, {"at": "2020-01-01T00:00:00Z"}, {"at": at, "note": "x" * 201}):
        assert problem(ada.post(f"/nodes/{node_id}/reminders", body)) == (400, "invalid_request"), body
    assert ada.delete(address).status_code == 204
    assert problem(ada.get(address)) == (404, "not_found")
