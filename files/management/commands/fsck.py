"""`manage.py fsck [--hash] [--repair]`: checks everything; exit code 0 clean, 1 findings, 2 could not run."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error

from files.maintenance.fsck import Finding, run_fsck


class Command(BaseCommand):
    help = "Checks rows against rows, ledger, journal and objects. Exit code 0: clean, 1: findings, 2: could not run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hash", action="store_true", help="read every byte and compare the hashes")
        repairs = "recompute sums and ledgers, bring bytes to their region, quarantine orphans"
        parser.add_argument("--repair", action="store_true", help=repairs)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = run_fsck(hashes=options["hash"], repair=options["repair"], on_finding=self._print)
        except Error as error:
            self.stderr.write(f"fsck could not run: {error}")
            sys.exit(2)
        self.stdout.write(report.summary())
        if report.exit_code:
            sys.exit(report.exit_code)

    def _print(self, finding: Finding) -> None:
        self.stdout.write(finding.line())
        if finding.affected is not None:
            for line in finding.affected():
                self.stdout.write(f"    affected: {line}")
