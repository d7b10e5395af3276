"""The pages of devices: the list, app passwords by hand, and the page on which a person lets a client in."""

from dataclasses import replace

import pytest
from django.test import Client

from accounts.actions.login_flow import NewFlow, fetch_login_flow, start_login_flow
from accounts.authentication import actor_from_token
from accounts.errors import LoginFlowNotFound
from accounts.models import AccessToken, LoginFlow, User
from tests.support.people import SYSTEM, make_token, make_user, sign_in

pytestmark = pytest.mark.django_db

URL = "/settings/devices/"
STRANGER = replace(SYSTEM, client="mirall/3.15.0", address="192.0.2.9")


@pytest.fixture
def flow() -> NewFlow:
    return start_login_flow(STRANGER)


def page_of(flow: NewFlow) -> str:
    return f"/index.php/login/v2/flow/{flow.login_secret}"


def test_pages_need_a_sign_in(flow: NewFlow) -> None:
    client = Client()
    assert client.get(URL).headers["Location"] == f"/accounts/login/?next={URL}"
    assert client.post(URL, {"name": "phone"}).status_code == 302
    assert client.post(f"{URL}1/revoke/").status_code == 302
    assert client.get(page_of(flow)).headers["Location"] == f"/accounts/login/?next={page_of(flow)}"
    assert client.post(page_of(flow), {"grant": "1"}).status_code == 302
    assert LoginFlow.objects.get().granted_at is None
    assert not AccessToken.objects.exists()


def test_an_app_password_by_hand(client: Client, user: User) -> None:
    answer = client.post(URL, {"name": "phone"})
    assert "no-store" in answer.headers["Cache-Control"]
    secret = answer.context["app_password"]
    actor = actor_from_token(secret)
    assert actor is not None
    assert (actor.user_id, actor.scopes) == (user.pk, {"read", "write", "share"})
    listed = client.get(URL)
    assert [device.name for device in listed.context["devices"]] == ["phone"]
    assert secret not in listed.content.decode()
    assert [*client.get("/settings/tokens/").context["tokens"]] == []


def test_tokens_and_other_people_s_devices_are_not_listed(client: Client, user: User) -> None:
    make_token(user)
    other = Client()
    sign_in(other, make_user())
    other.post(URL, {"name": "hers"})
    assert [*client.get(URL).context["devices"]] == []
    device = AccessToken.objects.get(kind="app_password")
    assert client.post(f"{URL}{device.pk}/revoke/").status_code == 404
    assert other.post(f"{URL}{device.pk}/revoke/").headers["Location"] == URL
    device.refresh_from_db()
    assert device.revoked_at is not None


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
def test_a_bad_name_is_refused(client: Client, user: User, name: str) -> None:
    assert client.post(URL, {"name": name}).status_code == 422
    assert not AccessToken.objects.exists()


def test_grant(client: Client, user: User, flow: NewFlow) -> None:
    page = client.get(page_of(flow))
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["X-Frame-Options"]
    assert page.context["asking"].flow.client == "mirall/3.15.0"
    assert page.context["asking"].is_elsewhere
    with pytest.raises(LoginFlowNotFound):  # looking at it grants nothing
        fetch_login_flow(STRANGER, poll_secret=flow.poll_secret)
    assert client.post(page_of(flow), {"grant": "1"}).status_code == 200
    assert fetch_login_flow(STRANGER, poll_secret=flow.poll_secret).user == user
    assert client.get(page_of(flow)).status_code == 404
    assert client.post(page_of(flow), {"grant": "1"}).status_code == 404


@pytest.mark.parametrize("answer", [{"deny": "1"}, {}, {"anything": "else"}])
def test_everything_but_a_grant_denies(client: Client, user: User, flow: NewFlow, answer: dict[str, str]) -> None:
    assert client.post(page_of(flow), answer).status_code == 200
    with pytest.raises(LoginFlowNotFound):
        fetch_login_flow(STRANGER, poll_secret=flow.poll_secret)
    assert client.get(page_of(flow)).status_code == 404


def test_the_same_address_is_said(client: Client, user: User) -> None:
    near = start_login_flow(replace(STRANGER, address="127.0.0.1"))
    assert not client.get(page_of(near)).context["asking"].is_elsewhere


def test_a_link_of_nobody_is_not_valid(client: Client, user: User, flow: NewFlow) -> None:
    for secret in ("x", flow.poll_secret, "a" * 64, "%00"):
        assert client.get(f"/index.php/login/v2/flow/{secret}").status_code == 404
        assert client.post(f"/index.php/login/v2/flow/{secret}", {"grant": "1"}).status_code == 404


def test_pages_need_the_csrf_token(user: User, flow: NewFlow) -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(client, user)
    assert client.post(URL, {"name": "phone"}).status_code == 403
    assert client.post(page_of(flow), {"grant": "1"}).status_code == 403
    assert LoginFlow.objects.get().granted_at is None
    assert not AccessToken.objects.exists()


def test_an_app_password_is_no_way_into_the_pages(user: User, flow: NewFlow) -> None:
    _token, secret = make_token(user)
    client = Client()
    for url in (URL, page_of(flow)):
        assert client.get(url, headers={"Authorization": f"Bearer {secret}"}).status_code == 302
