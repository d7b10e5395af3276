"""The quota ledger against the rows that it sums up.

Whoever changes a sum charges the account in the same transaction, and so holds its row until the commit: under
the account's row lock alone, what can be seen is either both or neither.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import BigIntegerField, F, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Length

from accounts.models import QuotaAccount
from accounts.quotas import Charge
from common.clock import now
from files.maintenance.fsck.findings import Finding, FsckReport
from files.maintenance.ranges import rows_in_batches
from files.models import NodeProperty, Space, TrashItem, Upload

BOTH = timedelta(days=7)  # for which two releases may serve side by side, at most


def check_ledger(report: FsckReport, *, mend: bool) -> Iterator[Finding]:
    uncounted = _upgraded_lately()
    for accounts in rows_in_batches(QuotaAccount.objects.all()):
        for account in accounts:
            report.checked["quotas"] += 1
            if stored_lines(account) == computed_lines(account):
                continue
            finding = _confirm(account.pk, mend=mend, uncounted=uncounted)
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
    """What the account's lines must be; exact only under the account's row lock.

    By one statement, which sees one moment: an empty folder that goes to the trash changes no line, so that whoever
    moves it does not hold the account, and would be counted in both places by two.
    """
    spaces = charged_spaces(account)
    trash = TrashItem.objects.filter(space__in=spaces, purging=False)
    # Properties of nodes that are no more (the release before left them) are nobody's.
    properties = NodeProperty.objects.filter(node__space__in=spaces)
    sums = {
        "sum_live": _total(spaces, Sum("root__size")),
        "sum_versions": _total(spaces, Sum("root__versions_size")),
        "sum_nodes": _total(spaces, Sum("root__descendants")),
        "sum_trash": _total(trash, Sum(F("node__size") + F("node__versions_size"))),
        "sum_trashed_nodes": _total(trash, Sum(F("node__descendants") + 1)),
        "sum_uploads": _total(Upload.objects.filter(space__in=spaces), Sum("charged")),
        "sum_properties": _total(properties, Sum(Length("namespace") + Length("name") + Length("value"))),
    }
    found = QuotaAccount.objects.filter(pk=account.pk).values(**sums).first() or dict.fromkeys(sums, 0)
    return Charge(
        live=found["sum_live"],
        versions=found["sum_versions"],
        trash=found["sum_trash"],
        uploads=found["sum_uploads"],
        nodes=found["sum_nodes"] + found["sum_trashed_nodes"],
        properties=found["sum_properties"],
    )


def _total(rows: "QuerySet[Any]", total: Sum) -> Coalesce:
    """As a part of another statement."""
    grouped = rows.order_by().annotate(all_rows=Value(1)).values("all_rows")
    return Coalesce(Subquery(grouped.annotate(total=total).values("total"), output_field=BigIntegerField()), 0)


def recount() -> int:
    """Sets right the lines that the release before does not write, while it runs beside this one. Returns how many."""
    changed = 0
    for account_id in QuotaAccount.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            account = QuotaAccount.objects.select_for_update().filter(pk=account_id).first()
            if account is None:
                continue
            stored, computed = stored_lines(account), computed_lines(account)
            if (stored.nodes, stored.properties) != (computed.nodes, computed.properties):
                QuotaAccount.objects.filter(pk=account_id).update(nodes=computed.nodes, properties=computed.properties)
                changed += 1
    return changed


def charged_spaces(account: QuotaAccount) -> "QuerySet[Space]":
    """The spaces whose bytes it pays for: files.tree.unit_of_work.quota_accounts the other way round."""
    mine = Q(quota=account)
    if account.team_id is not None:
        mine |= Q(team_id=account.team_id)
    return Space.objects.filter(mine)


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
