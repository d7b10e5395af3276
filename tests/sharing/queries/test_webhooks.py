"""sharing.queries.webhooks: the log, and what of it is shown."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from sharing.errors import NotFound
from sharing.models import WebhookAttempt, WebhookDelivery
from sharing.queries.webhooks import attempts_at, deliveries_of, is_in_charge, managed_space
from tests.sharing.hooked import hook
from tests.support.people import actor_of
from tests.support.trees import home_of

pytestmark = pytest.mark.django_db


def test_the_log(actor: Actor, user: User, stranger: User) -> None:
    row = hook(actor).webhook
    states = ("pending", "failed")
    made = [WebhookDelivery.objects.create(webhook=row, kind="test", state=one, created_at=now()) for one in states]
    for number in range(12):
        WebhookAttempt.objects.create(delivery=made[1], at=now(), status=500 + number, milliseconds=1)
    assert list(deliveries_of(actor, webhook_id=row.pk, state="failed")) == [made[1]]
    found = attempts_at(deliveries_of(actor, webhook_id=row.pk))
    assert found[made[0].pk] == []
    assert [one.status for one in found[made[1].pk]] == list(range(511, 501, -1))
    with pytest.raises(NotFound):
        deliveries_of(actor_of(stranger), webhook_id=row.pk)
    assert is_in_charge(actor, row)
    assert not is_in_charge(actor_of(stranger), row)
    assert managed_space(actor, None) == home_of(user)
