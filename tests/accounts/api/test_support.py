"""Support over REST: by whom, in which session, and what it can and cannot do in somebody else's place."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.support_endings import end_lapsed_support
from accounts.actor import READ
from accounts.errors import SupportEnded
from accounts.models import AccessToken, AuditEvent, Membership, Role, SupportAccess, Team, User
from accounts.support import acting_as
from files.models import Change
from http_kit.long_requests import Watch
from tests.files.api.test_access import CALLS, filled, ids, state  # noqa: F401  (a fixture)
from tests.support.clients import Api, items, problem
from tests.support.people import SYSTEM, actor_of, make_member, make_token, make_user
from tests.support.supporting import Browser, acting, agreed
from tests.support.trees import put

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    """The only owner of a team with room."""
    owner = make_user()
    Team.objects.filter(pk=owner.membership.team_id).update(seats=20)
    return owner


@pytest.fixture
def person(admin: User) -> User:
    return make_member(admin)


def test_all_of_it(admin: User, person: User) -> None:
    put(actor_of(person), "theirs.txt", b"x")
    put(actor_of(admin), "mine.txt", b"x")
    browser, theirs = Browser(admin), Api(person)
    asked = browser.post("/support", {"user_id": str(person.pk), "reason": "Help", "minutes": 30, "may_write": True})
    assert asked.status_code == 201
    body = asked.json()
    assert (body["state"], body["person"]["email"], body["by"]["email"]) == ("asked", person.email, admin.email)
    one = f"/support/{body['id']}"
    assert problem(browser.post(f"{one}/start")) == (409, "support_not_now")
    assert problem(browser.post(f"{one}/consent", {})) == (403, "not_allowed")
    assert [row["id"] for row in items(theirs.get("/support"))] == [body["id"]]
    agreed_to = theirs.post(f"{one}/consent", {"may_write": True}).json()
    assert (agreed_to["state"], agreed_to["consent"], agreed_to["may_write"]) == ("consented", "person", True)
    assert browser.post(f"{one}/start").json()["state"] == "running"
    account = browser.get("/account").json()
    assert (account["id"], account["scopes"]) == (str(person.pk), ["read", "write"])
    assert [node["name"] for node in items(browser.get("/folders", path="/"))] == ["theirs.txt"]
    assert browser.post("/folders", {"path": "/made"}).status_code == 201
    change = Change.objects.order_by("pk").last()
    assert change is not None
    assert (change.actor_id, change.principal) == (person.pk, f"user:support:{admin.pk}")
    assert change.credential == f"support:{body['id']}"
    ended = browser.post(f"{one}/end").json()
    assert (ended["state"], ended["end"]) == ("over", "administrator")
    assert browser.get("/account").json()["id"] == str(admin.pk)
    assert [node["name"] for node in items(browser.get("/folders", path="/"))] == ["mine.txt"]
    assert theirs.post(f"{one}/seen").status_code == 204


def test_the_person_ends_it_at_once(admin: User, person: User) -> None:
    browser, access = acting(admin, person)
    assert browser.get("/account").status_code == 200
    assert Api(person).post(f"/support/{access.pk}/end").json()["end"] == "person"
    put(actor_of(admin), "mine.txt")
    for _ in range(2):  # not as oneself instead, however often
        assert problem(browser.get("/folders", path="/")) == (403, "support_ended")
        assert problem(browser.post("/folders", {"path": "/x"})) == (403, "support_ended")
    assert browser.post(f"/support/{access.pk}/end").status_code == 200
    assert items(browser.get("/folders", path="/"))


def test_by_token_nobody_acts_as_somebody_else(admin: User, person: User) -> None:
    access = agreed(admin, person)
    api = Api(admin)
    assert problem(api.post(f"/support/{access.pk}/start")) == (403, "support_needs_session")
    browser, access = acting(admin, make_member(admin))
    assert browser.get("/account").json()["id"] == str(access.person_id)
    assert api.get("/account").json()["id"] == str(admin.pk)  # at the same time


def test_another_session_of_the_same_administrator_is_their_own(admin: User, person: User) -> None:
    _browser, access = acting(admin, person)
    other = Browser(admin)
    assert other.get("/account").json()["id"] == str(admin.pk)
    session = other.client.session
    session["support"] = access.pk  # as if it could be forged
    session.save()
    assert problem(other.get("/account")) == (403, "support_ended")


def test_the_csrf_token_is_asked_for(admin: User, person: User) -> None:
    browser, access = acting(admin, person, may_write=True)
    del browser.headers["X-CSRFToken"]
    for path, body in (("/folders", {"path": "/x"}), (f"/support/{access.pk}/end", None)):
        assert problem(browser.post(path, body)) == (403, "csrf_failed")
    fresh = Browser(admin)
    waiting = agreed(admin, make_member(admin))
    del fresh.headers["X-CSRFToken"]
    assert problem(fresh.post(f"/support/{waiting.pk}/start")) == (403, "csrf_failed")


NEVER: list[tuple[str, str, Any]] = [
    ("GET", "/tokens", None),
    ("POST", "/tokens", {"name": "x", "scopes": ["read"]}),
    ("DELETE", "/tokens/1", None),
    ("GET", "/links", None),
    ("POST", "/links", {"path": "/a.txt"}),
    ("GET", "/team", None),
    ("GET", "/team/members", None),
    ("POST", "/team/members", {"email": "x@example.com"}),
    ("PATCH", "/team/policies", {"link_longest_days": 3}),
    ("GET", "/team/events", None),
    ("GET", "/audit", None),
    ("GET", "/teams", None),
    ("POST", "/spaces", {"name": "x"}),
    ("GET", "/support", None),
    ("POST", "/support", {"user_id": "1", "reason": "x", "minutes": 5}),
    ("POST", "/support/{access}/consent", {}),
    ("POST", "/support/{access}/start", None),
    ("POST", "/support/{access}/seen", None),
]


def test_what_is_never_done_in_somebody_elses_place(admin: User) -> None:
    """Also as the owner of a team, with all that was asked for and agreed to."""
    person = make_member(admin, Role.OWNER)
    put(actor_of(person), "a.txt")
    browser, access = acting(admin, person, may_write=True)
    for method, path, body in NEVER:
        answer = browser.request(method, path.format(access=access.pk), body)
        assert answer.status_code == 403, (method, path, answer.content)
        assert answer.json()["code"] in ("support_not_allowed", "scope_missing"), (method, path)
    assert not AccessToken.objects.filter(user=person).exists()


def test_who_may_only_look_changes_nothing_by_any_route(ids: dict[str, str], looking: Browser) -> None:  # noqa: F811
    """All methods of all routes of files and sharing, with ids that exist."""
    before = state(), newest()
    for entry in CALLS:
        body = entry.body if isinstance(entry.body, bytes | None) else filled(entry.body, ids)
        answer = looking.request(entry.method, entry.path.format(**ids), body, Content_Type=entry.kind)
        if entry.scope not in ("", READ):
            assert answer.status_code == 403, (entry, answer.content)
            assert answer.json()["code"] in ("support_read_only", "support_not_allowed", "scope_missing"), entry
        assert (state(), newest()) == before, entry


def newest() -> tuple[int | None, int | None]:
    changes, events = Change.objects.order_by("-pk"), AuditEvent.objects.order_by("-pk")
    return changes.values_list("pk", flat=True).first(), events.values_list("pk", flat=True).first()


@pytest.fixture
def looking(user: User, ids: dict[str, str]) -> Browser:  # noqa: F811
    """Acts as the owner of the ids, to look only."""
    return acting(make_member(user, Role.OWNER), user)[0]


def test_who_may_only_look_sees_what_the_person_sees(user: User, ids: dict[str, str], looking: Browser) -> None:  # noqa: F811
    theirs = Api(user)
    for path in (f"/nodes/{ids['node']}", f"/nodes/{ids['folder']}/children", "/spaces", "/trash", "/shared-with-me"):
        answer = looking.get(path)
        assert answer.status_code == 200, path
        mine = theirs.get(path)
        assert answer.json().keys() == mine.json().keys()
    content = looking.request("GET", f"/nodes/{ids['node']}/content")
    assert (content.status_code, b"".join(content.streaming_content)) == (200, b"two")


def test_what_is_under_way_ends(admin: User, person: User) -> None:
    browser, access = acting(admin, person)
    by = actor_of(admin, session_key=browser.client.session.session_key)
    watch = Watch(acting_as(access.pk, by), "read")
    watch.look()
    Api(person).post(f"/support/{access.pk}/end")
    with pytest.raises(SupportEnded):
        watch.look()


def test_a_lost_role_and_the_time_end_it(admin: User) -> None:
    helper, person = make_member(admin, Role.ADMIN), make_member(admin)
    browser, _access = acting(helper, person)
    Membership.objects.filter(user=helper).update(role=Role.MEMBER)
    assert problem(browser.get("/account")) == (403, "support_ended")
    end_lapsed_support(SYSTEM)
    Membership.objects.filter(user=helper).update(role=Role.ADMIN)
    assert problem(browser.get("/account")) == (403, "support_ended")  # for good
    browser, access = acting(helper, person)
    SupportAccess.objects.filter(pk=access.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
    assert problem(browser.get("/account")) == (403, "support_ended")


def test_of_others_there_is_nothing(admin: User, person: User) -> None:
    access = agreed(admin, person)
    stranger = Api(make_user())
    assert problem(Browser(make_user()).post(f"/support/{access.pk}/start")) == (404, "support_not_found")
    assert items(stranger.get("/support", about="team")) == []
    for method, path, body in (
        ("GET", "", None),
        ("POST", "/consent", {}),
        ("POST", "/end", None),
        ("POST", "/seen", None),
    ):
        assert problem(stranger.request(method, f"/support/{access.pk}{path}", body)) == (404, "support_not_found")
    assert problem(stranger.post("/support", {"user_id": str(person.pk), "reason": "x", "minutes": 5})) == (
        404,
        "account_not_found",
    )
    assert problem(stranger.get("/support", about="all")) == (403, "not_allowed")


def test_lists_are_paged(admin: User) -> None:
    accesses = [agreed(admin, make_member(admin)) for _ in range(3)]
    api = Api(admin)
    first = api.get("/support", about="mine", limit=2).json()
    assert [row["id"] for row in first["items"]] == [str(access.pk) for access in reversed(accesses[1:])]
    second = api.get("/support", about="mine", limit=2, cursor=first["next_cursor"]).json()
    assert [row["id"] for row in second["items"]] == [str(accesses[0].pk)]
    assert len(items(api.get("/support", about="team"))) == 3
    assert items(api.get("/support")) == []


def test_bodies(admin: User, person: User) -> None:
    api = Api(admin)
    whole = {"user_id": str(person.pk), "reason": "x", "minutes": 5}
    for changes in ({"minutes": 1}, {"minutes": 1000}, {"reason": ""}, {"user_id": "x"}, {"more": 1}):
        assert problem(api.post("/support", {**whole, **changes}))[0] == 400, changes
    assert problem(api.post("/support", {**whole, "reason": "a\u202eb"})) == (400, "invalid_support_request")


def test_what_it_costs(admin: User, person: User) -> None:
    """Nothing for whom there is none: the query that finds the person of a session tells."""
    plain = Browser(person)

    def queries(browser: Browser) -> int:
        browser.get("/usage")
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/usage").status_code == 200
        return len(captured)

    before = queries(plain)
    browser, _access = acting(admin, person)
    assert queries(plain) == before
    assert queries(browser) == before + 1
    _token, secret = make_token(person)
    Api(token=secret).get("/usage")
    with CaptureQueriesContext(connection) as captured:
        Api(token=secret).get("/usage")
    assert not any("supportaccess" in query["sql"] for query in captured)


def test_the_audit_record_says_both(admin: User) -> None:
    person = make_member(admin, Role.OWNER)
    put(actor_of(person), "a.txt")
    space = Api(person).post("/spaces", {"name": "Plans"}).json()["id"]
    browser, access = acting(admin, person, may_write=True)
    assert browser.post("/trash", {"paths": ["/a.txt"]}).status_code == 200
    assert browser.patch(f"/spaces/{space}", {"name": "Other"}).status_code == 200
    said = AuditEvent.objects.filter(principal__startswith="user:support:")
    assert [event.kind for event in said] == ["space.rename"]
    for event in said:
        assert (event.actor_id, event.principal) == (person.pk, f"user:support:{admin.pk}")
        assert event.detail["support"] == {"access": access.pk, "by": admin.pk}
    assert {change.principal for change in Change.objects.filter(credential=f"support:{access.pk}")} == {
        f"user:support:{admin.pk}"
    }
