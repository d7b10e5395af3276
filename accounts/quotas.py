"""The ledger of bytes, nodes and properties: charged in the transaction of the act itself, never over.

Lock order (docs/locking.md): spaces, then contents, then quota accounts in id order.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.errors import LimitReached, QuotaExceeded
from accounts.models import QuotaAccount

_USED = "live_bytes + versions_bytes + trash_bytes + uploads_bytes"


@dataclass(frozen=True, slots=True)
class Charge:
    """What to add to each line (negative takes away): bytes, nodes, characters of properties."""

    live: int = 0
    versions: int = 0
    trash: int = 0
    uploads: int = 0
    nodes: int = 0
    properties: int = 0

    @property
    def total(self) -> int:
        """Bytes."""
        return self.live + self.versions + self.trash + self.uploads

    def __bool__(self) -> bool:
        return bool(self.live or self.versions or self.trash or self.uploads or self.nodes or self.properties)

    def __add__(self, other: "Charge") -> "Charge":
        return Charge(
            self.live + other.live,
            self.versions + other.versions,
            self.trash + other.trash,
            self.uploads + other.uploads,
            self.nodes + other.nodes,
            self.properties + other.properties,
        )

    def __neg__(self) -> "Charge":
        return Charge(-self.live, -self.versions, -self.trash, -self.uploads, -self.nodes, -self.properties)


def charge(account_ids: list[int], amount: Charge) -> None:
    """Adds `amount` to each account, in id order. Raises QuotaExceeded or LimitReached when one would pass a limit.

    One conditional UPDATE per account, so that no race can pass the limit: the row lock that it takes is
    held until the end of the caller's transaction.
    """
    assert connection.in_atomic_block, "a charge belongs to a transaction"
    if not amount:
        return
    for account_id in sorted(account_ids):
        if not _add(account_id, amount):
            raise _refusal(QuotaAccount.objects.get(pk=account_id), amount)


def _add(account_id: int, amount: Charge) -> bool:
    """False when the account would pass its limit. By hand: part of every upload's transaction."""
    sets, where, values, bounds = "", "", list[int](), list[int]()
    if amount.total > 0:
        where, bounds = f" AND (limit_bytes IS NULL OR {_USED} + %s <= limit_bytes)", [amount.total]
    for line, more in (("nodes", amount.nodes), ("properties", amount.properties)):
        if more:
            sets += f", {line} = {line} + %s"
            values.append(more)
        if more > 0:
            where += f" AND {line} + %s <= CASE WHEN user_id IS NULL THEN %s ELSE %s END"
            bounds += [more, _limit(line, of_team=True), _limit(line, of_team=False)]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_quotaaccount SET live_bytes = live_bytes + %s, "  # noqa: S608
            "versions_bytes = versions_bytes + %s, trash_bytes = trash_bytes + %s, "
            f"uploads_bytes = uploads_bytes + %s{sets} WHERE id = %s{where}",
            [amount.live, amount.versions, amount.trash, amount.uploads, *values, account_id, *bounds],
        )
        return cursor.rowcount == 1


def _limit(line: str, *, of_team: bool) -> int:
    limit: int = getattr(settings, f"{'TEAM' if of_team else 'ACCOUNT'}_{line.upper()}")
    return limit


def _refusal(account: QuotaAccount, amount: Charge) -> QuotaExceeded | LimitReached:
    whose = account.whose
    for line, more in (("nodes", amount.nodes), ("properties", amount.properties)):
        limit = _limit(line, of_team=account.whose != "account")
        if more > 0 and getattr(account, line) + more > limit:
            return LimitReached(whose=whose, what=line, limit=limit)
    return _exceeded(account, amount.total)


def check_charge(account_ids: list[int], amount: Charge) -> None:
    """Raises what `charge` would now. Takes no lock: an early refusal of what costs much before it is charged."""
    accounts = list(QuotaAccount.objects.filter(pk__in=account_ids).order_by("pk"))
    for account in accounts:  # first: no trash gives way to what is refused for its nodes
        limit = _limit("nodes", of_team=account.whose != "account")
        if amount.nodes > 0 and account.nodes + amount.nodes > limit:
            raise _refusal(account, amount)
    for account in accounts:
        free = account.free_bytes
        if amount.total > 0 and free is not None and amount.total > free:
            raise _exceeded(account, amount.total)


def missing(account_ids: list[int], needed: int) -> int:
    """How many of `needed` bytes would not fit now; zero or less when all would."""
    free = [account.free_bytes for account in QuotaAccount.objects.filter(pk__in=account_ids)]
    return needed - min((left for left in free if left is not None), default=needed)


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
    """Of the limit of one space what is free is not told: who writes there may not see all that is in it."""
    free: dict[str, Any] = {} if account.whose == "space" else {"free": account.free_bytes or 0}
    error = QuotaExceeded(whose=account.whose, needed=needed, **free)
    error.account_id = account.pk
    return error
