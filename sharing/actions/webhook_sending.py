"""Sending what webhooks have to send, by a job that the clock starts.

A webhook is held by a lease while one message of it is on its way: one at a time, so that they come in order, and a run
that is killed gives it back when the lease ends; the message is sent again then, with the same id. Requests run in
threads without a connection to the database, and all that is read and written stays in the thread of the job: a
receiver that is slow holds one of the threads, those of one account AT_ONCE_OF_ACCOUNT of them.
"""

import logging
import random
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken

from accounts.actor import system
from accounts.audit import record
from accounts.unit_of_work import Lock, unit_of_work
from common.clock import now
from sharing.actions.notify import notify
from sharing.actions.webhook_planning import due, meet_spaces, next_delivery, take_happenings
from sharing.errors import InvalidRequest
from sharing.models import (
    DeliveryKind,
    DeliveryState,
    NotificationKind,
    OffReason,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
)
from sharing.posting import Answer, post
from sharing.queries.webhook_events import message_of
from sharing.queries.webhook_sources import is_own
from sharing.receivers import Receiver, receiver_of
from sharing.webhook_signing import signature_headers

AT_ONCE = 32  # requests of one run
AT_ONCE_OF_ACCOUNT = 4  # of the webhooks of one person, in all runs
LEASE = timedelta(minutes=2)  # longer than any request takes, with the look-up of a name
LOOK = 1.0  # seconds between two looks for what has become due while requests are under way
FIRST_DELAY, FACTOR, LONGEST_DELAY = 5.0, 4.0, 3600.0  # seconds until it is tried again
TRIED_FOR = timedelta(hours=24)  # one message: then it has failed, and the next one comes
OFF_AFTER = timedelta(days=5)  # without one success
USER_AGENT = "dropbox_clone-webhooks/1"
WITHHELD_AT_ONCE = 20  # messages with nothing to tell that are passed over in one step
GONE = 410

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    """One message that is on its way."""

    webhook: Webhook
    delivery: WebhookDelivery
    lease: datetime
    receiver: Receiver
    body: bytes
    headers: dict[str, str]


def send_webhooks(*, seconds: float) -> int:
    """Sends what is due, for about this long; returns how many messages were sent, delivered or not."""
    if not Webhook.objects.exists():
        return 0
    meet_spaces()
    take_happenings()
    end, sent = time.monotonic() + seconds, 0
    flying: dict[Future[Answer], _Job] = {}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
        while True:
            if time.monotonic() < end:
                for job in _jobs(AT_ONCE - len(flying)):
                    flying[pool.submit(post, job.receiver, job.body, job.headers)] = job
            if not flying:
                return sent
            done, _ = wait(flying, timeout=LOOK, return_when=FIRST_COMPLETED)
            for future in done:
                _settle(flying.pop(future), future.result())
                sent += 1


def _jobs(free: int) -> list[_Job]:
    if free <= 0:
        return []
    moment, jobs = now(), list[_Job]()
    held = Counter(Webhook.objects.filter(leased_until__gt=moment).values_list("user_id", flat=True))
    for webhook in due(moment)[: AT_ONCE * AT_ONCE_OF_ACCOUNT]:
        if len(jobs) >= free:
            break
        if held[webhook.user_id] >= AT_ONCE_OF_ACCOUNT:
            continue
        job = _begin(webhook, moment)
        if job is not None:
            held[webhook.user_id] += 1
            jobs.append(job)
    return jobs


def _begin(seen: Webhook, moment: datetime) -> _Job | None:
    """Takes the webhook, unless somebody else has, and makes its next message; None when there is none."""
    with unit_of_work(system("webhooks"), Lock(Webhook, seen.pk)):
        webhook = Webhook.objects.select_related("user").filter(pk=seen.pk, leased_until=seen.leased_until).first()
        if webhook is None:
            return None
        webhook.leased_until, webhook.tried_at = moment + LEASE, moment
        for _ in range(WITHHELD_AT_ONCE):
            delivery = next_delivery(webhook)
            if delivery is None:
                break
            job = _job(webhook, delivery, moment)
            if job is not None:
                Webhook.objects.filter(pk=webhook.pk).update(leased_until=job.lease, tried_at=moment)
                return job
    return None


