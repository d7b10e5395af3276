"""Webhooks for tests: made by somebody, sent as the job does it, at times that the test chooses."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.actor import Actor
from sharing.actions.webhook_sending import send_webhooks
from sharing.actions.webhooks import NewWebhook, Place, WebhookSettings, create_webhook
from sharing.models import Webhook, WebhookDelivery


def hook(
    actor: Actor,
    url: str = "https://example.com/hook",
    *,
    space_id: int | None = None,
    of_team: bool = False,
    **more: object,
) -> NewWebhook:
    settings = WebhookSettings(url=url, **more)  # type: ignore[arg-type]
    return create_webhook(actor, place=Place(space_id, of_team), settings=settings)


def run() -> int:
    """What is due, and what comes of it."""
    return send_webhooks(seconds=5)


def states(webhook: Webhook) -> list[str]:
    return list(WebhookDelivery.objects.filter(webhook=webhook).order_by("pk").values_list("state", flat=True))


class Clock:
    """Stands still, unless it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moment = timezone.now()
        monkeypatch.setattr(timezone, "now", self.now)

    def now(self) -> datetime:
        return self.moment

    def passes(self, **time: float) -> None:
        self.moment += timedelta(**time)

    def comes_to(self, webhook: Webhook) -> float:
        """When it is tried again; returns after how many seconds."""
        due_at = Webhook.objects.get(pk=webhook.pk).due_at
        assert due_at is not None
        waited, self.moment = (due_at - self.moment).total_seconds(), max(due_at, self.moment)
        return waited
