"""manage.py rotatesecret [--check]"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.actions.rotate_secret import rotate_secret
from accounts.actor import system
from accounts.secret_box import Found


class Command(BaseCommand):
    help = (
        "Seal everything again with SECRET_KEY, so that SECRET_KEY_FALLBACKS can be emptied. "
        "May be interrupted and started again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; only say whether an earlier key is needed"
        )

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        if not rotate_secret(system("rotatesecret"), only_look=check, tell=self.tell):
            raise CommandError(
                "Some of it cannot be opened by SECRET_KEY alone. Keep the earlier keys in SECRET_KEY_FALLBACKS"
                + (
                    "."
                    if settings.SECRET_KEY_FALLBACKS
                    else ", which is empty now: put them there, and run this again."
                )
            )
        self.stdout.write(
            "Nothing needs an earlier key: SECRET_KEY_FALLBACKS may be emptied when all replicas have SECRET_KEY."
        )

    def tell(self, found: Found) -> None:
        line = f"{found.name}: {found.seen} looked at, {found.old} need an earlier key"
        if found.lost:
            line += f", {len(found.lost)} are opened by no key: {', '.join(found.lost[:10])}"
        self.stdout.write(line)
