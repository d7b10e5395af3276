"""Locks in the REST endpoint: 423, who holds it, and the end of it."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from files.actions.lock import LockOptions, lock_node
from files.actions.spaces import create_team_space
from tests.support.clients import Api, problem
from tests.support.people import make_member
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def test_a_locked_file(api: Api, actor: Actor) -> None:
    node = put(actor, "f/a.txt").node
    assert api.get(f"/nodes/{node.pk}").json()["lock"] is None
    lock_node(actor, node_id=node.parent_id or 0, options=LockOptions(is_deep=True))
    lock = api.get(f"/nodes/{node.pk}").json()["lock"]
    assert (lock["holder"]["name"], lock["inherited"], lock["depth"]) == ("ada@example.com", True, "infinity")
    refused = api.patch(f"/nodes/{node.pk}", {"name": "b.txt"})
    assert problem(refused) == (423, "locked")
    body = refused.json()
    assert (body["path"], body["holder"]) == ("/f", "ada@example.com")
    assert problem(api.post(f"/nodes/{node.pk}/unlock")) == (409, "lock_token_mismatch")
    assert api.post(f"/nodes/{node.parent_id}/unlock").json()["lock"] is None
    assert api.patch(f"/nodes/{node.pk}", {"name": "b.txt"}).status_code == 200


def test_a_file_that_a_person_has_locked(api: Api, user: User, actor: Actor) -> None:
    """By every protocol it is theirs, and everybody else gets 423."""
    colleague = make_member(user, email="bob@example.com")
    space = create_team_space(actor, name="Plans").pk
    node = put(actor, "a.txt", space_id=space).node
    address, end = f"/nodes/{node.pk}", (now() + timedelta(days=2)).isoformat()
    lock = Api(colleague).post(f"{address}/lock", {"expires_at": end}).json()["lock"]
    assert (lock["personal"], lock["holder"]["id"]) == (True, str(colleague.pk))
    assert lock["expires_at"] == end.replace("+00:00", "Z")
    refused = api.patch(address, {"name": "b.txt"})
    assert (problem(refused), refused.json()["expires_at"]) == ((423, "locked"), end)
    assert problem(api.put(f"{address}/content", b"x", Content_Type="text/plain")) == (423, "locked")
    assert problem(api.post(f"{address}/lock", {"expires_at": end})) == (423, "locked")
    assert Api(colleague).put(f"{address}/content", b"theirs", Content_Type="text/plain").status_code == 200
    assert Api(colleague).patch(address, {"name": "b.txt"}).json()["name"] == "b.txt"
    assert api.post(f"{address}/unlock").json()["lock"] is None  # who owns the team manages the space
    for body in ({}, {"expires_at": "soon"}, {"expires_at": "2020-01-01T00:00:00Z"}, {"expires_at": "2999-01-01"}):
        assert problem(api.post(f"{address}/lock", body)) == (400, "invalid_request")
    folder = put(actor, "d/a", space_id=space).node.parent_id
    assert problem(api.post(f"/nodes/{folder}/lock", {"expires_at": end})) == (409, "not_a_file")
