"""Old acts are removed at the beginning of the chain, and the signed head says where it begins since.

What is removed is checked before: a row that was changed stays, as evidence, and so does all after it.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from accounts.chain.keys import ChainBroken, Keys, key_of, read_keys
from accounts.chain.proof import first_wrong
from accounts.chain.rows import Row, read_rows
from accounts.chain.sealing import add_anchor, locked_head, sign_head
from accounts.models import AuditAnchor, AuditEvent, AuditHead
from common.clock import now

logger = logging.getLogger(__name__)
BATCH = 1_000


def _nothing() -> None:
    """Progress that nobody wants to know."""


def remove_older_than(age: timedelta, *, progress: Callable[[], None] = _nothing) -> int:
    """In short transactions, with `progress` after each; returns how many rows were removed.

    Of what is sealed only the beginning of the chain: a row that has an earlier time than one before it waits for that
    one. What was never sealed and is that old is of the release before (sealing.LEFT_ALONE).
    """
    before, removed = now() - age, 0
    try:
        while count := _remove_batch(before):
            removed += count
            progress()
        if removed:
            with transaction.atomic():
                head = locked_head()
                add_anchor(head, key_of(head), position=head.cut_position, digest=head.cut_digest)
                AuditAnchor.objects.filter(number__lt=head.first_anchor).delete()
    except ChainBroken as error:
        logger.error("old acts of the audit record stay: %s. See manage.py auditverify", error)
    never_sealed = AuditEvent.objects.filter(at__lt=before, position=None, digest="")
    return removed + never_sealed.delete()[0]


def _remove_batch(before: datetime) -> int:
    if not AuditHead.objects.exists():
        return 0
    with transaction.atomic():
        head = locked_head()
        old = _old(head, before)
        if not old:
            return 0
        rows = read_rows("position > %s AND position <= %s ORDER BY position", [head.cut_position, old], limit=BATCH)
        _require_right(rows, head, read_keys(head.chain))
        head.cut_position, head.cut_digest = old, rows[-1].digest
        kept = AuditAnchor.objects.filter(position__gte=old).order_by("number").values_list("number", flat=True).first()
        head.first_anchor = head.last_anchor + 1 if kept is None else kept
        AuditAnchor.objects.filter(number__lt=head.first_anchor).delete()
        AuditEvent.objects.filter(position__lte=old).delete()
        sign_head(head, key_of(head))
    return len(rows)


def _old(head: AuditHead, before: datetime) -> int:
    """The last position of a batch from the beginning in which everything is older; 0 for none."""
    batch = AuditEvent.objects.filter(position__gt=head.cut_position).order_by("position")
    position = 0
    for place, at in batch.values_list("position", "at")[:BATCH]:
        if at >= before or place is None:
            break
        position = place
    return position


def _require_right(rows: list[Row], head: AuditHead, keys: Keys) -> None:
    """Raises ChainBroken."""
    wrong = first_wrong(rows, keys, position=head.cut_position, digest=head.cut_digest)
    if wrong is not None:
        raise ChainBroken(f"position {wrong} is not as it was sealed")
