"""Tags over REST."""

from accounts.actor import READ
from files.access.rights import Role
from tests.sharing.team import Team
from tests.support.clients import Api, items, problem


def test_set_listed_and_found(team: Team) -> None:
    ada, bob, node_id = Api(team.ada), Api(team.bob), team.node("/Photos/sea.jpg").pk
    address = f"/nodes/{node_id}/tags"
    assert ada.get(address).json() == {"tags": []}
    assert ada.put(address, {"tags": ["Draft", "2026"]}).json() == {"tags": ["2026", "Draft"]}
    assert ada.get("/tags").json() == {"items": [{"name": "2026"}, {"name": "Draft"}], "next_cursor": None}
    (found,) = items(ada.get("/tagged", tag="draft"))
    assert found == {
        "node_id": str(node_id),
        "kind": "file",
        "name": "sea.jpg",
        "path": "/Photos/sea.jpg",
        "space_id": str(team.home.pk),
    }
    assert problem(bob.get(address)) == problem(bob.put(address, {"tags": []})) == (404, "not_found")
    assert items(bob.get("/tags")) == items(bob.get("/tagged", tag="draft")) == []
    team.share(team.bob, Role.VIEWER)
    assert bob.get(address).json() == {"tags": ["2026", "Draft"]}
    assert problem(bob.put(address, {"tags": []})) == (403, "forbidden")
    assert problem(Api(team.ada, READ).put(address, {"tags": []})) == (403, "scope_missing")
    for body in ({}, {"tags": "x"}, {"tags": [1]}, {"tags": ["a,b"]}, {"tags": ["x"] * 21}):
        assert problem(ada.put(address, body)) == (400, "invalid_request"), body
    assert problem(ada.get("/tagged")) == (400, "invalid_request")
