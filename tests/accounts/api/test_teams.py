"""/api/v1/teams, /api/v1/team/invitations, groups, sessions, events: roles, statuses, costs."""

from typing import Any

import pytest
from django.test import Client

from accounts.actions.groups import add_to_group, create_group
from accounts.authentication import actor_from_token
from accounts.models import AuditEvent, Group, Invitation, Membership, Role, Team, User
from tests.support.clients import Api, items, problem
from tests.support.mails import sent_mails
from tests.support.people import actor_of, make_administrator, make_member, make_token, make_user

pytestmark = pytest.mark.django_db

EMAIL = "new@example.com"


@pytest.fixture
def owner() -> User:
    user = make_user()
    Team.objects.filter(pk=user.membership.team_id).update(seats=9)
    return user


def refused(answer: Any, *expected: Any) -> None:
    assert problem(answer) == expected


def test_an_administrator_makes_a_team(owner: User) -> None:
    api = Api(make_administrator())
    answer = api.post("/teams", {"name": "Works", "owner": EMAIL, "seats": 5, "quota_bytes": 10})
    assert answer.status_code == 201
    body = answer.json()
    assert (body["team"]["name"], body["team"]["seats"], body["owner_id"]) == ("Works", 5, None)
    assert (body["invitation"]["email"], body["invitation"]["role"]) == (EMAIL, "owner")
    alone = make_user()
    answer = api.post("/teams", {"name": "Others", "owner": alone.email, "seats": None})
    assert (answer.json()["owner_id"], answer.json()["invitation"]) == (str(alone.pk), None)
    make_member(owner)
    refused(api.post("/teams", {"name": "No", "owner": owner.email}), 409, "in_another_team")
    refused(api.post("/teams", {"name": " \u200b", "owner": EMAIL}), 400, "invalid_name")
    refused(api.post("/teams", {"name": "a\u202eb", "owner": EMAIL}), 400, "invalid_name")
    refused(api.post("/teams", {"name": "No"}), 400, "invalid_request")
    refused(api.post("/teams", {"name": "No", "owner": EMAIL, "seats": 0}), 400, "invalid_request")
    refused(api.post("/teams", {"name": "No", "owner": EMAIL, "region": "mars"}), 400, "unknown_region")
    names = {team["name"]: team["people"] for team in items(api.get("/teams"))}
    assert (names["Works"], names["Others"]) == (0, 1)


def test_only_administrators_do(owner: User) -> None:
    team_id = owner.membership.team_id
    for person in (owner, make_member(owner)):
        api = Api(person)
        refused(api.post("/teams", {"name": "Mine", "owner": EMAIL}), 403, "not_allowed")
        refused(api.get("/teams"), 403, "not_allowed")
        refused(api.patch(f"/teams/{team_id}", {"seats": 99}), 403, "not_allowed")
    refused(
        Api(owner).post(f"/teams/{make_user().membership.team_id}/invitations", {"email": EMAIL}),
        404,
        "account_not_found",
    )
    api = Api(make_administrator())
    assert api.patch(f"/teams/{team_id}", {"seats": 99, "name": "Big"}).json()["seats"] == 99
    refused(api.patch(f"/teams/{team_id}", {}), 400, "invalid_request")
    refused(api.patch("/teams/999999", {"seats": 9}), 404, "team_not_found")
    assert api.post(f"/teams/{team_id}/invitations", {"email": EMAIL, "role": "owner"}).status_code == 201


def test_lists_cost_the_same_for_many(owner: User, django_assert_max_num_queries: Any) -> None:
    api, actor = Api(owner), actor_of(owner)
    administrator = Api(make_administrator())
    group = create_group(actor, name="All")
    for count in (1, 4):
        for number in range(count):
            member = make_member(owner)
            make_token(member)
            add_to_group(actor, group_id=group.pk, user_id=member.pk)
            create_group(actor, name=f"{count} {number}")
            make_user()
    for n in range(3):
        api.post("/team/invitations", {"email": f"{n}@example.com"})
    api.get("/team")
    for path, queries in (
        ("/team/members", 2),
        ("/team/invitations", 2),
        ("/team/groups", 2),
        (f"/team/groups/{group.pk}/members", 3),
        ("/team/events", 2),
    ):
        with django_assert_max_num_queries(queries):
            assert len(items(api.get(path))) >= 3
    administrator.get("/teams")
    with django_assert_max_num_queries(2):
        assert len(items(administrator.get("/teams"))) >= 5


