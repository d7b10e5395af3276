"""manage.py createaccount EMAIL --password-stdin [--name N] [--quota 10GB] [--admin] [--team ID [--role R]]"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.create_account import DEFAULT_QUOTA, create_account
from accounts.actor import system
from accounts.errors import AccountError, TeamNotFound
from accounts.models import Role, Team
from common.sizes import parse_size


class Command(BaseCommand):
    help = "Make an account. The password is the first line of standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--password-stdin", action="store_true", required=True)
        parser.add_argument("--name", default="", metavar="N", help="the person's name")
        parser.add_argument("--quota", metavar="SIZE", help="such as 500MB, 10GB, 1TiB or none")
        parser.add_argument("--admin", action="store_true", help="an administrator of the installation")
        parser.add_argument("--team", type=int, metavar="ID", help="the number of a team; default: a team of one")
        parser.add_argument(
            "--role", choices=Role.values, default=Role.MEMBER, help="in that team; default: %(default)s"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise CommandError("There is no password on standard input.")
        try:
            team = None if options["team"] is None else _team(options["team"])
            user = create_account(
                system("createaccount"),
                email=options["email"],
                password=password,
                name=options["name"],
                quota_bytes=DEFAULT_QUOTA if options["quota"] is None else parse_size(options["quota"]),
                is_admin=options["admin"],
                team=team,
                role=None if team is None else options["role"],
            )
        except (AccountError, ValueError) as error:
            raise CommandError(" ".join(str(error).split())) from error
        self.stdout.write(f"Account {user.email} was made.")


def _team(number: int) -> Team:
    team = Team.objects.filter(pk=number).first()
    if team is None:
        raise TeamNotFound
    return team
