"""Signatures of webhooks, as the Standard Webhooks specification (1.0) has them, and their secrets, which are kept
sealed with SECRET_KEY.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from accounts.secret_box import Found, go_through, is_of_today, reseal, secret_box
from sharing.models import Webhook

PREFIX = "whsec_"
SECRET_BYTES = 32  # the specification asks for 24 to 64


def new_secret() -> str:
    """As its owner gets to see it, once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sealed(secret: str) -> str:
    return secret_box().encrypt(secret.encode()).decode()


def signature_headers(webhook: Webhook, message_id: str, body: bytes, moment: datetime) -> dict[str, str]:
    """Of one attempt: the id stays the same, the time does not. Both secrets sign while a new one takes over. Raises
    InvalidToken when no key opens the secret.
    """
    time = str(int(moment.timestamp()))
    kept = [webhook.secret]
    if webhook.old_secret and webhook.old_secret_until is not None and webhook.old_secret_until > moment:
        kept.append(webhook.old_secret)
    content = f"{message_id}.{time}.".encode() + body
    signatures = " ".join(_signature(secret_box().decrypt(one.encode()).decode(), content) for one in kept)
    return {"webhook-id": message_id, "webhook-timestamp": time, "webhook-signature": signatures}


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def webhook_secrets(*, only_look: bool) -> Found:
    """For settings.VAULTS."""
    return go_through(Webhook.objects.all(), Found("secrets of webhooks"), _reseal, only_look=only_look)


def _reseal(row: Webhook) -> bool:
    changed = False
    for name in ("secret", "old_secret"):
        kept = getattr(row, name)
        if kept and not is_of_today(kept):
            setattr(row, name, reseal(kept))
            changed = True
    return changed
