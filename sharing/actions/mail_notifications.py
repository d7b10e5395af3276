"""Mailing notifications: at once, or once a day, as each person wishes (accounts/outgoing_mail.py sends).

The mail and the mark that it was made are one transaction, so that none is made twice and none is lost. Those of one
person and kind that wait are one mail; beyond MAILS_IN_A_DAY the rest goes into the digest.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import groupby

from django.conf import settings
from django.db.models import F

from accounts.actor import system
from accounts.links import LinksUnknown, report
from accounts.models import User
from accounts.outgoing_mail import queue_message
from accounts.unit_of_work import unit_of_work
from common.clock import now
from sharing.actions.notifications import EVERY_DIGEST
from sharing.models import MailChoice, Notification, NotificationMails
from sharing.notification_mails import mail_of

BATCH = 200  # notifications, or people of a digest, at once
MAILS_IN_A_DAY = 20  # at once, to one person
DIGEST_HOUR = 6  # UTC: it has what came until then


def mail_at_once() -> int:
    """Returns how many mails were made. Nobody is held up where there is nothing to do."""
    waiting = Notification.objects.filter(mail=MailChoice.ONCE).order_by("user_id", "kind", "pk")
    if not waiting.exists():
        return 0
    with unit_of_work(system("notifications")):
        rows = list(waiting.select_related("user", "by").select_for_update(skip_locked=True, of=("self",))[:BATCH])
        groups = [list(some) for _, some in groupby(rows, key=lambda row: (row.user_id, row.kind))]
        return sum(_mail_group(some) for some in groups)


def _mail_group(rows: Sequence[Notification]) -> int:
    user, these = rows[0].user, Notification.objects.filter(pk__in=[row.pk for row in rows])
    if not user.is_active or not settings.MAIL_IS_SENT:
        these.update(mail=MailChoice.OFF)
        return 0
    if not _count_one(user.pk, now().date()):
        these.update(mail=MailChoice.DIGEST)
        return 0
    these.update(mail=MailChoice.OFF)
    return _queue(user, rows, rows[0].kind)


def _count_one(user_id: int, day: date) -> bool:
    """Whether there is room for one mail more on this day."""
    counts, _ = NotificationMails.objects.get_or_create(user_id=user_id, defaults={"day": day})
    mine = NotificationMails.objects.filter(pk=counts.pk)
    if counts.day != day:
        mine.update(day=day, count=0)
    return bool(mine.filter(count__lt=MAILS_IN_A_DAY).update(count=F("count") + 1))


def mail_digests() -> int:
    """To everybody who has something in theirs and got none today. Returns how many mails were made."""
    moment = now()
    until = datetime.combine(moment.date(), time(DIGEST_HOUR), moment.tzinfo)
    if moment < until:
        return 0
    made = 0
    while True:
        waiting = Notification.objects.filter(mail=MailChoice.DIGEST, created_at__lt=until)
        had = NotificationMails.objects.filter(digest_day=moment.date()).values("user_id")
        people = waiting.exclude(user_id__in=had).order_by("user_id").values_list("user_id", flat=True).distinct()
        user_ids = list(people[:BATCH])
        made += sum(_mail_digest(user_id, until) for user_id in user_ids)
        if len(user_ids) < BATCH:
            return made


def _mail_digest(user_id: int, until: datetime) -> int:
    with unit_of_work(system("notifications")):
        NotificationMails.objects.get_or_create(user_id=user_id, defaults={"day": until.date()})
        mine = NotificationMails.objects.filter(user_id=user_id).exclude(digest_day=until.date())
        if not mine.update(digest_day=until.date()):
            return 0  # somebody else was first
        waiting = Notification.objects.filter(user_id=user_id, mail=MailChoice.DIGEST, created_at__lt=until)
        rows = list(waiting.select_related("user", "by").order_by("-pk"))
        waiting.update(mail=MailChoice.OFF)
        if not rows or not rows[0].user.is_active or not settings.MAIL_IS_SENT:
            return 0
        return _queue(rows[0].user, rows, EVERY_DIGEST)


def _queue(user: User, rows: Sequence[Notification], what: str) -> int:
    try:
        queue_message(mail_of(user, rows, what=what))
    except LinksUnknown:
        report("A mail of notifications")
        return 0
    return 1
