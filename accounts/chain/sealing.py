"""Acts get their place in the chain, shortly after they were committed.

Whoever acts writes a row and waits for nobody. Every few seconds a job takes the rows that have no position yet,
in the order of their ids, and gives them the next ones. A transaction that commits late is no problem: its row is taken
when it is seen, and not passed over because a later one was sealed before. So positions are in the order of commits, to
the precision of the job's steps. The lock of the head is held only here and where old rows are removed.
"""

import logging
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.chain.keys import ChainBroken, key_of, new_key, reseal_keys
from accounts.chain.rows import Row, digest_of, in_milliseconds, is_ours, read_rows, sign
from accounts.models import AuditAnchor, AuditEvent, AuditHead, AuditKey, Origin
from accounts.models.audit import this_millisecond
from accounts.secret_box import Found, is_of_today
from common.clock import now

logger = logging.getLogger(__name__)
BATCH = 1_000  # rows in one transaction
ANCHOR_EVERY = timedelta(hours=1)
# The release before writes no marks. While it runs beside this one, and for what it left, an act without a mark is
# taken as its own; afterwards nothing of ours lacks one.
UNMARKED_FOR = timedelta(days=1)
# It also removes what is 400 days old: what is about to be is left to it, and sealed when it is away.
LEFT_ALONE = timedelta(days=398)
WORD = "dropbox_clone-audit-anchor"
_UPDATE_ONE = "UPDATE accounts_auditevent SET at = %s, origin = %s, position = %s, digest = %s WHERE id = %s"
_UPDATE_ALL = (
    "UPDATE accounts_auditevent e SET at = v.at, origin = v.origin, position = v.position, digest = v.digest "
    "FROM unnest(%s::timestamptz[], %s::text[], %s::bigint[], %s::text[], %s::bigint[]) "
    "AS v(at, origin, position, digest, id) WHERE e.id = v.id"
)
HEAD = 1  # the id of the one head
EVER = datetime(1970, 1, 1, tzinfo=UTC)


def seal_pending(*, seconds: float = float("inf")) -> int:
    """For the job: seals what waits, for about so long; anchors the end when it is time. Returns how many rows.

    Raises ChainBroken when the chain is not as it was left.
    """
    deadline, sealed, after = time.monotonic() + seconds, 0, 0
    began = AuditHead.objects.filter(pk=HEAD).values_list("began_at", flat=True).first()
    oldest = now() - LEFT_ALONE if began is None or now() < began + UNMARKED_FOR else EVER
    since = connection.ops.adapt_datetimefield_value(oldest)
    while True:
        rows = read_rows("position IS NULL AND id > %s AND at >= %s ORDER BY id", [after, since], limit=BATCH)
        if rows:
            sealed += _seal(rows)
            after = rows[-1].id
        if len(rows) < BATCH or time.monotonic() >= deadline:
            break
    if AuditHead.objects.exists():
        anchor_when_due()
    return sealed


def _seal(rows: Sequence[Row]) -> int:
    with transaction.atomic():
        head = locked_head()
        key = key_of(head)
        # Another worker may have sealed some of them since they were read.
        left = set(
            AuditEvent.objects.filter(pk__in=[row.id for row in rows], position=None).values_list("pk", flat=True)
        )
        known = marks_in_chain(rows)
        updates: list[tuple[Any, ...]] = []
        for row in rows:
            if row.id not in left:
                continue
            origin = origin_of(row, head, known)
            sealed = row._replace(at=in_milliseconds(row.at), origin=origin)
            head.position += 1
            head.digest = digest_of(key, head.digest, sealed, head.position)
            updates.append((sealed.at, str(origin), head.position, head.digest, row.id))
        _store(updates)
        sign_head(head, key)
    return len(updates)


