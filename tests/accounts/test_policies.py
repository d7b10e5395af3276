"""accounts.policies and accounts.policy_endings: a second factor, devices and tokens, domains of those who are invited.
What each of them ends, where it is enforced, and that it is as before when it is loosened.
"""

import base64
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.answer_invitation import accept_as_new, decline
from accounts.actions.invite import invite, resend_invitation
from accounts.actions.login_flow import fetch_login_flow, grant_login_flow, start_login_flow
from accounts.actions.members import add_member
from accounts.actions.policies import change_policy
from accounts.actions.tokens import create_app_password, create_token, revoke_token
from accounts.actor import Actor
from accounts.authentication import actor_from_basic, actor_from_token
from accounts.errors import (
    AgainstPolicy,
    InvalidPolicy,
    PolicyWouldEnd,
    SecondFactorRequired,
    SecondFactorSetupRequired,
)
from accounts.models import AccessToken, AuditEvent, Invitation, Team, TeamPolicy, User
from accounts.policies import live_tokens
from accounts.queries import policy_preview
from tests.support.mails import invitation_secret
from tests.support.people import PASSWORD, actor_of, bearer, make_member, make_token, make_user, sign_in
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db
VISITOR = Actor(client="a client", address="198.51.100.7")
NOW_AT_ONCE = {"second_factor_required": True, "second_factor_grace_days": 0}


@pytest.fixture
def owner() -> User:
    user = make_user()
    Team.objects.filter(pk=user.membership.team_id).update(seats=20)
    return user


def set_policy(owner: User, **changes: Any) -> None:
    confirmation = policy_preview(actor_of(owner), changes=changes).confirmation
    change_policy(actor_of(owner), changes=changes, confirmation=confirmation)


def shown(owner: User, **changes: Any) -> dict[str, list[str]]:
    """What a change would end, by kind: whose."""
    found = policy_preview(actor_of(owner), changes=changes)
    return {
        ending.kind: [one.whose for one in ending.show(list(ending.rows.order_by("pk")))] for ending in found.endings
    }


def give_factor(user: User) -> None:
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})


