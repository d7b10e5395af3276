"""The first page of the console: people, bytes by line of the ledger, pools, jobs, uploads in flight."""

from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.template.defaultfilters import date
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from accounts.console import human_size
from accounts.models import QuotaAccount, User
from common.clock import now
from files.maintenance.fsck.objects import dead_blobs
from files.maintenance.upkeep import UPKEEP, jobs
from files.models import JobRun, JobState, Pool, Upload
from files.queries.pools import PoolSize, pool_sizes


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """django-unfold's DASHBOARD_CALLBACK: a constant number of statements."""
    context |= {
        "title": _("Overview"),
        "figures": [*_people(), *_uploads(), *_erasure()],
        "ledger": _ledger(),
        "pools": {"headers": [_("Pool"), _("State"), _("Objects"), _("Size")], "rows": _pools()},
        "jobs": {"headers": [_("Job"), _("What it does"), _("Last success"), _("Last failure")], "rows": _jobs()},
        "failures": {"headers": [_("Job"), _("Started"), _("Error")], "rows": _failures()},
    }
    return context


def _people() -> list[dict[str, Any]]:
    counts = User.objects.aggregate(
        all=Count("pk"), active=Count("pk", filter=Q(is_active=True)), staff=Count("pk", filter=Q(is_staff=True))
    )
    return [
        {"title": _("Accounts"), "value": counts["all"], "note": _("%(n)s active") % {"n": counts["active"]}},
        {"title": _("Administrators"), "value": counts["staff"], "note": ""},
    ]


def _uploads() -> list[dict[str, Any]]:
    flying = Upload.objects.filter(finished_at=None, expires_at__gt=now())
    counts = flying.aggregate(count=Count("pk"), charged=Sum("charged"))
    note = _("%(size)s reserved") % {"size": human_size(counts["charged"] or 0)}
    return [{"title": _("Uploads in flight"), "value": counts["count"], "note": note}]


def _erasure() -> list[dict[str, Any]]:
    """Bytes of packs that were purged, or left for another region, and are not gone yet."""
    blobs = list(dead_blobs()[:10_000])
    dead = sum(blob.size - blob.live for blob in blobs)  # type: ignore[attr-defined]
    return [{"title": _("Objects to be erased"), "value": len(blobs), "note": human_size(dead)}]


def _ledger() -> dict[str, Any]:
    """Of the teams: what an account is charged, its team is charged too."""
    lines = QuotaAccount.objects.filter(team__isnull=False).aggregate(
        live=Sum("live_bytes"), versions=Sum("versions_bytes"), trash=Sum("trash_bytes"), uploads=Sum("uploads_bytes")
    )
    titles = {
        "live": _("Files"),
        "versions": _("Earlier versions"),
        "trash": _("Trash"),
        "uploads": _("Uploads in flight"),
    }
    total = sum(value or 0 for value in lines.values())
    rows = [[titles[name], human_size(value or 0), _share(value or 0, total)] for name, value in lines.items()]
    return {"headers": [_("Line"), _("Bytes"), _("Share")], "rows": [*rows, [_("Together"), human_size(total), ""]]}


def _share(part: int, total: int) -> str:
    return f"{100 * part / total:.0f} %" if total else "—"


def _pools() -> list[list[str]]:
    sizes = pool_sizes()
    nothing = PoolSize(0, 0)
    return [
        [
            pool.name,
            str(pool.get_state_display()),
            f"{sizes.get(pool.pk, nothing).objects:,}",
            human_size(sizes.get(pool.pk, nothing).size),
        ]
        for pool in Pool.objects.order_by("pk")
    ]


def _jobs() -> list[list[str]]:
    rows = []
    for job in jobs():
        title = str(UPKEEP[job.name].title) if job.name in UPKEEP else ""
        rows.append([job.name, title, _ago(job.succeeded_at), _ago(job.failed_at)])
    return rows


def _ago(moment: Any) -> str:
    return _("%(time)s ago") % {"time": timesince(moment, depth=1)} if moment else "—"


def _failures() -> list[list[str]]:
    runs = JobRun.objects.filter(state__in=(JobState.FAILED, JobState.LOST)).order_by("-pk")[:5]
    return [[run.job_id, date(run.started_at, "DATETIME_FORMAT"), run.error_code or run.state] for run in runs]
