"""Receipts are for who has their address."""

import pytest

from sharing.errors import LinkNotFound
from sharing.models import Delivery
from sharing.queries.deliveries import clean_secret, new_secret, receipt_of
from tests.sharing.linked import Linked

pytestmark = pytest.mark.django_db


def test_of_this_link_alone(world: Linked) -> None:
    one, other, secret = world.link(), world.link(), new_secret()
    Delivery.objects.create(link=one, secret=secret)
    assert receipt_of(one.token, secret).files == []
    for slug, wrong in ((other.token, secret), (one.token, new_secret()), (one.token, ""), ("none", secret)):
        with pytest.raises(LinkNotFound):
            receipt_of(slug, wrong)


def test_secrets() -> None:
    secret = new_secret()
    assert clean_secret(secret) == secret
    assert [clean_secret(text) for text in ("", "short", "x" * 41, f"{secret}\n", "ä" * 22)] == [""] * 5
