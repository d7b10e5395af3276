"""accounts.actions.login_flow: a client asks, a person grants, the client fetches once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions import login_flow
from accounts.actions.login_flow import deny_login_flow, fetch_login_flow, grant_login_flow, start_login_flow
from accounts.actions.members import activate_account, deactivate_account
from accounts.actions.tokens import device_name, revoke_token
from accounts.actor import Actor
from accounts.authentication import actor_from_basic, actor_from_token
from accounts.errors import InvalidCredentials, LoginFlowNotFound, ScopeMissing
from accounts.models import AccessToken, AuditEvent, LoginFlow, Team
from accounts.queries import login_flow_of
from tests.support.people import SYSTEM, actor_of, make_member, make_user

pytestmark = pytest.mark.django_db

STRANGER = replace(SYSTEM, client="mirall/3.15.0 (Nextcloud)", address="192.0.2.9")


def somebody(address: str) -> Actor:
    return replace(STRANGER, address=address)


def test_asked_granted_and_fetched_once() -> None:
    user, new = make_user(), start_login_flow(STRANGER)
    with pytest.raises(LoginFlowNotFound):
        fetch_login_flow(STRANGER, poll_secret=new.poll_secret)
    flow = login_flow_of(new.login_secret)
    assert (flow.client, flow.address) == ("mirall/3.15.0 (Nextcloud)", "192.0.2.9")
    grant_login_flow(actor_of(user), login_secret=new.login_secret)
    fetched = fetch_login_flow(STRANGER, poll_secret=new.poll_secret)
    assert fetched.user == user
    with pytest.raises(LoginFlowNotFound):
        fetch_login_flow(STRANGER, poll_secret=new.poll_secret)
    assert not LoginFlow.objects.exists()
    token = AccessToken.objects.get()
    assert (token.kind, token.name, token.client) == ("app_password", "Nextcloud desktop 3.15.0", flow.client)
    actor = actor_from_basic(user.email, fetched.new.secret)
    assert actor.scopes == {"read", "write", "share"}
    assert set(AuditEvent.objects.values_list("kind", "actor")) >= {
        ("login_flow.grant", user.pk),
        ("token.create", user.pk),
    }
    revoke_token(actor_of(user), token_id=token.pk)
    with pytest.raises(InvalidCredentials):
        actor_from_basic(user.email, fetched.new.secret)


def test_only_hashes_are_stored() -> None:
    new = start_login_flow(STRANGER)
    row = str(LoginFlow.objects.values_list().get())
    assert new.poll_secret not in row
    assert new.login_secret not in row
    assert min(len(new.poll_secret), len(new.login_secret)) == 64


def test_each_secret_is_good_for_its_own_step_only() -> None:
    user, new = make_user(), start_login_flow(STRANGER)
    for wrong in (new.poll_secret, "", new.login_secret[:-1], new.login_secret + "a", new.flow.login_digest):
        with pytest.raises(LoginFlowNotFound):
            grant_login_flow(actor_of(user), login_secret=wrong)
    grant_login_flow(actor_of(user), login_secret=new.login_secret)
    for wrong in (new.login_secret, "", new.poll_secret[:-1], new.flow.poll_digest):
        with pytest.raises(LoginFlowNotFound):
            fetch_login_flow(STRANGER, poll_secret=wrong)
    assert not AccessToken.objects.exists()


def test_nobody_takes_over_what_somebody_has_granted() -> None:
    user, other, new = make_user(), make_user(), start_login_flow(STRANGER)
    grant_login_flow(actor_of(user), login_secret=new.login_secret)
    with pytest.raises(LoginFlowNotFound):
        grant_login_flow(actor_of(other), login_secret=new.login_secret)
    with pytest.raises(LoginFlowNotFound):
        deny_login_flow(actor_of(other), login_secret=new.login_secret)
    with pytest.raises(LoginFlowNotFound):
        login_flow_of(new.login_secret)
    assert fetch_login_flow(STRANGER, poll_secret=new.poll_secret).user == user


def test_denied_is_over() -> None:
    user, new = make_user(), start_login_flow(STRANGER)
    deny_login_flow(actor_of(user), login_secret=new.login_secret)
    with pytest.raises(LoginFlowNotFound):
        grant_login_flow(actor_of(user), login_secret=new.login_secret)
    with pytest.raises(LoginFlowNotFound):
        fetch_login_flow(STRANGER, poll_secret=new.poll_secret)


@pytest.mark.parametrize("granted", [False, True])
def test_it_ends_after_twenty_minutes(granted: bool) -> None:
    user, new = make_user(), start_login_flow(STRANGER)
    assert new.flow.expires_at - timezone.now() <= timedelta(minutes=20)
    if granted:
        grant_login_flow(actor_of(user), login_secret=new.login_secret)
    LoginFlow.objects.update(expires_at=timezone.now() - timedelta(milliseconds=1))
    with pytest.raises(LoginFlowNotFound):
        login_flow_of(new.login_secret)
    with pytest.raises(LoginFlowNotFound):
        grant_login_flow(actor_of(user), login_secret=new.login_secret)
    with pytest.raises(LoginFlowNotFound):
        fetch_login_flow(STRANGER, poll_secret=new.poll_secret)
    start_login_flow(STRANGER)
    assert LoginFlow.objects.count() == 1


def test_an_account_that_was_stopped_meanwhile_gets_nothing_ever() -> None:
    owner = make_user()
    user, new = make_member(owner), start_login_flow(STRANGER)
    grant_login_flow(actor_of(user), login_secret=new.login_secret)
    deactivate_account(actor_of(owner), user_id=user.pk)
    with pytest.raises(LoginFlowNotFound):
        fetch_login_flow(STRANGER, poll_secret=new.poll_secret)
    Team.objects.update(seats=None)
    activate_account(actor_of(owner), user_id=user.pk)
    with pytest.raises(LoginFlowNotFound):
        fetch_login_flow(STRANGER, poll_secret=new.poll_secret)


def test_a_token_without_the_admin_scope_grants_nothing() -> None:
    user, new = make_user(), start_login_flow(STRANGER)
    for scopes in ({"read", "write", "share"}, set[str]()):
        with pytest.raises(ScopeMissing):
            grant_login_flow(actor_of(user, scopes=frozenset(scopes)), login_secret=new.login_secret)
    app_password = actor_from_token(fetch(user))
    assert app_password is not None
    with pytest.raises(ScopeMissing):
        grant_login_flow(app_password, login_secret=new.login_secret)


def fetch(user: object) -> str:
    new = start_login_flow(STRANGER)
    grant_login_flow(actor_of(user), login_secret=new.login_secret)  # type: ignore[arg-type]
    return fetch_login_flow(STRANGER, poll_secret=new.poll_secret).new.secret


def test_one_network_keeps_so_many_only_and_nobody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_flow, "OPEN_BY_ADDRESS", 3)
    monkeypatch.setattr(login_flow, "OPEN_BY_ALL", 5)
    for number in range(3):
        start_login_flow(somebody(f"2001:db8::{number}"))
    latest = start_login_flow(somebody("2001:db8::ffff"))
    assert LoginFlow.objects.count() == 3
    others = [start_login_flow(somebody("192.0.2.1")), start_login_flow(somebody("192.0.2.2"))]
    others.append(start_login_flow(somebody("192.0.2.3")))  # the network that has most gives way
    assert LoginFlow.objects.count() == 5
    for flow in (latest, *others):
        login_flow_of(flow.login_secret)


@pytest.mark.parametrize("client", ["", "\x00\x1b[31m\n", "x" * 5000, "\u202eevil", "Nextcloud\r\nX-A: b"])
def test_what_a_client_calls_itself_is_made_harmless(client: str) -> None:
    user, new = make_user(), start_login_flow(replace(STRANGER, client=client))
    flow = login_flow_of(new.login_secret)
    assert 1 <= len(flow.client) <= 200
    assert flow.client.isprintable()
    grant_login_flow(actor_of(user), login_secret=new.login_secret)
    assert fetch_login_flow(STRANGER, poll_secret=new.poll_secret).new.token.name == flow.client[:100]


@pytest.mark.parametrize(
    ("client", "name"),
    [
        ("Mozilla/5.0 (Linux) mirall/3.15.3 (Nextcloud, ubuntu-6.8)", "Nextcloud desktop 3.15.3, Linux"),
        ("Mozilla/5.0 (Macintosh) mirall/3.13.0git", "Nextcloud desktop 3.13.0git, macOS"),
        ("Mozilla/5.0 (Android) Nextcloud-android/3.30.1", "Nextcloud for Android 3.30.1"),
        ("Mozilla/5.0 (iOS) Nextcloud-iOS/6.2.0", "Nextcloud for iOS 6.2.0"),
        ("DAVx5/4.4 (okhttp)", "DAVx5/4.4 (okhttp)"),
    ],
)
def test_a_device_has_a_name_that_people_know(client: str, name: str) -> None:
    assert device_name(client) == name
