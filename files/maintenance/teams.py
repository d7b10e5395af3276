"""Gives each team contents of its own, where a release before this one shared them between teams.

Such a content has no team (or another one's: of a release that ran beside this one). It becomes that of the only team
that uses it; where there are several, each gets a row of its own that points into the same objects, and no byte is
copied. Checksums of what several teams shared are forgotten: nobody knows whose they were.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import F

from common.clock import now
from files.blobs.reader import forget
from files.maintenance.ranges import id_ranges, select
from files.models import Content, Extent, Version

Progress = Callable[[], None]

_FOREIGN = """
SELECT DISTINCT c.id FROM files_content c JOIN files_version v ON v.content_id = c.id
  JOIN files_node n ON n.id = v.node_id JOIN files_space s ON s.id = n.space_id
WHERE c.id > %(low)s AND c.id <= %(high)s AND (c.team_id IS NULL OR c.team_id <> s.team_id) ORDER BY c.id"""


@dataclass
class TeamsReport:
    """`taken` contents were of one team only, `parted` ones of several."""

    taken: int = 0
    parted: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def run_teams(*, progress: Progress = lambda: None) -> TeamsReport:
    report = TeamsReport()
    for low, high in id_ranges(Content):
        for (content_id,) in select(_FOREIGN, low=low, high=high):
            progress()
            _part(content_id, report)
    return report


@transaction.atomic
def _part(content_id: int, report: TeamsReport) -> None:
    found = Content.objects.filter(pk=content_id).values_list("pool_id", "content_hash").first()
    if found is None:
        return
    same = Content.objects.select_for_update(of=("self",)).filter(pool_id=found[0], content_hash=found[1])
    locked = list(same.order_by("content_hash", "pk"))
    content = next((row for row in locked if row.pk == content_id), None)
    if content is None:
        return
    of_team = {row.team_id: row for row in locked if row.team_id is not None}
    teams = sorted(set(_users_of(content)))
    if content.team_id is None:
        shared = len(teams) > 1
        if shared:
            content.checksums = {}
        heir = next((team for team in teams if team not in of_team), None)
        if heir is not None:
            content.team_id = heir
            of_team[heir] = content
        content.save(update_fields=["team", "checksums"])
        report.parted += shared
        report.taken += not shared
    for team in teams:
        if team != content.team_id:
            mine = of_team.get(team) or _like(content, team)
            Version.objects.filter(content=content, node__space__team_id=team).update(content=mine)
    # Whoever reads the old row goes on for the whole grace; the new one is as good as claimed.
    Content.objects.filter(pk__in=[content.pk, *(row.pk for row in of_team.values())]).update(claimed_at=now())


def _users_of(content: Content) -> list[int]:
    versions = Version.objects.filter(content=content)
    return list(versions.values_list(F("node__space__team_id"), flat=True).distinct())


def _like(content: Content, team_id: int) -> Content:
    """The same bytes of the same objects as a content of the team."""
    made = Content.objects.create(
        pool_id=content.pool_id,
        team_id=team_id,
        content_hash=content.content_hash,
        size=content.size,
        media_type=content.media_type,
        extent_count=content.extent_count,
        claimed_at=now(),
    )
    extents = Extent.objects.filter(content=content).order_by("offset")
    Extent.objects.bulk_create(
        [
            Extent(content=made, offset=one.offset, length=one.length, blob_id=one.blob_id, blob_offset=one.blob_offset)
            for one in extents
        ],
        batch_size=500,
    )
    forget(made.pk)
    return made