def _job(webhook: Webhook, delivery: WebhookDelivery, moment: datetime) -> _Job | None:
    """None for a message that cannot be sent: nothing to tell, or nowhere to send it."""
    message = message_of(webhook, delivery)
    if message is None:
        _withhold(webhook, delivery)
        return None
    _set(delivery, events=message.events, tries=delivery.tries + 1, begun_at=delivery.begun_at or moment)
    try:
        headers = signature_headers(webhook, f"msg_{delivery.pk}", message.body, moment)
        receiver = receiver_of(webhook.url)
    except (InvalidToken, InvalidRequest) as error:
        code = "secret_unreadable" if isinstance(error, InvalidToken) else "address_refused"
        _log(delivery, Answer(None, 0, code))
        _after_failure(webhook, delivery, Answer(None, 0, code))
        return None
    headers |= {"Content-Type": "application/json", "User-Agent": USER_AGENT}
    assert webhook.leased_until is not None
    return _Job(webhook, delivery, webhook.leased_until, receiver, message.body, headers)


def _withhold(webhook: Webhook, delivery: WebhookDelivery) -> None:
    """Of what is mounted, most may be about what its person does not see: the log does not fill with that."""
    if delivery.kind == DeliveryKind.CHANGES and not is_own(webhook, delivery.space_id):
        WebhookDelivery.objects.filter(pk=delivery.pk).delete()
    else:
        _set(delivery, state=DeliveryState.WITHHELD)


def _settle(job: _Job, answer: Answer) -> None:
    """What has come of a message. Whoever took so long that the lease ended only adds to the log."""
    with unit_of_work(system("webhooks"), Lock(Webhook, job.webhook.pk)):
        webhook = Webhook.objects.filter(pk=job.webhook.pk).first()
        delivery = WebhookDelivery.objects.filter(pk=job.delivery.pk).first()
        if webhook is None or delivery is None:
            return  # deleted meanwhile
        _log(delivery, answer)
        if webhook.leased_until != job.lease:
            return
        Webhook.objects.filter(pk=webhook.pk).update(leased_until=None)
        if answer.is_success:
            _set(delivery, state=DeliveryState.DELIVERED)
            delivered = {"delivered_at": now(), "failing_since": None, "due_at": None}
            Webhook.objects.filter(pk=webhook.pk).update(**delivered)
        else:
            _after_failure(webhook, delivery, answer)


def _log(delivery: WebhookDelivery, answer: Answer) -> None:
    WebhookAttempt.objects.create(
        delivery=delivery,
        at=now(),
        status=answer.status,
        milliseconds=answer.milliseconds,
        error=answer.error,
        answer=answer.text,
    )


def _after_failure(webhook: Webhook, delivery: WebhookDelivery, answer: Answer) -> None:
    """A test fails at once and says nothing of the webhook. Others are tried again, as long as they may be."""
    if delivery.kind == DeliveryKind.TEST:
        _set(delivery, state=DeliveryState.FAILED)
        return
    moment = now()
    since = webhook.failing_since or moment
    if moment - (delivery.begun_at or moment) >= TRIED_FOR:
        _set(delivery, state=DeliveryState.FAILED)
    webhook.due_at = moment + timedelta(seconds=max(delay_after(delivery.tries), answer.retry_after))
    Webhook.objects.filter(pk=webhook.pk).update(failing_since=since, due_at=webhook.due_at, leased_until=None)
    if answer.status == GONE:
        _switch_off(webhook, OffReason.GONE)
    elif moment - since >= OFF_AFTER:
        _switch_off(webhook, OffReason.FAILING)


def delay_after(tries: int) -> float:
    """Seconds: each is longer than the one before, up to an hour, and none is quite like another."""
    delay = min(FIRST_DELAY * FACTOR ** min(max(tries, 1) - 1, 10), LONGEST_DELAY)
    return delay * random.uniform(0.75, 1.0)  # noqa: S311 (spreads, and hides nothing)


def _switch_off(webhook: Webhook, reason: OffReason) -> None:
    if not Webhook.objects.filter(pk=webhook.pk, is_on=True).update(is_on=False, off_reason=reason):
        return
    team_id = webhook.team_id if webhook.space is None else webhook.space.team_id
    record(system("webhooks"), "webhook.off", webhook.host, of_team=team_id, webhook=webhook.pk, why=reason.value)
    key = f"webhook-{webhook.pk}-{int(now().timestamp())}"
    notify([webhook.user_id], kind=NotificationKind.WEBHOOK, key=key, name=webhook.title, webhook=webhook.pk)
    logger.info("Webhook %d was switched off: %s.", webhook.pk, reason.value)


def _set(delivery: WebhookDelivery, **values: object) -> None:
    for name, value in values.items():
        setattr(delivery, name, value)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(**values)
