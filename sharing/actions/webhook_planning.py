"""What is to be sent next by a webhook, in the order of the journals.

The journal is the queue: a webhook has a position in each of its spaces, and one delivery is made of the next piece
when none waits. So a receiver that is away for days costs no row more. Happenings (shares, reads) have no numbers in an
order; they become deliveries soon after they are there, one each.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.actor import system
from accounts.unit_of_work import unit_of_work
from common.clock import now
from common.ids import id_at
from files.models import Change, Space, SpaceKind
from sharing.models import (
    AuditPosition,
    DeliveryKind,
    DeliveryState,
    Happening,
    Webhook,
    WebhookDelivery,
    WebhookPosition,
)
from sharing.queries.webhook_events import owner_of, rows_wanted
from sharing.queries.webhook_sources import is_own, sources_of, unmet_mounts

NAME = "webhooks"
EVENTS = 100  # at most in one message
PIECES = 20  # of a journal, of which nothing is wanted, that are passed over in one step
HAPPENINGS = 500  # in one step
OVERLAP = timedelta(minutes=3)  # a happening may be committed later than one with a later number
MOST_WAITING = 1_000  # happenings that wait for one webhook: what is beyond is not sent


def take_happenings() -> int:
    """Makes deliveries of new happenings; returns how many. Two queries where nothing is new."""
    if not WebhookPosition.objects.exists():
        return 0
    position = AuditPosition.objects.filter(name=NAME).first()
    since = now() if position is None else position.at
    made, last = 0, id_at(since - OVERLAP)
    followed = WebhookPosition.objects.filter(space_id=OuterRef("space_id"), webhook__is_on=True)
    rows = Happening.objects.filter(Exists(followed)).order_by("pk")
    while found := list(rows.filter(pk__gt=last)[:HAPPENINGS]):
        made, last = made + _deliver_happenings(found), found[-1].pk
    if position is None or now() - since > OVERLAP:
        with unit_of_work(system("webhooks")):
            AuditPosition.objects.update_or_create(name=NAME, defaults={"at": now()})
    return made


def _deliver_happenings(happenings: list[Happening]) -> int:
    spaces = {one.space_id for one in happenings}
    positions = WebhookPosition.objects.filter(space_id__in=spaces, webhook__is_on=True).select_related("webhook")
    known = set(
        WebhookDelivery.objects.filter(happening_id__in=[one.pk for one in happenings]).values_list(
            "webhook_id", "happening_id"
        )
    )
    new: dict[int, list[WebhookDelivery]] = {}
    for position in positions:
        webhook, wanted = position.webhook, rows_wanted(position.webhook)
        for one in happenings:
            is_new = one.at >= webhook.created_at and (webhook.pk, one.pk) not in known
            if one.space_id == position.space_id and is_new and (not wanted or one.kind in wanted):
                new.setdefault(webhook.pk, []).append(_of_happening(webhook, one))
    made = 0
    for webhook_id, deliveries in new.items():
        with unit_of_work(system("webhooks")):
            waiting = _waiting(webhook_id).filter(kind=DeliveryKind.HAPPENING).count()
            some = deliveries[: max(0, MOST_WAITING - waiting)]
            WebhookDelivery.objects.bulk_create(some, ignore_conflicts=True)
        made += len(some)
    return made


def _of_happening(webhook: Webhook, one: Happening) -> WebhookDelivery:
    return WebhookDelivery(
        webhook=webhook,
        kind=DeliveryKind.HAPPENING,
        space_id=one.space_id,
        happening_id=one.pk,
        created_at=now(),
    )


def meet_spaces() -> None:
    """Spaces of teams that have come since a webhook of the team was made: it follows them from their beginning. And
    what has been mounted in homes: from now on. Two queries where there is none.
    """
    _meet(_unmet_spaces())
    _meet(unmet_mounts())


def _meet(positions: list[WebhookPosition]) -> None:
    if positions:
        with unit_of_work(system("webhooks")):
            WebhookPosition.objects.bulk_create(positions, ignore_conflicts=True)


def _unmet_spaces() -> list[WebhookPosition]:
    followed = WebhookPosition.objects.filter(space_id=OuterRef("pk"), webhook_id=OuterRef("follower"))
    rows = Space.objects.filter(kind=SpaceKind.TEAM, root__isnull=False, purged_at=None, team__webhooks__is_on=True)
    rows = rows.annotate(follower=F("team__webhooks__pk"), followed_from=F("team__webhooks__created_at"))
    missing = rows.filter(~Exists(followed)).values_list("pk", "follower", "followed_from", "created_at", "seq")
    return [
        WebhookPosition(webhook_id=webhook_id, space_id=pk, seq=0 if begun >= since else seq)
        for pk, webhook_id, since, begun, seq in missing
    ]


def due(moment: datetime) -> "QuerySet[Webhook]":
    """Those that nobody sends for, and that have something to send: who has waited longest comes first."""
    waiting = WebhookDelivery.objects.filter(webhook_id=OuterRef("pk"), state=DeliveryState.PENDING)
    behind = WebhookPosition.objects.filter(webhook_id=OuterRef("pk"), space__seq__gt=F("seq"))
    is_free = Q(leased_until=None) | Q(leased_until__lte=moment)
    is_due = Q(is_on=True) & (Q(due_at=None) | Q(due_at__lte=moment)) & (Exists(waiting) | Exists(behind))
    rows = Webhook.objects.filter(is_free).filter(is_due | Exists(waiting.filter(kind=DeliveryKind.TEST)))
    return rows.select_related("user").order_by(F("tried_at").asc(nulls_first=True), "pk")


def next_delivery(webhook: Webhook) -> WebhookDelivery | None:
    """In the transaction that holds the webhook. Tests come first, then what waits, then the journals: moves its
    position in a journal, and makes a delivery of what it passes.
    """
    waiting = _waiting(webhook.pk)
    test = waiting.filter(kind=DeliveryKind.TEST).order_by("pk").first()
    if test is not None or not webhook.is_on or (webhook.due_at is not None and webhook.due_at > now()):
        return test
    return waiting.order_by("pk").first() or _of_journals(webhook)


def _waiting(webhook_id: int) -> "QuerySet[WebhookDelivery]":
    return WebhookDelivery.objects.filter(webhook_id=webhook_id, state=DeliveryState.PENDING)


def _of_journals(webhook: Webhook) -> WebhookDelivery | None:
    positions = WebhookPosition.objects.filter(webhook=webhook, space__seq__gt=F("seq")).select_related("space")
    actor = owner_of(webhook)
    wanted = rows_wanted(webhook)
    for position in _oldest_first(positions):
        if actor is None or not sources_of(actor, webhook, position.space_id):
            _pass_over(webhook, position)
            continue
        delivery = _piece(webhook, position, wanted)
        if delivery is not None:
            return delivery
    return None


def _pass_over(webhook: Webhook, position: WebhookPosition) -> None:
    """Not theirs to see: nothing of it is sent later either, whatever they may see by then. What is not mounted any
    more is not followed.
    """
    row = WebhookPosition.objects.filter(pk=position.pk)
    if is_own(webhook, position.space_id):
        row.update(seq=position.space.seq)
    else:
        row.delete()


def _oldest_first(positions: Iterable[WebhookPosition]) -> list[WebhookPosition]:
    """By when the first change happened that was not handled."""
    found = list(positions)
    if len(found) < 2:
        return found
    first = {
        position.pk: Change.objects.filter(space_id=position.space_id, seq__gt=position.seq)
        .order_by("seq")
        .values_list("at", flat=True)
        .first()
        or now()
        for position in found
    }
    return sorted(found, key=lambda position: (first[position.pk], position.pk))


def _piece(webhook: Webhook, position: WebhookPosition, wanted: frozenset[str]) -> WebhookDelivery | None:
    """Of what comes next in one journal."""
    seq = position.seq
    for _ in range(PIECES):
        rows = Change.objects.filter(space_id=position.space_id, seq__gt=seq).order_by("seq")
        piece = list(rows.values_list("seq", "kind")[:EVENTS])
        if not piece:
            seq = position.space.seq
            break
        first, seq = seq + 1, piece[-1][0]
        if not wanted or any(kind in wanted for _seq, kind in piece):
            WebhookPosition.objects.filter(pk=position.pk).update(seq=seq)
            return WebhookDelivery.objects.create(
                webhook=webhook,
                kind=DeliveryKind.CHANGES,
                space_id=position.space_id,
                first_seq=first,
                last_seq=seq,
                created_at=now(),
            )
    WebhookPosition.objects.filter(pk=position.pk).update(seq=seq)
    return None
