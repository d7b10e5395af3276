"""What commands about one account share: finding it, and asking before something that cannot be taken back."""

import sys
from argparse import ArgumentParser

from django.core.management.base import CommandError

from accounts.models import User


def add_account_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("email", metavar="EMAIL")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def account_with(email: str) -> User:
    """Active or not. Raises CommandError."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise CommandError(f"There is no account {email}.")
    return user


def confirm(question: str, *, yes: bool) -> None:
    """Raises CommandError unless the answer is yes; where nobody can answer, --yes is needed."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError("Nothing was done: give --yes where nobody can be asked.")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CommandError("Nothing was done.")
