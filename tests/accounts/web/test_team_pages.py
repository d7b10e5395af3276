"""The pages of a team below /team/, with their real templates: what they show, what they do, who may."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions.groups import add_to_group, create_group
from accounts.actions.invite import invite
from accounts.models import Group, Invitation, Membership, Role, Team, User
from http_kit.page import PAGES
from tests.files.web.test_page import codes
from tests.support.people import PASSWORD, actor_of, make_member, make_token, make_user, sign_in

pytestmark = pytest.mark.django_db

LISTS = ("/team/", "/team/invitations/", "/team/groups/", "/team/policies/", "/team/log/")


@pytest.fixture
def plain_pages() -> None:
    """Instead of the fixture that replaces the templates."""


@pytest.fixture
def owner(client: Client) -> User:
    """Signed in, in `client`; of a team with nine seats."""
    user = make_user()
    Team.objects.filter(pk=user.membership.team_id).update(seats=9, name="<b>Works</b>")
    sign_in(client, user)
    return user


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.content.decode()


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def urls_of(owner: User) -> list[str]:
    """Every page and act, of things of the owner's team."""
    member = make_member(owner)
    group = create_group(actor_of(owner), name="All")
    invitation = invite(actor_of(owner), email="i@example.com")
    gets = [*LISTS, f"/team/members/{member.pk}/", f"/team/members/{member.pk}/remove", f"/team/groups/{group.pk}/"]
    acts = [f"/team/members/{member.pk}/change", f"/team/groups/{group.pk}/rename", f"/team/groups/{group.pk}/members"]
    acts += [f"/team/invitations/{invitation.pk}/{act}" for act in ("resend", "withdraw")]
    acts += [f"/team/groups/{group.pk}/members/{member.pk}/remove", f"/team/groups/{group.pk}/delete", "/team/rename"]
    return [*gets, *acts]


def test_the_table_of_errors_knows_only_our_codes() -> None:
    assert set(PAGES) <= codes()


def test_what_the_pages_show(client: Client, owner: User) -> None:
    member = make_member(owner, name="Bob <i>")
    group = create_group(actor_of(owner), name="<u>All")
    add_to_group(actor_of(owner), group_id=group.pk, user_id=member.pk)
    invite(actor_of(owner), email="i@example.com", role=Role.ADMIN)
    members = page(client, "/team/")
    for text in ("&lt;b&gt;Works&lt;/b&gt;", "Bob &lt;i&gt;", member.email, "3 of 9", "never seen", "/uploads/?team=1"):
        assert text in members, text
    assert "administrator" in page(client, "/team/invitations/")
    assert "i@example.com" in page(client, "/team/invitations/")
    assert "&lt;u&gt;All" in page(client, "/team/groups/")
    assert member.email in page(client, f"/team/groups/{group.pk}/")
    log = page(client, "/team/log/")
    for text in ("group.add", "invitation.create", "192.0.2.1", owner.email):
        assert text in log, text
    assert "role" in page(client, f"/team/members/{member.pk}/")


def test_a_member_sees_nothing_of_it(client: Client, owner: User) -> None:
    urls = urls_of(owner)
    before = Membership.objects.count(), Group.objects.count(), Invitation.objects.count()
    browser = Client()
    sign_in(browser, make_member(owner))
    for url in urls:
        for method in ("get", "post"):
            assert getattr(browser, method)(
                url, {"act": "stop", "name": "x", "email": "x@example.com"}
            ).status_code in (
                403,
                405,
            ), url
    assert "/team/" not in browser.get("/").content.decode()
    assert "/team/" in client.get("/").content.decode()
    assert (Membership.objects.count() - 1, Group.objects.count(), Invitation.objects.count()) == before
    assert not User.objects.filter(is_active=False).exists()


def test_a_stranger_finds_nothing_and_a_visitor_signs_in(owner: User) -> None:
    urls = [url for url in urls_of(owner) if any(character.isdigit() for character in url)]
    stranger = Client()
    sign_in(stranger, make_user())
    for url in urls:
        answers = [
            getattr(stranger, method)(url, {"act": "stop", "name": "x"}).status_code for method in ("get", "post")
        ]
        assert set(answers) <= {404, 405}, (url, answers)
        assert Client().post(url).status_code in (302, 405)
    assert Client().get("/team/").headers["Location"].startswith("/accounts/login/")


def test_forms_need_their_token(owner: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, owner)
    for url in urls_of(owner):
        assert browser.post(url, {"act": "stop"}).status_code in (403, 405), url


