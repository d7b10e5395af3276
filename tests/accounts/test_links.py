"""Links that leave the server come from BASE_URL, whatever the Host header says."""

import logging
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.checks import run_checks
from django.test import Client

from accounts import links
from accounts.adapter import AccountAdapter
from accounts.models import LoginFlow
from accounts.tasks import send_mail
from dropbox_clone.configuration import read_configuration
from tests.support.people import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.django_db

BASE = "https://files.example.com:8443"
EVIL = {"HTTP_HOST": "evil.example:99", "HTTP_X_FORWARDED_HOST": "evil.example"}
RESET, SIGN_UP = "/accounts/password/reset/", "/accounts/signup/"
NEW = {"email": "new@example.com", "password1": PASSWORD, "name": "New Person"}


@pytest.fixture
def known(settings: Any) -> None:
    settings.BASE_URL, settings.LINKS_KNOWN, settings.ALLOWED_HOSTS, settings.SIGNUP = BASE, True, ["*"], "open"


@pytest.fixture
def unknown(settings: Any) -> None:
    """HOST=0.0.0.0 and nothing else."""
    configuration = read_configuration({"HOST": "0.0.0.0", "SIGNUP": "open"})
    settings.BASE_URL, settings.LINKS_KNOWN = configuration.base_url, configuration.links_known
    settings.ALLOWED_HOSTS, settings.SIGNUP = ["*"], "open"


def whole(message: Any) -> str:
    return "\n".join([message.message().as_string(), message.subject, message.body, *map(str, message.alternatives)])


@pytest.mark.usefixtures("known")
def test_every_mail_has_links_of_base_url_and_no_word_of_the_host(client: Client) -> None:
    """One of each kind: reset, of an unknown address too, sign-up, again, another address, and what is only told."""
    user = make_user("anna@example.com")
    client.post(RESET, {"email": "anna@example.com"}, **EVIL)
    client.post(SIGN_UP, NEW, **EVIL)
    Client().post(SIGN_UP, {**NEW, "email": "anna@example.com"}, **EVIL)
    Client().post("/accounts/login/", {"login": "new@example.com", "password": PASSWORD}, **EVIL)
    sign_in(client, user)
    client.post("/accounts/email/", {"action_add": "", "email": "other@example.com"}, **EVIL)
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "another long passphrase", "password2": "another long passphrase"},
        **EVIL,
    )
    send_mail()
    assert len(mail.outbox) >= 4, [message.subject for message in mail.outbox]
    with_links = 0
    for message in mail.outbox:
        text = whole(message)
        assert "evil" not in text
        assert "testserver" not in text
        found = re.findall(r"https?://[^\s\"<>]+", message.body)
        assert all(url.startswith(f"{BASE}/accounts/") for url in found), found
        with_links += bool(found)
    assert with_links >= 3


@pytest.mark.usefixtures("known")
def test_the_login_flow_behind_a_proxy_that_says_nothing(client: Client) -> None:
    told = client.post("/index.php/login/v2", **EVIL).json()
    assert told["poll"]["endpoint"] == f"{BASE}/index.php/login/v2/poll"
    assert told["login"].startswith(f"{BASE}/index.php/login/v2/flow/")
    sign_in(client, make_user())
    client.post(told["login"].removeprefix(BASE), {"grant": ""})
    fetched = Client().post("/index.php/login/v2/poll", {"token": told["poll"]["token"]}, **EVIL).json()
    assert fetched["server"] == BASE


@pytest.mark.usefixtures("known")
def test_what_else_names_the_server(client: Client) -> None:
    config = client.get("/ocs/v2.php/config?format=json", **EVIL).json()["ocs"]["data"]
    assert (config["host"], config["ssl"]) == ("files.example.com:8443", "true")
    client.force_login(make_user())
    assert client.get("/settings/devices/", **EVIL).context["server"] == f"{BASE}/"


