"""Notifications as Nextcloud's clients show them (apps/notifications, version 2 of its API, docs/ocs-endpoint-v2.md).

They are the unread ones. A client deletes what its person has dismissed: that marks it as read, and it stays on the
page of notifications.
"""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest

from accounts.actor import Actor
from common.ids import is_id
from files.errors import NotFound
from protocols.nextcloud.ocs.endpoint import ocs_endpoint
from protocols.nextcloud.ocs.envelope import Outcome
from sharing.actions.notifications import mark_read
from sharing.models import Notification
from sharing.queries.notification_texts import link_of, text_of
from sharing.queries.notifications import list_notifications

SHOWN = 50


@ocs_endpoint("GET", "HEAD", "DELETE")
def all_notifications(request: HttpRequest, actor: Actor) -> Outcome:
    """The latest, or all of them dismissed."""
    if request.method == "DELETE":
        mark_read(actor)
        return Outcome([])
    rows = list_notifications(actor, only_unread=True)[:SHOWN]
    return Outcome([_element(row) for row in rows])


@ocs_endpoint("GET", "HEAD", "DELETE")
def one_notification(request: HttpRequest, actor: Actor, notification_id: int) -> Outcome:
    """One of them, or that dismissed. Raises NotFound."""
    rows = list_notifications(actor, only_unread=True)
    row = rows.filter(pk=notification_id).first() if is_id(notification_id) else None
    if row is None:
        raise NotFound(id=notification_id)
    if request.method == "DELETE":
        mark_read(actor, notification_ids=[row.pk])
        return Outcome([])
    return Outcome(_element(row))


def _element(row: Notification) -> dict[str, Any]:
    link = link_of(row)
    return {
        "notification_id": row.pk,
        "app": "files_sharing",
        "user": str(row.user_id),
        "datetime": row.created_at.isoformat(timespec="seconds"),
        "object_type": row.kind,
        "object_id": str(row.node_id or ""),
        "subject": text_of(row),
        "subjectRich": "",
        "subjectRichParameters": [],
        "message": "",
        "messageRich": "",
        "messageRichParameters": [],
        "link": f"{settings.BASE_URL}{link}" if link else "",
        "icon": f"{settings.BASE_URL}{staticfiles_storage.url('ui/favicon.svg')}",
        "actions": [],
    }
