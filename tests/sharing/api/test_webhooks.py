"""Webhooks over REST."""

import pytest

from accounts.models import User
from sharing.models import Webhook, WebhookDelivery
from tests.sharing.hooked import hook, run
from tests.sharing.webhook_receiver import HttpReceiver, signed_by
from tests.support.clients import Api, items, problem
from tests.support.mounts import let_in, mounted_space
from tests.support.people import actor_of, make_member
from tests.support.trees import put

pytestmark = pytest.mark.django_db
URL = "https://example.com/hook?key=k"


def test_a_life(api: Api, user: User, receiver: HttpReceiver) -> None:
    response = api.post("/webhooks", {"url": receiver.url, "description": "wiki", "kinds": ["edit", "add"]})
    made = response.json()
    assert response.status_code == 201
    assert response["Location"] == f"/api/v1/webhooks/{made['id']}"
    assert response["Cache-Control"] == "no-store"
    secret = made.pop("secret")
    assert made == api.get(f"/webhooks/{made['id']}").json() == items(api.get("/webhooks"))[0]
    assert (made["url"], made["host"], made["kinds"], made["on"]) == (
        *(receiver.url, f"127.0.0.1:{receiver.port}"),
        *(["add", "edit"], True),
    )
    put(actor_of(user), "a.txt")
    run()
    assert signed_by(receiver.got[0], secret)
    path = f"/webhooks/{made['id']}"
    (delivery,) = items(api.get(f"{path}/deliveries"))
    assert (delivery["state"], delivery["events"], delivery["tries"]) == ("delivered", 1, 1)
    assert delivery["message_id"] == receiver.got[0].id
    assert {name: delivery["attempts"][0][name] for name in ("status", "error", "answer")} == {
        "status": 204,
        "error": "",
        "answer": "",
    }
    assert api.post(f"{path}/deliveries/{delivery['id']}/replay").json() == {"deliveries": 1}
    assert items(api.get(f"{path}/deliveries", state="pending"))[0]["replayed_at"]
    assert api.post(f"{path}/test").json()["kind"] == "test"
    assert api.post(f"{path}/replay", {"since": "2026-01-01T00:00:00Z"}).status_code == 200
    other = api.post(f"{path}/secret").json()
    assert other["secret"] != secret
    assert other["old_secret_until"]
    run()
    assert {got.id for got in receiver.got[1:]} == {
        f"msg_{pk}" for pk in WebhookDelivery.objects.values_list("pk", flat=True)
    }
    assert all(signed_by(got, other["secret"]) for got in receiver.got[1:])
    changed = api.patch(path, {"on": False, "url": URL}).json()
    assert (changed["on"], changed["url"], changed["host"]) == (False, URL, "example.com")
    assert api.delete(path).status_code == 204
    assert problem(api.get(path)) == (404, "not_found")


def test_what_is_wrong(api: Api, user: User) -> None:
    pk = hook(actor_of(user)).webhook.pk
    wrong = [
        *({}, {"url": "http://example.com/"}, {"url": "https://10.0.0.1/"}, {"url": URL, "kinds": ["fly"]}),
        *({"url": URL, "team": True, "space_id": "1"}, {"url": URL, "secret": "whsec_x"}, {"url": 7}),
        {"url": URL, "description": "x" * 201},
    ]
    for body in wrong:
        assert problem(api.post("/webhooks", body)) == (400, "invalid_request"), body
    for body in ({}, {"from_now": True}, {"user": "1"}, {"space_id": "1"}):
        assert problem(api.patch(f"/webhooks/{pk}", body)) == (400, "invalid_request"), body
    assert problem(api.post("/webhooks", {"url": URL, "space_id": "7"})) == (404, "not_found")
    assert problem(api.post(f"/webhooks/{pk}/replay", {})) == (400, "invalid_request")
    assert problem(api.get(f"/webhooks/{pk}/deliveries", state="lost")) == (400, "invalid_request")
    assert problem(api.get(f"/webhooks/{pk}/deliveries", limit=201)) == (400, "invalid_request")
    assert problem(Api(user, "read").get("/webhooks")) == (403, "scope_missing")
    assert problem(Api(user, "share").post("/webhooks", {"url": URL, "team": True})) == (403, "scope_missing")
    assert Webhook.objects.count() == 1


def test_what_others_are_shown(api: Api, user: User) -> None:
    """A member who makes none, and an admin who sees that one is there."""
    user.membership.team.seats = 10
    user.membership.team.save()
    bob = make_member(user)
    space = mounted_space(actor_of(user))
    made = api.post("/webhooks", {"url": URL, "space_id": str(space.pk)}).json()
    let_in(actor_of(user), space, bob)
    assert problem(Api(bob).get(f"/webhooks/{made['id']}")) == (404, "not_found")
    assert problem(Api(bob).get("/webhooks", space_id=str(space.pk))) == (403, "forbidden")
    bob.membership.role = "admin"
    bob.membership.save()
    (seen,) = items(Api(bob).get("/webhooks", space_id=str(space.pk)))
    assert (seen["is_mine"], seen["url"], seen["host"], seen["by"]["id"]) == (False, None, "example.com", str(user.pk))
    assert problem(Api(bob).get(f"/webhooks/{made['id']}/deliveries")) == (404, "not_found")
    assert problem(Api(bob).patch(f"/webhooks/{made['id']}", {"url": URL})) == (404, "not_found")
    assert Api(bob).patch(f"/webhooks/{made['id']}", {"on": False}).json()["on"] is False
    team = api.post("/webhooks", {"url": URL, "team": True}).json()
    assert [item["id"] for item in items(Api(bob).get("/webhooks", team="true"))] == [team["id"]]
    assert Api(bob).delete(f"/webhooks/{made['id']}").status_code == 204
