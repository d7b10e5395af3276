"""What a delivery of a webhook tells: events as its person sees them at this moment, as activity has them.

What became hidden from them meanwhile is not in it: the journal is read with their rights when it is sent, whenever the
events happened. Paths begin at the root of the space; of what is mounted in a home at the root of the home.
"""

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from accounts.actor import Actor, PrincipalKind
from accounts.authentication import actor_from_user
from accounts.models import User
from accounts.names import NOBODYS
from common.clock import now
from files.models import Change, ChangeKind
from files.queries.whereabouts import whereabouts
from sharing.models import DeliveryKind, Happening, Webhook, WebhookDelivery
from sharing.queries.activity import line_of_change, line_of_happening, lines_seen
from sharing.queries.activity_groups import ROWS_OF, ActivityKind, Line
from sharing.queries.activity_reading import CHANGE, HAPPENING, Key, Source
from sharing.queries.webhook_policy import why_not_sent
from sharing.queries.webhook_sources import sources_of
from sharing.queries.webhooks import is_in_charge

SCHEMA = 1  # of the body: grows when a member changes its meaning, not when one is added
CLIENT = "webhook"


@dataclass(frozen=True, slots=True)
class Message:
    """`body` is JSON, UTF-8; `events` how many are in it."""

    body: bytes
    events: int


def owner_of(webhook: Webhook) -> Actor | None:
    """Who it is for, with the rights of now; None when they may not have it (any more), or a policy of their team is
    against it.
    """
    actor = actor_from_user(webhook.user, client=CLIENT)
    if actor is None or not is_in_charge(actor, webhook) or why_not_sent(actor) is not None:
        return None
    return actor


def rows_wanted(webhook: Webhook) -> frozenset[str]:
    """The kinds of rows (ChangeKind, HappeningKind) that may tell something that the webhook wants; none is all."""
    return frozenset(kind for wanted in webhook.kinds for kind in ROWS_OF.get(wanted, ()))


def message_of(webhook: Webhook, delivery: WebhookDelivery) -> Message | None:
    """None when there is nothing to tell: nothing of it is wanted, or seen, or there any more."""
    actor = owner_of(webhook)
    if actor is None:
        return None
    if delivery.kind == DeliveryKind.TEST:
        return _message(webhook, "test", [], now())
    sources = [] if delivery.space_id is None else sources_of(actor, webhook, delivery.space_id)
    if not sources:
        return None
    lines: Sequence[Line]
    if delivery.kind == DeliveryKind.CHANGES:
        lines = _lines_of_changes(actor, sources, delivery)
    else:
        lines = _lines_of_happening(sources, delivery.happening_id or 0)
    wanted = [line for line in lines if not webhook.kinds or line.kind.value in webhook.kinds]
    return _message(webhook, "activity", wanted, wanted[-1].key.at) if wanted else None


def _lines_of_changes(actor: Actor, sources: Sequence[Source], delivery: WebhookDelivery) -> list[Line]:
    """What two mounts show is told by the first."""
    rows = Change.objects.select_related("actor").filter(space=sources[0].space)
    changes = list(rows.filter(seq__gte=delivery.first_seq, seq__lte=delivery.last_seq).order_by("seq"))
    found: dict[int, Line] = {}
    for number, source in enumerate(sources):
        own = [copy.copy(change) for change in changes if _is_about(source, change)]
        for change in lines_seen(actor, source, own):
            line = line_of_change(change, Key(change.at, CHANGE, change.pk), number, source)
            found.setdefault(change.seq, line)
    return [found[seq] for seq in sorted(found)]


def _is_about(source: Source, change: Change) -> bool:
    """Of a file that is mounted alone only what was written to it."""
    return source.node_id is None or (change.node_id == source.node_id and change.kind == ChangeKind.WRITE)


def _lines_of_happening(sources: Sequence[Source], happening_id: int) -> Sequence[Line]:
    space = sources[0].space
    row = Happening.objects.select_related("actor").filter(pk=happening_id, space=space).first()
    if row is None:
        return []
    chain = whereabouts(space, {row.node_id}).get(row.node_id)
    line = line_of_happening(row, Key(row.at, HAPPENING, row.pk), list(enumerate(sources)), chain)
    return [] if line is None else [line]


def _message(webhook: Webhook, kind: str, lines: Sequence[Line], at: datetime) -> Message:
    content = {
        "type": kind,
        "timestamp": _time(at),
        "data": {"schema": SCHEMA, "webhook_id": str(webhook.pk), "events": [_event(line) for line in lines]},
    }
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Message(body, len(lines))


def _event(line: Line) -> dict[str, Any]:
    item = line.item
    found: dict[str, Any] = {
        "id": line.ref,
        "kind": line.kind.value,
        "at": _time(line.key.at),
        "space_id": str(line.space_id),
        "mount_id": None if line.mount_id is None else str(line.mount_id),
        "node_id": str(item.node_id),
        "node_kind": "folder" if item.is_folder else "file",
        "name": item.name,
        "path": item.path,
        "path_before": item.before or None,
        "by": _person(line.actor),
        "by_kind": _kind_of_principal(line),
    }
    if line.kind in (ActivityKind.SHARE, ActivityKind.UNSHARE):
        subject = line.detail.get("id")
        found["share"] = {
            "with_kind": str(line.detail.get("subject") or ""),
            "with_id": None if subject is None else str(subject),
            "role": line.detail.get("role"),
        }
    return found


def _person(user: User | None) -> dict[str, str] | None:
    if user is None or user.email.endswith(NOBODYS):
        return None
    return {"id": str(user.pk), "name": user.get_full_name()}


def _kind_of_principal(line: Line) -> str:
    if line.link_id is not None:
        return PrincipalKind.LINK.value
    return line.principal.partition(":")[0] or PrincipalKind.USER.value


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
