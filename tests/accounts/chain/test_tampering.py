"""Whatever somebody does to the record who has got at the database, the proof finds it."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.chain import proof, sealing
from accounts.models import AuditAnchor, AuditEvent, AuditHead, AuditKey
from tests.accounts.chain.record import findings, kept_outside, make_record, sql

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

ROWS = 120
EVENTS = "accounts_auditevent"
TEXTS = ("principal", "kind", "target", "client", "mark", "digest")
NUMBERS = ("actor_id", "link_id", "grant_id", "team_id")
COPIED = "at, actor_id, principal, link_id, grant_id, team_id, kind, target, detail, client, address, mark"


class Undone(Exception):
    """Takes a tampering back."""


class Vandal:
    """Does one thing to the record, by chance. Each act changes something for sure."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.head = AuditHead.objects.get()

    def some(self, *, but_last: int = 0) -> AuditEvent:
        return AuditEvent.objects.get(position=self.chance.randrange(1, self.head.position + 1 - but_last))

    def change(self, column: str, value: Any, event: AuditEvent) -> None:
        mark = "%s::jsonb" if column == "detail" and connection.vendor == "postgresql" else "%s"
        sql(f"UPDATE {EVENTS} SET {column} = {mark} WHERE id = %s", value, event.pk)

    def text(self) -> None:
        event, column = self.some(), self.chance.choice(TEXTS)
        before = getattr(event, column)
        self.change(column, self.chance.choice([before[1:] if before else "x", before[:-1] + "~"]), event)

    def number(self) -> None:
        event, column = self.some(), self.chance.choice(NUMBERS)
        before = getattr(event, column)
        of_others = {"actor_id": "accounts_user", "team_id": "accounts_team"}
        if column in of_others:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT id FROM {of_others[column]}")
                others = [None, *(row[0] for row in cursor.fetchall())]
        else:
            others = [None, 1, 2]
        self.change(column, self.chance.choice([other for other in others if other != before]), event)

    def moment(self) -> None:
        event = self.some()
        later = event.at.replace(microsecond=(event.at.microsecond + self.chance.choice([1, 1000])) % 10**6)
        AuditEvent.objects.filter(pk=event.pk).update(at=later)

    def detail(self) -> None:
        event = self.some()
        changed = self.chance.choice([{}, {**event.detail, "number": -1}, {**event.detail, "more": None}])
        AuditEvent.objects.filter(pk=event.pk).update(detail=changed)

    def address(self) -> None:
        event = self.some()
        others = {None, "192.0.2.8", "2001:db8::2"} - {event.address}
        self.change("address", self.chance.choice(sorted(others, key=str)), event)

    def own_id(self) -> None:
        self.change("id", AuditEvent.objects.latest("pk").pk + 1, self.some())

    def origin(self) -> None:
        self.change("origin", self.chance.choice(["", "earlier", "foreign"]), self.some())

    def position(self) -> None:
        self.change("position", self.chance.choice([None, -1, 0, self.head.position + 1, 10**9]), self.some())

    def delete(self) -> None:
        self.some().delete()

    def delete_many(self) -> None:
        first = self.chance.randrange(1, self.head.position)
        AuditEvent.objects.filter(position__gte=first, position__lte=first + self.chance.randrange(1, 30)).delete()

    def truncate(self) -> None:
        AuditEvent.objects.filter(position__gt=self.head.position - self.chance.randrange(1, 40)).delete()

    def truncate_with_head(self) -> None:
        last = self.some(but_last=1)
        AuditEvent.objects.filter(position__gt=last.position).delete()
        AuditHead.objects.update(position=last.position, digest=last.digest)

    def cut(self) -> None:
        """The beginning goes, and the head says that its age was the reason."""
        first = self.some(but_last=1)
        AuditEvent.objects.filter(position__lte=first.position).delete()
        if self.chance.random() < 0.5:
            AuditHead.objects.update(cut_position=first.position, cut_digest=first.digest)

    def close_the_gap(self) -> None:
        """What comes after the deleted row moves up."""
        gone = self.some(but_last=1)
        gone.delete()
        for event in AuditEvent.objects.filter(position__gt=gone.position).order_by("position"):
            self.change("position", event.position - 1, event)
        AuditHead.objects.update(position=self.head.position - 1)

    def swap(self) -> None:
        one, other = self.some(), self.some()
        if one.pk == other.pk:
            return self.delete()
        self.change("position", None, one)
        self.change("position", one.position, other)
        self.change("position", other.position, one)
        if self.chance.random() < 0.5:  # the digests stay where they were
            self.change("digest", one.digest, other)
            self.change("digest", other.digest, one)
        return None

    def swap_contents(self) -> None:
        one, other = self.some(), self.some()
        if (one.kind, one.target, one.detail) == (other.kind, other.target, other.detail):
            return self.delete()
        for event, by in ((one, other), (other, one)):
            AuditEvent.objects.filter(pk=event.pk).update(kind=by.kind, target=by.target, detail=by.detail)
        return None

    def insert_waiting(self) -> None:
        """As an act that nobody did: with no mark, with that of another one, with a changed copy of one that waits."""
        waiting = AuditEvent.objects.filter(position=None).first()
        event = self.chance.choice(
            [AuditEvent(kind="sign_in", mark=self.chance.choice(["", "0" * 80])), self.some(), waiting]
        )
        assert event is not None
        event.pk, event.position, event.digest, event.origin = None, None, "", ""
        event.save(force_insert=True)

    def insert_into_chain(self) -> None:
        event = self.some()
        event.pk, event.position = None, self.head.position + 1
        event.save(force_insert=True)
        if self.chance.random() < 0.5:
            AuditHead.objects.update(position=event.position, digest=event.digest)

    def insert_between(self) -> None:
        """All after it move down."""
        event = self.some()
        for later in AuditEvent.objects.filter(position__gte=event.position).order_by("-position"):
            self.change("position", later.position + 1, later)
        event.pk = None
        event.save(force_insert=True)
        AuditHead.objects.update(position=self.head.position + 1)

    def change_waiting(self) -> None:
        event = AuditEvent.objects.filter(position=None).first()
        assert event is not None
        self.change("kind", "sign_out", event)

    def anchors(self) -> None:
        anchors = AuditAnchor.objects.order_by("number")
        anchor = self.chance.choice(list(anchors))
        act = self.chance.randrange(6)
        if act == 0:
            anchor.delete()
        elif act == 1:
            anchors.filter(pk=anchor.pk).update(position=anchor.position - 1)
        elif act == 2:
            anchors.filter(pk=anchor.pk).update(digest="0" * 64)
        elif act == 3:
            anchors.filter(pk=anchor.pk).update(signature=anchor.signature[::-1])
        elif act == 4:
            anchors.filter(pk=anchor.pk).update(key_number=anchor.key_number % 2 + 1)
        else:
            AuditAnchor.objects.create(
                number=self.head.last_anchor + 1, position=1, digest="0" * 64, key_number=1, signature=anchor.signature
            )

    def heads(self) -> None:
        changes: list[dict[str, Any]] = [
            {"position": self.head.position - 1},
            {"digest": "0" * 64},
            {"cut_position": 1},
            {"first_anchor": 2},
            {"last_anchor": self.head.last_anchor - 1},
            {"signature": ""},
            {"chain": "0" * 32},
            {"key_number": 1},
        ]
        change = self.chance.choice([*changes, None, {"pk": 2}])
        if change is None:
            AuditHead.objects.all().delete()
        elif "pk" in change:  # an earlier one, which is signed
            self.head.pk = 2
            self.head.save(force_insert=True)
        else:
            AuditHead.objects.update(**change)

    def keys(self) -> None:
        key = self.chance.choice(list(AuditKey.objects.all()))
        act = self.chance.randrange(4)
        if act == 0:
            key.delete()
        elif act == 1:
            AuditKey.objects.filter(pk=key.pk).update(first_position=key.first_position + 1)
        elif act == 2:
            AuditKey.objects.filter(pk=key.pk).update(sealed=key.sealed[:-8])
        else:
            AuditKey.objects.create(number=3, first_position=key.first_position, sealed=key.sealed)


