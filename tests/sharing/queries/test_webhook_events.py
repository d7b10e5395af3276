"""sharing.queries.webhook_events: the body of a message."""

import json

import pytest

from accounts.actor import Actor
from accounts.models import User
from files.actions.move import move_node
from files.queries.target import Target
from sharing.actions.webhook_planning import next_delivery
from sharing.models import Webhook, WebhookDelivery
from sharing.queries.webhook_events import message_of
from tests.sharing.hooked import hook
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


def test_a_body(actor: Actor, user: User) -> None:
    row = hook(actor).webhook
    node = put(actor, "Bücher/a.txt").node
    move_node(actor, node_id=node.pk, target=Target("Bücher/b.txt"))
    delivery = next_delivery(Webhook.objects.get())
    assert delivery is not None
    message = message_of(row, delivery)
    assert message is not None
    body = json.loads(message.body)
    assert message.events == 3
    assert set(body) == {"type", "timestamp", "data"}
    assert (body["type"], body["timestamp"]) == ("activity", body["data"]["events"][-1]["at"])
    assert {name: body["data"][name] for name in ("schema", "webhook_id")} == {"schema": 1, "webhook_id": str(row.pk)}
    event = body["data"]["events"][-1]
    space = home_of(user)
    assert event == {
        "id": f"{space.pk}-{space.seq}",
        "kind": "rename",
        "at": event["at"],
        "space_id": str(space.pk),
        "mount_id": None,
        "node_id": str(node.pk),
        "node_kind": "file",
        "name": "b.txt",
        "path": "/Bücher/b.txt",
        "path_before": "/Bücher/a.txt",
        "by": {"id": str(user.pk), "name": user.get_full_name()},
        "by_kind": "user",
    }


def test_nothing_to_tell(actor: Actor) -> None:
    row = hook(actor).webhook
    for more in ({"kind": "changes", "first_seq": 900, "last_seq": 999}, {"kind": "happening", "happening_id": 7}):
        for space_id in (row.space_id, 7, None):
            assert message_of(row, WebhookDelivery(webhook=row, space_id=space_id, **more)) is None
    body = message_of(row, WebhookDelivery(webhook=row, kind="test"))
    assert body is not None
    assert json.loads(body.body)["type"] == "test"
