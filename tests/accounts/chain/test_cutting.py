"""Old acts go, from the beginning of the chain, and what is left can be verified."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.audit import record
from accounts.chain import cutting, sealing
from accounts.chain.cutting import remove_older_than
from accounts.models import AuditAnchor, AuditEvent, AuditHead
from accounts.models import audit as model
from common.clock import now
from tests.accounts.chain.record import add_anchor, findings, kept_outside, sql

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


@pytest.fixture
def aged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Acts of 30 days, of which the first is 39 and the last 10 days old, with an anchor for each third."""
    for day in range(30):
        moment = now() - timedelta(days=39 - day)
        monkeypatch.setattr(model, "now", lambda moment=moment: moment)
        record(Actor(client="tests"), "test", str(day))
        if day % 10 == 9:
            sealing.seal_pending()
            add_anchor()
    monkeypatch.setattr(model, "now", now)


def test_the_chain_begins_later(aged: None, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = kept_outside()
    monkeypatch.setattr(cutting, "BATCH", 4)
    assert remove_older_than(timedelta(days=20, hours=1)) == 19
    head = AuditHead.objects.get()
    assert (head.cut_position, head.position) == (19, 30)
    assert AuditEvent.objects.order_by("position").first().position == 20  # type: ignore[union-attr]
    assert findings() == []
    assert findings(kept) == [], "anchors of what is gone are still good signatures"
    assert AuditAnchor.objects.order_by("number").last().position == 19, "the cut is anchored"  # type: ignore[union-attr]
    record(Actor(client="tests"), "test", "more")
    sealing.seal_pending()
    assert findings() == []
    assert remove_older_than(timedelta(days=20, hours=1)) == 0


def test_everything_may_go(aged: None) -> None:
    assert remove_older_than(timedelta(days=1)) == 30
    assert (findings(), AuditEvent.objects.count()) == ([], 0)
    record(Actor(client="tests"), "test")
    sealing.seal_pending()
    assert AuditEvent.objects.get().position == 31
    assert findings() == []


def test_what_was_changed_stays(aged: None, caplog: pytest.LogCaptureFixture) -> None:
    sql("UPDATE accounts_auditevent SET target = 'other' WHERE position = 5")
    assert remove_older_than(timedelta(days=20)) == 0
    assert "position 5 is not as it was sealed" in caplog.text
    assert [finding.code for finding in findings()] == ["row.changed"]


def test_a_cut_by_hand_is_found(aged: None) -> None:
    AuditEvent.objects.filter(position__lte=5).delete()
    assert [finding.code for finding in findings()] == ["row.missing"]
    fifth = AuditEvent.objects.get(position=6)
    AuditHead.objects.update(cut_position=5, cut_digest=fifth.digest)
    assert "head.changed" in {finding.code for finding in findings()}


def test_what_is_removed_while_it_is_verified_is_no_finding(aged: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.chain import proof

    read = proof.read_rows
    monkeypatch.setattr(proof, "PAGE", 5)
    calls: list[int] = []

    def slowly(*arguments: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            remove_older_than(timedelta(days=20, hours=1))
        return read(*arguments, **options)

    monkeypatch.setattr(proof, "read_rows", slowly)
    assert findings() == []


def test_what_was_never_sealed_goes_too() -> None:
    """Of the release before, which would have removed it itself."""
    old = AuditEvent.objects.create(kind="test")
    AuditEvent.objects.filter(pk=old.pk).update(at=now() - timedelta(days=399))
    assert sealing.seal_pending() == 0
    assert remove_older_than(timedelta(days=400)) == 0
    assert remove_older_than(timedelta(days=398)) == 1
    assert findings() == []
