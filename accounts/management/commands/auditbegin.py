"""manage.py auditbegin [--yes]"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.actions.begin_audit_anew import begin_audit_anew
from accounts.actor import system
from accounts.management.asking import confirm


class Command(BaseCommand):
    help = "Remove all sealed acts and begin another chain: only when auditverify says that this one cannot go on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, yes: bool = False, **options: Any) -> None:
        confirm("Remove all sealed acts of the audit record? Export them before (auditexport).", yes=yes)
        removed = begin_audit_anew(system("auditbegin"))
        self.stdout.write(f"{removed} acts were removed; the next one that is sealed begins another chain.")
