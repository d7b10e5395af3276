"""manage.py createaccount EMAIL --password-stdin [--name N] [--quota 10GB] [--admin]"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.create_account import DEFAULT_QUOTA, create_account
from accounts.actor import system
from accounts.errors import AccountError
from common.sizes import parse_size


class Command(BaseCommand):
    help = "Make an account. The password is the first line of standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--password-stdin", action="store_true", required=True)
        parser.add_argument("--name", default="", metavar="N", help="the person's name")
        parser.add_argument("--quota", metavar="SIZE", help="such as 500MB, 10GB, 1TiB or none")
        parser.add_argument("--admin", action="store_true", help="an administrator of the installation")

    def handle(self, *args: Any, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise CommandError("There is no password on standard input.")
        try:
            user = create_account(
                system("createaccount"),
                email=options["email"],
                password=password,
                name=options["name"],
                quota_bytes=DEFAULT_QUOTA if options["quota"] is None else parse_size(options["quota"]),
                is_admin=options["admin"],
            )
        except (AccountError, ValueError) as error:
            raise CommandError(" ".join(str(error).split())) from error
        self.stdout.write(f"Account {user.email} was made.")
