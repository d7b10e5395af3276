"""The quota ledger: charged in the transaction of the act itself, never below zero, never over.

Lock order (docs/locking.md): spaces, then contents, then quota accounts in id order.
"""

from dataclasses import dataclass

from django.db import connection, models, transaction
from django.db.models import F, Q

from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount


@dataclass(frozen=True, slots=True)
class Charge:
    """Bytes to add to each line (negative takes away)."""

    live: int = 0
    versions: int = 0
    trash: int = 0
    uploads: int = 0

    @property
    def total(self) -> int:
        return self.live + self.versions + self.trash + self.uploads

    def __bool__(self) -> bool:
        return bool(self.live or self.versions or self.trash or self.uploads)

    def __add__(self, other: "Charge") -> "Charge":
        return Charge(
            self.live + other.live,
            self.versions + other.versions,
            self.trash + other.trash,
            self.uploads + other.uploads,
        )

    def __neg__(self) -> "Charge":
        return Charge(-self.live, -self.versions, -self.trash, -self.uploads)


def charge(account_ids: list[int], amount: Charge) -> None:
    """Adds `amount` to each account, in id order. Raises QuotaExceeded when one would pass its limit.

    One conditional UPDATE per account, so that no race can pass the limit: the row lock that it takes is
    held until the end of the caller's transaction.
    """
    assert connection.in_atomic_block, "a charge belongs to a transaction"
    if not amount:
        return
    for account_id in sorted(account_ids):
        rows = QuotaAccount.objects.filter(pk=account_id)
        if amount.total > 0:
            used = QuotaAccount.used_expression()
            used_after = models.ExpressionWrapper(used + amount.total, models.BigIntegerField())
            rows = rows.annotate(used_after=used_after)
            rows = rows.filter(Q(limit_bytes__isnull=True) | Q(used_after__lte=F("limit_bytes")))
        changed = rows.update(
            live_bytes=F("live_bytes") + amount.live,
            versions_bytes=F("versions_bytes") + amount.versions,
            trash_bytes=F("trash_bytes") + amount.trash,
            uploads_bytes=F("uploads_bytes") + amount.uploads,
        )
        if not changed:
            raise _exceeded(QuotaAccount.objects.get(pk=account_id), amount.total)


def check(account_ids: list[int], needed: int) -> None:
    """Raises QuotaExceeded when `needed` bytes more cannot fit now. Takes no lock: an early refusal only."""
    for account in QuotaAccount.objects.filter(pk__in=account_ids).order_by("pk"):
        if account.free_bytes is not None and needed > account.free_bytes:
            raise _exceeded(account, needed)


def set_limit(account: QuotaAccount, limit_bytes: int | None) -> None:
    """Takes effect with the next charge; a limit under what is used refuses only growth."""
    with transaction.atomic():
        QuotaAccount.objects.filter(pk=account.pk).update(limit_bytes=limit_bytes)


def _exceeded(account: QuotaAccount, needed: int) -> QuotaExceeded:
    whose = "team" if account.team_id else "account"
    return QuotaExceeded(whose=whose, needed=needed, free=account.free_bytes or 0)
