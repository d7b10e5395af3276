"""The quota ledger: charged in the transaction of the act itself, never below zero, never over.

Lock order (docs/locking.md): spaces, then contents, then quota accounts in id order.
"""

from dataclasses import dataclass

from django.db import connection, transaction

from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount

_USED = "live_bytes + versions_bytes + trash_bytes + uploads_bytes"


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
        if not _add(account_id, amount):
            raise _exceeded(QuotaAccount.objects.get(pk=account_id), amount.total)


def _add(account_id: int, amount: Charge) -> bool:
    """False when the account would pass its limit. By hand: part of every upload's transaction."""
    fits = f" AND (limit_bytes IS NULL OR {_USED} + %s <= limit_bytes)" if amount.total > 0 else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_quotaaccount SET live_bytes = live_bytes + %s, "  # noqa: S608
            "versions_bytes = versions_bytes + %s, trash_bytes = trash_bytes + %s, "
            f"uploads_bytes = uploads_bytes + %s WHERE id = %s{fits}",
            [amount.live, amount.versions, amount.trash, amount.uploads, account_id, *([amount.total] if fits else [])],
        )
        return cursor.rowcount == 1


def check(account_ids: list[int], needed: int) -> None:
    """Raises QuotaExceeded when `needed` bytes more cannot fit now. Takes no lock: an early refusal only."""
    marks = ", ".join(["%s"] * len(account_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM accounts_quotaaccount WHERE limit_bytes IS NOT NULL AND "  # noqa: S608
            f"{_USED} + %s > limit_bytes AND id IN ({marks}) ORDER BY id",
            [needed, *account_ids],
        )
        row = cursor.fetchone()
    if row is not None and needed > 0:
        raise _exceeded(QuotaAccount.objects.get(pk=row[0]), needed)


def set_limit(account: QuotaAccount, limit_bytes: int | None) -> None:
    """Takes effect with the next charge; a limit under what is used refuses only growth."""
    with transaction.atomic():
        QuotaAccount.objects.filter(pk=account.pk).update(limit_bytes=limit_bytes)


def _exceeded(account: QuotaAccount, needed: int) -> QuotaExceeded:
    whose = "team" if account.team_id else "account"
    return QuotaExceeded(whose=whose, needed=needed, free=account.free_bytes or 0)
