"""manage.py createteam NAME --owner EMAIL [--seats N] [--quota 100GB] [--region R]"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.teams import create_team
from accounts.actor import system
from accounts.errors import AccountError
from common.sizes import parse_size


class Command(BaseCommand):
    help = (
        "Make a team with its first owner. An account that is alone in its team takes that along: it becomes the new "
        "one. Somebody without an account is invited by mail."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--seats", default="1", metavar="N", help="people at most, or none; default: %(default)s")
        parser.add_argument("--quota", default="none", metavar="SIZE", help="such as 10GB; default: %(default)s")
        parser.add_argument("--region", default="", metavar="R", help="where its bytes must be; default: anywhere")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            team, owner, invitation = create_team(
                system("createteam"),
                name=options["name"],
                owner=options["owner"],
                seats=_seats(options["seats"]),
                quota_bytes=parse_size(options["quota"]),
                region=options["region"],
            )
        except (AccountError, ValueError) as error:
            raise CommandError(" ".join(str(error).split())) from error
        if owner is not None:
            self.stdout.write(f"Team {team.name} ({team.pk}) was made; {owner.email} is its owner.")
        elif invitation is not None:
            self.stdout.write(f"Team {team.name} ({team.pk}) was made; {invitation.email} is invited to own it.")


def _seats(text: str) -> int | None:
    if text.strip().lower() == "none":
        return None
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number of seats.") from None
