"""sharing.actions.webhook_sending: messages that arrive, come again, and end, with a real receiver on loopback."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from accounts.models import AuditEvent, User
from common.clock import now
from sharing.actions import webhook_sending
from sharing.actions.webhook_sending import delay_after, send_webhooks
from sharing.actions.webhooks import WebhookSettings, change_webhook, delete_webhook, renew_secret, send_test
from sharing.models import Notification, Webhook, WebhookAttempt, WebhookDelivery
from sharing.queries.notification_texts import link_of, text_of
from sharing.tasks import webhooks
from tests.sharing.hooked import Clock, hook, run, states
from tests.sharing.webhook_receiver import HttpReceiver, receiving, signed_by
from tests.support.people import actor_of, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings: Settings, user: User) -> Iterator[HttpReceiver]:
    with receiving(settings) as found:
        yield found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_message(actor: Actor, receiver: HttpReceiver) -> None:
    put(actor, "before.txt")
    _webhook, secret = hook(actor, receiver.url)
    put(actor, "Plans/a.txt"), put(actor, "Plans/a.txt", b"again")
    assert webhooks() == 1
    (got,) = receiver.got
    (delivery,) = WebhookDelivery.objects.all()
    assert got.id == f"msg_{delivery.pk}"
    assert got.headers["content-type"] == "application/json"
    assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 60
    assert signed_by(got, secret)
    assert [(one["kind"], one["path"], one["node_kind"]) for one in got.events] == [
        ("add", "/Plans", "folder"),
        ("add", "/Plans/a.txt", "file"),
        ("edit", "/Plans/a.txt", "file"),
    ]
    assert got.events[0]["by"] == {"id": str(actor.user_id), "name": User.objects.get().get_full_name()}
    assert len({one["id"] for one in got.events}) == 3
    attempt = WebhookAttempt.objects.get()
    assert (attempt.status, attempt.error, delivery.state, delivery.tries) == (204, "", "delivered", 1)
    kept = Webhook.objects.get()
    assert (kept.leased_until, kept.failing_since) == (None, None)
    assert kept.delivered_at is not None
    assert webhooks() == 0
    assert len(receiver.got) == 1


def test_the_secret_is_kept_sealed(actor: Actor, receiver: HttpReceiver) -> None:
    _webhook, secret = hook(actor, receiver.url)
    assert secret.startswith("whsec_")
    assert secret.removeprefix("whsec_") not in str(Webhook.objects.values().get())


def test_two_secrets_while_one_takes_over(actor: Actor, receiver: HttpReceiver, clock: Clock) -> None:
    webhook, first = hook(actor, receiver.url)
    _, second = renew_secret(actor, webhook_id=webhook.pk)
    for hours, expected in ((0, (True, True)), (23, (True, True)), (2, (False, True))):
        clock.passes(hours=hours)
        put(actor, "a.txt", str(hours).encode())
        run()
        assert (signed_by(receiver.got[-1], first), signed_by(receiver.got[-1], second)) == expected
    receiver.got[-1].body += b" "
    assert not signed_by(receiver.got[-1], second)


def test_retries_with_the_same_id(actor: Actor, receiver: HttpReceiver, clock: Clock) -> None:
    webhook, secret = hook(actor, receiver.url)
    put(actor, "a.txt")
    receiver.says(500, b"no space left")
    waits = []
    for _ in range(8):
        assert run() == 1
        assert run() == 0  # not before its time
        waits.append(clock.comes_to(webhook))
    for wait, most in zip(waits, (5, 20, 80, 320, 1280, 3600, 3600, 3600), strict=True):
        assert most * 0.75 <= wait <= most, waits
    put(actor, "b.txt")  # comes after what waits
    receiver.answer = None
    assert run() == 2
    assert len({got.id for got in receiver.got[:9]}) == 1
    assert all(signed_by(got, secret) for got in receiver.got)
    assert len({got.headers["webhook-timestamp"] for got in receiver.got[:9]}) == 9
    assert [got.events[0]["path"] for got in receiver.got] == ["/a.txt"] * 9 + ["/b.txt"]
    assert states(webhook) == ["delivered", "delivered"]
    log = list(WebhookAttempt.objects.order_by("pk").values_list("status", "answer"))
    assert log == [(500, "no space left")] * 8 + [(204, "")] * 2
    assert Webhook.objects.get().failing_since is None


def test_jitter() -> None:
    assert len({delay_after(3) for _ in range(20)}) > 10
    assert all(0 < delay_after(tries) <= 3600 for tries in (0, 1, 10**6))


def test_a_receiver_says_when(actor: Actor, receiver: HttpReceiver, clock: Clock) -> None:
    webhook, _ = hook(actor, receiver.url)
    put(actor, "a.txt")
    receiver.says(429, Retry_After="900")
    run()
    assert clock.comes_to(webhook) == 900


def test_a_message_is_given_up_and_the_next_one_comes(actor: Actor, receiver: HttpReceiver, clock: Clock) -> None:
    webhook, _ = hook(actor, receiver.url)
    put(actor, "poison.txt")
    receiver.says(400)
    run()
    clock.passes(hours=24)
    run()
    assert states(webhook) == ["failed"]
    put(actor, "good.txt")
    receiver.answer = None
    clock.comes_to(webhook)
    run()
    assert states(webhook) == ["failed", "delivered"]
    assert Webhook.objects.get().is_on


def test_after_days_it_is_switched_off_and_somebody_is_told(
    actor: Actor, user: User, receiver: HttpReceiver, clock: Clock
) -> None:
    webhook, _ = hook(actor, receiver.url, description="The wiki")
    receiver.says(503)
    for number in range(5):
        put(actor, f"{number}.txt")
        run()
        clock.passes(days=1)
    assert Webhook.objects.get().is_on
    run()
    kept = Webhook.objects.get()
    assert (kept.is_on, kept.off_reason) == (False, "failing")
    (told,) = Notification.objects.filter(user=user)
    assert text_of(told) == "The webhook “The wiki” was switched off, because its receiver failed"
    assert str(webhook.pk) in link_of(told)
    assert AuditEvent.objects.get(kind="webhook.off").detail["why"] == "failing"
    put(actor, "b.txt")
    receiver.answer, count = None, len(receiver.got)
    clock.passes(days=1)
    assert run() == 0
    change_webhook(actor, webhook_id=webhook.pk, settings=WebhookSettings(is_on=True))
    run()
    assert receiver.got[-1].events[-1]["path"] == "/b.txt"  # nothing that happened meanwhile is missing
    assert len(receiver.got) > count
    assert Webhook.objects.get().off_reason == ""


def test_one_success_begins_the_days_anew(actor: Actor, receiver: HttpReceiver, clock: Clock) -> None:
    _webhook, _ = hook(actor, receiver.url)
    for number in range(9):
        put(actor, f"{number}.txt")
        if number % 2:
            receiver.says(500)
        else:
            receiver.answer = None
        run()
        clock.passes(days=4)
    assert Webhook.objects.get().is_on


def test_a_receiver_that_is_gone_for_good(actor: Actor, receiver: HttpReceiver) -> None:
    hook(actor, receiver.url)
    put(actor, "a.txt")
    receiver.says(410)
    run()
    kept = Webhook.objects.get()
    assert (kept.is_on, kept.off_reason) == (False, "gone")


def test_a_test(actor: Actor, receiver: HttpReceiver, clock: Clock) -> None:
    """Once, also while it is off, and whatever waits."""
    webhook, secret = hook(actor, receiver.url)
    put(actor, "a.txt")
    receiver.says(500)
    run()
    send_test(actor, webhook_id=webhook.pk)
    run()
    assert states(webhook) == ["pending", "failed"]
    assert (receiver.got[1].events, signed_by(receiver.got[1], secret)) == ([], True)
    before = Webhook.objects.get().due_at
    change_webhook(actor, webhook_id=webhook.pk, settings=WebhookSettings(is_on=False))
    receiver.answer = None
    send_test(actor, webhook_id=webhook.pk)
    assert run() == 1
    assert states(webhook) == ["pending", "failed", "delivered"]
    assert before is not None


def test_who_is_killed_loses_nothing(actor: Actor, receiver: HttpReceiver, clock: Clock) -> None:
    """Between the request and what is written of it: the same message comes again when the lease has ended."""
    webhook, _ = hook(actor, receiver.url)
    put(actor, "a.txt")

    class Killed(BaseException):
        pass

    def die(*_args: Any) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(webhook_sending, "_settle", die)
        with pytest.raises(Killed):
            run()
    put(actor, "b.txt")
    assert run() == 0
    clock.passes(minutes=1)
    assert run() == 0
    clock.passes(minutes=1, seconds=1)
    assert run() == 2
    ids = [got.id for got in receiver.got]
    assert ids[0] == ids[1] != ids[2]
    assert [got.events[0]["path"] for got in receiver.got] == ["/a.txt", "/a.txt", "/b.txt"]
    assert states(webhook) == ["delivered"] * 2


def test_who_comes_late_only_adds_to_the_log(actor: Actor, receiver: HttpReceiver) -> None:
    """The lease has ended meanwhile, and another run has the webhook."""
    webhook, _ = hook(actor, receiver.url)
    put(actor, "a.txt")
    other = now() + timedelta(minutes=5)
    receiver.says(500)
    real = webhook_sending._settle

    def late(*args: Any) -> None:
        Webhook.objects.update(leased_until=other)
        real(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(webhook_sending, "_settle", late)
        run()
    kept = Webhook.objects.get()
    assert (kept.leased_until, kept.failing_since) == (other, None)
    assert (WebhookAttempt.objects.count(), states(webhook)) == (1, ["pending"])


def test_a_slow_receiver_holds_up_nobody_else(
    actor: Actor, receiver: HttpReceiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And of one account only so many are asked at once."""
    monkeypatch.setattr(webhook_sending, "LOOK", 0.05)
    let_go = threading.Event()
    at_once, most = [0], [0]

    def slow(request: BaseHTTPRequestHandler) -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        let_go.wait(60)
        at_once[0] -= 1
        request.send_response(204)
        request.end_headers()

    receiver.answer = slow
    for number in range(6):
        hook(actor, f"{receiver.url}&{number}")
    put(actor, "a.txt")
    other = actor_of(make_user())
    with receiving() as quick:
        settings.WEBHOOK_PORTS = (*settings.WEBHOOK_PORTS, quick.port)
        hook(other, quick.url)
        for number in range(3):
            put(other, f"{number}.txt")

        def end() -> None:
            deadline = time.monotonic() + 50
            while not quick.got and time.monotonic() < deadline:
                time.sleep(0.02)
            let_go.set()

        waiting = threading.Thread(target=end)
        waiting.start()
        send_webhooks(seconds=30)
        waiting.join()
        assert [one["path"] for got in quick.got for one in got.events] == ["/0.txt", "/1.txt", "/2.txt"]
    assert most[0] == webhook_sending.AT_ONCE_OF_ACCOUNT
    assert len(receiver.got) == 6


