"""Reports of a link: bounded, and to who answers for the team."""

from dataclasses import replace

import pytest
from django.core import mail

from accounts.models import AuditEvent, OutgoingMail, Role
from accounts.outgoing_mail import send_due
from sharing.actions import reports
from sharing.actions.reports import Reason, report_link
from sharing.errors import LinkNotFound
from tests.sharing.linked import VISITOR, Linked
from tests.support.people import make_member

pytestmark = pytest.mark.django_db


def test_the_mail(world: Linked) -> None:
    make_member(world.owner, role=Role.ADMIN, email="admin@example.com")
    link = world.link(title="A <b>prize</b> for you", label="private label")
    report_link(VISITOR, slug=link.token, reason=Reason.MALWARE, text="It wants\nmy money")
    OutgoingMail.objects.exclude(pk__in=OutgoingMail.objects.order_by("-pk")[:2]).delete()
    send_due({})
    assert sorted(message.to[0] for message in mail.outbox) == ["admin@example.com", "owner@example.com"]
    message = mail.outbox[0]
    assert message.subject == "A link was reported: A <b>prize</b> for you"
    for part in (link.token, "Olga Owner (owner@example.com)", "It harms computers", "It wants\nmy money"):
        assert part in message.body
    assert "private label" not in message.body


def test_what_is_kept_of_a_day(world: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    link, mails = world.link(), OutgoingMail.objects.count()
    monkeypatch.setattr(reports, "KEPT_OF_TEAM", 3)
    monkeypatch.setattr(reports, "MAILED_OF_LINK", 1)
    for number in range(5):
        report_link(replace(VISITOR, address=f"192.0.2.{number}"), slug=link.token, reason="?", text="")
    assert (AuditEvent.objects.filter(kind=reports.KIND).count(), OutgoingMail.objects.count()) == (3, mails + 1)
    report_link(replace(VISITOR, address="192.0.2.0"), slug=link.token, reason="?", text="")
    with pytest.raises(LinkNotFound):
        report_link(VISITOR, slug="nothing", reason="?", text="")
