"""Django's command of this name would make a row without team, quota and home: it is refused here."""

from common.refused_command import RefusedCommand


class Command(RefusedCommand):
    help = "Not here: use `createaccount EMAIL --admin --password-stdin`."
    instead = "createaccount EMAIL --admin --password-stdin"
