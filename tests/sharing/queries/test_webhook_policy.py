"""sharing.queries.webhook_policy: the policies of a team are asked when a webhook is made, and with each message."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.actions.members import change_role
from accounts.actions.policies import change_policy
from accounts.errors import AgainstPolicy, PolicyWouldEnd, SecondFactorSetupRequired
from accounts.models import User
from accounts.queries import policy_preview
from common.errors import CodedError
from sharing.actions.webhooks import WebhookSettings, change_webhook, delete_webhook, renew_secret, replay, send_test
from sharing.models import Webhook
from tests.sharing.hooked import hook, run, states
from tests.sharing.webhook_receiver import HttpReceiver
from tests.support.clients import Api, problem
from tests.support.mounts import MountedSpace
from tests.support.people import actor_of, sign_in
from tests.support.trees import put

pytestmark = pytest.mark.django_db
NOW_AT_ONCE = {"second_factor_required": True, "second_factor_grace_days": 0}


def set_policy(owner: User, **changes: Any) -> None:
    confirmation = policy_preview(actor_of(owner), changes=changes).confirmation
    change_policy(actor_of(owner), changes=changes, confirmation=confirmation)


def refused(error: type[CodedError], *acts: Callable[[], Any]) -> None:
    for act in acts:
        with pytest.raises(error):
            act()


def test_nobody_has_webhooks(spaced: MountedSpace, receiver: HttpReceiver) -> None:
    """Those that are there send nothing, tests and retries included; what happened meanwhile is not sent later."""
    owner, viewer = actor_of(spaced.owner), actor_of(spaced.viewer)
    row = hook(viewer, receiver.url).webhook
    put(viewer, "one.txt")
    send_test(viewer, webhook_id=row.pk)
    with pytest.raises(PolicyWouldEnd) as asked:
        change_policy(owner, changes={"webhooks": "nobody"})
    assert asked.value.detail["endings"] == {"webhooks_paused": 1}
    set_policy(spaced.owner, webhooks="nobody")
    assert run() == 0
    assert states(row) == ["withheld"]
    refused(
        AgainstPolicy,
        lambda: hook(viewer),
        lambda: hook(owner, of_team=True),
        lambda: change_webhook(viewer, webhook_id=row.pk, settings=WebhookSettings(url="https://example.org/")),
        lambda: renew_secret(viewer, webhook_id=row.pk),
        lambda: send_test(viewer, webhook_id=row.pk),
        lambda: replay(viewer, webhook_id=row.pk, delivery_id=row.deliveries.get().pk),
    )
    change_webhook(viewer, webhook_id=row.pk, settings=WebhookSettings(description="x", is_on=False))
    refused(AgainstPolicy, lambda: change_webhook(viewer, webhook_id=row.pk, settings=WebhookSettings(is_on=True)))
    set_policy(spaced.owner, webhooks="everybody")
    change_webhook(viewer, webhook_id=row.pk, settings=WebhookSettings(is_on=True))
    put(viewer, "two.txt")
    run()
    assert [one["path"] for got in receiver.got for one in got.events] == ["/two.txt"]
    set_policy(spaced.owner, webhooks="nobody")
    delete_webhook(viewer, webhook_id=row.pk)


def test_who_manages_the_team_has_webhooks(spaced: MountedSpace, receiver: HttpReceiver) -> None:
    """By the role of now."""
    mine = hook(actor_of(spaced.owner), receiver.url).webhook
    theirs = hook(actor_of(spaced.viewer), receiver.url).webhook
    preview = policy_preview(actor_of(spaced.owner), changes={"webhooks": "admins"})
    assert preview.counts == {"webhooks_paused": 1}
    (ending,) = preview.endings
    (one,) = ending.show(list(ending.rows))
    assert (one.id, one.whose, one.what) == (str(theirs.pk), spaced.viewer.email, "")
    set_policy(spaced.owner, webhooks="admins")
    assert policy_preview(actor_of(spaced.owner), changes={"webhooks": "nobody"}).counts == {"webhooks_paused": 1}
    put(actor_of(spaced.owner), "mine.txt"), put(actor_of(spaced.viewer), "theirs.txt")
    run()
    assert [one["path"] for got in receiver.got for one in got.events] == ["/mine.txt"]
    change_role(actor_of(spaced.owner), user_id=spaced.viewer.pk, role="admin")
    put(actor_of(spaced.viewer), "promoted.txt")
    run()
    assert [one["path"] for got in receiver.got for one in got.events] == ["/mine.txt", "/promoted.txt"]
    assert (states(mine), states(theirs)) == (["delivered"], ["delivered"])


def test_of_a_space_whose_host_is_known_to_its_managers(spaced: MountedSpace) -> None:
    hook(actor_of(spaced.owner), "https://hooks.example.org/secret", space_id=spaced.space.pk)
    (ending,) = policy_preview(actor_of(spaced.owner), changes={"webhooks": "nobody"}).endings
    assert [one.what for one in ending.show(list(ending.rows))] == ["hooks.example.org"]


def test_a_second_factor_is_due(spaced: MountedSpace, receiver: HttpReceiver) -> None:
    """As for their other programs: nothing is sent for who has none, once the grace is over."""
    viewer = actor_of(spaced.viewer)
    hook(viewer, receiver.url)
    set_policy(spaced.owner, second_factor_required=True)
    put(viewer, "in_grace.txt")
    run()
    set_policy(spaced.owner, **NOW_AT_ONCE)
    put(viewer, "after.txt")
    assert run() == 0
    refused(SecondFactorSetupRequired, lambda: hook(viewer, receiver.url))
    Authenticator.objects.create(user=spaced.viewer, type="totp", data={})
    put(viewer, "with_factor.txt")
    run()
    assert [one["path"] for got in receiver.got for one in got.events] == ["/in_grace.txt", "/with_factor.txt"]


def test_pages_and_rest_say_so(spaced: MountedSpace) -> None:
    row = hook(actor_of(spaced.viewer)).webhook
    client = Client()
    sign_in(client, spaced.viewer)
    assert "Create webhook" in client.get("/webhooks/").content.decode()
    set_policy(spaced.owner, webhooks="admins")
    page = client.get("/webhooks/").content.decode()
    text = "A policy of the team does not let you have webhooks."
    assert (text in page, "Create webhook" in page) == (True, False)
    assert text in client.get(f"/webhooks/{row.pk}/").content.decode()
    sent = client.post("/webhooks/", {"place": "home", "url": "https://example.com/x"})
    assert (sent.status_code, text in sent.content.decode()) == (422, True)
    api = Api(spaced.viewer)
    answer = api.post("/webhooks", {"url": "https://example.com/x"})
    assert problem(answer) == (403, "against_policy")
    assert Webhook.objects.count() == 1
    assert Api(spaced.owner).patch("/team/policies", {"webhooks": "some"}).status_code == 400