def test_invitations(owner: User) -> None:
    api = Api(owner)
    made = api.post("/team/invitations", {"email": EMAIL, "role": "admin"})
    assert made.status_code == 201
    assert set(made.json()) == {"id", "email", "role", "state", "invited_by", "created_at", "sent_at", "expires_at"}
    refused(api.post("/team/invitations", {"email": EMAIL}), 409, "already_invited")
    refused(api.post("/team/invitations", {"email": owner.email}), 409, "already_member")
    refused(api.post("/team/invitations", {"email": "ſam@example.com"}), 400, "invalid_email")
    url = f"/team/invitations/{made.json()['id']}"
    assert api.post(f"{url}/resend").json()["state"] == "open"
    refused(Api(make_member(owner)).post(f"{url}/resend"), 403, "not_allowed")
    refused(Api(make_user()).delete(url), 404, "invitation_not_found")
    api.post(f"{url}/resend")
    answer = api.post(f"{url}/resend")
    refused(answer, 429, "too_many_invitations")
    assert int(answer["Retry-After"]) > 0
    assert api.delete(url).status_code == 204
    refused(api.delete(url), 404, "invitation_not_found")
    assert [row["state"] for row in items(api.get("/team/invitations"))] == ["withdrawn"]
    assert sent_mails(EMAIL) == []


def test_the_answer_to_an_invitation_is_the_same_for_an_account(owner: User) -> None:
    make_user("known@example.com")
    api = Api(owner)
    bodies = []
    for email in ("known@example.com", "unknown@example.com"):
        answer = api.post("/team/invitations", {"email": email})
        body = {key: value for key, value in answer.json().items() if key not in ("id", "email") and "_at" not in key}
        bodies.append((answer.status_code, body, sorted(answer.headers)))
    assert bodies[0] == bodies[1]


def test_without_mail(owner: User, settings: Any) -> None:
    settings.MAIL_IS_SENT = False
    refused(Api(owner).post("/team/invitations", {"email": EMAIL}), 503, "mail_unavailable")


def test_groups(owner: User) -> None:
    api, member = Api(owner), make_member(owner, name="Bob")
    made = api.post("/team/groups", {"name": " All "})
    assert (made.status_code, made.json()["name"], made.json()["people"]) == (201, "All", 0)
    url = f"/team/groups/{made.json()['id']}"
    refused(api.post("/team/groups", {"name": "All"}), 409, "group_exists")
    refused(api.post("/team/groups", {"name": "\u202ex"}), 400, "invalid_name")
    answer = api.put(f"{url}/members/{member.pk}")
    assert (answer.status_code, answer.json()["name"]) == (200, "Bob")
    assert [person["id"] for person in items(api.get(f"{url}/members"))] == [str(member.pk)]
    assert api.get(url).json()["people"] == 1
    assert api.patch(url, {"name": "Some"}).json()["name"] == "Some"
    refused(api.put(f"{url}/members/{make_user().pk}"), 404, "account_not_found")
    refused(Api(make_user()).get(url), 404, "group_not_found")
    for method, path in (("get", url), ("delete", url), ("get", "/team/groups"), ("get", f"{url}/members")):
        refused(getattr(Api(member), method)(path), 403, "not_allowed")
    assert api.delete(f"{url}/members/{member.pk}").status_code == 204
    assert api.delete(url).status_code == 204
    refused(api.get(url), 404, "group_not_found")
    assert not Group.objects.exists()


def test_sessions_of_a_member_end_and_the_account_stays(owner: User) -> None:
    member, admin = make_member(owner), make_member(owner, Role.ADMIN)
    browser = Client()
    browser.force_login(member)
    secret = make_token(member)[1]
    refused(Api(admin).delete(f"/team/members/{owner.pk}/sessions"), 403, "not_allowed")
    refused(Api(member).delete(f"/team/members/{admin.pk}/sessions"), 403, "not_allowed")
    refused(Api(owner).delete(f"/team/members/{make_user().pk}/sessions"), 404, "account_not_found")
    refused(Api(owner).delete(f"/team/members/{make_member(owner, is_admin=True).pk}/sessions"), 403, "not_allowed")
    assert Api(admin).delete(f"/team/members/{member.pk}/sessions").status_code == 204
    assert browser.get("/api/v1/account").status_code == 401
    assert actor_from_token(secret) is None
    assert User.objects.get(pk=member.pk).is_active


