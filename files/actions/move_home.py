"""Take a person's home along into another team, when they join it alone (settings.TEAM_CHANGE_HOOKS)."""

from django.utils.translation import gettext_lazy as _

from accounts import quotas
from accounts.actor import system
from accounts.errors import InAnotherTeam
from accounts.models import QuotaAccount, Team
from accounts.quotas import Charge
from accounts.unit_of_work import Lock, unit_of_work
from common.clock import now
from files.actions.mounts import ask_for_mounts
from files.models import Space, SpaceKind, Upload

_SPACES = _(
    "Your own team has shared spaces, which would be left without anybody. Move what is in them to your files and "
    "remove them, or use another e-mail address."
)
_UPLOADS = _("Uploads to your files are under way. Wait for them, or end them under “Uploads under way”.")


def move_home(user_id: int, left: int, joined: int) -> None:
    """From team `left` to `joined`, in the caller's transaction, which holds both teams and the person.

    Nothing in the home changes: the other team pays for it, by all lines of the ledger, and its region counts. Contents
    stay the old team's until the job `teams` gives the new one its own; no byte is copied. Acts of the person that are
    under way find that their team is another one, and are refused (accounts.unit_of_work). Raises InAnotherTeam (the
    old team has shared spaces, or uploads are under way), QuotaExceeded, LimitReached.
    """
    if Space.objects.filter(team_id=left, kind=SpaceKind.TEAM, deleted_at=None).exists():
        raise InAnotherTeam(_SPACES, reason="spaces")
    home = Space.objects.filter(kind=SpaceKind.HOME, owner_id=user_id).first()
    if home is None:
        return
    with unit_of_work(system("home of another team"), Lock(Space, home.pk)):
        if Upload.objects.filter(space=home, finished_at=None).exists():
            raise InAnotherTeam(_UPLOADS, reason="uploads")
        Space.objects.filter(pk=home.pk).update(team_id=joined)
        ask_for_mounts()
        _charge(home.quota_id, left, joined)
    if Team.objects.filter(pk=joined).exclude(region="").exists():
        Team.objects.filter(pk=joined).update(region_changed_at=now(), region_settled_at=None)


def _charge(quota_id: int, left: int, joined: int) -> None:
    """Under the lock of the home, so that nothing is being charged for it."""
    mine = QuotaAccount.objects.get(pk=quota_id)
    held = Charge(
        mine.live_bytes, mine.versions_bytes, mine.trash_bytes, mine.uploads_bytes, mine.nodes, mine.properties
    )
    teams = dict(QuotaAccount.objects.filter(team_id__in=[left, joined]).values_list("team_id", "pk"))
    for team, amount in sorted([(joined, held), (left, -held)], key=lambda pair: teams[pair[0]]):
        quotas.charge([teams[team]], amount)
