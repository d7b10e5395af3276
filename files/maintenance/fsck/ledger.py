"""The quota ledger against the rows that it sums up.

Whoever changes a sum charges the account in the same transaction, and so holds its row until the commit: under
the account's row lock alone, what can be seen is either both or neither.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Q

from accounts.models import QuotaAccount
from accounts.quotas import Charge
from common.clock import now
from files.maintenance.fsck.findings import Finding, FsckReport
from files.maintenance.ranges import rows_in_batches
from files.models import Space
from files.queries.usage import lines_of_spaces

BOTH = timedelta(days=7)  # for which two releases may serve side by side, at most


def check_ledger(report: FsckReport, *, mend: bool) -> Iterator[Finding]:
    uncounted = _upgraded_lately()
    for account_id, stored, computed in _all_lines():
        report.checked["quotas"] += 1
        if stored == computed:
            continue
        finding = _confirm(account_id, mend=mend, uncounted=uncounted)
        if finding is not None:
            yield finding


def _upgraded_lately() -> bool:
    """Whether the release before, which does not count nodes and properties, may have written lately."""
    migrations = MigrationRecorder.Migration.objects.filter(app="files", name="0012_counted_lines")
    return migrations.filter(applied__gt=now() - BOTH).exists()


def stored_lines(account: QuotaAccount) -> Charge:
    return Charge(
        account.live_bytes,
        account.versions_bytes,
        account.trash_bytes,
        account.uploads_bytes,
        account.nodes,
        account.properties,
    )


def computed_lines(account: QuotaAccount) -> Charge:
    """What the account's lines must be; exact only under the account's row lock."""
    return _computed([account])[account.pk]


def recount() -> int:
    """Sets right the lines that the release before does not write, while it runs beside this one. Returns how many."""
    changed = 0
    for account_id, before, after in _all_lines():
        if _counts(before) == _counts(after):
            continue
        with transaction.atomic():
            account = QuotaAccount.objects.select_for_update().filter(pk=account_id).first()
            if account is None:
                continue
            computed = computed_lines(account)
            if _counts(stored_lines(account)) != _counts(computed):
                QuotaAccount.objects.filter(pk=account_id).update(nodes=computed.nodes, properties=computed.properties)
                changed += 1
    return changed


def _counts(lines: Charge) -> tuple[int, int]:
    return lines.nodes, lines.properties


def _all_lines() -> Iterator[tuple[int, Charge, Charge]]:
    """Of each account its id, what its lines say, and what they must be, as seen without its lock."""
    for accounts in rows_in_batches(QuotaAccount.objects.all()):
        computed = _computed(accounts)
        for account in accounts:
            yield account.pk, stored_lines(account), computed[account.pk]


def _computed(accounts: Sequence[QuotaAccount]) -> dict[int, Charge]:
    """By their ids, from the spaces whose bytes they pay for: files.tree.unit_of_work.quota_accounts the other way
    round.
    """
    found = {account.pk: Charge() for account in accounts}
    of_team = {account.team_id: account.pk for account in accounts if account.team_id is not None}
    for space, lines in lines_of_spaces(Space.objects.filter(Q(quota__in=found) | Q(team__in=of_team))):
        for account_id in (space.quota_id, of_team.get(space.team_id)):
            if account_id is not None and account_id in found:
                found[account_id] += lines
    return found


def _confirm(account_id: int, *, mend: bool, uncounted: bool) -> Finding | None:
    """`uncounted`: nodes and properties are set right, and no finding."""
    with transaction.atomic():
        account = QuotaAccount.objects.select_for_update().filter(pk=account_id).first()
        if account is None:
            return None
        stored, computed = stored_lines(account), computed_lines(account)
        if uncounted:
            counts = {"nodes": computed.nodes, "properties": computed.properties}
            stored = replace(stored, **counts)
            QuotaAccount.objects.filter(pk=account_id).update(**counts)
        if stored == computed:
            return None
        if mend:
            QuotaAccount.objects.filter(pk=account_id).update(
                live_bytes=computed.live,
                versions_bytes=computed.versions,
                trash_bytes=computed.trash,
                uploads_bytes=computed.uploads,
                nodes=computed.nodes,
                properties=computed.properties,
            )
    return Finding("ledger.lines", f"quota {account_id}", f"says {_show(stored)}, is {_show(computed)}", repaired=mend)


def _show(lines: Charge) -> str:
    return (
        f"live {lines.live} versions {lines.versions} trash {lines.trash} uploads {lines.uploads} "
        f"nodes {lines.nodes} properties {lines.properties}"
    )
