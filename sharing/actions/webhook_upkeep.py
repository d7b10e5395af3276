"""Thinning the logs of webhooks, and ending webhooks with the account and the space that they are of."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from accounts.actor import system
from accounts.audit import record
from accounts.unit_of_work import unit_of_work
from common.clock import now
from files.models import SpaceKind
from sharing.actions.webhooks import FINISHED
from sharing.models import DeliveryKind, DeliveryState, Webhook, WebhookAttempt, WebhookDelivery

KEPT = 1_000  # deliveries in the log of one webhook, the latest
DELIVERED_KEPT = timedelta(days=7)
MOUNTED_KEPT = timedelta(hours=1)  # of what is mounted in a home: deliveries that had nothing to tell
BATCH = 500
LARGE = 50  # logs that are thinned by number in one run


def thin_logs() -> int:
    """For the job: what was delivered long ago, and beyond what one log keeps. Returns how many deliveries."""
    moment = now()
    done = WebhookDelivery.objects.filter(state__in=FINISHED)
    is_failed = Q(state=DeliveryState.FAILED) & ~Q(kind=DeliveryKind.TEST)
    longest = settings.WEBHOOK_LOG_RETENTION
    old = Q(created_at__lt=moment - longest)
    old |= Q(created_at__lt=moment - min(longest, DELIVERED_KEPT)) & ~is_failed
    # What is mounted in homes is told to few of those who do not manage it, such as who has read it.
    is_mounted = Q(webhook__team=None) & ~Q(space_id=F("webhook__space_id"))
    old |= Q(state=DeliveryState.WITHHELD, created_at__lt=moment - MOUNTED_KEPT) & is_mounted
    removed = _remove(done.filter(old))
    of_webhooks = WebhookDelivery.objects.values("webhook_id").annotate(count=Count("pk")).filter(count__gt=KEPT)
    for webhook_id in list(of_webhooks.order_by("-count").values_list("webhook_id", flat=True)[:LARGE]):
        mine = WebhookDelivery.objects.filter(webhook_id=webhook_id).order_by("-pk")
        last = mine.values_list("pk", flat=True)[KEPT - 1 : KEPT].get()
        removed += _remove(done.filter(webhook_id=webhook_id, pk__lt=last))
    return removed


def end_with_spaces() -> int:
    """For the job: webhooks of spaces that are purged. Returns how many."""
    gone = Webhook.objects.exclude(space__purged_at=None).exclude(space=None)
    removed = 0
    for webhook in gone.select_related("space")[:BATCH]:
        removed += _end(webhook)
    return removed


def forget_person(user_id: int) -> None:
    """Those that they have made, with all that was sent; and those of their home. For the deletion of accounts
    (settings.DELETED_ACCOUNT_HOOKS); called again, it removes what is left.
    """
    homes = Q(space__kind=SpaceKind.HOME, space__owner_id=user_id)
    for webhook in Webhook.objects.filter(Q(user_id=user_id) | homes).select_related("space"):
        _end(webhook)


def _end(webhook: Webhook) -> int:
    _remove(WebhookDelivery.objects.filter(webhook=webhook))
    with unit_of_work(system("webhooks")) as actor:
        team_id = webhook.team_id if webhook.space is None else webhook.space.team_id
        record(actor, "webhook.delete", webhook.host, of_team=team_id, webhook=webhook.pk)
        return int(webhook.delete()[0] > 0)


def _remove(rows: "QuerySet[WebhookDelivery]") -> int:
    """With their attempts, in short transactions."""
    removed = 0
    while True:
        with unit_of_work(system("webhooks")):
            ids = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
            WebhookAttempt.objects.filter(delivery_id__in=ids).delete()
            removed += int(WebhookDelivery.objects.filter(pk__in=ids).delete()[0])
        if len(ids) < BATCH:
            return removed
