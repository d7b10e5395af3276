"""Visitors report what a link shows: to the owners and admins of the team, and not to who made the link."""

from datetime import timedelta

from django.core.mail import EmailMessage
from django.db import models
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from accounts import outgoing_mail, throttle
from accounts.actor import Actor
from accounts.audit import record
from accounts.invitations import one_line
from accounts.models import AuditEvent, Role
from accounts.teams import people_of
from accounts.unit_of_work import unit_of_work
from common.clock import now
from sharing.links import url_of
from sharing.models import Link
from sharing.queries.link_access import find_link

KIND = "link.report"
DAY = timedelta(days=1)
MAXIMUM_TEXT = 1_000  # characters
MAILED_OF_LINK, MAILED_OF_TEAM, KEPT_OF_TEAM = 3, 20, 200  # reports in a day
MAXIMUM_RECIPIENTS = 20


class Reason(models.TextChoices):
    """What somebody reports."""

    DECEPTION = "deception", _("It asks for passwords or money under a false name")
    MALWARE = "malware", _("It harms computers")
    ILLEGAL = "illegal", _("It is against the law")
    PRIVATE = "private", _("It shows something private, or something of mine")
    OTHER = "other", _("Something else")


def report_link(visitor: Actor, *, slug: str, reason: str, text: str) -> None:
    """An audit record, and a mail for the first ones of a day. One of a link from the same network in a quarter of an
    hour; what comes beyond that, or beyond what is kept in a day, is dropped, and nobody is told. Raises LinkNotFound.
    """
    link = find_link(slug)
    network = throttle.address_key(visitor.address or "")
    if not throttle.first_use(f"link report {link.pk} {network}"):
        return
    team_id = link.node.space.team_id
    with unit_of_work(visitor) as visitor:
        today = AuditEvent.objects.filter(kind=KIND, team_id=team_id, at__gt=now() - DAY)
        of_team, of_link = today.count(), today.filter(target=str(link.pk)).count()
        if of_team >= KEPT_OF_TEAM:
            return
        reason = reason if reason in Reason.values else Reason.OTHER
        record(visitor, KIND, str(link.pk), of_team=team_id, reason=reason, text=text[:MAXIMUM_TEXT])
        if of_link < MAILED_OF_LINK and of_team < MAILED_OF_TEAM:
            _mail(link, team_id, reason, text[:MAXIMUM_TEXT])


def _mail(link: Link, team_id: int, reason: str, text: str) -> None:
    """To those who answer for the team. In the caller's transaction."""
    managers = people_of(team_id).filter(role__in=(Role.OWNER, Role.ADMIN)).order_by("pk")[:MAXIMUM_RECIPIENTS]
    maker = link.created_by
    context = {
        "link": url_of(link),
        "name": one_line(link.title or link.node.name),
        "maker": "" if maker is None else f"{one_line(maker.get_full_name())} ({maker.email})",
        "reason": str(Reason(reason).label),
        "text": text.strip(),
    }
    subject = one_line(render_to_string("sharing/mail/report_subject.txt", context))
    body = render_to_string("sharing/mail/report.txt", context)
    for member in managers:
        outgoing_mail.queue_message(EmailMessage(subject, body, to=[member.user.email]))