def _store(updates: Sequence[tuple[Any, ...]]) -> None:
    """Time, origin, position and digest of each id. One statement where each one is a journey."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns = [list(column) for column in zip(*updates, strict=True)] or [[]] * 5
            cursor.execute(_UPDATE_ALL, [[f"{at}+00:00" for at in columns[0]], *columns[1:]])
        else:
            cursor.executemany(_UPDATE_ONE, updates)


def marks_in_chain(rows: Sequence[Row]) -> set[Any]:
    """Marks that rows of the chain have already: one that comes again is that of a copy."""
    marks, times = {row.mark for row in rows if row.mark}, set()
    for row in rows:
        with suppress(ValueError):  # a time that is none has no right mark either
            times.add(datetime.fromisoformat(str(row.at)).replace(tzinfo=UTC))
    sealed = AuditEvent.objects.filter(at__in=times, position__isnull=False)
    return marks & set(sealed.values_list("mark", flat=True))


def origin_of(row: Row, head: AuditHead | None, known: set[Any]) -> str:
    """What the digest will hold for good. `known` is added to."""
    if row.digest or row.origin:  # it was sealed before, and somebody took its place away
        return Origin.FOREIGN
    if not row.mark:
        return Origin.EARLIER if head is None or _may_be_earlier(row, head) else Origin.FOREIGN
    if row.mark in known or not is_ours(row):
        return Origin.FOREIGN
    known.add(row.mark)
    return Origin.OURS


def _may_be_earlier(row: Row, head: AuditHead) -> bool:
    left_alone = (head.began_at - LEFT_ALONE).replace(tzinfo=None).isoformat(" ")
    return now() < head.began_at + UNMARKED_FOR or str(row.at) < left_alone


def locked_head() -> AuditHead:
    """The end of the chain, to be changed by the caller's transaction and nobody else; a new chain when there is none.

    Raises ChainBroken when somebody else has changed it, or the rows before it.
    """
    head = AuditHead.objects.select_for_update().filter(pk=HEAD).first()
    if head is None:
        return _begin()
    key = key_of(head)
    if head.signature != head_signature(head, key):
        raise ChainBroken("the head of the chain was changed")
    if head.position > head.cut_position:
        last = AuditEvent.objects.filter(position=head.position).values_list("digest", flat=True).first()
        if last != head.digest or AuditEvent.objects.filter(position__gt=head.position).exists():
            raise ChainBroken(f"the chain does not end at position {head.position}, where it was left")
    return head


def _begin() -> AuditHead:
    """In the caller's transaction."""
    if AuditEvent.objects.filter(position__isnull=False).exists() or AuditKey.objects.exists():
        raise ChainBroken("the head of the chain is gone")
    made = AuditHead.objects.bulk_create([AuditHead(pk=HEAD, chain=secrets.token_hex(16))], ignore_conflicts=True)
    head = AuditHead.objects.select_for_update().get(pk=made[0].pk)
    if head.signature:  # another worker was first
        return head
    sign_head(head, new_key(head.chain, number=1, first_position=1))
    return head


def forget_chain() -> tuple[str, int]:
    """In the caller's transaction: all sealed acts go, with head, keys and anchors. Returns the id of the chain (empty
    where the head is gone), and how many acts it was.
    """
    head = AuditHead.objects.select_for_update().filter(pk=HEAD).first()
    removed = AuditEvent.objects.exclude(position=None).delete()[0]
    for model in (AuditAnchor, AuditKey, AuditHead):
        model._default_manager.all().delete()
    return ("" if head is None else head.chain), removed


def head_signature(head: AuditHead, key: bytes) -> str:
    places = head.position, head.digest, head.cut_position, head.cut_digest, head.first_anchor, head.last_anchor
    began = head.began_at.isoformat(timespec="milliseconds")
    return sign(key, "head", [head.chain, began, *places, head.key_number])


def sign_head(head: AuditHead, key: bytes) -> None:
    """Stores it, in the transaction that has locked it."""
    head.signature = head_signature(head, key)
    head.save()


def anchor_signature(anchor: AuditAnchor, chain: str, key: bytes) -> str:
    at = anchor.at.isoformat(timespec="milliseconds")
    return sign(key, "anchor", [chain, anchor.number, at, anchor.position, anchor.digest, anchor.key_number])


def anchor_when_due() -> AuditAnchor | None:
    """An anchor at the end of the chain, when it has grown and the last one is ANCHOR_EVERY old."""
    last = AuditAnchor.objects.order_by("-number").first()
    if last is not None and last.at > now() - ANCHOR_EVERY:
        return None
    with transaction.atomic():
        head = locked_head()
        if head.position == head.cut_position or (last is not None and last.position >= head.position):
            return None
        return add_anchor(head, key_of(head), position=head.position, digest=head.digest)


def add_anchor(head: AuditHead, key: bytes, *, position: int, digest: str) -> AuditAnchor:
    """Stored, and told to the log, from where it may be kept outside. In the transaction that has locked the head."""
    head.last_anchor += 1
    anchor = AuditAnchor(
        number=head.last_anchor, at=this_millisecond(), position=position, digest=digest, key_number=head.key_number
    )
    anchor.signature = anchor_signature(anchor, head.chain, key)
    anchor.save(force_insert=True)
    sign_head(head, key)
    line = anchor_line(anchor, head.chain)
    transaction.on_commit(lambda: logger.info("%s", line))
    return anchor


def anchor_line(anchor: AuditAnchor, chain: str) -> str:
    """As the log has it, and as `manage.py auditverify --anchor` takes it."""
    at = anchor.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    number, position = str(anchor.number), str(anchor.position)
    return " ".join([WORD, chain, number, at, position, anchor.digest, str(anchor.key_number), anchor.signature])


def audit_keys(*, only_look: bool) -> Found:
    """The vault of the chain's keys. Where an earlier SECRET_KEY sealed the newest one, another one begins: first what
    waits is sealed, whose marks need the earlier SECRET_KEY. Then all keys are sealed again.
    """
    newest = AuditKey.objects.order_by("-number").first()
    if newest is not None and not only_look and not is_of_today(newest.sealed):
        seal_pending()
        with transaction.atomic():
            head = locked_head()
            head.key_number += 1
            key = new_key(head.chain, number=head.key_number, first_position=head.position + 1)
            sign_head(head, key)
            if head.position > head.cut_position:
                add_anchor(head, key, position=head.position, digest=head.digest)
    return reseal_keys(only_look=only_look)
