"""What ends by the passing of time, with an account, or with a space."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.actor import system
from accounts.unit_of_work import unit_of_work
from common.clock import now
from common.ids import id_at
from files.models import Space, SpaceKind
from sharing.actions.notify import KEPT_FOR
from sharing.models import (
    DeliveredFile,
    Delivery,
    Happening,
    HappeningKind,
    Notification,
    NotificationMails,
    NotificationPreference,
)

SHARES_KEPT = timedelta(days=400)  # as long as the audit record
READS_KEPT = timedelta(days=90)
BATCH = 1_000


def forget_old() -> int:
    """Notifications, shares and reads of long ago, and what is of spaces that are purged. Returns how many rows."""
    moment = now()
    old = Q(at__lt=moment - SHARES_KEPT) | Q(at__lt=moment - READS_KEPT, kind=HappeningKind.READ)
    purged = Space.objects.exclude(purged_at=None).values("pk")
    removed = _remove(Happening.objects.filter(old)) + _remove(Happening.objects.filter(space_id__in=purged))
    return removed + _remove(Notification.objects.filter(created_at__lt=moment - KEPT_FOR))


def thin_receipts() -> int:
    """Files that were sent to a file request RECEIPT_RETENTION ago, and receipts on which nothing is left. Returns how
    many rows. By their ids, which begin with the time.
    """
    least = id_at(now() - settings.RECEIPT_RETENTION)
    removed = _remove(DeliveredFile.objects.filter(pk__lt=least))
    is_empty = ~Exists(DeliveredFile.objects.filter(delivery_id=OuterRef("pk")))
    return removed + _remove(Delivery.objects.filter(is_empty, pk__lt=least))


def forget_person(user_id: int) -> None:
    """What is theirs alone, and what was kept of their home and of what they have read. For the deletion of accounts
    (settings.DELETED_ACCOUNT_HOOKS); called again, it removes what is left.
    """
    homes = Space.objects.filter(kind=SpaceKind.HOME, owner_id=user_id).values("pk")
    _remove(Happening.objects.filter(space_id__in=homes))
    _remove(Happening.objects.filter(actor_id=user_id, kind=HappeningKind.READ))
    _remove(Notification.objects.filter(user_id=user_id))
    _remove(NotificationPreference.objects.filter(user_id=user_id))
    _remove(NotificationMails.objects.filter(user_id=user_id))


def _remove(rows: "QuerySet[Any]") -> int:
    """In short transactions."""
    removed = 0
    while True:
        with unit_of_work(system("activity")):
            batch = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
            removed += rows.model._default_manager.filter(pk__in=batch).delete()[0]
        if len(batch) < BATCH:
            return removed
