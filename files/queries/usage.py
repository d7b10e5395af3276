"""How much the accounts that a space is charged to hold, and may still hold."""

from dataclasses import dataclass

from files import sql_rows
from files.models import Space


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes. `used` is of the space's own account; `free` what can still be stored, None without any limit."""

    used: int
    free: int | None


def usage_of(space: Space, *, of_team: bool = False) -> Usage:
    """One query: the space's own account and its team's, of which the tighter one counts. `of_team`: the team's alone
    says what is free, for somebody who must not learn what the space holds.
    """
    found = sql_rows.fetch(
        "SELECT id, limit_bytes, live_bytes + versions_bytes + trash_bytes + uploads_bytes "
        "FROM accounts_quotaaccount WHERE id = %s OR team_id = %s",
        [space.quota_id, space.team_id],
    )
    counted = [row for row in found if row[0] != space.quota_id or not of_team]
    free = [max(0, limit - used) for _, limit, used in counted if limit is not None]
    return Usage(sum(used for pk, _, used in found if pk == space.quota_id), min(free, default=None))
