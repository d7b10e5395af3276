"""sharing.webhook_signing: the secrets of webhooks outlast a change of SECRET_KEY."""

import base64

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from sharing.actions.webhooks import renew_secret
from sharing.models import Webhook
from sharing.webhook_signing import new_secret, signature_headers, webhook_secrets
from tests.sharing.hooked import hook
from tests.sharing.webhook_receiver import Got, signed_by


def test_a_secret_has_32_random_bytes() -> None:
    assert len(base64.b64decode(new_secret().removeprefix("whsec_"), validate=True)) == 32
    assert new_secret() != new_secret()


@pytest.mark.django_db
def test_another_key(actor: Actor, settings: Settings) -> None:
    webhook, old = hook(actor)
    new = renew_secret(actor, webhook_id=webhook.pk).secret
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key " * 5
    assert (webhook_secrets(only_look=True).old, webhook_secrets(only_look=False).old) == (1, 1)
    settings.SECRET_KEY_FALLBACKS = []
    found = webhook_secrets(only_look=True)
    assert (found.seen, found.old, found.lost) == (1, 0, [])
    row = Webhook.objects.get()
    headers = signature_headers(row, "msg_1", b"{}", row.created_at)
    got = Got("/", headers, b"{}")
    assert signed_by(got, old)
    assert signed_by(got, new)
    assert not signed_by(Got("/", headers | {"webhook-id": "msg_2"}, b"{}"), new)
    settings.SECRET_KEY = "a third key " * 5
    assert webhook_secrets(only_look=True).lost == [f"webhook {row.pk}"]
