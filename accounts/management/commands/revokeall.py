"""manage.py revokeall EMAIL [--yes]"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.tokens import revoke_everything
from accounts.actor import system
from accounts.errors import AccountError
from accounts.management.asking import account_with, add_account_arguments, confirm


class Command(BaseCommand):
    help = "End all sessions of an account and revoke all its devices and access tokens. The password stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_account_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        user = account_with(options["email"])
        confirm(f"End all sessions, devices and tokens of {user.email}?", yes=options["yes"])
        try:
            count = revoke_everything(system("revokeall"), user_id=user.pk)
        except AccountError as error:
            raise CommandError(" ".join(str(error).split())) from error
        self.stdout.write(f"{user.email}: all sessions have ended; {count} devices and tokens were revoked.")
