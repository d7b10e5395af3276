"""Whether the record is as it was written: every row, their order, both ends, the keys, and the anchors.

Rows are read in the order of their positions, in pages, and each is checked by itself against the digest that the row
before it shows: so a change is told of the row that it happened to. What is being sealed or removed meanwhile by the
jobs is no finding. docs/operations/audit.md says what is found when, and what cannot be.
"""

import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model, QuerySet, Subquery

from accounts.chain.keys import Keys, read_keys
from accounts.chain.rows import Row, digest_of, read_rows
from accounts.chain.sealing import HEAD, WORD, anchor_signature, head_signature, marks_in_chain, origin_of
from accounts.models import AuditAnchor, AuditEvent, AuditHead, AuditKey, Origin

PAGE = 5_000  # rows


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is one of docs/operations/audit.md; `subject` says where: a position, an anchor, a key."""

    code: str
    subject: str
    detail: str

    def line(self) -> str:
        return f"{self.code} {self.subject}: {self.detail}"


@dataclass(slots=True)
class Report:
    """`rows` were checked; `waiting` are not sealed yet."""

    rows: int = 0
    waiting: int = 0
    findings: int = 0


@dataclass(frozen=True, slots=True)
class GivenAnchor:
    """One that was kept outside."""

    chain: str
    anchor: AuditAnchor


def parse_anchors(lines: Iterable[str]) -> list[GivenAnchor]:
    """From lines of a log, or of a file that somebody has kept; other lines are passed over. Raises ValueError."""
    found = []
    for line in lines:
        _, word, rest = line.partition(WORD)
        if word:
            chain, number, at, position, digest, key, signature = rest.split()[:7]
            when = datetime.fromisoformat(at).astimezone(UTC)
            anchor = AuditAnchor(number=int(number), at=when, position=int(position), digest=digest)
            anchor.key_number, anchor.signature = int(key), signature.strip('"},')
            found.append(GivenAnchor(chain, anchor))
    return found


def verify(tell: Callable[[Finding], None], *, given: Sequence[GivenAnchor] = ()) -> Report:
    """Tells each finding as it is found. Reads only; no lock is taken."""
    report = Report()

    def find(code: str, subject: str, detail: str) -> None:
        report.findings += 1
        tell(Finding(code, subject, detail))

    head = AuditHead.objects.filter(pk=HEAD).first()
    if head is None:
        _without_head(find, given)
    else:
        keys = read_keys(head.chain)
        _check_keys(find, head, keys)
        anchors = _Anchors(find, head, keys)
        anchors.check_stored()
        for each in given:
            anchors.add_given(each)
        report.rows = _Walk(find, head, keys, anchors).check()
    report.waiting = _check_waiting(find, head)
    return report


def first_wrong(rows: Sequence[Row], keys: Keys, *, position: int, digest: str) -> int | None:
    """The position of the first row that does not follow what comes before it; None when all do."""
    for row in rows:
        key = keys.at(position + 1)
        if row.position != position + 1 or key is None or row.digest != digest_of(key, digest, row, position + 1):
            return position + 1
        position, digest = row.position, row.digest
    return None


Find = Callable[[str, str, str], None]


def _without_head(find: Find, given: Sequence[GivenAnchor]) -> None:
    left: list[QuerySet[Any]] = [AuditEvent.objects.exclude(position=None), AuditKey.objects.all()]
    if given or any(rows.exists() for rows in (*left, AuditAnchor.objects.all())):
        find("head.missing", "head", "the row that says where the chain ends is gone")


def _check_keys(find: Find, head: AuditHead, keys: Keys) -> None:
    for number in keys.lost:
        find("key.changed", f"key {number}", "it does not open, or not as the key of this place")
    if sorted(keys.first) != list(range(1, head.key_number + 1)):
        find("key.missing", "keys", f"there must be {head.key_number}, numbered from 1")
    key = keys.by_number.get(head.key_number)
    if key is None or not _same(head.signature, head_signature(head, key)):
        find("head.changed", "head", "its signature is not that of what it says")
    if AuditHead.objects.exclude(pk=HEAD).exists():
        find("head.changed", "head", "there is another one beside it")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(str(one).encode(), other.encode())


class _Anchors:
    """What must be at which position, by the anchors that are signed."""

    def __init__(self, find: Find, head: AuditHead, keys: Keys) -> None:
        self.find, self.head, self.keys = find, head, keys
        self.wanted: dict[int, list[tuple[str, str]]] = {}  # digests, each with the name of its anchor

    def check_stored(self) -> None:
        """All numbers are there. What was made since the head was read is one of the next run."""
        first, last = self.head.first_anchor, self.head.last_anchor
        for row in _beyond(AuditAnchor, "number__lt", "first_anchor")[:1]:
            self.find("anchor.inserted", f"anchor {row.number}", f"the first one is {first}")
        for row in _beyond(AuditAnchor, "number__gt", "last_anchor")[:1]:
            self.find("anchor.inserted", f"anchor {row.number}", f"the last one is {last}")
        expected = first
        for anchor in AuditAnchor.objects.filter(number__gte=first, number__lte=last).order_by("number").iterator():
            if anchor.number != expected and not _is_cut(anchor_number=anchor.number - 1):
                self.find("anchor.missing", f"anchor {expected}", f"the next one is {anchor.number}")
            expected = anchor.number + 1
            self._want(anchor, f"anchor {anchor.number}")
        if expected <= last and not _is_cut(anchor_number=last):
            self.find("anchor.missing", f"anchor {expected}", f"the last one must be {last}")

    def add_given(self, given: GivenAnchor) -> None:
        name = f"given anchor {given.anchor.number}"
        if given.chain != self.head.chain:
            self.find("anchor.foreign", name, "it is of another chain: the record was begun anew")
        else:
            self._want(given.anchor, name)

    def _want(self, anchor: AuditAnchor, name: str) -> None:
        key = self.keys.by_number.get(anchor.key_number)
        if key is None or not _same(anchor.signature, anchor_signature(anchor, self.head.chain, key)):
            self.find("anchor.changed", name, "its signature is not that of what it says")
        else:
            self.wanted.setdefault(anchor.position, []).append((anchor.digest, name))

    def compare(self, position: int, digest: str) -> None:
        for expected, name in self.wanted.pop(position, ()):
            if expected != digest:
                self.find("anchor.differs", name, f"position {position} is not what it was then")

    def check_rest(self) -> None:
        """Of rows that were not there. What was removed by its age cannot be compared any more."""
        for position, names in sorted(self.wanted.items()):
            if position > self.head.cut_position and not _is_cut(position=position):
                for _, name in names:
                    self.find("anchor.differs", name, f"position {position} is gone")


class _Walk:
    """Through the rows, in the order of their positions."""

    def __init__(self, find: Find, head: AuditHead, keys: Keys, anchors: _Anchors) -> None:
        self.find, self.head, self.anchors = find, head, anchors
        self.ranges = keys.ranges()
        self.rows = 0

    def check(self) -> int:
        """Returns how many rows. Those that are sealed after the head was read are left to the next run."""
        head = self.head
        for row in _beyond(AuditEvent, "position__lte", "cut_position")[:1]:
            self.find("row.inserted", f"event {row.pk}", "it is before the beginning of the chain")
        for row in _beyond(AuditEvent, "position__gt", "position")[:1]:
            self.find("row.inserted", f"event {row.pk}", "it is beyond the end of the chain")
        self.anchors.compare(head.cut_position, head.cut_digest)
        position, digest = self._walk(head.cut_position, head.cut_digest)
        if (position, digest) != (head.position, head.digest) and not _is_cut(position=head.position):
            detail = f"the chain ends at position {position}, and must end at {head.position}"
            self.find("end.missing" if position < head.position else "end.changed", "end", detail)
        self.anchors.check_rest()
        return self.rows

    def _walk(self, position: int, digest: str) -> tuple[int, str]:
        """Position and digest of the last row."""
        end = self.head.position
        while rows := read_rows("position > %s AND position <= %s ORDER BY position", [position, end], limit=PAGE):
            first = rows[0]
            if first.position != position + 1 and _is_cut(position=first.position - 1):
                # All before it was removed by its age meanwhile: what it stands on is not known here any more.
                self.anchors.compare(first.position, first.digest)
                rows, position, digest = rows[1:], first.position, first.digest
            for row in rows:
                self._check(row, position, digest)
                position, digest = row.position, row.digest
            self.rows += len(rows)
        return position, digest

    def _check(self, row: Row, position: int, digest: str) -> None:
        place = row.position
        key = self._key_at(place)
        if place != position + 1:  # the row itself cannot be checked: it stands on the one that is gone
            self.find("row.missing", f"positions {position + 1} to {place - 1}", "the next row is " + _words(row))
        elif key is None or row.digest != digest_of(key, digest, row, place):
            self.find("row.changed", f"position {place}", _words(row))
        if row.origin == Origin.FOREIGN:
            self.find("row.foreign", f"position {place}", _words(row))
        if place in self.anchors.wanted:
            self.anchors.compare(place, row.digest)

    def _key_at(self, place: int) -> bytes | None:
        while len(self.ranges) > 1 and self.ranges[1][0] <= place:
            self.ranges.pop(0)
        return self.ranges[0][1] if self.ranges else None


def _check_waiting(find: Find, head: AuditHead | None) -> int:
    """Acts that are not sealed yet. Returns how many."""
    waiting, after = 0, 0
    while rows := read_rows("position IS NULL AND id > %s ORDER BY id", [after], limit=PAGE):
        known = marks_in_chain(rows)
        for row in rows:
            if origin_of(row, head, known) == Origin.FOREIGN:
                find("row.foreign", f"event {row.id}", _words(row))
        waiting, after = waiting + len(rows), rows[-1].id
    return waiting


def _beyond(model: type[Model], lookup: str, bound: str) -> "QuerySet[Any]":
    """Rows on the wrong side of what the head says, in one statement, so that no job comes in between."""
    return model._default_manager.filter(**{lookup: Subquery(AuditHead.objects.filter(pk=HEAD).values(bound))})


def _is_cut(*, position: int | None = None, anchor_number: int | None = None) -> bool:
    """Whether it has been removed by its age by now."""
    head = AuditHead.objects.filter(pk=HEAD).first()
    if head is None:
        return False
    if anchor_number is not None:
        return head.first_anchor > anchor_number
    return position is not None and head.cut_position >= position


def _words(row: Row) -> str:
    return f"event {row.id}, {str(row.kind)[:50]!r} at {str(row.at)[:23]}"
