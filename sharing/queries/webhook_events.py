"""What a delivery of a webhook tells: events as its person sees them at this moment, as activity has them.

What became hidden from them meanwhile is not in it: the journal is read with their rights when it is sent, whenever the
events happened. Paths begin at the root of the space.
"""

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
from common.errors import CodedError
from files.access.compute import SpaceAccess, facts_of
from files.models import Change, Space, SpaceKind
from files.queries.tree import root_of
from files.queries.whereabouts import whereabouts
from sharing.models import DeliveryKind, Happening, Webhook, WebhookDelivery
from sharing.queries.activity import line_of_change, line_of_happening, lines_seen
from sharing.queries.activity_groups import ROWS_OF, ActivityKind, Line
from sharing.queries.activity_reading import CHANGE, HAPPENING, Key, Source
from sharing.queries.webhooks import is_in_charge

SCHEMA = 1  # of the body: grows when a member changes its meaning, not when one is added
CLIENT = "webhook"


@dataclass(frozen=True, slots=True)
class Message:
    """`body` is JSON, UTF-8; `events` how many are in it."""

    body: bytes
    events: int


def owner_of(webhook: Webhook) -> Actor | None:
    """Who it is for, with the rights of now; None when they may not have it (any more)."""
    actor = actor_from_user(webhook.user, client=CLIENT)
    return actor if actor is not None and is_in_charge(actor, webhook) else None


def rows_wanted(webhook: Webhook) -> frozenset[str]:
    """The kinds of rows (ChangeKind, HappeningKind) that may tell something that the webhook wants; none is all."""
    return frozenset(kind for wanted in webhook.kinds for kind in ROWS_OF.get(wanted, ()))


def message_of(webhook: Webhook, delivery: WebhookDelivery) -> Message | None:
    """None when there is nothing to tell: nothing of it is wanted, or seen, or there any more."""
    if delivery.kind == DeliveryKind.TEST:
        return _message(webhook, "test", [], now())
    actor = owner_of(webhook)
    if actor is None or delivery.space_id is None:
        return None
    source = source_of(actor, webhook, delivery.space_id)
    if source is None:
        return None
    lines: Sequence[Line]
    if delivery.kind == DeliveryKind.CHANGES:
        lines = _lines_of_changes(actor, source, delivery)
    else:
        lines = _lines_of_happening(source, delivery.happening_id or 0)
    wanted = [line for line in lines if not webhook.kinds or line.kind.value in webhook.kinds]
    return _message(webhook, "activity", wanted, wanted[-1].key.at) if wanted else None


def source_of(actor: Actor, webhook: Webhook, space_id: int) -> Source | None:
    """A space of the webhook as its person sees it; None where they do not see its root."""
    try:
        space, access = root_of(actor, space_id)
    except CodedError:
        return None
    if not _is_of(webhook, space):
        return None
    return Source(space, access, SpaceAccess(actor, facts_of(space)))


def _is_of(webhook: Webhook, space: Space) -> bool:
    if webhook.team_id is None:
        return space.pk == webhook.space_id
    return space.kind == SpaceKind.TEAM and space.team_id == webhook.team_id


def _lines_of_changes(actor: Actor, source: Source, delivery: WebhookDelivery) -> list[Line]:
    rows = Change.objects.select_related("actor").filter(space=source.space)
    changes = list(rows.filter(seq__gte=delivery.first_seq, seq__lte=delivery.last_seq).order_by("seq"))
    return [
        line_of_change(change, Key(change.at, CHANGE, change.pk), 0, source)
        for change in lines_seen(actor, source, changes)
    ]


def _lines_of_happening(source: Source, happening_id: int) -> Sequence[Line]:
    row = Happening.objects.select_related("actor").filter(pk=happening_id, space=source.space).first()
    if row is None:
        return []
    chain = whereabouts(source.space, {row.node_id}).get(row.node_id)
    line = line_of_happening(row, Key(row.at, HAPPENING, row.pk), [(0, source)], chain)
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
