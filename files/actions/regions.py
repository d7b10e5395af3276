"""Where the bytes of teams may be."""

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Team
from accounts.permissions import require_administrator
from accounts.unit_of_work import unit_of_work
from common.clock import now
from files import errors
from files.actions.pools import check_region
from files.models import Pool, PoolState, Space


def set_team_region(actor: Actor, *, team_id: int, region: str) -> Team:
    """New bytes go there at once; the others follow as the job `regions`. Empty: anywhere, nothing moves.

    Raises NotFound, InvalidRequest, NoPoolInRegion.
    """
    require_administrator(actor)
    check_region(region)
    if region and not Pool.objects.filter(region=region, state=PoolState.ACTIVE).exists():
        raise errors.NoPoolInRegion(region=region)
    with unit_of_work(actor) as actor:
        require_administrator(actor)
        team = Team.objects.select_for_update().filter(pk=team_id).first()
        if team is None:
            raise errors.NotFound(id=team_id)
        if team.region != region:
            before, team.region = team.region, region
            team.region_changed_at, team.region_settled_at = now(), None
            team.save(update_fields=["region", "region_changed_at", "region_settled_at"])
            record(actor, "team.region", team.name, team=team.pk, before=before, region=region)
    return team


def require_same_region(source: Space, target: Space) -> None:
    """Raises RegionDiffers where sharing bytes between the two would take them out of a region."""
    if source.team_id == target.team_id:
        return
    regions = dict(Team.objects.filter(pk__in=[source.team_id, target.team_id]).values_list("pk", "region"))
    if regions[source.team_id] != regions[target.team_id]:
        raise errors.RegionDiffers
