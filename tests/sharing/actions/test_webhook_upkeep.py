"""sharing.actions.webhook_upkeep: logs are thinned, and webhooks end with the account or the space."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.actions.administer_account import delete_account
from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from files.models import Space
from sharing.actions import webhook_upkeep
from sharing.actions.webhook_upkeep import end_with_spaces, forget_person, thin_logs
from sharing.models import DeliveryState, Webhook, WebhookAttempt, WebhookDelivery, WebhookPosition
from sharing.tasks import upkeep
from tests.sharing.hooked import hook
from tests.support.mounts import make_mounted_space
from tests.support.people import SYSTEM, actor_of

pytestmark = pytest.mark.django_db


def delivery(webhook: Webhook, state: str, *, days: float = 0, kind: str = "changes") -> WebhookDelivery:
    at = now() - timedelta(days=days)
    made = WebhookDelivery.objects.create(webhook=webhook, kind=kind, state=state, created_at=at)
    WebhookAttempt.objects.create(delivery=made, at=at, status=204, milliseconds=1)
    return made


def test_logs_are_thinned_by_age(actor: Actor) -> None:
    row = hook(actor).webhook
    kept = [delivery(row, "delivered", days=6), delivery(row, "failed", days=29), delivery(row, "pending", days=90)]
    delivery(row, "delivered", days=8), delivery(row, "failed", days=31), delivery(row, "withheld", days=8)
    delivery(row, "failed", days=8, kind="test")
    upkeep()
    assert set(WebhookDelivery.objects.all()) == set(kept)
    assert WebhookAttempt.objects.count() == 3


def test_as_long_as_the_operator_says(actor: Actor, settings: Settings) -> None:
    row = hook(actor).webhook
    settings.WEBHOOK_LOG_RETENTION = timedelta(days=2)
    kept = [delivery(row, state, days=1) for state in ("delivered", "failed")]
    delivery(row, "delivered", days=3), delivery(row, "failed", days=3)
    assert thin_logs() == 2
    settings.WEBHOOK_LOG_RETENTION = timedelta(days=60)
    old = delivery(row, "failed", days=40)
    delivery(row, "delivered", days=8)
    assert thin_logs() == 1
    assert set(WebhookDelivery.objects.all()) == {*kept, old}


def test_logs_are_thinned_by_number(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_upkeep, "KEPT", 3)
    row, other = hook(actor).webhook, hook(actor).webhook
    first = delivery(row, "pending")
    rows = [delivery(row, DeliveryState.DELIVERED) for _ in range(5)]
    mine = delivery(other, "delivered")
    assert thin_logs() == 2
    assert set(WebhookDelivery.objects.all()) == {first, mine, *rows[2:]}


def test_what_had_nothing_to_tell_of_what_is_mounted_goes_soon(actor: Actor) -> None:
    row, of_team = hook(actor).webhook, hook(actor, of_team=True).webhook
    old = [delivery(one, state, days=0.1) for one in (row, of_team) for state in ("withheld", "delivered")]
    WebhookDelivery.objects.update(space_id=7)
    own = delivery(row, "withheld", days=0.1)
    WebhookDelivery.objects.filter(pk=own.pk).update(space_id=row.space_id)
    fresh = delivery(row, "withheld")
    WebhookDelivery.objects.filter(pk=fresh.pk).update(space_id=7)
    assert thin_logs() == 1
    assert set(WebhookDelivery.objects.all()) == {*old[1:], own, fresh}


def test_webhooks_end_with_the_account(actor: Actor, user: User, stranger: User) -> None:
    delivery(hook(actor).webhook, "delivered")
    other = hook(actor_of(stranger)).webhook
    delete_account(SYSTEM, user_id=user.pk)
    assert list(Webhook.objects.all()) == [other]
    assert not WebhookDelivery.objects.exists()
    assert not WebhookAttempt.objects.exists()
    assert WebhookPosition.objects.count() == 1
    forget_person(user.pk)


def test_webhooks_end_with_the_space(db: None) -> None:
    spaced = make_mounted_space()
    owner = actor_of(spaced.owner)
    hook(owner, space_id=spaced.space.pk)
    other = hook(owner).webhook
    assert end_with_spaces() == 0
    Space.objects.filter(pk=spaced.space.pk).update(purged_at=now())
    assert end_with_spaces() == 1
    assert list(Webhook.objects.all()) == [other]
