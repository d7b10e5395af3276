"""How much of a team's quota one person may hold without having sent a byte.

What is announced is reserved at once, so whoever announces the free size and sends nothing would stop everybody else.
The bytes themselves are not capped: an upload of which a part could not be reserved ahead takes its room as they come.
"""

from django.conf import settings
from django.db import connection

from accounts.actor import Actor
from files.models import Space

_QUESTION = """
SELECT q.limit_bytes - q.live_bytes - q.versions_bytes - q.trash_bytes - q.uploads_bytes,
  (SELECT COALESCE(SUM(u.charged), 0) FROM files_upload u JOIN files_space s ON s.id = u.space_id
   WHERE {mine} = %s AND u.finished_at IS NULL AND s.team_id = q.team_id),
  (SELECT COALESCE(SUM(p.length), 0) FROM files_uploadpiece p JOIN files_upload u ON u.id = p.upload_id
   JOIN files_space s ON s.id = u.space_id
   WHERE {mine} = %s AND u.finished_at IS NULL AND s.team_id = q.team_id)
FROM accounts_quotaaccount q WHERE q.team_id = %s AND q.limit_bytes IS NOT NULL{others}
"""
_WITH_OTHERS = """ AND 1 < (
  SELECT COUNT(*) FROM accounts_membership m JOIN accounts_user p ON p.id = m.user_id
  WHERE m.team_id = q.team_id AND p.is_active)
"""


def capped(actor: Actor, space: Space, wanted: int) -> int:
    """How many of the `wanted` bytes, which an upload of the actor and the ledger hold already, may be reserved ahead.

    Of what is free beside the person's own reservations they may hold RESERVED_SHARE percent; people who are alone in
    their team, and teams without a limit, are not asked. So may the visitors of one link together, also where they send
    to somebody who is alone. Called under the lock of the team's account, which is that of the charge.
    """
    holder_id = actor.user_id if actor.link_id is None else actor.link_id
    if holder_id is None or wanted <= 0:
        return wanted
    mine, others = ("u.user_id", _WITH_OTHERS) if actor.link_id is None else ("u.link_id", "")
    with connection.cursor() as cursor:
        cursor.execute(_QUESTION.format(mine=mine, others=others), [holder_id, holder_id, space.team_id])
        row = cursor.fetchone()
    if row is None:
        return wanted
    left, charged, received = (int(value) for value in row)
    ahead = max(0, charged - received - wanted)
    share = (left + wanted + ahead) * settings.RESERVED_SHARE // 100
    return max(0, min(wanted, share - ahead))
