"""`manage.py erase --prove WHO`: whether what a person or a team has purged is gone from every object."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Team, User
from common.clock import now
from common.errors import CodedError
from files.maintenance.proving import Proof, prove


class Command(BaseCommand):
    help = "Proof of erasure. Exit code 0: nothing is left, 1: something is, 2: a pool could not be searched."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("who", metavar="WHO", help="a person's address or id; also of one who has been deleted")
        parser.add_argument("--team", action="store_true", help="WHO is a team, by its id or its name")
        parser.add_argument(
            "--prove", action="store_true", required=True, help="search every pool for the digests of what must be gone"
        )

    def handle(self, *args: Any, who: str, team: bool, **options: Any) -> None:
        team_id = _id(Team, "name", who) if team else None
        owner_id = None if team else _id(User, "email", who)
        try:
            proof = prove(team_id=team_id, owner_id=owner_id)
        except CodedError as error:
            self.stderr.write(f"A pool could not be searched: {error}")
            sys.exit(2)
        self._tell(proof)
        if proof.remaining:
            sys.exit(1)

    def _tell(self, proof: Proof) -> None:
        for left in proof.remaining:
            late = "late, was due" if left.due < now() else "due"
            what = f"{left.length} bytes at {left.offset} of {left.key} in pool {left.pool}"
            self.stdout.write(f"still there: {what}, {late} {left.due:%Y-%m-%d %H:%M}")
        self.stdout.write(
            f"{proof.known} ranges must be gone, {proof.needed} are needed again, {len(proof.remaining)} still there; "
            f"{proof.objects} objects were searched."
        )


def _id(model: Any, name: str, text: str) -> int:
    """A number is taken as it is: whoever has it may be gone."""
    if text.isdecimal():
        return int(text)
    found = list(model.objects.filter(**{f"{name}__iexact": text}).values_list("pk", flat=True)[:2])
    if len(found) != 1:
        raise CommandError(f"There is {'more than one' if found else 'nobody'} called {text}: say the id.")
    return int(found[0])
