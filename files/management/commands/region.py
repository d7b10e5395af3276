"""`manage.py region list|set TEAM REGION`: where the bytes of teams may be."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actor import system
from accounts.models import Team
from common.errors import CodedError
from files.actions.regions import set_team_region


class Command(BaseCommand):
    help = "Regions of teams."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        acts.add_parser("list", help="teams that have a region, a line each")
        change = acts.add_parser("set", help="where the bytes of a team may be")
        change.add_argument("team", metavar="TEAM", help="its id, or its name where only one has it")
        change.add_argument("region", metavar="REGION", help="the region of an active pool; '' for anywhere")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        if act == "list":
            for team in Team.objects.exclude(region="").order_by("pk"):
                state = f"there since {team.region_settled_at}" if team.region_settled_at else "on its way"
                self.stdout.write(f"{team.pk} {team.name}: {team.region}, {state}")
            return
        try:
            team = set_team_region(system("region"), team_id=_team(options["team"]).pk, region=options["region"])
        except CodedError as error:
            raise CommandError(" ".join(str(error).split())) from error
        self.stdout.write(f"Team {team.name}: {team.region or 'anywhere'}.")


def _team(text: str) -> Team:
    found = Team.objects.filter(pk=int(text)) if text.isdecimal() else Team.objects.filter(name=text)
    teams = list(found[:2])
    if len(teams) != 1:
        raise CommandError(f"There is {'no' if not teams else 'more than one'} team {text}.")
    return teams[0]
