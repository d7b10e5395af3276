"""sharing.mails: who is told of a share, what they read, and how they stop it."""

import re
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django import Settings

from accounts.models import OutgoingMail, User
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Given, Subject
from sharing import mails
from sharing.actions import audit_follower
from sharing.actions.audit_follower import follow_audit
from sharing.actions.notifications import set_preferences
from sharing.actions.shares import change_share, end_share, share
from sharing.models import MailChoice, Notification, NotificationKind, NotificationPreference, Share
from tests.sharing.team import Team, subject
from tests.support.mails import sent_mails as all_mails
from tests.support.people import actor_of, make_member
from tests.support.trees import put


def sent_mails(to: str | None = None) -> list[EmailMessage]:
    """About shares, not those that welcome somebody."""
    return [mail for mail in all_mails(to) if mail.subject.startswith("Shared with you")]


def test_who_gets_it_is_told(team: Team) -> None:
    put(team.actor, "Photos\nof May/a.txt")
    node = team.node("/Photos\nof May").pk
    share(team.actor, node_id=node, to=subject(team.bob), given=Given(Role.EDITOR), message="Look\nat these.")
    (mail,) = sent_mails("bob@example.com")
    text = str(mail.body)
    assert mail.subject == "Shared with you: Photos of May"
    assert "Ada Lovelace (ada@example.com) shares the folder “Photos of May” with you" in text
    assert "Look\nat these." in text
    assert f"/files/{node}/" in text
    assert Share.objects.get().notified_at is not None
    assert sent_mails("ada@example.com") == []


def test_groups_are_told_one_by_one_and_large_ones_not_at_all(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    team.share(team.group(team.ada, team.bob, team.carl))
    assert sorted(message.to for message in sent_mails()) == [["bob@example.com"], ["carl@example.com"]]
    monkeypatch.setattr(mails, "MAXIMUM_TOLD", 1)
    whole = Subject(SubjectKind.TEAM, team.ada.membership.team_id)
    share(team.actor, node_id=team.node().pk, to=whole, given=Given(Role.VIEWER))
    assert len(sent_mails()) == 2


def test_nobody_gets_many_in_a_day(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mails, "MAILS_IN_A_DAY", 2)
    for number in range(4):
        put(team.actor, f"f{number}/a.txt")
        team.share(team.bob, path=f"/f{number}")
    assert len(sent_mails("bob@example.com")) == 2
    team.share(team.carl)
    assert len(sent_mails("carl@example.com")) == 1


def test_quiet_ended_and_without_a_mail_server(team: Team, settings: Settings) -> None:
    OutgoingMail.objects.all().delete()
    node = team.node().pk
    share(team.actor, node_id=node, to=subject(team.bob), given=Given(Role.VIEWER), notify=False)
    assert not OutgoingMail.objects.exists()
    made = team.share(team.carl)
    end_share(team.actor, share_id=made.id)
    assert sent_mails() == []
    settings.MAIL_IS_SENT = False
    team.share(team.carl)
    assert not OutgoingMail.objects.exists()


def choose(user: User, mail: MailChoice) -> None:
    set_preferences(actor_of(user), mails={NotificationKind.SHARE: mail})


def test_the_link_in_it_stops_them(team: Team) -> None:
    team.share(team.bob)
    (mail,) = sent_mails("bob@example.com")
    (address,) = re.findall(r"https?://[^/]+(/notifications/unsubscribe/\S+)", str(mail.body))
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in mail.extra_headers["List-Unsubscribe"]
    visitor = Client(enforce_csrf_checks=True)
    assert visitor.get(address).status_code == 200
    assert not NotificationPreference.objects.exists()  # whoever only follows links changes nothing
    assert visitor.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    stopped = NotificationPreference.objects.get()
    assert (stopped.user, stopped.kind, stopped.mail) == (team.bob, NotificationKind.SHARE, MailChoice.OFF)
    put(team.actor, "Other/a.txt")
    team.share(team.bob, path="/Other")
    assert len(sent_mails("bob@example.com")) == 1
    choose(team.bob, MailChoice.ONCE)
    put(team.actor, "Third/a.txt")
    team.share(team.bob, path="/Third")
    assert len(sent_mails("bob@example.com")) == 2


def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """How each notification of a share is mailed, by the person's address."""
    monkeypatch.setattr(audit_follower, "DELAY", timedelta(0))
    follow_audit()
    rows = Notification.objects.filter(kind=NotificationKind.SHARE)
    return dict(rows.values_list("user__email", "mail"))


def test_nobody_gets_two_mails_of_one_share(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    dora = make_member(team.ada, email="dora@example.com")
    choose(team.carl, MailChoice.DIGEST)
    choose(dora, MailChoice.OFF)
    made = team.share(team.group(team.bob, team.carl, dora))
    assert told(monkeypatch) == {"bob@example.com": "off", "carl@example.com": "digest", "dora@example.com": "off"}
    assert [mail.to for mail in sent_mails()] == [["bob@example.com"]]
    Notification.objects.all().delete()
    change_share(team.actor, share_id=made.id, role=Role.EDITOR)  # of this only the notification tells
    assert told(monkeypatch) == {"bob@example.com": "once", "carl@example.com": "digest", "dora@example.com": "off"}


def test_who_gets_no_mail_with_words_gets_that_of_the_notification(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mails, "MAXIMUM_TOLD", 0)
    team.share(team.group(team.bob))
    assert told(monkeypatch) == {"bob@example.com": "once"}
    Notification.objects.all().delete()
    share(team.actor, node_id=team.node().pk, to=subject(team.carl), given=Given(Role.VIEWER), notify=False)
    assert told(monkeypatch) == {"carl@example.com": "off"}
