"""Receipts: what somebody has sent to a link, for whoever has the address of the receipt."""

import re
import secrets
from dataclasses import dataclass

from sharing.errors import LinkNotFound
from sharing.models import DeliveredFile, Delivery, Link
from sharing.queries.link_access import find_link

_SECRET = re.compile(r"[A-Za-z0-9_-]{22,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: what they call themselves, and the secret of their receipt ("": they get none)."""

    name: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """`files` in the order in which they arrived."""

    link: Link
    sender: str
    files: list[DeliveredFile]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def new_secret() -> str:
    return secrets.token_urlsafe(16)


def clean_secret(text: str) -> str:
    """What a client sends back; what cannot be one is none."""
    return text if _SECRET.fullmatch(text) else ""


def receipt_of(slug: str, secret: str) -> Receipt:
    """Also after the link has ended, but not when it was revoked. Raises LinkNotFound."""
    link = find_link(slug)
    delivery = Delivery.objects.filter(link_id=link.pk, secret=clean_secret(secret) or None).first()
    if delivery is None:
        raise LinkNotFound
    return Receipt(link, delivery.sender, list(delivery.files.order_by("at", "pk")))
