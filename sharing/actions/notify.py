"""Telling people: the one way to make notifications.

    key = f"comment-{comment.pk}"
    notify(user_ids, kind=NotificationKind.MENTION, by=actor.user_id, node_id=node.pk, name=node.name, key=key)

It runs in the caller's transaction, who has looked whether each of them may know what is told: it is shown to them from
then on, whatever happens to their rights. A mail is made by a job (sharing/actions/mail_notifications.py).
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings

from accounts.models import User
from accounts.names import NOBODYS
from common.batches import in_batches
from common.clock import now
from sharing.models import MailChoice, Notification, NotificationKind
from sharing.queries.notifications import choices_of

MOST_TOLD = 1_000  # people of one event
KEPT = 500  # of one person: the oldest give way
KEPT_FOR = timedelta(days=90)
LONGEST_NAME = 255
BATCH = 400


def notify(
    user_ids: Iterable[int],
    *,
    kind: NotificationKind,
    by: int | None = None,
    node_id: int | None = None,
    key: str = "",
    is_mailed: bool = False,
    **detail: Any,
) -> int:
    """Tells each of them once of what `key` names. Returns how many were told. Nobody is told what they did themselves
    (`by`), nor somebody whose account has ended. `detail` is JSON types, with the `name` of what it is about. Of what
    `is_mailed` otherwise there is no mail at once; it may be in their digest.
    """
    if isinstance(detail.get("name"), str):
        detail["name"] = detail["name"][:LONGEST_NAME]
    wanted = sorted(set(user_ids) - {by})[:MOST_TOLD]
    told = 0
    for some in in_batches(wanted, BATCH):
        people = User.objects.filter(pk__in=some, is_active=True).exclude(email__endswith=NOBODYS)
        found = list(people.values_list("pk", flat=True))
        if key:
            known = Notification.objects.filter(user_id__in=found, key=key).values_list("user_id", flat=True)
            found = sorted(set(found) - set(known))
        choices = choices_of(found)
        wished = {pk: choices[pk][kind] for pk in found}
        mail = {pk: MailChoice.OFF if is_mailed and wish == MailChoice.ONCE else wish for pk, wish in wished.items()}
        rows = [_row(pk, kind, mail[pk], by, node_id, key, detail) for pk in found]
        Notification.objects.bulk_create(rows, ignore_conflicts=True)
        told += len(rows)
        for pk in found:
            _trim(pk)
    return told


def _row(
    user_id: int,
    kind: NotificationKind,
    choice: MailChoice,
    by: int | None,
    node_id: int | None,
    key: str,
    detail: dict[str, Any],
) -> Notification:
    return Notification(
        user_id=user_id,
        kind=kind,
        key=key,
        by_id=by,
        node_id=node_id,
        detail=detail,
        mail=choice if settings.MAIL_IS_SENT else MailChoice.OFF,
        created_at=now(),
    )


def _trim(user_id: int) -> None:
    """Beyond the bound the oldest give way, read or not."""
    rows = Notification.objects.filter(user_id=user_id)
    first = rows.order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 1]
    for pk in list(first):
        rows.filter(pk__lte=pk).delete()
