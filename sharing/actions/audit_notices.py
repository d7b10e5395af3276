"""Notifications that follow from the audit record: of support, of files that are given away, and of revoked links.

Called for each event by the follower (audit_follower.py), in its transaction: each person is told once of one event.
"""

from collections.abc import Callable
from posixpath import basename

from accounts.models import AuditEvent, SupportAccess
from files.models import Node
from sharing.actions.notify import notify
from sharing.models import NotificationKind

SUPPORT = ("support.request", "support.consent", "support.start", "support.end")
TRANSFERS = ("transfer.offer", "transfer.accept", "transfer.decline")
KINDS = (*SUPPORT, *TRANSFERS)


def tell(event: AuditEvent, node: Node | None) -> None:
    """`event` is of one of KINDS; `node` what its detail names, where that is there still."""
    if event.kind in SUPPORT:
        _tell_of_support(event)
    else:
        _TRANSFERS[event.kind](event, node)


def _tell_of_support(event: AuditEvent) -> None:
    """The person, of what they have not done themselves. The mail of it is sent in any case
    (accounts/support_mails.py), so that there is none at once of the notification.
    """
    person, administrator = id_in(event, "person"), id_in(event, "administrator")
    if event.actor_id == person:
        return
    text = event.kind.replace(".", "_")
    if event.kind == "support.end" and not _was_begun(id_in(event, "access")):
        text = "support_over"
    key, kind = f"audit-{event.pk}", NotificationKind.SUPPORT
    notify([person], kind=kind, by=administrator, key=key, is_mailed=True, text=text)


def _was_begun(access_id: int) -> bool:
    return SupportAccess.objects.filter(pk=access_id, started_at__isnull=False).exists()


def _offered(event: AuditEvent, node: Node | None) -> None:
    """No node: they do not see it yet, and the offer is on the page of shares."""
    if node is not None:
        _tell_of_transfer(event, id_in(event, "to"), basename(event.target) or node.name, "")


def _accepted(event: AuditEvent, node: Node | None) -> None:
    """Under the name that the giver knows: the receiver may call it something else."""
    name = str(event.detail.get("name") or "")
    _tell_of_transfer(event, id_in(event, "from_user"), name, "transfer_accepted")


def _declined(event: AuditEvent, node: Node | None) -> None:
    if node is not None:
        _tell_of_transfer(event, id_in(event, "to"), node.name, "transfer_declined", node_id=node.pk)


def _tell_of_transfer(event: AuditEvent, user_id: int, name: str, text: str, node_id: int | None = None) -> None:
    key, kind = f"audit-{event.pk}", NotificationKind.TRANSFER
    notify([user_id], kind=kind, by=event.actor_id, node_id=node_id, key=key, name=name, text=text)


def tell_of_revoked_link(event: AuditEvent, node: Node) -> None:
    """Whoever had made it, where an administrator of the installation has revoked it."""
    key, kind = f"audit-{event.pk}", NotificationKind.UNSHARE
    notify([id_in(event, "of")], kind=kind, by=event.actor_id, key=key, name=node.name, text="link_revoked")


def id_in(event: AuditEvent, name: str) -> int:
    """An id in the detail of an event; 0 for what is none."""
    value = event.detail.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


_TRANSFERS: dict[str, Callable[[AuditEvent, Node | None], None]] = {
    "transfer.offer": _offered,
    "transfer.accept": _accepted,
    "transfer.decline": _declined,
}
