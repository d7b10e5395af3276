"""Telling people that their storage, or that of a team that they manage, is nearly full: once a week while it is."""

from django.db.models import F, QuerySet

from accounts.actor import system
from accounts.models import Membership, QuotaAccount, Role
from accounts.unit_of_work import unit_of_work
from common.clock import now
from sharing.actions.notify import notify
from sharing.models import NotificationKind

NEARLY_FULL = 90  # percent
BATCH = 500


def tell_of_quotas() -> int:
    """Returns how many people were told."""
    told, last = 0, 0
    while True:
        with unit_of_work(system("activity")):
            accounts = list(_nearly_full().filter(pk__gt=last).order_by("pk")[:BATCH])
            told += sum(map(_tell, accounts))
        if len(accounts) < BATCH:
            return told
        last = accounts[-1].pk


def _nearly_full() -> "QuerySet[QuotaAccount]":
    used = F("live_bytes") + F("versions_bytes") + F("trash_bytes") + F("uploads_bytes")
    rows = QuotaAccount.objects.filter(limit_bytes__gt=0, space_id=None).annotate(used=used)
    return rows.filter(used__gte=F("limit_bytes") / 100 * NEARLY_FULL)


def _tell(account: QuotaAccount) -> int:
    week = now().isocalendar()
    key = f"quota-{account.pk}-{week.year}-{week.week}"
    percent = min(100, account.used_bytes * 100 // (account.limit_bytes or 1))
    if percent < NEARLY_FULL:
        return 0
    if account.user_id is not None:
        return notify([account.user_id], kind=NotificationKind.QUOTA, key=key, percent=percent)
    managers = Membership.objects.filter(team_id=account.team_id or 0, role__in=[Role.OWNER, Role.ADMIN])
    people = list(managers.values_list("user_id", flat=True))
    return notify(people, kind=NotificationKind.QUOTA, key=key, percent=percent, text="team_quota")
