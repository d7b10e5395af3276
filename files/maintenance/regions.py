"""Brings the bytes of teams into their region: content by content, copied, verified, then the rows.

A content goes there itself; one that another team uses too (of an earlier release, which shared them) stays, and the
team gets its own. What was replaced is claimed anew, so that `gc` leaves it to readers for the whole grace.
"""

import logging
from collections.abc import Collection, Iterator
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import Team
from common.clock import now
from common.errors import CodedError
from files.blobs import contents, erasures, ingest
from files.blobs.hashing import StreamHasher, whole_hash
from files.blobs.ingest import Stored, storage_errors
from files.blobs.pools import storage_of
from files.blobs.reader import forget, read
from files.errors import NoPoolInRegion
from files.maintenance.compact import Damaged
from files.maintenance.region_pieces import Progress, RegionReport, bring_pieces
from files.models import Blob, Content, Extent, Pool, PoolState, Upload, Version

logger = logging.getLogger(__name__)
BATCH = 50
WATCHED = timedelta(days=1)  # for how long it is looked again: who began to write before a change may still be at it
EVERY = timedelta(hours=1)


def unsettled() -> "QuerySet[Team]":
    moment = now()
    fresh = Q(region_settled_at__lt=F("region_changed_at") + WATCHED) & Q(region_settled_at__lt=moment - EVERY)
    return Team.objects.filter(Q(region_settled_at=None, region_changed_at__isnull=False) | fresh).exclude(region="")


def look_again(team_ids: Collection[int]) -> None:
    """As if their region had been set this moment."""
    Team.objects.filter(pk__in=team_ids).update(region_changed_at=now(), region_settled_at=None)


def run_regions(*, progress: Progress = lambda: None) -> RegionReport:
    report = RegionReport()
    for team in unsettled().order_by("pk"):
        pool = Pool.objects.filter(region=team.region, state=PoolState.ACTIVE).order_by("pk").first()
        if pool is None:
            report.waiting += 1
            logger.error("team %s: %s", team.pk, NoPoolInRegion.message)
            continue
        began = now()
        Upload.objects.filter(space__team=team).exclude(pool__region=team.region).update(pool=pool)
        failed = report.failed
        bring_pieces(team, pool, report, progress)
        after = 0
        while batch := list(abroad(team).filter(pk__gt=after).order_by("pk")[:BATCH]):
            after = batch[-1].pk
            for content in batch:
                progress()
                _bring(team, pool, content, report, progress)
        report.teams += 1
        if report.failed == failed:
            Team.objects.filter(pk=team.pk, region=team.region).update(region_settled_at=began)
    return report


def abroad(team: Team) -> "QuerySet[Content]":
    """Contents of the team that belong to a pool of another region, or have an object in one."""
    used = Version.objects.filter(content=OuterRef("pk"), node__space__team=team)
    outside = Extent.objects.filter(content=OuterRef("pk")).exclude(blob__pool__region=team.region)
    return Content.objects.filter(Exists(used)).filter(~Q(pool__region=team.region) | Exists(outside))


def _bring(team: Team, pool: Pool, content: Content, report: RegionReport, progress: Progress) -> None:
    """Damage is noted, and does not stop the rest. Trouble with the target ends the run."""
    forget(content.pk)
    hasher, key = StreamHasher(), ingest.new_key(content.content_hash[:32])
    try:
        if content.size:
            with storage_errors():
                chunks = _telling(read(content), progress)
                storage_of(pool).put(key, hasher.passing(chunks), size=content.size)
        if whole_hash(hasher.digests()) != content.content_hash:
            raise Damaged
        stored_key = key if content.size else None
        stored = Stored(
            pool, team.pk, stored_key, content.size, content.content_hash, {}, 0, content.size, content.noise
        )
        unused = _switch(team, pool, content, stored)
    except (Damaged, CodedError) as error:
        ingest.discard(pool, key)
        report.failed += 1
        logger.error("content %s does not get into region %s: %r", content.pk, team.region, error)
        return
    if unused:
        ingest.discard(pool, key)
    report.contents += 1
    report.bytes += content.size


def _switch(team: Team, pool: Pool, content: Content, stored: Stored) -> bool:
    """Whether the object that was stored is not needed."""
    with transaction.atomic():
        same = Content.objects.select_for_update(of=("self",)).filter(content_hash=content.content_hash)
        locked = {row.pk: row for row in same.filter(Q(pool=pool) | Q(pk=content.pk)).order_by("content_hash", "pk")}
        mine = locked.get(content.pk)
        if mine is None:
            return True
        there = any(row.pool_id == pool.pk and row.pk != mine.pk and row.team_id == team.pk for row in locked.values())
        if mine.team_id == team.pk and not there and not _used_elsewhere(team, mine):
            return _replace(team, pool, mine, stored)
        erasures.note_abroad(team.pk, mine.pk, team.region)
        taken = contents.claim(pool, [stored])
        new = taken.contents[content.content_hash]
        Version.objects.filter(content=mine, node__space__team=team).update(content=new)
        Content.objects.filter(pk=mine.pk).update(claimed_at=now())
        return bool(taken.unused)


def _used_elsewhere(team: Team, content: Content) -> bool:
    """By another team: only a release that shared contents, or one that runs beside us, makes that so."""
    return Version.objects.filter(content=content).exclude(node__space__team=team).exists()


def _replace(team: Team, pool: Pool, content: Content, stored: Stored) -> bool:
    """The content itself goes: another pool, one object of its own."""
    erasures.note_abroad(team.pk, content.pk, team.region)
    before = Extent.objects.filter(content=content)
    Blob.objects.filter(pk__in=list(before.values_list("blob_id", flat=True))).update(claimed_at=now())
    before.delete()
    if stored.key is not None:
        blob = Blob.objects.create(pool=pool, key=stored.key, size=stored.size)
        Extent.objects.create(content=content, offset=0, length=stored.size, blob=blob)
    count = 1 if stored.key is not None else 0
    Content.objects.filter(pk=content.pk).update(pool=pool, extent_count=count, claimed_at=now())
    transaction.on_commit(lambda: forget(content.pk))
    return False


def _telling(chunks: Iterator[bytes], progress: Progress) -> Iterator[bytes]:
    for chunk in chunks:
        progress()
        yield chunk
