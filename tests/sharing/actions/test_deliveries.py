"""What arrives is counted and on the receipt of its sender."""

import pytest

from sharing.actions import deliveries
from sharing.actions.deliveries import note_arrival
from sharing.actions.links import revoke_link
from sharing.errors import LinkNotFound
from sharing.models import DeliveredFile, Delivery, LinkRole
from sharing.queries.deliveries import Sender, new_secret, receipt_of
from tests.sharing.linked import Linked, opened

pytestmark = pytest.mark.django_db


def test_a_receipt(world: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    link = world.link(role=LinkRole.UPLOADER)
    actor, sender = opened(link).actor, Sender("Ada", new_secret())
    for number in range(2):
        note_arrival(
            actor, sender=sender, node_id=number, name="stored", sent_as=f"{number}.txt", size=number, is_late=False
        )
    note_arrival(actor, sender=Sender(), node_id=3, name="unseen.txt", sent_as="unseen.txt", size=3, is_late=True)
    link.refresh_from_db()
    assert (link.uploads, Delivery.objects.count()) == (3, 1)
    found = receipt_of(link.token, sender.secret)
    assert (found.sender, [file.name for file in found.files], found.size) == ("Ada", ["0.txt", "1.txt"], 1)
    monkeypatch.setattr(deliveries, "MAXIMUM_NOTED", 2)
    note_arrival(actor, sender=sender, node_id=4, name="beyond", sent_as="beyond", size=1, is_late=False)
    assert DeliveredFile.objects.count() == 2
    revoke_link(world.actor, link_id=link.pk)
    with pytest.raises(LinkNotFound):
        note_arrival(actor, sender=sender, node_id=5, name="late", sent_as="late", size=1, is_late=False)
