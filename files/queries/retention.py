"""How long trash and earlier versions are kept: as the installation says, or shorter by a policy of the team."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.models import TeamPolicy
from accounts.policies import Affected, Ending
from common.clock import now
from files.models import Space, TrashItem, Version


def shorter(retention: timedelta, days: int | None) -> timedelta:
    """Of what the installation keeps and what the team does."""
    return retention if days is None else min(retention, timedelta(days=days))


def old_trash() -> "QuerySet[TrashItem]":
    """What has had its time, in all teams: one query for the policies."""
    moment, retention = now(), settings.TRASH_RETENTION
    old, latest = Q(deleted_at__lt=moment - retention), moment - retention
    policies = TeamPolicy.objects.filter(trash_days__isnull=False).order_by("trash_days")
    for days in policies.values_list("trash_days", flat=True).distinct():
        before = moment - shorter(retention, days)
        latest = max(latest, before)
        old |= Q(space__team__policy__trash_days=days, deleted_at__lt=before)
    return TrashItem.objects.filter(old, deleted_at__lt=latest, purging=False)


def endings(before: TeamPolicy, after: TeamPolicy) -> list[Ending]:
    """For settings.POLICY_HOOKS: what the next run of the job removes for good, and would have kept."""
    return [
        Ending("trash", _("Deleted files and folders"), _trash(before, after), _trash_shown, comes_back=False),
        Ending("versions", _("Earlier versions"), _versions(before, after), _versions_shown, comes_back=False),
    ]


def _trash(before: TeamPolicy, after: TeamPolicy) -> "QuerySet[TrashItem]":
    old, new = (shorter(settings.TRASH_RETENTION, policy.trash_days) for policy in (before, after))
    if new >= old:
        return TrashItem.objects.none()
    rows = TrashItem.objects.filter(space__team_id=after.team_id, purging=False).select_related("space__owner")
    return rows.filter(deleted_at__lt=now() - new, deleted_at__gte=now() - old)


def _versions(before: TeamPolicy, after: TeamPolicy) -> "QuerySet[Version]":
    """By the time when they were replaced, as files.maintenance.thinning counts their age."""
    old, new = (shorter(settings.VERSION_RETENTION, policy.version_days) for policy in (before, after))
    if new >= old:
        return Version.objects.none()
    later = Version.objects.filter(node_id=OuterRef("node_id"), pk__gt=OuterRef("pk"))
    rows = Version.objects.filter(node__space__team_id=after.team_id).exclude(pk=F("node__version_id"))
    rows = rows.filter(Exists(later.filter(created_at__lt=now() - new)))
    return rows.filter(~Exists(later.filter(created_at__lt=now() - old))).select_related("node__space__owner")


def _trash_shown(items: Sequence[TrashItem]) -> list[Affected]:
    return [Affected(str(item.pk), _whose(item.space), _day(item.deleted_at)) for item in items]


def _versions_shown(versions: Sequence[Version]) -> list[Affected]:
    return [Affected(str(version.pk), _whose(version.node.space), _day(version.created_at)) for version in versions]


def _whose(space: Space) -> str:
    """No name of a file: those in homes are their owners' alone."""
    return space.owner.email if space.owner is not None else space.name


def _day(moment: datetime) -> str:
    return date_format(localtime(moment), "SHORT_DATE_FORMAT")