def test_removing_says_when_it_is_deleted(owner: User) -> None:
    api, member = Api(owner), make_member(owner)
    assert api.get(f"/team/members/{member.pk}").json()["deleted_after"] is None
    assert api.delete(f"/team/members/{member.pk}").status_code == 204
    assert api.get(f"/team/members/{member.pk}").json()["deleted_after"] is not None
    assert api.patch(f"/team/members/{member.pk}", {"active": True}).json()["deleted_after"] is None


def test_last_seen(owner: User) -> None:
    api, member = Api(owner), make_member(owner)
    assert api.get(f"/team/members/{member.pk}").json()["last_seen_at"] is None
    Api(member).get("/account")
    seen = api.get(f"/team/members/{member.pk}").json()["last_seen_at"]
    assert seen is not None
    Client().force_login(member)
    assert api.get(f"/team/members/{member.pk}").json()["last_seen_at"] >= seen
    assert items(api.get("/team/members"))[1]["last_seen_at"] >= seen


def test_the_log_tells_of_the_team_and_nothing_of_administrators(owner: User) -> None:
    api, administrator = Api(owner), make_administrator()
    make_member(owner)
    api.patch("/team", {"name": "Renamed"})
    Api(administrator).patch(f"/teams/{owner.membership.team_id}", {"seats": 20})
    Api(make_user()).patch("/team", {"name": "Elsewhere"})
    events = items(api.get("/team/events"))
    newest, second = events[0], events[1]
    assert (newest["kind"], newest["by"], newest["detail"]["after"]["seats"]) == ("team.change", "installation", 20)
    assert [newest[key] for key in ("actor_id", "actor_email", "client", "address")] == [None] * 4
    assert (second["target"], second["by"], second["actor_email"]) == ("Renamed", "team", owner.email)
    assert second["address"] == "127.0.0.1"
    team = owner.membership.team
    AuditEvent.objects.create(kind="link.visit", principal="link", team=team, address="192.0.2.9")
    told = items(api.get("/team/events"))[0]
    assert [told[key] for key in ("kind", "by", "address", "actor_id")] == ["link.visit", "link", "192.0.2.9", None]
    assert items(api.get("/team/events", address="192.0.2.9"))[0] == told
    assert items(api.get("/team/events", address="192.0.2.8")) == []
    assert "Elsewhere" not in str(events)
    assert administrator.email not in str(events)
    refused(Api(make_member(owner)).get("/team/events"), 403, "not_allowed")
    page = api.get("/team/events", limit=1).json()
    second = items(api.get("/team/events"))[1]
    assert items(api.get("/team/events", limit=1, cursor=page["next_cursor"])) == [second]
    refused(
        api.get("/team/events", cursor=api.get("/team/members", limit=1).json()["next_cursor"]), 400, "invalid_request"
    )


def test_keys_that_are_not_known_are_refused(owner: User) -> None:
    api, member = Api(owner), make_member(owner)
    for method, path, body in (
        ("post", "/team/invitations", {"email": EMAIL, "rolle": "admin"}),
        ("patch", f"/team/members/{member.pk}", {"active": False, "reason": "x"}),
        ("post", "/team/members", {"email": EMAIL, "is_admin": True}),
        ("post", "/team/groups", {"name": "x", "team_id": 1}),
        ("patch", "/team", {"name": "x", "seats": 100}),
        ("post", "/tokens", {"name": "x", "scopes": ["read"], "user": 1}),
    ):
        answer = getattr(api, method)(path, body)
        refused(answer, 400, "invalid_request")
    assert "seats" in answer.json()["errors"] or "user" in answer.json()["errors"]
    assert User.objects.get(pk=member.pk).is_active
    assert not Invitation.objects.exists()


def test_only_an_administrator_changes_the_role_of_another_one(owner: User) -> None:
    staff = make_member(owner, is_admin=True)
    refused(Api(owner).patch(f"/team/members/{staff.pk}", {"role": "admin"}), 403, "not_allowed")
    assert Api(make_administrator()).patch(f"/team/members/{staff.pk}", {"role": "admin"}).status_code == 200
    assert Membership.objects.get(user=staff).role == Role.ADMIN


def test_owners_rename_their_team(owner: User) -> None:
    assert Api(owner).patch("/team", {"name": "New"}).json()["name"] == "New"
    refused(Api(make_member(owner, Role.ADMIN)).patch("/team", {"name": "x"}), 403, "not_allowed")
    refused(Api(owner).patch("/team", {"name": "x" * 101}), 400, "invalid_name")
