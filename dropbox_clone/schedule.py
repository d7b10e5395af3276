"""What runs by the clock. One entry a line: name, task, seconds between two starts.

Tasks only find and finish work that the database shows as unfinished, so a missed or doubled start does no
harm.
"""

from typing import Any

SCHEDULE: tuple[tuple[str, str, float], ...] = (
    ("index-spaces", "search.tasks.index_spaces", 3),
    ("sweep-index", "search.tasks.sweep_index", 60),
    ("upkeep-asked", "files.tasks.upkeep_asked", 2),
    ("seal-audit", "accounts.seal_audit", 5),
    ("forget-failed-sign-ins", "accounts.forget_failures", 3600),
    ("settle-shares", "sharing.tasks.settle_shares", 5),
    ("forget-shares", "sharing.tasks.forget_shares", 3600),
    ("end-support", "accounts.end_support", 10),
    ("send-mail", "accounts.send_mail", 3),
    ("forget-invitations", "accounts.forget_invitations", 3600),
    ("delete-removed-accounts", "accounts.delete_removed", 3600),
    ("forget-uses-of-links", "sharing.tasks.forget_link_uses", 3600),
    ("forget-sessions", "accounts.forget_sessions", 6 * 3600),
    ("tell-of-sharing", "sharing.tell", 5),
    ("send-webhooks", "sharing.webhooks", 3),
    ("mail-digests", "sharing.digest", 600),
    ("upkeep-of-sharing", "sharing.upkeep", 3600),
)
# Jobs of upkeep by name, and seconds between two looks at whether there is something to do (files/maintenance/upkeep.py
# says when). Those that run once a day are looked at often, so that one that is overdue starts soon after a restart.
UPKEEP: tuple[tuple[str, float], ...] = (
    ("purge", 10),
    ("copies", 3),
    ("brakes", 3),
    ("move", 10),
    ("regions", 60),
    ("teams", 600),
    ("uploads", 300),
    ("locks", 300),
    ("mounts", 60),
    ("trash", 3600),
    ("versions", 600),
    ("gc", 600),
    ("compact", 600),
    ("ledger", 600),
    ("records", 600),
    ("fsck", 3600),
)

CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # A start that waited for longer than its own interval is not worth doing any more: the next one is there.
    name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for name, task, seconds in SCHEDULE
}
CELERY_BEAT_SCHEDULE |= {
    f"upkeep-{name}": {
        "task": "files.tasks.upkeep",
        "args": [name],
        "schedule": seconds,
        "options": {"expires": seconds},
    }
    for name, seconds in UPKEEP
}
