"""manage.py deleteaccount EMAIL [--yes]"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.administer_account import delete_account
from accounts.actor import system
from accounts.errors import AccountError
from accounts.management.asking import account_with, add_account_arguments, confirm


class Command(BaseCommand):
    help = "Permanently delete an account and everything in its home. What it put into team spaces stays the team's."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_account_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        user = account_with(options["email"])
        confirm(f"Delete {user.email} and all its files permanently?", yes=options["yes"])
        email = user.email
        try:
            delete_account(system("deleteaccount"), user_id=user.pk)
        except AccountError as error:
            raise CommandError(" ".join(str(error).split())) from error
        self.stdout.write(f"Account {email} was deleted; its bytes are collected in the background.")
