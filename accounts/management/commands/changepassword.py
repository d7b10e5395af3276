"""manage.py changepassword EMAIL [--password-stdin] [--revoke] [--yes]"""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.administer_account import change_password
from accounts.actor import system
from accounts.errors import AccountError
from accounts.management.asking import account_with, add_account_arguments, confirm


class Command(BaseCommand):
    help = "Give an account another password. All its sessions end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_account_arguments(parser)
        parser.add_argument(
            "--password-stdin", action="store_true", help="the first line of standard input; with --yes"
        )
        parser.add_argument("--revoke", action="store_true", help="devices and access tokens end too")

    def handle(self, *args: Any, **options: Any) -> None:
        user = account_with(options["email"])
        confirm(f"Change the password of {user.email}?", yes=options["yes"])
        password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else _ask()
        if not password:
            raise CommandError("There is no password on standard input.")
        try:
            change_password(system("changepassword"), user_id=user.pk, password=password, revoke=options["revoke"])
        except AccountError as error:
            raise CommandError(" ".join(str(error).split())) from error
        self.stdout.write(f"The password of {user.email} was changed; all its sessions have ended.")


def _ask() -> str:
    if not sys.stdin.isatty():
        raise CommandError("Nothing was done: give --password-stdin where nobody can be asked.")
    password = getpass.getpass("New password: ")
    if password != getpass.getpass("The same again: "):
        raise CommandError("Nothing was done: the two differ.")
    return password
