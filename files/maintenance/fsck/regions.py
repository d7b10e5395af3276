"""Bytes of teams against their regions. What the job `regions` is still bringing there is no finding."""

from collections.abc import Iterator

from django.db import connection

from accounts.models import Team
from common.clock import now
from files.maintenance.fsck.findings import Finding
from files.maintenance.fsck.table_scan import Progress
from files.maintenance.ranges import id_ranges, select
from files.maintenance.regions import EVERY, WATCHED, look_again
from files.models import Content, UploadPiece

_SETTLED = """
  t.region <> '' AND p.region <> t.region AND (t.region_changed_at IS NULL
  OR (t.region_settled_at IS NOT NULL AND t.region_changed_at < %(settled)s))"""

_CONTENTS = f"""
SELECT c.id, t.id, t.region, MIN(p.name)
FROM files_content c JOIN files_version v ON v.content_id = c.id JOIN files_node n ON n.id = v.node_id
  JOIN files_space s ON s.id = n.space_id JOIN accounts_team t ON t.id = s.team_id
  JOIN files_extent e ON e.content_id = c.id JOIN files_blob b ON b.id = e.blob_id JOIN files_pool p ON p.id = b.pool_id
WHERE c.id > %(low)s AND c.id <= %(high)s AND {_SETTLED} GROUP BY c.id, t.id, t.region ORDER BY c.id, t.id"""

_PIECES = f"""
SELECT i.id, t.id, t.region, p.name
FROM files_uploadpiece i JOIN files_upload u ON u.id = i.upload_id JOIN files_space s ON s.id = u.space_id
  JOIN accounts_team t ON t.id = s.team_id JOIN files_blob b ON b.id = i.blob_id JOIN files_pool p ON p.id = b.pool_id
WHERE i.id > %(low)s AND i.id <= %(high)s AND {_SETTLED} ORDER BY i.id"""


def check_regions(*, mend: bool, progress: Progress) -> Iterator[Finding]:
    """`mend` has the job `regions` look at the team again."""
    if not Team.objects.exclude(region="").exists():
        return
    settled = connection.ops.adapt_datetimefield_value(now() - WATCHED - EVERY)
    for model, name, sql in ((Content, "content", _CONTENTS), (UploadPiece, "piece", _PIECES)):
        teams: set[int] = set()
        for low, high in id_ranges(model):
            progress()
            for row_id, team_id, region, pool in select(sql, low=low, high=high, settled=settled):
                teams.add(team_id)
                detail = f"bytes of team {team_id}, which must be in {region}, are in pool {pool}"
                yield Finding(f"{name}.region", f"{name} {row_id}", detail, repaired=mend)
        if mend:
            look_again(teams)
