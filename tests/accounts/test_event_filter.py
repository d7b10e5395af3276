"""Searching the record: over REST, in the page of a team, in the console; and nothing is found out by it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import AuditEvent, User
from accounts.queries import team_events_of
from tests.support.people import actor_of, bearer, make_administrator, make_member, make_token, make_user, sign_in

pytestmark = pytest.mark.django_db
EARLY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def owner() -> User:
    return make_user("owner@example.com", name="Owner")


@pytest.fixture
def staff(owner: User) -> User:
    """Has looked after the team, from an address of their own."""
    user = make_administrator()
    AuditEvent.objects.all().delete()
    actor, of_staff = actor_of(owner), actor_of(user, address="198.51.100.7")
    team = owner.membership.team_id
    record(actor, "token.create", "laptop")
    record(actor, "token.revoke", "Laptop of Ada")
    record(actor, "tokens.other", "else")
    record(of_staff, "team.change", "laptop team", of_team=team)
    record(Actor(client="x", address="2001:db8::1"), "sign_in.failed", "owner@example.com")
    AuditEvent.objects.filter(kind="tokens.other").update(at=EARLY)
    return user


def found(client: Client, url: str, user: User, **query: Any) -> Any:
    headers = bearer(make_token(user, {"read", "admin"})[1])
    AuditEvent.objects.filter(principal="system:tests").delete()
    answer = client.get(f"/api/v1/{url}", query, headers=headers)
    body = answer.json()
    return sorted(item["kind"] for item in body["items"]) if answer.status_code == 200 else body["code"]


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ({"kind": "token"}, ["token.create", "token.revoke"]),
        ({"kind": "token.create"}, ["token.create"]),
        ({"kind": "tok"}, []),
        ({"target": "LAPTOP"}, ["team.change", "token.create", "token.revoke"]),
        ({"until": "2026-01-02T00:00:00Z"}, ["tokens.other"]),
        ({"since": "2026-01-02T00:00:00Z", "kind": "tokens"}, []),
        ({"person": "OWNER@example.com", "kind": "token"}, ["token.create", "token.revoke"]),
        ({"address": "198.51.100.7"}, ["team.change"]),
        ({"address": "2001:db8:0::1"}, ["sign_in.failed"]),
        ({"target": "%"}, []),
        ({"limit": "1"}, ["sign_in.failed"]),
    ],
)
def test_by_administrators(client: Client, staff: User, query: dict[str, str], kinds: list[str]) -> None:
    assert found(client, "audit", staff, **query) == kinds


def test_by_id_and_by_team(client: Client, owner: User, staff: User) -> None:
    assert found(client, "audit", staff, person=str(staff.pk), kind="team") == ["team.change"]
    assert len(found(client, "audit", staff, team_id=owner.membership.team_id)) == 4
    assert found(client, "audit", staff, team_id=10**9) == []


@pytest.mark.parametrize(
    "query",
    [{"since": "soon"}, {"address": "here"}, {"team_id": "x"}, {"cursor": "x"}, {"kind": "k" * 51}],
)
def test_what_cannot_be_looked_for(client: Client, staff: User, query: dict[str, str]) -> None:
    assert found(client, "audit", staff, **query) in ("invalid_request", "invalid_cursor")


def test_pages_by_a_hidden_cursor(client: Client, staff: User) -> None:
    headers = bearer(make_token(staff, {"read", "admin"})[1])
    first = client.get("/api/v1/audit", {"limit": 2, "kind": "token"}, headers=headers).json()
    everything, cursor = [item["id"] for item in first["items"]], first["next_cursor"]
    assert cursor.startswith("gAAAA"), "it is encrypted"
    second = client.get("/api/v1/audit", {"limit": 2, "kind": "token", "cursor": cursor}, headers=headers).json()
    everything += [item["id"] for item in second["items"]]
    assert everything == [
        str(pk)
        for pk in AuditEvent.objects.filter(kind__startswith="token.").order_by("-pk").values_list("pk", flat=True)
    ]
    assert second["next_cursor"] is None


def test_the_whole_record_is_for_administrators(client: Client, owner: User, staff: User) -> None:
    assert found(client, "audit", owner) == "not_allowed"
    assert client.get("/api/v1/audit", headers=bearer(make_token(staff, {"read", "write"})[1])).json()["code"] == (
        "scope_missing"
    )
    assert client.get("/api/v1/audit").status_code == 401


def test_a_team_finds_what_was_done_in_it(client: Client, owner: User, staff: User) -> None:
    assert found(client, "team/events", owner, target="laptop") == ["team.change", "token.create", "token.revoke"]
    assert found(client, "team/events", owner, person="owner@example.com", kind="token.create") == ["token.create"]
    assert found(client, "team/events", make_member(owner)) == "not_allowed"


def test_a_team_finds_nothing_out_about_administrators(client: Client, owner: User, staff: User) -> None:
    """By guessing who it was, or from where."""
    for query in ({"person": staff.email}, {"person": str(staff.pk)}, {"address": "198.51.100.7"}):
        assert found(client, "team/events", owner, **query) == []
    assert "team.change" in found(client, "team/events", owner, team_id=str(staff.membership.team_id)), "the own team"


def test_the_page_of_a_team(client: Client, owner: User, staff: User) -> None:
    sign_in(client, owner)

    def page(**query: str) -> str:
        answer = client.get("/team/log/", query)
        assert answer.status_code == 200
        return str(answer.content.decode())

    everything = page()
    assert "token.revoke" in everything
    assert "<details" in everything
    assert '<details class="filter" open' not in everything
    chosen = page(kind="token.create", target="laptop", since="2026-01-02")
    assert "token.create" in chosen
    assert "token.revoke" not in chosen
    assert "Show everything" in chosen
    assert "Nothing was found." in page(kind="token", until="2025-12-31")
    assert "tokens.other" in page(since="2026-01-01", until="2026-01-01")
    assert "Nothing was found." in page(address="198.51.100.7")
    assert "Enter a valid" in page(address="here")
    assert page(until="9999-12-31")


def test_what_is_looked_for_stays_on_the_next_page(client: Client, owner: User, staff: User) -> None:
    for number in range(60):
        record(actor_of(owner), "group.create", f"group & {number}")
    sign_in(client, owner)
    first = client.get("/team/log/", {"target": "group &"}).content.decode()
    older = first.partition('href="?before=')[2].partition('"')[0].replace("&amp;", "&")
    assert "target=group+%26" in older
    second = client.get(f"/team/log/?before={older}").content.decode()
    assert second.count("<code>group.create</code>") == 10
    assert "?target=group+%26" in second, "to the newest"


def test_the_console_downloads_what_its_filters_leave(client: Client, staff: User) -> None:
    client.force_login(staff)
    url = "/admin/accounts/auditevent/"
    for field, value in (("kind", "token"), ("target", "ada"), ("address", "198")):
        assert client.get(url, {f"{field}__icontains": value}).status_code == 200
    chosen = list(AuditEvent.objects.filter(kind__startswith="token.").values_list("pk", flat=True))
    for act, media_type in (
        ("as_csv", "text/csv"),
        ("as_json_lines", "application/jsonl"),
        ("as_syslog", "text/plain"),
    ):
        body = {"action": act, "_selected_action": chosen[:1], "select_across": "1"}
        answer = client.post(f"{url}?kind__icontains=token.", body)
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, media_type)
        assert "attachment" in answer.headers["Content-Disposition"]
        text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
        assert ("Laptop of Ada" in text, "team.change" in text) == (True, False)
    assert [json.loads(line)["id"] for line in text.splitlines() if line.startswith("{")] == []
    assert AuditEvent.objects.filter(kind="audit.export", actor=staff).count() == 3


def test_nobody_else_downloads(client: Client, owner: User, staff: User) -> None:
    client.force_login(owner)
    body = {"action": "as_csv", "_selected_action": [AuditEvent.objects.latest("pk").pk]}
    assert client.post("/admin/accounts/auditevent/", body).status_code in (302, 403)
    assert not AuditEvent.objects.filter(kind="audit.export").exists()


def test_who_acted_is_told_of_rows_of_a_team_alone(owner: User, staff: User) -> None:
    told = {event.kind: event.by for event in team_events_of(actor_of(owner))}
    assert (told["token.create"], told["team.change"]) == ("team", "installation")
    with pytest.raises(ValueError, match="of_team"):
        assert AuditEvent.objects.get(kind="token.create").by
