"""manage.py createtoken EMAIL --name N [--scopes read,write] [--expires 30d]"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actions.tokens import SCOPE_ORDER, create_token
from accounts.actor import system
from accounts.errors import AccountError
from accounts.models import User
from common.sizes import parse_duration


class Command(BaseCommand):
    help = "Make an access token and print it, and nothing else, on standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", required=True, metavar="N", help="what it is for")
        parser.add_argument("--scopes", default=",".join(SCOPE_ORDER), help="default: %(default)s")
        parser.add_argument("--expires", metavar="TIME", help="such as 12h, 30d or 52w; default: never")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = User.objects.filter(email=options["email"].strip().lower(), is_active=True).first()
            if user is None:
                raise CommandError(f"There is no active account {options['email']}.")
            lifetime = parse_duration(options["expires"]) if options["expires"] else None
            _token, secret = create_token(
                system("createtoken"),
                name=options["name"],
                scopes=[scope.strip() for scope in options["scopes"].split(",") if scope.strip()],
                expires_at=timezone.now() + lifetime if lifetime else None,
                user=user,
            )
        except (AccountError, ValueError) as error:
            raise CommandError(" ".join(str(error).split())) from error
        self.stdout.write(secret)