@pytest.mark.usefixtures("unknown")
def test_without_it_no_link_is_sent_and_the_page_says_what_to_set(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    make_user("anna@example.com")
    for url, form in ((RESET, {"email": "anna@example.com"}), (SIGN_UP, NEW)):
        page = client.get(url)
        assert page.status_code == 503
        assert "BASE_URL" in page.content.decode()
        caplog.clear()
        answer = client.post(url, form, **EVIL)
        assert answer.status_code == 503
        assert "BASE_URL" in answer.content.decode()
        [record] = [each for each in caplog.records if each.levelno >= logging.ERROR and each.name == "accounts.links"]
        assert "BASE_URL" in record.getMessage()
        assert "anna" not in record.getMessage()
    known, stranger = (client.post(RESET, {"email": email}) for email in ("anna@example.com", "x@example.com"))
    assert known.content == stranger.content, "it tells nobody who has an account"
    assert not mail.outbox


@pytest.mark.usefixtures("unknown")
def test_a_mail_that_no_page_foresees_is_refused_too(client: Client) -> None:
    """Signing in with an address that was never verified sends the link again."""
    user = make_user("anna@example.com")
    EmailAddress.objects.filter(user=user).update(verified=False)
    answer = client.post("/accounts/login/", {"login": "anna@example.com", "password": PASSWORD}, **EVIL)
    assert answer.status_code == 503
    assert "BASE_URL" in answer.content.decode()
    assert not mail.outbox
    with pytest.raises(links.LinksUnknown):
        AccountAdapter().send_mail("account/email/x", "a@example.com", {"password_reset_url": "x"})


@pytest.mark.usefixtures("unknown")
def test_the_login_flow_is_refused(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.post("/index.php/login/v2", **EVIL)
    assert answer.status_code == 503
    assert "BASE_URL" in answer.json()["message"]
    assert "BASE_URL" in caplog.text
    assert not LoginFlow.objects.exists()


@pytest.mark.usefixtures("unknown")
def test_the_rest_goes_on(client: Client) -> None:
    make_user("anna@example.com")
    answer = client.post("/accounts/login/", {"login": "anna@example.com", "password": PASSWORD}, HTTP_HOST="10.1.2.3")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/settings/devices/", HTTP_HOST="10.1.2.3:9000").context["server"] == "http://10.1.2.3:9000/"
    found = {message.id: message.msg for message in run_checks(tags=["configuration"])}
    assert "BASE_URL" in found["dropbox_clone.W004"]


@pytest.mark.parametrize(
    ("variables", "known"),
    [
        ({}, True),
        ({"HOST": "localhost"}, True),
        ({"HOST": "127.8.9.10"}, True),
        ({"HOST": "::1"}, True),
        ({"HOST": "0.0.0.0"}, False),
        ({"HOST": "::"}, False),
        ({"HOST": "192.168.1.5"}, False),
        ({"HOST": "files.lan"}, False),
        ({"HOST": "localhost.evil.example"}, False),
        ({"HOST": "0.0.0.0", "BASE_URL": "http://files.lan:9000"}, True),
    ],
)
def test_when_the_address_is_known(variables: dict[str, str], known: bool) -> None:
    assert read_configuration(variables).links_known is known


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("target", ["https://evil.example:99/x", "//evil.example:99/x", "https:evil.example"])
def test_no_redirect_leaves_the_server_by_the_host_header(client: Client, target: str) -> None:
    make_user("anna@example.com", is_admin=True)
    form = {"login": "anna@example.com", "password": PASSWORD, "next": target}
    answer = client.post("/accounts/login/", form, **EVIL)
    assert "evil" not in answer.headers["Location"]
    answer = client.get("/admin/login/", {"next": target}, **EVIL)
    assert "evil" not in answer.headers["Location"].replace("%2F", "/").split("next=")[0]
    for location in (answer.headers["Location"],):
        assert not location.startswith(("http", "//"))


def test_the_local_part() -> None:
    assert links.local_part("https://evil.example/a?b#c") == "/a?b#c"
    assert links.local_part("https://evil.example//x.example/a") == "/x.example/a"
    assert links.local_part("https://evil.example") == "/"
    assert links.local_part("?page=2") == "?page=2"
    assert links.local_part("/a/b") == "/a/b"