def test_roles_sessions_stop_and_start(client: Client, owner: User) -> None:
    member = make_member(owner)
    url = reverse("accounts:team_member_change", args=[member.pk])
    secret = make_token(member)[1]
    assert "role was changed" in told(client.post(url, {"act": "role", "role": "admin"}, follow=True))[0]
    assert Membership.objects.get(user=member).role == Role.ADMIN
    client.post(url, {"act": "sessions"})
    assert Client().get("/api/v1/account", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    client.post(url, {"act": "stop"})
    assert not User.objects.get(pk=member.pk).is_active
    client.post(url, {"act": "start"})
    assert User.objects.get(pk=member.pk).is_active
    assert "may sign in again" in told(client.post(url, {"act": "nonsense"}, follow=True))[-1]  # of the act before
    assert "The roles are" in told(client.post(url, {"act": "role", "role": "king"}, follow=True))[-1]


def test_what_is_refused_is_said(client: Client, owner: User) -> None:
    own = reverse("accounts:team_member_change", args=[owner.pk])
    assert "at least one owner" in told(client.post(own, {"act": "role", "role": "member"}, follow=True))[0]
    Team.objects.update(seats=1)
    answer = client.post("/team/invitations/", {"email": "i@example.com", "role": "member"})
    assert (answer.status_code, b"no free seat" in answer.content) == (422, True)
    assert client.post("/team/invitations/", {"email": "x", "role": "member"}).status_code == 422
    assert client.post("/team/groups/", {"name": "a\u202eb"}).status_code == 422
    assert "Give a name" in told(client.post("/team/rename", {"name": " "}, follow=True))[0]


def test_removing_asks_first(client: Client, owner: User) -> None:
    member = make_member(owner)
    url = reverse("accounts:team_member_remove", args=[member.pk])
    assert "30 days" in page(client, url)
    assert User.objects.get(pk=member.pk).is_active
    answer = client.post(url, follow=True)
    assert told(answer) == [f"{member.email} was removed from the team."]
    assert "removed, deleted after" in answer.content.decode()
    assert "Let in again" in page(client, f"/team/members/{member.pk}/")


def test_an_admin_is_offered_nothing_of_an_owner(client: Client, owner: User) -> None:
    browser = Client()
    sign_in(browser, make_member(owner, Role.ADMIN))
    assert "You cannot change this account" in page(browser, f"/team/members/{owner.pk}/")
    assert 'value="owner"' not in page(browser, f"/team/members/{make_member(owner).pk}/")
    assert 'value="owner"' not in page(browser, "/team/invitations/")
    assert 'value="owner"' in page(client, "/team/invitations/")
    for act in ("stop", "sessions"):
        assert browser.post(f"/team/members/{owner.pk}/change", {"act": act}).status_code == 403
    assert browser.post(f"/team/members/{owner.pk}/remove").status_code == 403
    assert browser.post("/team/rename", {"name": "x"}).status_code == 403


def test_invitations(client: Client, owner: User, settings: Any) -> None:
    answer = client.post("/team/invitations/", {"email": "I@example.com", "role": "member"}, follow=True)
    assert told(answer) == ["The invitation is on its way to i@example.com."]
    invitation = Invitation.objects.get()
    client.post(f"/team/invitations/{invitation.pk}/resend")
    client.post(f"/team/invitations/{invitation.pk}/withdraw")
    assert "withdrawn" in page(client, "/team/invitations/")
    assert client.post(f"/team/invitations/{invitation.pk}/withdraw").status_code == 404
    settings.MAIL_IS_SENT = False
    assert "cannot send invitations" in page(client, "/team/invitations/")


def test_inviting_asks_for_proof_and_then_goes_on(client: Client, owner: User) -> None:
    sign_in(client, owner, seconds_ago=3600)
    asked = client.post("/team/invitations/", {"email": "i@example.com", "role": "member"})
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not Invitation.objects.exists()
    client.post(asked.headers["Location"], {"password": PASSWORD, "next": "/team/invitations/"})
    assert Invitation.objects.get().email == "i@example.com"


def test_groups(client: Client, owner: User) -> None:
    member = make_member(owner)
    client.post("/team/groups/", {"name": "All"})
    group = Group.objects.get()
    url = f"/team/groups/{group.pk}"
    client.post(f"{url}/members", {"email": member.email.upper()})
    assert group.members.count() == 1
    assert "nobody" in told(client.post(f"{url}/members", {"email": make_user().email}, follow=True))[-1]
    client.post(f"{url}/members/{member.pk}/remove")
    assert group.members.count() == 0
    client.post(f"{url}/rename", {"name": "Some"})
    assert "Some" in page(client, f"{url}/delete")
    client.post(f"{url}/delete")
    assert not Group.objects.exists()


def test_lists_cost_the_same_for_many(client: Client, owner: User) -> None:
    actor = actor_of(owner)
    group = create_group(actor, name="All")
    Team.objects.update(seats=99)

    def more(number: int) -> None:
        member = make_member(owner)
        make_token(member)
        add_to_group(actor, group_id=group.pk, user_id=member.pk)
        create_group(actor, name=str(number))
        invite(actor, email=f"{number}@example.com")

    pages = (*LISTS, f"/team/groups/{group.pk}/")
    counts = []
    for numbers in (range(2), range(2, 12)):
        for number in numbers:
            more(number)
        for url in pages:
            client.get(url)
        counts.append([])
        for url in pages:
            with CaptureQueriesContext(connection) as queries:
                page(client, url)
            counts[-1].append(len(queries))
    assert counts[0] == counts[1]


def test_the_log_is_paged(client: Client, owner: User) -> None:
    for number in range(60):
        create_group(actor_of(owner), name=str(number))
    first = page(client, "/team/log/")
    older = first.partition('href="?before=')[2].partition('"')[0]
    assert older
    second = page(client, f"/team/log/?before={older}")
    assert "group.create" in second
    assert "?before=" not in second
    for wrong in ("x", "7", "²", "\x00"):
        assert client.get("/team/log/", {"before": wrong}).status_code == 302
