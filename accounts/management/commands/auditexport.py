"""manage.py auditexport --format csv|jsonl|syslog [--since --until --kind --person --address --target --team]"""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from django.core.management.base import BaseCommand

from accounts.actions.export_audit import export_audit
from accounts.actor import system
from accounts.audit_export import FORMATS
from accounts.event_filter import filter_of
from accounts.models import AuditEvent


def moment(text: str) -> datetime:
    """ISO 8601; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"not a time such as 2026-11-30 or 2026-11-30T12:00:00Z: {text!r}") from error
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def client_address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise ArgumentTypeError(f"not an IP address: {text!r}") from error


class Command(BaseCommand):
    help = "Write the audit record, oldest act first, to the standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", required=True, choices=sorted(FORMATS), help="syslog: lines of RFC 5424")
        parser.add_argument("--since", type=moment, metavar="TIME", help="not before this time (ISO 8601, else UTC)")
        parser.add_argument("--until", type=moment, metavar="TIME", help="before this time")
        parser.add_argument("--kind", metavar="KIND", help="token.create, or token for all that begin so")
        parser.add_argument("--person", metavar="WHO", help="who acted: an e-mail address or an id")
        parser.add_argument("--address", type=client_address, metavar="IP", help="from where")
        parser.add_argument("--target", metavar="TEXT", help="a part of what it was done to")
        parser.add_argument("--team", type=int, dest="team_id", metavar="ID", help="of one team")

    def handle(self, *args: Any, **options: Any) -> None:
        events = filter_of(options).apply(AuditEvent.objects.all())
        out = getattr(self.stdout, "buffer", None)  # bytes as they are: lines of CSV end as RFC 4180 says
        for piece in export_audit(system("auditexport"), form=options["format"], events=events):
            if out is None:
                self.stdout.write(piece.decode(), ending="")
            else:
                out.write(piece)
