"""manage.py removesecondfactor EMAIL [--yes]"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.administer_account import remove_second_factor
from accounts.actor import system
from accounts.errors import AccountError
from accounts.management.asking import account_with, add_account_arguments, confirm


class Command(BaseCommand):
    help = "Remove all second factors and passkeys of somebody who lost them: the password alone lets them in again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_account_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        user = account_with(options["email"])
        confirm(f"Are you sure who asks for it? Remove the second factors of {user.email}?", yes=options["yes"])
        try:
            count = remove_second_factor(system("removesecondfactor"), user_id=user.pk)
        except AccountError as error:
            raise CommandError(" ".join(str(error).split())) from error
        self.stdout.write(f"{user.email}: {count} second factors were removed; all its sessions have ended.")
