"""Following the audit record: what it tells of shares and comments becomes activity, and people are told of shares, and
of what audit_notices.py has.

Every few seconds, in small steps, each in a transaction of its own with the new position. An event becomes one row, and
one notification for each person, however often a step is taken: by its id. One that was committed a little later than
others with a later time is found again within OVERLAP.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from posixpath import basename
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.actor import system
from accounts.models import AuditEvent, GroupMember, Invitation, Membership, User
from accounts.unit_of_work import unit_of_work
from common.clock import now
from files.models import Node
from sharing.actions import audit_notices
from sharing.actions.audit_notices import id_in, tell_of_revoked_link
from sharing.actions.notify import MOST_TOLD, notify
from sharing.models import AuditPosition, Happening, HappeningKind, NotificationKind, Share

NAME = "sharing"
BATCH = 200
STEPS = 25  # of one run: what is left is for the next one
DELAY = timedelta(seconds=3)  # until whoever wrote an event has committed it
OVERLAP = timedelta(minutes=3)
IDLE = timedelta(minutes=1)  # how often it moves on when nothing is new: nobody waits for it meanwhile
NEWS = timedelta(days=1)  # what is older is told to nobody: after an upgrade, or when no worker ran for long
CUT_AT = 200  # characters of the target of an event, as accounts.audit keeps it
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

HAPPENINGS: dict[str, HappeningKind] = {
    "grant.set": HappeningKind.SHARE,
    "grant.remove": HappeningKind.UNSHARE,
    "link.create": HappeningKind.SHARE,
    "link.revoke": HappeningKind.UNSHARE,
    "folder.restrict": HappeningKind.RESTRICT,
    "folder.unrestrict": HappeningKind.UNRESTRICT,
    "comment.create": HappeningKind.COMMENT,
}
INVITATIONS = ("invitation.create", "invitation.accept")
_OF_SHARE = ("subject", "id", "role", "before")  # members of the detail of an event


def follow_audit() -> int:
    """Returns how many events were handled."""
    handled = 0
    for _ in range(STEPS if _is_due() else 0):
        count, has_more = _step()
        handled += count
        if not has_more:
            break
    return handled


def _is_due() -> bool:
    """Without a transaction, which on SQLite would hold up every writer."""
    position = AuditPosition.objects.filter(name=NAME).first()
    until = now() - DELAY
    if position is None or until - position.at >= IDLE:
        return True
    return _events(until).filter(at__gt=position.at).exists()


def _events(until: datetime) -> "QuerySet[AuditEvent]":
    return AuditEvent.objects.filter(kind__in=[*HAPPENINGS, *INVITATIONS, *audit_notices.KINDS], at__lte=until)


def _step() -> tuple[int, bool]:
    with unit_of_work(system("activity")):
        AuditPosition.objects.get_or_create(name=NAME, defaults={"at": BEGINNING})
        position = AuditPosition.objects.select_for_update().get(name=NAME)
        until = now() - DELAY
        rows = _events(until).select_related("actor")
        events = list(rows.filter(at__gt=position.at).order_by("at", "pk")[:BATCH])
        late = rows.filter(at__gt=position.at - OVERLAP, at__lte=position.at, kind__in=HAPPENINGS)
        late = late.filter(~Exists(Happening.objects.filter(event_id=OuterRef("pk"))))
        count = _handle([*late.order_by("at", "pk")[:BATCH], *events])
        has_more = len(events) == BATCH
        position.at = events[-1].at if has_more else max(until, position.at)
        position.save(update_fields=["at"])
    return count, has_more


def _handle(events: Sequence[AuditEvent]) -> int:
    known = Happening.objects.filter(event_id__in=[event.pk for event in events]).values_list("event_id", flat=True)
    handled = set(known)
    new = [event for event in events if event.pk not in handled]
    node_ids = {id_in(event, "node") for event in new}
    nodes = {node.pk: node for node in Node.objects.filter(pk__in=node_ids).select_related("space")}
    for event in new:
        if event.kind in INVITATIONS:
            _tell_of_invitation(event)
            continue
        node = nodes.get(id_in(event, "node"))
        if event.kind in audit_notices.KINDS:
            if event.at >= now() - NEWS:
                audit_notices.tell(event, node)
        elif node is not None:
            _keep(event, node)
            _tell_of_share(event, node)
    return len(new)


def _keep(event: AuditEvent, node: Node) -> None:
    Happening.objects.create(
        space_id=node.space_id,
        node_id=node.pk,
        kind=HAPPENINGS[event.kind],
        actor_id=event.actor_id,
        principal=event.principal,
        link_id=event.link_id,
        event_id=event.pk,
        detail=_detail(event),
        at=event.at,
    )


def _detail(event: AuditEvent) -> dict[str, Any]:
    kept = {name: event.detail[name] for name in _OF_SHARE if name in event.detail}
    return kept | ({"subject": "link", "id": event.detail["link"]} if "link" in event.detail else {})


def _tell_of_share(event: AuditEvent, node: Node) -> None:
    if event.at < now() - NEWS:
        return
    if event.kind == "link.revoke":
        tell_of_revoked_link(event, node)
    if event.kind not in ("grant.set", "grant.remove"):
        return
    role, before = event.detail.get("role"), event.detail.get("before")
    if event.kind == "grant.set" and role == before:
        return  # another end, or download withheld
    kind = NotificationKind.SHARE if event.kind == "grant.set" else NotificationKind.UNSHARE
    detail: dict[str, Any] = {"name": _name_then(event, node)}
    if kind == NotificationKind.SHARE:
        detail |= {"role": role} | ({"text": "role"} if before else {})
    subject, pk = str(event.detail.get("subject")), id_in(event, "id")
    is_mailed = kind == NotificationKind.SHARE and not before and _has_own_mail(node, subject, pk)
    key = f"audit-{event.pk}"
    notify(_people(subject, pk), kind=kind, by=event.actor_id, node_id=node.pk, key=key, is_mailed=is_mailed, **detail)


def _has_own_mail(node: Node, subject: str, pk: int) -> bool:
    """Whether a mail with the words of who shares it goes to them (sharing/mails.py), or none on purpose."""
    if subject not in ("user", "group", "team"):
        return False
    shares = Share.objects.filter(grant__node_id=node.pk, **{f"grant__{subject}_id": pk})
    return shares.filter(Q(is_quiet=True) | ~Q(notified_at=None)).exists()


def _name_then(event: AuditEvent, node: Node) -> str:
    """When it was shared or taken back: a later name is nothing for who does not see it any more."""
    if node.parent_id is None:
        return node.space.name
    name = basename(event.target)
    return node.name if len(event.target) >= CUT_AT or not name else name


def _people(kind: str, pk: int) -> Iterable[int]:
    rows: Any
    if kind == "user":
        return [pk] if pk else []
    if kind == "group":
        rows = GroupMember.objects.filter(group_id=pk)
    elif kind == "team":
        rows = Membership.objects.filter(team_id=pk)
    else:
        return []
    return list(rows.order_by("user_id").values_list("user_id", flat=True)[: MOST_TOLD + 1])


def _tell_of_invitation(event: AuditEvent) -> None:
    pk = id_in(event, "invitation")
    invitation = Invitation.objects.select_related("team").filter(pk=pk).first()
    if invitation is None or event.at < now() - NEWS:
        return
    told, name, key = NotificationKind.INVITATION, invitation.team.name, f"audit-{event.pk}"
    if event.kind == "invitation.accept":
        receivers = [invitation.invited_by_id] if invitation.invited_by_id else []
        notify(receivers, kind=told, by=id_in(event, "user"), key=key, name=name, text="accepted")
        return
    receivers = list(User.objects.filter(email=invitation.email).values_list("pk", flat=True))
    notify(receivers, kind=told, by=event.actor_id, key=key, name=name)
