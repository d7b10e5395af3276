"""What arrives through a link: counted, audited, and on the receipt of its sender."""

from accounts.actor import Actor
from accounts.unit_of_work import Lock, unit_of_work
from common.clock import now
from sharing.actions.link_uses import count_upload
from sharing.models import DeliveredFile, Delivery, Link
from sharing.queries.deliveries import Sender

MAXIMUM_NOTED = 1_000  # files of one delivery that its receipt shows; what arrives beyond that is stored all the same


def note_arrival(
    actor: Actor, *, sender: Sender, node_id: int, name: str, sent_as: str, size: int, is_late: bool
) -> None:
    """The file is there, under the name that it has got; the receipt says `sent_as`. Raises what opening the link
    does.
    """
    count_upload(actor, node_id=node_id, name=name, is_late=is_late)
    link_id = actor.link_id
    if not sender.secret or link_id is None:
        return
    with unit_of_work(actor, Lock(Link, link_id)) as actor:
        delivery, _ = Delivery.objects.get_or_create(
            link_id=link_id, secret=sender.secret, defaults={"sender": sender.name}
        )
        if delivery.files.count() < MAXIMUM_NOTED:
            DeliveredFile.objects.create(
                delivery=delivery, node_id=node_id, name=sent_as, size=size, is_late=is_late, at=now()
            )
