"""sharing.mails: who is told of a share, what they read, and how they stop it."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import OutgoingMail
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Given, Subject
from files.models import Grant
from sharing import mails
from sharing.actions.mail_choice import choose_mails, stop_mails
from sharing.actions.shares import end_share, share
from sharing.errors import NotFound
from sharing.models import Share, ShareMailStop
from tests.sharing.team import Team, subject
from tests.support.mails import sent_mails
from tests.support.people import actor_of, make_member
from tests.support.trees import put


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
    node = team.node().pk
    share(team.actor, node_id=node, to=subject(team.bob), given=Given(Role.VIEWER), notify=False)
    assert not OutgoingMail.objects.exists()
    made = team.share(team.carl)
    end_share(team.actor, share_id=made.id)
    assert sent_mails() == []
    settings.MAIL_IS_SENT = False
    team.share(team.carl)
    assert not OutgoingMail.objects.exists()


def test_the_link_in_it_stops_them(team: Team) -> None:
    team.share(team.bob)
    (mail,) = sent_mails("bob@example.com")
    (address,) = re.findall(r"https?://[^/]+(/shared/mails/\S+)", str(mail.body))
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in mail.extra_headers["List-Unsubscribe"]
    visitor = Client(enforce_csrf_checks=True)
    assert "No more mails" in visitor.get(address).content.decode()
    assert not ShareMailStop.objects.exists()  # whoever only follows links changes nothing
    assert visitor.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert ShareMailStop.objects.get().user == team.bob
    put(team.actor, "Other/a.txt")
    team.share(team.bob, path="/Other")
    assert len(sent_mails("bob@example.com")) == 1
    choose_mails(actor_of(team.bob), wanted=True)
    put(team.actor, "Third/a.txt")
    team.share(team.bob, path="/Third")
    assert len(sent_mails("bob@example.com")) == 2


def test_a_token_of_nobody(team: Team) -> None:
    for token in ("x", mails.stop_token(10**12), mails.stop_token(team.bob.pk)[:-1] + "~"):
        with pytest.raises(NotFound):
            stop_mails(actor_of(team.carl), token=token)
        assert Client().get(f"/shared/mails/{token}/").status_code == 404
    assert not ShareMailStop.objects.exists()
    other = make_member(team.ada, email="x@example.com")
    stop_mails(actor_of(team.carl), token=mails.stop_token(other.pk))
    assert ShareMailStop.objects.get().user == other
    assert not Grant.objects.exists()