def test_what_the_operator_does_not_allow_any_more(actor: Actor, receiver: HttpReceiver, settings: Settings) -> None:
    _webhook, _ = hook(actor, receiver.url)
    put(actor, "a.txt")
    settings.WEBHOOK_HTTP = False
    assert run() == 0
    assert list(WebhookAttempt.objects.values_list("error", flat=True)) == ["address_refused"]
    assert Webhook.objects.get().failing_since is not None
    assert receiver.got == []


def test_a_secret_that_no_key_opens(actor: Actor, receiver: HttpReceiver, settings: Settings) -> None:
    hook(actor, receiver.url)
    put(actor, "a.txt")
    settings.SECRET_KEY = "another one " * 5
    assert run() == 0
    assert list(WebhookAttempt.objects.values_list("error", flat=True)) == ["secret_unreadable"]


def test_deleted_on_the_way(actor: Actor, receiver: HttpReceiver) -> None:
    webhook, _ = hook(actor, receiver.url)
    put(actor, "a.txt")
    real = webhook_sending._settle

    def late(*args: Any) -> None:
        delete_webhook(actor, webhook_id=webhook.pk)
        real(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(webhook_sending, "_settle", late)
        assert run() == 1
    assert not WebhookDelivery.objects.exists()


def test_without_webhooks_it_costs_one_query(actor: Actor, django_assert_num_queries: Any) -> None:
    put(actor, "a.txt")
    with django_assert_num_queries(1):
        run()
