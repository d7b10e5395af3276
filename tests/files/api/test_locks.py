"""Locks in the REST endpoint: 423, who holds it, and the end of it."""

import pytest

from accounts.actor import Actor
from files.actions.lock import LockOptions, lock_node
from tests.support.clients import Api, problem
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
