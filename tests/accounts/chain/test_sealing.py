"""Acts get their place in the chain after their commit, whoever wrote them, and nothing is put on what was changed."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.core import serializers

from accounts.actor import Actor
from accounts.audit import record
from accounts.chain import sealing
from accounts.chain.keys import ChainBroken
from accounts.chain.proof import parse_anchors
from accounts.chain.rows import in_milliseconds
from accounts.models import AuditAnchor, AuditEvent, AuditHead, AuditKey, Origin
from accounts.tasks import seal_audit
from common.clock import now
from tests.accounts.chain.record import findings, lines, make_record, report, sql

pytestmark = pytest.mark.django_db


def act(kind: str = "test") -> AuditEvent:
    return record(Actor(client="tests", address="192.0.2.1"), kind, "target", number=1)


def test_an_act_waits_until_the_job_has_sealed_it() -> None:
    event = act()
    assert (event.position, event.digest, report().waiting) == (None, "", 1)
    assert seal_audit.delay().get() == 1
    event.refresh_from_db()
    assert (event.position, event.origin, len(event.digest)) == (1, Origin.OURS, 64)
    assert (report().rows, report().waiting, findings()) == (1, 0, [])
    assert seal_audit.delay().get() == 0, "nothing is sealed twice"


def test_a_late_commit_comes_later() -> None:
    """Its id is lower, its position is not, and it is not passed over."""
    late, early = act("late"), act("early")
    AuditEvent.objects.filter(pk=late.pk).delete()  # not committed yet
    sealing.seal_pending()
    late.save(force_insert=True)
    sealing.seal_pending()
    places = dict(AuditEvent.objects.values_list("kind", "position"))
    assert late.pk < early.pk
    assert places == {"early": 1, "late": 2}
    assert findings() == []


def test_what_the_release_before_writes_is_sealed_too(django_assert_num_queries: Any) -> None:
    """It knows none of the new columns, and writes microseconds."""
    act()
    sealing.seal_pending()
    sql(
        "INSERT INTO accounts_auditevent (at, principal, kind, target, detail, client) VALUES (%s, %s, %s, %s, %s, %s)",
        *("2026-11-30 12:00:00.123456+00:00", "user", "sign_in", "a@example.com", "{}", "a browser"),
    )
    sealing.seal_pending()
    event = AuditEvent.objects.get(kind="sign_in")
    assert (event.position, event.origin, event.at.microsecond) == (2, Origin.EARLIER, 123_000)
    assert findings() == []


def test_later_nothing_without_a_mark_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    act()
    sealing.seal_pending()
    monkeypatch.setattr(sealing, "UNMARKED_FOR", timedelta(0))
    forged = AuditEvent.objects.create(kind="sign_in", target="a@example.com")
    assert lines() == [f"row.foreign event {forged.pk}: event {forged.pk}, 'sign_in' at {str(forged.at)[:23]}"]
    sealing.seal_pending()
    assert AuditEvent.objects.get(pk=forged.pk).origin == Origin.FOREIGN
    assert lines()[0].startswith("row.foreign position 2: ")


def test_the_mark_holds_over_a_new_secret_key(settings: Any) -> None:
    act()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key of more than 32 characters", [settings.SECRET_KEY]
    sealing.seal_pending()
    assert AuditEvent.objects.get().origin == Origin.OURS


def test_many_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 7)
    for _ in range(21):
        act()
    assert sealing.seal_pending() == 21
    assert list(AuditEvent.objects.order_by("pk").values_list("position", flat=True)) == list(range(1, 22))
    assert findings() == []


def test_what_another_worker_seals_at_the_same_moment_is_sealed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        act()
    read = sealing.read_rows

    def overtaken(*arguments: Any, **options: Any) -> Any:
        rows = read(*arguments, **options)
        monkeypatch.setattr(sealing, "read_rows", read)
        sealing.seal_pending()
        return rows

    monkeypatch.setattr(sealing, "read_rows", overtaken)
    assert sealing.seal_pending() == 0
    assert AuditHead.objects.get().position == 5
    assert findings() == []


def test_an_anchor_every_hour_in_the_log_too(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    act()
    with caplog.at_level(logging.INFO, "accounts.chain.sealing"), django_capture_on_commit_callbacks(execute=True):
        sealing.seal_pending()
    anchor = AuditAnchor.objects.get()
    assert (anchor.number, anchor.position) == (1, 1)
    [given] = parse_anchors(caplog.messages)
    assert given.anchor.signature == anchor.signature
    assert findings([given]) == []
    act()
    sealing.seal_pending()
    assert AuditAnchor.objects.count() == 1, "not yet"
    monkeypatch.setattr(sealing, "now", lambda: now() + timedelta(hours=1, seconds=1))
    sealing.seal_pending()
    assert AuditAnchor.objects.latest("number").position == 2
    sealing.seal_pending()
    assert AuditAnchor.objects.count() == 2, "the chain has not grown"


def test_it_moves_to_another_database() -> None:
    """By dumpdata and loaddata (docs/operations/to_postgresql.md): with times in milliseconds."""
    make_record(16)
    models = (AuditEvent, AuditHead, AuditKey, AuditAnchor)
    dumped = [serializers.serialize("jsonl", model.objects.order_by("pk")) for model in models]
    for model in models:
        model.objects.all().delete()
    for text in dumped:
        for row in serializers.deserialize("jsonl", text):
            row.save()
    assert findings() == []
    sealing.seal_pending()
    assert (findings(), AuditEvent.objects.filter(origin=Origin.FOREIGN).count()) == ([], 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_audithead SET position = 3",
        "DELETE FROM accounts_audithead",
        "DELETE FROM accounts_auditkey",
        "DELETE FROM accounts_auditevent WHERE position = 6",
        "UPDATE accounts_auditevent SET position = 99 WHERE position = 2",
    ],
)
def test_nothing_is_put_on_a_chain_that_was_changed(statement: str) -> None:
    make_record(8)
    sealing.seal_pending()
    sql(statement.replace("= 6", f"= {AuditHead.objects.get().position}"))
    act()
    with pytest.raises(ChainBroken):
        sealing.seal_pending()
    assert AuditEvent.objects.latest("pk").position is None
    assert findings() != []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2026-11-30 12:00:00.123456", "2026-11-30 12:00:00.123000"),
        ("2026-11-30 12:00:00.000456", "2026-11-30 12:00:00"),
        ("2026-11-30 12:00:00", "2026-11-30 12:00:00"),
        (None, None),
    ],
)
def test_whole_milliseconds(before: Any, after: Any) -> None:
    assert in_milliseconds(before) == after
