"""The journals that a webhook tells of, as its person sees them now: those of its own place, and for a home also those
of what is mounted in it, by the paths there (decision 61).
"""

from accounts.actor import Actor
from common.errors import CodedError
from files import sql_rows
from files.access.compute import SpaceAccess, facts_of
from files.models import Space, SpaceKind
from files.queries.mounts import mounts_in
from files.queries.tree import root_of
from sharing.models import Webhook, WebhookPosition
from sharing.queries.activity import source_of_mount
from sharing.queries.activity_reading import Source

# Spaces that are mounted in the homes of webhooks that are on, and that these do not follow yet.
_UNMET = """
SELECT DISTINCT w.id, s.id, s.seq FROM sharing_webhook w
JOIN files_space h ON h.id = w.space_id AND h.kind = %s AND h.mounts > 0
JOIN files_mount m ON m.user_id = w.user_id AND m.node_id IS NOT NULL
JOIN files_space s ON s.id = m.space_id AND s.id <> h.id
LEFT JOIN sharing_webhookposition p ON p.webhook_id = w.id AND p.space_id = s.id
WHERE w.is_on AND p.id IS NULL
"""


def is_own(webhook: Webhook, space_id: int | None) -> bool:
    """Whether it is the webhook's own place, or part of it, and not mounted there."""
    return webhook.team_id is not None or space_id == webhook.space_id


def sources_of(actor: Actor, webhook: Webhook, space_id: int) -> list[Source]:
    """A space of the webhook as its person sees it; none where they see nothing of it. Of what is mounted in their home
    each mount is one.
    """
    try:
        if not is_own(webhook, space_id):
            return _mounted(actor, webhook, space_id)
        space, access = root_of(actor, space_id)
    except CodedError:
        return []
    if webhook.team_id is not None and not _is_of_team(webhook, space):
        return []
    return [Source(space, access, SpaceAccess(actor, facts_of(space)))]


def _is_of_team(webhook: Webhook, space: Space) -> bool:
    return space.kind == SpaceKind.TEAM and space.team_id == webhook.team_id


def _mounted(actor: Actor, webhook: Webhook, space_id: int) -> list[Source]:
    home, _access = root_of(actor, None)
    mounts = mounts_in(actor, home) if home.pk == webhook.space_id else None
    if mounts is None:
        return []
    found = [mount for mount in mounts.all() if mount.entered.space.pk == space_id]
    return [source_of_mount(mount, mounts.rules[space_id]) for mount in found]


def unmet_mounts(webhook_id: int | None = None) -> list[WebhookPosition]:
    """Positions to be made, of one webhook or of all: what happens there from now on is told. One query."""
    sql, values = _UNMET, list[object]([SpaceKind.HOME.value])
    if webhook_id is not None:
        sql, values = f"{sql} AND w.id = %s", [*values, webhook_id]
    return [
        WebhookPosition(webhook_id=of_webhook, space_id=space_id, seq=seq)
        for of_webhook, space_id, seq in sql_rows.fetch(sql, values)
    ]
