"""sharing.actions.audit_notices: the bell of support access, of files that change hands, and of revoked links."""

from datetime import timedelta

import pytest

from accounts.actions.support import consent_to_support, request_support
from accounts.actions.support_endings import end_support
from accounts.models import AuditEvent, User
from common.clock import now
from sharing.actions import audit_follower
from sharing.actions.audit_follower import follow_audit
from sharing.actions.link_administration import revoke_any_link
from sharing.actions.mail_notifications import mail_at_once
from sharing.actions.transfers import accept_transfer, end_transfer, offer_transfer
from sharing.models import AuditPosition, Notification
from sharing.queries.notification_texts import link_of, text_of
from tests.sharing.linked import Linked
from tests.sharing.team import Team
from tests.support.people import actor_of, make_administrator
from tests.support.supporting import World
from tests.support.trees import put

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_follower, "DELAY", timedelta(0))


def told(user: User) -> list[tuple[str, str]]:
    """Texts and links of what they were told since they were asked last."""
    follow_audit()
    rows = list(Notification.objects.filter(user=user).order_by("pk"))
    Notification.objects.filter(user=user).delete()
    return [(text_of(row), link_of(row)) for row in rows]


def test_support_from_its_request_to_its_end() -> None:
    world = World()
    who = world.admin.get_full_name()
    access = request_support(actor_of(world.admin), user_id=world.member.pk, reason="Help", minutes=30)
    assert told(world.member) == [(f"{who} asks to act as you", "/support/")]
    consent_to_support(actor_of(world.owner), access_id=access.pk)
    assert told(world.member) == [(f"Somebody who may do so has agreed that {who} acts as you", "/support/")]
    end_support(actor_of(world.admin), access_id=access.pk)
    assert told(world.member) == [(f"{who} does not ask any more to act as you", "/support/")]
    running, _by = world.running()
    follow_audit()
    texts = [text for text, _link in told(world.member)]
    assert texts == [f"{who} asks to act as you", f"{who} acts as you now"]  # that they agreed they know themselves
    end_support(actor_of(world.owner), access_id=running.pk)
    assert told(world.member) == [(f"{who} does not act as you any more", "/support/")]
    assert (told(world.admin), told(world.owner), told(world.other_member)) == ([], [], [])


def test_support_is_mailed_once() -> None:
    """By accounts.support_mails in any case: the notification makes no second mail at once."""
    world = World()
    request_support(actor_of(world.admin), user_id=world.member.pk, reason="Help", minutes=30)
    follow_audit()
    assert Notification.objects.get(user=world.member).mail == "off"
    assert mail_at_once() == 0


def test_files_that_change_hands(team: Team) -> None:
    put(team.actor, "private/Diary/a.txt", b"x")
    photos, diary = team.node(), team.node("/private/Diary")
    offer = offer_transfer(team.actor, node_id=photos.pk, to_user_id=team.bob.pk)
    assert told(team.bob) == [("Ada Lovelace wants to give you “Photos”", "/shared/")]
    put(actor_of(team.bob), "Photos/mine.jpg", b"x")
    accept_transfer(actor_of(team.bob), transfer_id=offer.pk)
    assert told(team.ada) == [("Bob accepted “Photos”, which is theirs now", "")]
    offer = offer_transfer(team.actor, node_id=diary.pk, to_user_id=team.carl.pk)
    follow_audit()
    (row,) = Notification.objects.filter(user=team.carl)
    assert row.detail == {"name": "Diary", "text": ""}
    assert row.node_id is None  # where it lies is not told to who only may have it
    end_transfer(actor_of(team.carl), transfer_id=offer.pk)
    assert told(team.ada) == [("Carl declined “Diary”, which stays yours", f"/files/{diary.pk}/")]
    told(team.carl)
    offer = offer_transfer(team.actor, node_id=diary.pk, to_user_id=team.carl.pk)
    follow_audit()
    assert mail_at_once() == 1  # by default at once
    end_transfer(team.actor, transfer_id=offer.pk)
    assert [text for text, _link in told(team.carl)] == ["Ada Lovelace wants to give you “Diary”"]
    assert told(team.ada) == []


def test_a_link_that_an_administrator_revokes(world: Linked) -> None:
    link, mine = world.link(world.plans, world.editor), world.link()
    root = make_administrator(name="Root")
    told(world.editor)
    revoke_any_link(actor_of(root), link_id=link.pk)
    assert told(world.editor) == [("Root revoked your link to “Plans”", "")]
    revoke_any_link(actor_of(root), link_id=mine.pk)
    assert [text for text, _link in told(world.owner)] == ["Root revoked your link to “Photos”"]


def test_once_and_no_old_news() -> None:
    world = World()
    request_support(actor_of(world.admin), user_id=world.member.pk, reason="Help", minutes=30)
    for _ in range(2):
        follow_audit()
        AuditPosition.objects.update(at=now() - timedelta(minutes=1))
    assert Notification.objects.filter(user=world.member).count() == 1
    Notification.objects.all().delete()
    AuditEvent.objects.filter(kind="support.request").update(at=now() - timedelta(days=2))
    AuditPosition.objects.update(at=now() - timedelta(days=3))
    follow_audit()
    assert not Notification.objects.exists()
