"""The pages of support, with their real templates: asking, answering, acting, the banner, what is closed meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditEvent, Membership, Role, SupportAccess, SupportEnd, Team, User
from accounts.tasks import end_support
from accounts.web.support_banner import support_banner
from files.models import TrashItem
from tests.support.mails import sent_mails
from tests.support.people import actor_of, make_member, make_user, sign_in
from tests.support.supporting import Browser, acting, agreed
from tests.support.trees import put

pytestmark = pytest.mark.django_db


@pytest.fixture
def plain_pages() -> None:
    """Instead of the fixture that replaces the templates."""


@pytest.fixture
def admin() -> User:
    owner = make_user(name="Bo <b>Admin</b>")
    Team.objects.filter(pk=owner.membership.team_id).update(seats=20)
    return owner


@pytest.fixture
def person(admin: User) -> User:
    return make_member(admin, name="Ada")


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer
    return answer.content.decode()


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_by_pages_alone(admin: User, person: User) -> None:
    theirs, mine = Browser(person), Browser(admin)
    put(actor_of(person), "theirs.txt")
    assert f'value="{person.email}"' in text(mine.client.get("/support/ask/", {"person": person.email}))
    asked = mine.submit("/support/ask/", email=person.email, reason="Sync", minutes=30, may_write="on")
    assert (asked.status_code, asked.headers["Location"]) == (302, "/support/?about=mine")
    access = SupportAccess.objects.get()
    home = text(theirs.client.get("/"))
    assert 'data-support="asked"' in home
    assert "Bo &lt;b&gt;Admin&lt;/b&gt;" in home
    assert f"/support/{access.pk}/consent" in text(theirs.client.get("/support/"))
    assert f"/support/{access.pk}/consent" not in text(mine.client.get("/support/?about=mine"))
    theirs.submit(f"/support/{access.pk}/consent", may_write="on")
    assert 'data-support="consented"' in text(theirs.client.get("/"))
    begun = mine.submit(f"/support/{access.pk}/start")
    assert (begun.status_code, begun.headers["Location"]) == (302, "/")
    home = text(mine.client.get("/"))
    assert 'data-support="acting"' in home
    assert "theirs.txt" in home
    assert f"/support/{access.pk}/end" in home
    assert 'data-support="running"' in text(theirs.client.get("/"))
    ended = mine.submit(f"/support/{access.pk}/end")
    assert (ended.status_code, ended.headers["Location"]) == (302, "/support/")
    home = text(mine.client.get("/"))
    assert "theirs.txt" not in home
    assert "data-support" not in home
    assert 'data-support="over"' in text(theirs.client.get("/"))  # until they have seen it
    theirs.submit(f"/support/{access.pk}/seen")
    assert "data-support" not in text(theirs.client.get("/"))
    assert "Ada" in text(mine.client.get("/support/?about=team"))


def test_every_page_of_the_administrator_has_the_banner(admin: User, person: User) -> None:
    put(actor_of(person), "d/a.txt")
    browser, _access = acting(admin, person)
    pages = [
        "/",
        "/files/d",
        "/trash/",
        "/spaces/",
        "/activity/",
        "/shared/",
        "/notifications/",
        "/nowhere/",
        "/support/",
    ]
    for path in pages:
        answer = browser.client.get(path, follow=True)
        assert answer.status_code in (200, 404), path
        assert answer.content.decode().count('data-support="acting"') == 1, path


def test_the_person_ends_it_in_the_banner(admin: User, person: User) -> None:
    browser, access = acting(admin, person)
    theirs = Browser(person)
    theirs.submit(f"/support/{access.pk}/end")
    put(actor_of(admin), "mine.txt")
    answer = browser.client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/support/")
    assert "data-support" not in text(browser.client.get("/support/"))
    assert "mine.txt" in text(browser.client.get("/"))


def test_an_act_that_comes_too_late_is_not_done_as_oneself(admin: User, person: User) -> None:
    browser, access = acting(admin, person, may_write=True)
    put(actor_of(admin), "same.txt")
    SupportAccess.objects.filter(pk=access.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
    node = put(actor_of(admin), "same.txt").node
    answer = browser.submit("/files/trash", node=node.pk, next="/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/support/")
    assert not TrashItem.objects.exists()
    assert any("ended" in message for message in told(browser.client.get("/support/")))


CLOSED = (
    *("/accounts/email/", "/accounts/password/change/", "/accounts/2fa/", "/accounts/2fa/totp/activate/"),
    *("/accounts/reauthenticate/", "/settings/tokens/", "/settings/devices/", "/settings/revoke/", "/team/"),
    *("/team/policies/", "/admin/", "/admin/accounts/user/", "/settings/notifications/"),
)


def test_what_is_closed_while_acting(admin: User, person: User) -> None:
    User.objects.filter(pk=admin.pk).update(is_staff=True, is_superuser=True)
    before = User.objects.values("password", "session_epoch", "email").get(pk=person.pk)
    browser, _access = acting(admin, person, may_write=True)
    for path in CLOSED:
        for answer in (browser.client.get(path), browser.submit(path, password="x", email="x@example.com")):
            assert (answer.status_code, answer.headers.get("Location")) == (302, "/support/"), path
    assert User.objects.values("password", "session_epoch", "email").get(pk=person.pk) == before
    assert Browser(admin).client.get("/team/").status_code == 200  # in another session


def test_signing_out_ends_it(admin: User, person: User) -> None:
    browser, access = acting(admin, person)
    browser.submit("/accounts/logout/")
    access.refresh_from_db()
    assert access.end == SupportEnd.SIGN_OUT
    assert browser.client.get("/").status_code == 302
    [event] = AuditEvent.objects.filter(kind="support.end")
    assert event.actor_id == admin.pk


def test_what_is_refused_is_told(admin: User, person: User) -> None:
    browser = Browser(admin)
    for data, said in (
        ({"email": "nobody@example.com"}, "no such account"),
        ({"email": admin.email}, "right"),
        ({"minutes": 3}, "5"),
    ):
        answer = browser.submit("/support/ask/", **{"email": person.email, "reason": "x", "minutes": 30, **data})
        assert answer.status_code == 422, data
        assert said in answer.content.decode(), data
    assert not SupportAccess.objects.exists()
    access = agreed(admin, person)
    other = Browser(make_user())
    for act in ("consent", "start", "end", "seen"):
        assert other.submit(f"/support/{access.pk}/{act}").status_code == 404
        assert other.client.get(f"/support/{access.pk}/{act}").status_code == 405


def test_a_form_of_another_site_does_nothing(admin: User, person: User) -> None:
    access = agreed(admin, person)
    browser = Browser(admin)
    assert browser.client.post(f"/support/{access.pk}/start").status_code == 403
    access.refresh_from_db()
    assert access.started_at is None


def test_starting_asks_for_a_recent_proof(admin: User, person: User) -> None:
    access, client = agreed(admin, person), Client()
    sign_in(client, admin, seconds_ago=10**6)
    answer = client.post(f"/support/{access.pk}/start")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    access.refresh_from_db()
    assert access.started_at is None


def test_mails(admin: User, person: User, settings: Settings) -> None:
    settings.MAIL_IS_SENT = settings.LINKS_KNOWN = True
    _browser, access = acting(admin, person)
    Membership.objects.filter(user=admin).update(role=Role.MEMBER)
    assert end_support() == 1
    assert end_support() == 0
    mails = [message for message in sent_mails(person.email) if admin.email in message.subject]
    assert len(mails) == 4  # asked, agreed, begun, ended
    bodies = [str(message.body) for message in mails]
    assert all(admin.email in body and person.email in body and "/support/" in body for body in bodies)
    assert "Help" in bodies[0]
    assert "any more" in mails[-1].subject
    assert str(SupportEnd.RIGHT_LOST.label) in bodies[-1]
    others = [message for message in sent_mails(admin.email) if person.email in message.subject]
    assert len(others) == 2  # agreed, ended
    access.refresh_from_db()
    assert access.end == SupportEnd.RIGHT_LOST


def test_what_pages_cost(admin: User, person: User) -> None:
    """Nothing for whom there is none, one query for the list of those who are told of one."""
    client = Client()
    sign_in(client, person)

    def queries() -> int:
        client.get("/trash/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/trash/").status_code == 200
        assert sum('FROM "accounts_supportaccess"' in query["sql"][:2000] for query in captured) <= 2
        return len(captured)

    before = queries()
    _browser, access = acting(admin, person)
    assert queries() == before + 1
    SupportAccess.objects.filter(pk=access.pk).update(ended_at=timezone.now(), seen_at=timezone.now())
    assert queries() == before


def test_nobody_is_told_anything(rf: Any) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    assert support_banner(request) == {}
