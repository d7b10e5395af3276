"""`manage.py gc [--dry-run]`: collects bytes that nothing needs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from files.maintenance.gc import run_gc


class Command(BaseCommand):
    help = "Removes contents, blobs and objects that nothing has needed for a day (GC_GRACE)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count what would go")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        report = run_gc(dry_run=dry_run)
        self.stdout.write("would remove:" if dry_run else "removed:")
        self.stdout.write(f"  contents     {report.contents} ({report.content_bytes} bytes)")
        self.stdout.write(f"  blobs        {report.blobs} ({report.blob_bytes} bytes)")
        self.stdout.write(f"  quarantined  {report.orphans} unknown objects ({report.orphan_bytes} bytes)")
        self.stdout.write(f"  released     {report.released} from quarantine")
        self.stdout.write(f"  expired      {report.expired} in quarantine ({report.expired_bytes} bytes)")
        self.stdout.write(f"  abandoned    {report.abandoned} unfinished writes")
        for failure in report.failed_pools:
            self.stderr.write(f"pool not collected: {failure}")
        if report.failed_pools:
            raise SystemExit(2)
