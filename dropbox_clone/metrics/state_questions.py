"""The questions of `state`: each gives metrics, or raises whatever its backend raises."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from datetime import datetime
from os import statvfs
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Min, Q, Sum
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from common.clock import now
from dropbox_clone.metrics.definitions import PREFIX

if TYPE_CHECKING:
    from files.models import Pool

_PROBE = "00/00/metrics"  # a key that nothing has
SLOWEST_POOL = 3.0  # seconds after which a pool that has not answered is down


@dataclass(frozen=True, slots=True)
class Question:
    """Asked anew when the answer is older than `seconds`."""

    name: str
    seconds: float
    ask: Callable[[], list[Metric]]


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=labels)


def uploads() -> list[Metric]:
    from files.models import Upload

    sessions = Count("pk", filter=~Q(protocol="request"))
    found = Upload.objects.filter(finished_at=None).aggregate(count=sessions, charged=Sum("charged"))
    count = _gauge("uploads_open", "Upload sessions that are not finished.")
    count.add_metric([], found["count"])
    charged = _gauge("uploads_open_bytes", "Bytes that the quotas hold for them, and for requests in hand.")
    charged.add_metric([], found["charged"] or 0)
    return [count, charged]


def brakes() -> list[Metric]:
    """Clients that the brake on mass change holds: ransomware, or somebody who waits for a decision."""
    from files.models import Brake

    found = Brake.objects.filter(released_at=None).aggregate(count=Count("pk"), oldest=Min("held_at"))
    held = _gauge("brakes_held", "Clients that are held because they changed too much.")
    held.add_metric([], found["count"])
    age = _gauge("brakes_held_age_seconds", "For how long the first of them has waited for a decision.")
    age.add_metric([], 0 if found["oldest"] is None else max(0.0, (now() - found["oldest"]).total_seconds()))
    return [held, age]


def jobs() -> list[Metric]:
    """What waits for a worker, by kind: the database knows it, whether or not a message says so."""
    waiting = _gauge("jobs_waiting", "Work that waits for a worker.", "kind")
    age = _gauge("queue_age_seconds", "For how long the oldest of it has waited.", "kind")
    for kind, (count, oldest) in (*_followers(), ("purge", _purges()), ("expired_uploads", _expired())):
        waiting.add_metric([kind], count)
        age.add_metric([kind], 0 if oldest is None else max(0.0, (now() - oldest).total_seconds()))
    return [waiting, age, *_upkeep()]


def _followers() -> Iterable[tuple[str, tuple[int, datetime | None]]]:
    """Of whoever follows the journals: spaces with changes that were not handled, and when the oldest of them was."""
    from files.journal_follower import followers

    for follower in followers():
        lag = follower.lag()
        yield follower.name, (lag.spaces, lag.oldest)


def _purges() -> tuple[int, datetime | None]:
    """When a purge was asked for is not kept: its age is counted from the last time that all were done."""
    from files.models import Job, TrashItem

    count = TrashItem.objects.filter(purging=True).count()
    done = Job.objects.filter(name="purge").values_list("succeeded_at", flat=True).first()
    return count, done if count else None


def _expired() -> tuple[int, datetime | None]:
    from files.models import Upload

    found = Upload.objects.filter(expires_at__lte=now()).aggregate(count=Count("pk"), oldest=Min("expires_at"))
    return found["count"], found["oldest"]


def _upkeep() -> Iterable[Metric]:
    from files.models import Job

    success = _gauge("upkeep_success_timestamp_seconds", "When a job of upkeep last went well.", "upkeep")
    failure = _gauge("upkeep_failure_timestamp_seconds", "When it last failed.", "upkeep")
    for name, succeeded, failed in Job.objects.values_list("name", "succeeded_at", "failed_at"):
        if succeeded:
            success.add_metric([name], succeeded.timestamp())
        if failed:
            failure.add_metric([name], failed.timestamp())
    return [success, failure]


def audit() -> list[Metric]:
    """Acts that no job has put into the chain of the audit record yet."""
    from accounts.chain.sealing import LEFT_ALONE
    from accounts.models import AuditEvent

    waiting = AuditEvent.objects.filter(position=None, at__gt=now() - LEFT_ALONE)
    found = waiting.aggregate(count=Count("pk"), oldest=Min("at"))
    count = _gauge("audit_unsealed", "Acts that are not sealed into the chain of the audit record yet.")
    count.add_metric([], found["count"])
    age = _gauge("audit_unsealed_age_seconds", "For how long the oldest of them has waited.")
    age.add_metric([], max(0.0, (now() - found["oldest"]).total_seconds()) if found["oldest"] else 0)
    return [count, age]


def messages() -> list[Metric]:
    """How many messages the broker holds; they are wake-ups, so that a number that grows means: no worker."""
    from dropbox_clone.celery import app

    count = _gauge("queue_messages", "Messages that no worker has taken.", "queue")
    with app.connection_for_read(connect_timeout=1) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=1)
        name = app.conf.task_default_queue
        channel: Any = broker.default_channel
        count.add_metric([name], channel.queue_declare(name, passive=True).message_count)
    return [count]


def pools() -> list[Metric]:
    """Whether each pool answers, all asked at the same time."""
    from files.models import Pool

    up = _gauge("pool_up", "Whether the storage of a pool answers.", "pool", "state")
    free = _gauge("pool_free_bytes", "Room in the file system of a folder.", "pool")
    found = list(Pool.objects.order_by("pk"))
    threads = ThreadPoolExecutor(max(1, len(found)), thread_name_prefix="metrics-pool")
    futures = {pool: threads.submit(_room_of, pool) for pool in found}
    wait_for(futures.values(), timeout=SLOWEST_POOL)
    for pool, answer in futures.items():
        answered = answer.done() and answer.exception() is None
        up.add_metric([pool.name, pool.state], answered)
        if answered and (room := answer.result()) is not None:
            free.add_metric([pool.name], room)
    threads.shutdown(wait=False, cancel_futures=True)
    return [up, free]


def _room_of(pool: "Pool") -> int | None:
    """Bytes that a folder has room for, None of other storages. Raises what the storage raises."""
    from files.blobs.pools import store_at
    from storage.local import LocalStorage

    storage = store_at(pool.url)
    storage.exists(_PROBE)
    if not isinstance(storage, LocalStorage):
        return None
    figures = statvfs(storage.local_path(_PROBE).removesuffix(_PROBE))
    return figures.f_bavail * figures.f_frsize


def pool_bytes() -> list[Metric]:
    """One look at every row of blobs, and so asked for seldom."""
    from files.models import Blob, Pool

    size = _gauge("pool_used_bytes", "Bytes of a pool's objects.", "pool", "region")
    count = _gauge("pool_objects", "Objects of a pool.", "pool", "region")
    sums = {row["pool_id"]: row for row in Blob.objects.values("pool_id").annotate(size=Sum("size"), count=Count("pk"))}
    for pool in Pool.objects.order_by("pk"):
        row = sums.get(pool.pk, {"size": 0, "count": 0})
        size.add_metric([pool.name, pool.region], row["size"])
        count.add_metric([pool.name, pool.region], row["count"])
    return [size, count]


QUESTIONS = (
    Question("uploads", 10, uploads),
    Question("brakes", 10, brakes),
    Question("jobs", 10, jobs),
    Question("audit", 10, audit),
    Question("messages", 10, messages),
    Question("pools", 10, pools),
    Question("pool_bytes", 300, pool_bytes),
)