def basic(user: User) -> dict[str, str]:
    pair = base64.b64encode(f"{user.email}:{PASSWORD}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


# A second factor.


def test_who_has_none_is_named_before(owner: User) -> None:
    member, stopped, safe = make_member(owner), make_member(owner), make_member(owner)
    User.objects.filter(pk=stopped.pk).update(is_active=False)
    give_factor(safe)
    assert shown(owner, second_factor_required=True) == {"people": [owner.email, member.email]}
    with pytest.raises(PolicyWouldEnd):
        change_policy(actor_of(owner), changes={"second_factor_required": True})


def test_pages_lead_to_it_at_once_and_programs_have_time(owner: User, client: Client) -> None:
    _token, secret = make_token(owner)
    sign_in(client, owner)
    set_policy(owner, second_factor_required=True, second_factor_grace_days=7)
    answer = client.get("/team/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/2fa/")
    assert client.post("/team/rename", {"name": "Other"}).headers["Location"] == "/accounts/2fa/"
    assert client.get("/accounts/2fa/").status_code == 200
    assert client.get("/api/v1/account").status_code == 200
    assert actor_from_token(secret)
    assert actor_from_basic(owner.email, PASSWORD)
    give_factor(owner)
    assert client.get("/team/").status_code == 200


def test_after_the_grace_programs_are_refused_with_a_code(owner: User, client: Client) -> None:
    _token, secret = make_token(owner)
    stranger = make_user()
    set_policy(owner, **NOW_AT_ONCE)
    sign_in(client, owner)
    refused = [
        client.get("/api/v1/account"),
        Client().get("/api/v1/account", headers=bearer(secret)),
        Client().get("/api/v1/account", headers=basic(owner)),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {
        (403, "second_factor_setup_required")
    }
    dav = Client().generic("PROPFIND", f"/remote.php/dav/files/{owner.email}/", headers=bearer(secret))
    ocs = Client().get("/ocs/v2.php/cloud/user?format=json", headers={**basic(owner), "OCS-APIRequest": "true"})
    assert (dav.status_code, ocs.status_code) == (403, 403)
    assert Client().get("/api/v1/account", headers=basic(stranger)).status_code == 200
    give_factor(owner)
    assert actor_from_token(secret)
    with pytest.raises(SecondFactorRequired):
        actor_from_basic(owner.email, PASSWORD)
    Authenticator.objects.all().delete()
    with pytest.raises(SecondFactorSetupRequired):
        actor_from_token(secret)
    TeamPolicy.objects.update(second_factor_due_at=None, second_factor_required=False)
    assert actor_from_token(secret)
    assert client.get("/team/").status_code == 200


def test_the_console_asks_for_it_too(client: Client) -> None:
    owner = make_user(is_admin=True)
    set_policy(owner, second_factor_required=True)
    sign_in(client, owner)
    for url in ("/admin/", "/admin/accounts/team/"):
        answer = client.get(url, follow=True)
        assert answer.redirect_chain[-1][0] == "/accounts/2fa/"
    give_factor(owner)
    assert client.get("/admin/accounts/teampolicy/").status_code == 200


def test_a_wrong_password_is_told_nothing_of_it(owner: User) -> None:
    set_policy(owner, **NOW_AT_ONCE)
    pair = base64.b64encode(f"{owner.email}:wrong".encode()).decode()
    answer = Client().get("/api/v1/account", headers={"Authorization": f"Basic {pair}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")


def test_the_grace_begins_with_the_policy(owner: User) -> None:
    set_policy(owner, second_factor_required=True, second_factor_grace_days=3)
    due = TeamPolicy.objects.get().second_factor_due_at
    assert due is not None
    assert timedelta(days=2) < due - timezone.now() <= timedelta(days=3)
    set_policy(owner, tokens_per_person=50)
    assert TeamPolicy.objects.get().second_factor_due_at == due
    set_policy(owner, second_factor_required=False)
    assert TeamPolicy.objects.get().second_factor_due_at is None


def test_what_signing_in_costs(owner: User, client: Client, django_assert_num_queries: Any) -> None:
    """With a policy as without one, by token, password and session."""
    _token, secret = make_token(owner)
    actor_from_token(secret)  # writes when it was used
    actor_from_basic(owner.email, PASSWORD)
    sign_in(client, owner)
    client.get("/api/v1/account")

    def by_session() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/api/v1/account").status_code == 200
        return len(queries)

    before = by_session()
    set_policy(owner, second_factor_required=True)
    with django_assert_num_queries(1):
        assert actor_from_token(secret)
    with django_assert_num_queries(1):
        assert actor_from_basic(owner.email, PASSWORD)
    assert by_session() == before


# Devices and tokens.


def test_as_many_as_the_team_allows(owner: User) -> None:
    set_policy(owner, tokens_per_person=2)
    actor = actor_of(owner)
    first = create_token(actor, name="one", scopes=["read"])
    create_app_password(actor, name="two")
    with pytest.raises(AgainstPolicy) as refused:
        create_app_password(actor, name="three")
    assert refused.value.detail == {"rule": "tokens_per_person", "limit": 2}
    waiting = start_login_flow(VISITOR)
    with pytest.raises(AgainstPolicy):
        grant_login_flow(actor, login_secret=waiting.login_secret)
    revoke_token(actor, token_id=first.token.pk)
    grant_login_flow(actor, login_secret=waiting.login_secret)
    create_token(actor, name="three", scopes=["read"], expires_at=timezone.now() + timedelta(hours=1))
    with pytest.raises(AgainstPolicy):
        fetch_login_flow(VISITOR, poll_secret=waiting.poll_secret)
    AccessToken.objects.filter(name="three").update(expires_at=timezone.now())
    assert fetch_login_flow(VISITOR, poll_secret=waiting.poll_secret)
    set_policy(owner, tokens_per_person=None)
    assert create_app_password(actor, name="four")


def test_the_least_used_are_named_and_ended(owner: User) -> None:
    member, stranger = make_member(owner), make_user()
    tokens = {user: [make_token(user)[0] for _ in range(3)] for user in (owner, member, stranger)}
    used = tokens[member][0]
    AccessToken.objects.filter(pk=used.pk).update(last_used_at=timezone.now() + timedelta(minutes=1))
    gone = make_token(member)[0]
    AccessToken.objects.filter(pk=gone.pk).update(revoked_at=timezone.now())
    assert shown(owner, tokens_per_person=2) == {"tokens": [owner.email, member.email]}
    set_policy(owner, tokens_per_person=2)
    ended = AccessToken.objects.exclude(revoked_at=None).exclude(pk=gone.pk)
    assert set(ended) == {tokens[owner][0], tokens[member][1]}
    event = AuditEvent.objects.get(kind="policy.change")
    assert event.detail["ended"] == {"tokens": 2}
    assert shown(owner, tokens_per_person=1) == {"tokens": [owner.email, member.email]}


def test_a_page_of_them_is_ranked_over_all(owner: User) -> None:
    """Whichever page is asked for."""
    for _ in range(4):
        make_token(owner)
    (ending,) = policy_preview(actor_of(owner), changes={"tokens_per_person": 1}).endings
    ids = list(ending.rows.order_by("pk").values_list("pk", flat=True))
    assert len(ids) == 3
    assert list(ending.rows.filter(pk__gt=ids[0]).order_by("pk").values_list("pk", flat=True)) == ids[1:]


def test_who_manages_the_team_sees_devices_and_nothing_of_their_secrets(owner: User, client: Client) -> None:
    member, stranger = make_member(owner), make_user()
    new = create_app_password(actor_of(member), name="phone <b>", client="an app")
    _token, secret = make_token(owner)
    url = f"/api/v1/team/members/{member.pk}/devices"
    page = client.get(url, headers=bearer(secret)).json()
    assert [(item["name"], item["kind"], item["client"]) for item in page["items"]] == [
        ("phone <b>", "app_password", "an app")
    ]
    assert new.token.hint not in str(page)
    sign_in(client, owner)
    html = client.get(f"/team/members/{member.pk}/").content.decode()
    assert "phone &lt;b&gt;" in html
    revoke_token(actor_of(member), token_id=new.token.pk)
    assert client.get(url, headers=bearer(secret)).json()["items"] == []
    for other, status in ((member, 403), (stranger, 404)):
        assert Client().get(url, headers=bearer(make_token(other)[1])).status_code == status


@pytest.mark.django_db(transaction=True)
def test_devices_at_the_same_moment_and_while_the_policy_tightens() -> None:
    owner = make_user()
    actor = actor_of(owner)
    set_policy(owner, tokens_per_person=3)
    acts = [lambda: create_app_password(actor, name="one") for _ in range(6)]
    results = at_once(*acts, expected=AgainstPolicy)
    assert sum(isinstance(result, AgainstPolicy) for result in results) == 3
    set_policy(owner, tokens_per_person=5)
    AccessToken.objects.all().delete()

    def tighten() -> None:
        """Whoever is asked again looks again."""
        for _ in range(20):
            with suppress(PolicyWouldEnd):
                set_policy(owner, tokens_per_person=1)
                return
        raise AssertionError

    at_once(tighten, *acts[:4], expected=AgainstPolicy)
    assert TeamPolicy.objects.get().tokens_per_person == 1
    assert live_tokens().filter(user=owner).count() <= 1


# Domains of those who are invited.


def test_only_people_of_the_domains_are_invited(owner: User) -> None:
    actor = actor_of(owner)
    set_policy(owner, invitation_domains=["Example.COM", "example.org", "example.com"])
    assert TeamPolicy.objects.get().invitation_domains == ["example.com", "example.org"]
    assert invite(actor, email="one@EXAMPLE.com").pk
    for email in ("two@example.net", "three@sub.example.com", "four@badexample.com"):
        with pytest.raises(AgainstPolicy) as refused:
            invite(actor, email=email)
        assert refused.value.detail["rule"] == "invitation_domains"
        with pytest.raises(AgainstPolicy):
            add_member(actor, email=email, password=PASSWORD)
    assert add_member(actor, email="five@example.org", password=PASSWORD).pk


def test_open_invitations_wait(owner: User) -> None:
    actor = actor_of(owner)
    invited, declined = invite(actor, email="one@example.net"), invite(actor, email="two@example.net")
    secrets = {row.pk: invitation_secret(row.email) for row in (invited, declined)}
    invite(actor, email="three@example.com")
    assert shown(owner, invitation_domains=["example.com"]) == {"invitations": ["one@example.net", "two@example.net"]}
    set_policy(owner, invitation_domains=["example.com"])
    assert shown(owner, invitation_domains=["example.com", "example.org"]) == {}
    with pytest.raises(AgainstPolicy):
        accept_as_new(VISITOR, secret=secrets[invited.pk], password=PASSWORD)
    with pytest.raises(AgainstPolicy):
        resend_invitation(actor, invitation_id=invited.pk)
    decline(VISITOR, secret=secrets[declined.pk])
    set_policy(owner, invitation_domains=[])
    assert accept_as_new(VISITOR, secret=secrets[invited.pk], password=PASSWORD).email == "one@example.net"
    assert Invitation.objects.filter(accepted_at=None, declined_at=None).count() == 1


@pytest.mark.parametrize(
    "domains", ["example.com", ["com"], ["a@example.com"], [""], ["x" * 300 + ".com"], [7], ["a.b"] * 101]
)
def test_what_is_no_domain(owner: User, domains: Any) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        policy_preview(actor_of(owner), changes={"invitation_domains": domains})
    assert refused.value.detail["parameter"] == "invitation_domains"