ACTS = [name for name in vars(Vandal) if not name.startswith("_") and name not in ("some", "change")]


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time in which acts without a mark are taken for those of the release before."""
    monkeypatch.setattr(sealing, "UNMARKED_FOR", timedelta(days=-1))
    make_record(ROWS)


def found_after(tamper: Callable[[], None]) -> bool:
    found = False
    try:
        with transaction.atomic():
            tamper()
            found = bool(findings())
            raise Undone
    except Undone:
        return found


@pytest.mark.parametrize("times", [150, pytest.param(1_000, marks=pytest.mark.long)])
def test_all_tamperings_are_found(record: None, times: int) -> None:
    assert findings() == []
    chance, done, missed = random.Random(20261130), Counter[str](), []
    vandal = Vandal(chance)
    for number in range(times):
        act = ACTS[number % len(ACTS)]
        done[act] += 1
        if not found_after(getattr(vandal, act)):
            missed.append((number, act))
    assert missed == []
    assert sum(done.values()) == times
    assert min(done.values()) >= times // len(ACTS)
    assert findings() == [], "all was taken back"


def test_the_test_can_fail(record: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a proof that does not compute digests."""
    monkeypatch.setattr(proof, "digest_of", lambda key, before, row, position: row.digest)
    vandal = Vandal(random.Random(3))
    assert not found_after(vandal.detail)
    assert not found_after(vandal.address)


def test_what_only_anchors_from_outside_prove(record: None) -> None:
    """Somebody who brings back an earlier state of all tables, its signed head included."""
    kept = kept_outside()
    assert findings(kept) == []
    AuditEvent.objects.all().delete()
    for model in (AuditHead, AuditKey, AuditAnchor):
        model.objects.all().delete()
    assert findings() == [], "an empty record, as on the first day"
    assert [finding.code for finding in findings(kept)] == ["head.missing"]
    make_record(16, seed=2)
    assert findings() == []
    assert {finding.code for finding in findings(kept)} == {"anchor.foreign"}
