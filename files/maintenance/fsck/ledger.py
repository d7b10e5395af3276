"""The quota ledger against the rows that it sums up.

Whoever changes a sum charges the account in the same transaction, and so holds its row until the commit: under
the account's row lock alone, what can be seen is either both or neither.
"""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from accounts.models import QuotaAccount
from accounts.quotas import Charge
from files.maintenance.fsck.findings import Finding, FsckReport
from files.maintenance.ranges import in_batches
from files.models import Space, TrashItem, Upload


def check_ledger(report: FsckReport, *, mend: bool) -> Iterator[Finding]:
    for accounts in in_batches(QuotaAccount.objects.all()):
        for account in accounts:
            report.checked["quotas"] += 1
            if stored_lines(account) == computed_lines(account):
                continue
            finding = _confirm(account.pk, mend=mend)
            if finding is not None:
                yield finding


def stored_lines(account: QuotaAccount) -> Charge:
    return Charge(account.live_bytes, account.versions_bytes, account.trash_bytes, account.uploads_bytes)


def computed_lines(account: QuotaAccount) -> Charge:
    """What the account's lines must be. Three statements; exact only under the account's row lock."""
    spaces = charged_spaces(account)
    live = spaces.aggregate(live=Sum("root__size"), versions=Sum("root__versions_size"))
    trash = TrashItem.objects.filter(space__in=spaces, purging=False).aggregate(
        size=Sum("node__size"), versions=Sum("node__versions_size")
    )
    uploads = Upload.objects.filter(space__in=spaces).aggregate(charged=Sum("charged"))
    return Charge(
        live=live["live"] or 0,
        versions=live["versions"] or 0,
        trash=(trash["size"] or 0) + (trash["versions"] or 0),
        uploads=uploads["charged"] or 0,
    )


def charged_spaces(account: QuotaAccount) -> "QuerySet[Space]":
    """The spaces whose bytes it pays for: files.tree.edit.quota_accounts the other way round."""
    mine = Q(quota=account)
    if account.team_id is not None:
        mine |= Q(team_id=account.team_id)
    return Space.objects.filter(mine)


def _confirm(account_id: int, *, mend: bool) -> Finding | None:
    with transaction.atomic():
        account = QuotaAccount.objects.select_for_update().filter(pk=account_id).first()
        if account is None:
            return None
        stored, computed = stored_lines(account), computed_lines(account)
        if stored == computed:
            return None
        if mend:
            QuotaAccount.objects.filter(pk=account_id).update(
                live_bytes=computed.live,
                versions_bytes=computed.versions,
                trash_bytes=computed.trash,
                uploads_bytes=computed.uploads,
            )
    return Finding("ledger.lines", f"quota {account_id}", f"says {_show(stored)}, is {_show(computed)}", repaired=mend)


def _show(lines: Charge) -> str:
    return f"live {lines.live} versions {lines.versions} trash {lines.trash} uploads {lines.uploads}"
