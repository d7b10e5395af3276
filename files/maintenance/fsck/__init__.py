"""The whole product's consistency: rows against rows, ledger, journal, objects, hashes. Runs while it is in use."""

from collections.abc import Callable
from datetime import timedelta
from itertools import chain

from django.conf import settings

from files.maintenance.fsck.findings import CODES, Finding, FsckReport
from files.maintenance.fsck.ledger import check_ledger
from files.maintenance.fsck.objects import check_erasure, check_hashes, check_objects
from files.maintenance.fsck.regions import check_regions
from files.maintenance.fsck.table_scan import Progress, check_rows

OnFinding = Callable[[Finding], None]


def run_fsck(
    *,
    hashes: bool = False,
    repair: bool = False,
    grace: timedelta | None = None,
    on_finding: OnFinding = lambda finding: None,
    progress: Progress = lambda: None,
) -> FsckReport:
    """Checks everything; each finding goes to `on_finding` as it is made. `hashes` reads every byte.

    `repair` recomputes sums and ledgers, has bytes brought to their region and quarantines orphans; it removes nothing
    but grants of links that are gone, which let nobody in. Objects younger than `grace` that no row knows are writes in
    flight and no finding.
    """
    report = FsckReport()
    grace = settings.GC_GRACE if grace is None else grace
    checks = chain(
        check_rows(report, mend=repair, progress=progress),
        check_ledger(report, mend=repair),
        check_regions(mend=repair, progress=progress),
        check_erasure(report, progress=progress),
        check_objects(report, grace=grace, mend=repair, progress=progress),
        check_hashes(report, progress=progress) if hashes else (),
    )
    for finding in checks:
        report.add(finding)
        on_finding(finding)
    return report


__all__ = ["CODES", "Finding", "FsckReport", "run_fsck"]
