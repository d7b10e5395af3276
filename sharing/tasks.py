"""Jobs of sharing. Everything that they do is found in the database: a lost message is made up for by the next."""

from collections.abc import Callable

from celery import shared_task
from django.core.cache import cache

from files.actions.grants import mark_shared_spaces
from sharing.actions.audit_follower import follow_audit
from sharing.actions.forgetting import forget_old, thin_receipts
from sharing.actions.link_uses import forget_uses
from sharing.actions.mail_notifications import mail_at_once, mail_digests
from sharing.actions.quota_notices import tell_of_quotas
from sharing.actions.reminders import tell_due
from sharing.actions.waiting import forget_gone, settle_waiting
from sharing.actions.webhook_sending import send_webhooks
from sharing.actions.webhook_upkeep import end_with_spaces, thin_logs

_FORGOTTEN_AFTER = 180  # seconds; a run that was killed holds up the next one for no longer
_SENDING = 20.0  # seconds of one run that sends webhooks


@shared_task(name="sharing.tasks.forget_link_uses", ignore_result=True)
def forget_link_uses() -> int:
    """Deletes who has used links longer ago than the hour that counts."""
    return forget_uses()


@shared_task(name="sharing.tasks.settle_shares", ignore_result=True)
def settle_shares() -> int:
    """Gives what waited for somebody who has come; returns how many shares no longer wait."""
    return settle_waiting()


@shared_task(name="sharing.tasks.forget_shares", ignore_result=True)
def forget_shares() -> int:
    """Deletes what was kept beside grants that are gone, and marks spaces in which something is shared by now."""
    return forget_gone() + mark_shared_spaces()


@shared_task(name="sharing.tell", ignore_result=True)
def tell() -> int:
    """Makes activity and notifications of what the audit record has, tells of reminders that are due, and mails what is
    wanted at once.
    """
    told = _one_at_a_time("tell", follow_audit) + _one_at_a_time("reminders", tell_due)
    return told + _one_at_a_time("mail", mail_at_once)


@shared_task(name="sharing.digest", ignore_result=True)
def digest() -> int:
    """Mails what everybody has in their digest, once a day."""
    return _one_at_a_time("digest", mail_digests)


@shared_task(name="sharing.upkeep", ignore_result=True)
def upkeep() -> int:
    """Tells of storage that is nearly full, and removes what is old."""
    return _one_at_a_time("upkeep", lambda: tell_of_quotas() + _forget())


def _forget() -> int:
    return forget_old() + thin_receipts() + thin_logs() + end_with_spaces()


@shared_task(name="sharing.webhooks", ignore_result=True)
def webhooks() -> int:
    """Sends what webhooks have to send. Two runs at once would do no harm: each takes what the other has not."""
    return _one_at_a_time("webhooks", lambda: send_webhooks(seconds=_SENDING), forgotten_after=3 * _SENDING)


def _one_at_a_time(name: str, work: Callable[[], int], *, forgotten_after: float = _FORGOTTEN_AFTER) -> int:
    mark = f"sharing:{name}"
    if not cache.add(mark, 1, timeout=forgotten_after):
        return 0
    try:
        return work()
    finally:
        cache.delete(mark)
