"""manage.py auditverify [--anchor FILE]: exit code 0 nothing was changed, 1 findings, 2 could not run."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error

from accounts.chain.proof import Finding, GivenAnchor, parse_anchors, verify
from accounts.chain.sealing import WORD


class Command(BaseCommand):
    help = (
        "Checks every act of the audit record, their order, both ends of the chain, its keys and anchors. "
        "Exit code 0: nothing was changed, 1: findings, 2: could not run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            metavar="FILE",
            help=f"a file with anchors that were kept outside, lines with {WORD} as the log has them; or one such line",
        )

    def handle(self, *args: Any, anchor: list[str], **options: Any) -> None:
        try:
            given = [each for source in anchor for each in self._anchors(source)]
            report = verify(self._print, given=given)
        except (Error, OSError, ValueError) as error:
            self.stderr.write(f"auditverify could not run: {error}")
            sys.exit(2)
        compared = f", {len(given)} given anchors compared" if anchor else ""
        self.stdout.write(
            f"{report.rows} acts checked, {report.waiting} not sealed yet{compared}, {report.findings} findings"
        )
        if report.findings:
            sys.exit(1)

    def _anchors(self, source: str) -> list[GivenAnchor]:
        """Raises ValueError for one without any: nothing would be proved by it."""
        found = parse_anchors([source] if WORD in source else Path(source).read_text().splitlines())
        if not found:
            raise ValueError(f"no anchor in {source}")
        return found

    def _print(self, finding: Finding) -> None:
        self.stdout.write(finding.line())
