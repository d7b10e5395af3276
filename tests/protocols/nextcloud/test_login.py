"""Login flow v2 as a client and a browser go through it."""

import ipaddress
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.actions import login_flow
from accounts.models import LoginFlow
from tests.support.clients import Nextcloud, basic
from tests.support.people import make_user, sign_in

pytestmark = pytest.mark.django_db

START = "/index.php/login/v2"


def start(client: Client, **meta: Any) -> dict[str, Any]:
    answer = client.post(START, headers={"User-Agent": "mirall/3.15.0"}, **meta)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    told: dict[str, Any] = answer.json()
    return told


def path_of(url: str) -> str:
    return urlsplit(url).path


def test_a_client_is_let_in() -> None:
    user = make_user("ada@example.com")
    program, browser = Client(enforce_csrf_checks=True), Client()
    told = start(program)
    token, endpoint = told["poll"]["token"], path_of(told["poll"]["endpoint"])
    waiting = program.post(endpoint, {"token": token})
    assert (waiting.status_code, waiting.json()) == (404, [])
    sign_in(browser, user)
    assert browser.post(path_of(told["login"]), {"grant": "1"}).status_code == 200
    granted = program.post(endpoint, {"token": token})
    assert granted.status_code == 200
    assert "no-store" in granted.headers["Cache-Control"]
    body = granted.json()
    assert set(body) == {"server", "loginName", "appPassword"}
    assert (body["server"], body["loginName"]) == ("http://localhost:8000", "ada@example.com")
    assert program.post(endpoint, {"token": token}).status_code == 404
    nextcloud = Nextcloud(None)
    nextcloud.headers["Authorization"] = basic(body["loginName"], body["appPassword"])
    assert nextcloud.ocs("cloud/user").json()["ocs"]["data"]["id"] == str(user.pk)
    assert granted.cookies == {}


def test_the_token_may_come_as_json() -> None:
    program, browser = Client(), Client()
    told = start(program)
    sign_in(browser, make_user())
    browser.post(path_of(told["login"]), {"grant": "1"})
    body = {"token": told["poll"]["token"]}
    assert program.post(path_of(told["poll"]["endpoint"]), body, content_type="application/json").status_code == 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"token=", "application/x-www-form-urlencoded"),
        (b"token=" + b"a" * 64, "application/x-www-form-urlencoded"),
        (b"token=%00%ff", "application/x-www-form-urlencoded"),
        (b"token=" + b"a" * 5000, "application/x-www-form-urlencoded"),
        (b"{", "application/json"),
        (b'{"token": {"a": 1}}', "application/json"),
        (b"[1]", "application/json"),
        (b'{"token": "\\ud800"}', "application/json"),
        (b"\xff\xfe", "text/plain"),
    ],
)
def test_whatever_is_no_token_is_not_granted(body: bytes, kind: str) -> None:
    start(Client())
    answer = Client(raise_request_exception=False).post(f"{START}/poll", body, content_type=kind)
    assert answer.status_code == (413 if len(body) > 4096 else 404)


def test_one_cannot_poll_by_an_address_that_others_see() -> None:
    browser, told = Client(), start(Client())
    sign_in(browser, make_user())
    browser.post(path_of(told["login"]), {"grant": "1"})
    for url in (f"{START}/poll?token={told['poll']['token']}", f"{START}/poll"):
        assert Client().get(url).status_code == 405
    assert Client().post(f"{START}/poll?token={told['poll']['token']}").status_code == 404
    seen = path_of(told["login"]).rpartition("/")[2]
    assert Client().post(f"{START}/poll", {"token": seen}).status_code == 404


def test_starting_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_flow, "OPEN_BY_ADDRESS", 2)
    start(Client())
    start(Client())
    start(Client())  # nobody who shares an address is refused: the oldest goes
    assert LoginFlow.objects.count() == 2


def test_addresses_are_those_of_base_url_whatever_the_proxy_says(settings: Any) -> None:
    settings.TRUSTED_PROXIES = (ipaddress.ip_network("10.0.0.0/8"),)
    settings.BASE_URL = "https://files.example.com"
    forwarded = {"HTTP_X_FORWARDED_FOR": "203.0.113.7", "HTTP_X_FORWARDED_PROTO": "http", "HTTP_HOST": "testserver"}
    told = start(Client(REMOTE_ADDR="10.0.0.1"), **forwarded)
    assert told["login"].startswith("https://files.example.com/index.php/login/v2/flow/")
    assert told["poll"]["endpoint"] == "https://files.example.com/index.php/login/v2/poll"
    assert LoginFlow.objects.get().address == "203.0.113.7"


def test_an_unknown_host_is_refused(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["files.example.com"]
    assert Client(raise_request_exception=False).post(START, HTTP_HOST="evil.example").status_code == 400
    assert not LoginFlow.objects.exists()


FORMS = ("application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x")


@pytest.mark.parametrize("content_type", FORMS)
@pytest.mark.parametrize("body", [b"token=x", b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n1'])
def test_a_body_that_breaks_off_is_a_bad_request(db: None, content_type: str, body: bytes) -> None:
    broken = {"CONTENT_LENGTH": str(len(body) + 100)}
    answer = Client(raise_request_exception=False).generic("POST", f"{START}/poll", body, content_type, **broken)
    assert answer.status_code == 400


def test_the_token_may_come_in_any_form() -> None:
    for content_type in (FORMS[0], FORMS[2], "application/json"):
        told, browser = start(Client()), Client()
        sign_in(browser, make_user())
        assert browser.post(path_of(told["login"]), {"grant": "1"}).status_code == 200
        token = told["poll"]["token"]
        bodies = {
            FORMS[0]: f"token={token}",
            FORMS[2]: f'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n{token}\r\n--x--\r\n',
            "application/json": json.dumps({"token": token}),
        }
        answer = Client().generic("POST", f"{START}/poll", bodies[content_type], content_type)
        assert answer.status_code == 200, content_type
