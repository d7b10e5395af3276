"""status.php and OCS: what clients ask before, and beside, files."""

from xml.etree import ElementTree

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts import errors as account_errors
from accounts.actions.tokens import create_app_password
from accounts.authentication import actor_from_token
from accounts.models import AccessToken, QuotaAccount, User
from files import errors as file_errors
from protocols.nextcloud.ocs.endpoint import TABLE
from sharing import errors as sharing_errors
from tests.support.clients import Nextcloud, basic
from tests.support.people import PASSWORD, actor_of, make_user

pytestmark = pytest.mark.django_db

MIRALL_37 = "Mozilla/5.0 (Linux) mirall/3.7.3git (Debian, debian-6.1)"


@pytest.fixture
def user() -> User:
    return make_user("ada@example.com", name="Ada Lovelace")


def test_status_says_that_this_is_a_server_that_works() -> None:
    answer = Client().get("/status.php")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["installed"], told["maintenance"], told["needsDbUpgrade"]) == (True, False, False)
    assert set(told) >= {"version", "versionstring", "edition", "productname"}
    assert told["version"].startswith(told["versionstring"])
    assert Client().get("/index.php/204").status_code == 204
    assert Client().post("/status.php").status_code == 405


def test_every_code_has_an_answer() -> None:
    of_sharing = sharing_errors, sharing_errors.SharingError
    for module, base in (
        of_sharing,
        (file_errors, file_errors.FileError),
        (account_errors, account_errors.AccountError),
    ):
        for error in vars(module).values():
            if isinstance(error, type) and issubclass(error, base):
                assert error.code in TABLE


def test_capabilities_of_somebody_signed_in(client: Nextcloud) -> None:
    for version, code in ((1, 100), (2, 200)):
        answer = client.ocs("cloud/capabilities", version=version)
        assert answer.status_code == 200
        meta, data = answer.json()["ocs"]["meta"], answer.json()["ocs"]["data"]
        assert (meta["status"], meta["statuscode"]) == ("ok", code)
        able = data["capabilities"]
        assert able["dav"]["chunking"] == "1.0"
        assert able["files"]["bigfilechunking"] is True
        assert set(able["checksums"]["supportedTypes"]) >= {"SHA1", "MD5", "SHA256"}
        assert able["checksums"]["preferredUploadType"] == "SHA1"
        assert able["files_sharing"]["api_enabled"] is True
        assert able["core"]["pollinterval"] > 0
        assert data["version"]["string"] == Client().get("/status.php").json()["versionstring"]
        assert not {"user_status", "activity", "spreed"} & set(able)


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (MIRALL_37, False),
        ("Mozilla/5.0 (Windows) mirall/3.9.4 (Nextcloud)", False),
        ("Mozilla/5.0 (Linux) mirall/3.10.0 (Nextcloud)", True),
        ("Mozilla/5.0 (Macintosh) mirall/4.0.0 (Nextcloud)", True),
        ("rclone/v1.70", False),
        ("", False),
    ],
)
def test_batches_are_only_for_clients_that_can(user: User, agent: str, told: bool) -> None:
    able = Nextcloud(user, agent=agent).ocs("cloud/capabilities").json()["ocs"]["data"]["capabilities"]
    assert ("bulkupload" in able["dav"]) is told


def test_strangers_are_told_the_least_and_wrong_passwords_refused(user: User) -> None:
    stranger = Nextcloud(None)
    answer = stranger.ocs("cloud/capabilities")
    assert answer.status_code == 200
    assert set(answer.json()["ocs"]["data"]["capabilities"]) == {"core", "theming"}
    refused = stranger.ocs("cloud/capabilities", authorization=basic(user.email, "wrong"))
    assert refused.status_code == 401


def test_who_am_i(client: Nextcloud, user: User) -> None:
    for url in (
        "cloud/user",
        f"cloud/users/{client.id}",
        "cloud/users/ada%40example.com",
        "cloud/users/ADA@example.com",
    ):
        told = client.ocs(url).json()["ocs"]["data"]
        assert told["id"] == client.id
        assert told["display-name"] == told["displayname"] == "Ada Lovelace"
        assert told["email"] == "ada@example.com"
        quota = told["quota"]
        assert (quota["used"], quota["free"], quota["total"], quota["quota"]) == (0, 10**9, 10**9, 10**9)


def test_no_limit_is_said_as_nextcloud_says_it(client: Nextcloud, user: User) -> None:
    QuotaAccount.objects.update(limit_bytes=None)
    quota = client.ocs("cloud/user").json()["ocs"]["data"]["quota"]
    assert (quota["quota"], quota["free"], quota["used"]) == (-3, -3, 0)
    QuotaAccount.objects.update(limit_bytes=0)
    assert client.ocs("cloud/user").json()["ocs"]["data"]["quota"]["relative"] == 100


def test_other_people_do_not_exist(client: Nextcloud) -> None:
    other = make_user("bob@example.com")
    for segment in (str(other.pk), "bob@example.com", "0", "nobody", "99999999999999999999"):
        answer = client.ocs(f"cloud/users/{segment}")
        assert answer.status_code == 404
        assert answer.json()["ocs"]["meta"]["statuscode"] == 998
        assert client.ocs(f"cloud/users/{segment}", version=1).status_code == 200


def test_nobody_is_refused_as_a_client_understands_it() -> None:
    stranger = Nextcloud(None)
    for version in (1, 2):
        answer = stranger.ocs("cloud/user", version=version)
        assert answer.status_code == 401
        assert answer.json()["ocs"]["meta"]["statuscode"] == 997
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_xml_is_the_default(client: Nextcloud) -> None:
    answer = client.send("GET", "/ocs/v1.php/cloud/capabilities")
    assert answer.headers["Content-Type"].startswith("application/xml")
    root = ElementTree.fromstring(answer.content)
    assert root.findtext("meta/statuscode") == "100"
    assert root.findtext("data/capabilities/files/bigfilechunking") == "1"
    assert not root.findtext("data/capabilities/files_sharing/federation/outgoing")
    types = [element.text for element in root.findall("data/capabilities/checksums/supportedTypes/element")]
    assert "SHA1" in types
    by_header = client.send("GET", "/ocs/v2.php/cloud/user", accept="application/json, text/plain, */*")
    assert by_header.json()["ocs"]["meta"]["statuscode"] == 200
    both = client.send("GET", "/ocs/v2.php/cloud/user?format=xml", accept="application/json")
    assert ElementTree.fromstring(both.content).findtext("meta/statuscode") == "200"


def test_a_name_cannot_break_the_xml(client: Nextcloud, user: User) -> None:
    User.objects.filter(pk=user.pk).update(name="<b>&\x01]]>\ud7ff")
    root = ElementTree.fromstring(client.send("GET", "/ocs/v1.php/cloud/user").content)
    assert root.findtext("data/displayname") == "<b>&\ufffd]]>\ud7ff"


@pytest.mark.parametrize(
    "url",
    [
        "apps/user_status/api/v1/user_status",
        "apps/activity/api/v2/activity",
        "nothing/at/all",
        "",
    ],
)
def test_what_is_not_there_is_said_so(client: Nextcloud, url: str) -> None:
    answer = client.ocs(url)
    assert answer.status_code == 404
    if url:
        assert answer.json()["ocs"]["meta"]["statuscode"] == 998
        assert client.ocs(url, version=1).json()["ocs"]["meta"]["status"] == "failure"
        assert Nextcloud(None).ocs(url).status_code == 401


def test_there_are_no_other_apps(client: Nextcloud) -> None:
    for url in ("apps/files_sharing/api/v1/remote_shares", "core/navigation/apps?absolute=true"):
        assert client.ocs(url).json()["ocs"]["data"] == []
    assert client.ocs("core/navigation/apps", "POST").status_code == 405


def test_a_client_changes_the_password_for_one_of_its_own_and_gives_it_back(user: User) -> None:
    client = Nextcloud(user, agent="Nextcloud-android/3.30")
    client.headers["Authorization"] = basic(user.email, PASSWORD)
    secret = client.ocs("core/getapppassword").json()["ocs"]["data"]["apppassword"]
    token = AccessToken.objects.get(kind="app_password")
    assert (token.name, token.scopes) == ("Nextcloud for Android 3.30", ["read", "write", "share"])
    assert client.ocs("core/apppassword", "DELETE").status_code == 403  # that was the password itself
    client.headers["Authorization"] = basic(user.email, secret)
    assert client.ocs("core/getapppassword").status_code == 403
    assert client.ocs("core/apppassword", "DELETE").status_code == 200
    assert actor_from_token(secret) is None
    assert client.ocs("cloud/user").status_code == 401


def test_a_session_counts_only_with_the_header(user: User) -> None:
    browser = Client()
    browser.force_login(user)
    assert browser.get("/ocs/v2.php/cloud/user?format=json").status_code == 403
    with_header = browser.get("/ocs/v2.php/cloud/user?format=json", headers={"OCS-APIRequest": "true"})
    assert with_header.json()["ocs"]["data"]["email"] == user.email


def test_an_app_password_costs_one_query_and_policies_another(user: User, django_assert_num_queries: object) -> None:
    new = create_app_password(actor_of(user), name="phone")
    client = Nextcloud(user)
    client.headers["Authorization"] = basic(user.email, new.secret)
    client.ocs("cloud/capabilities")
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert client.ocs("cloud/capabilities").status_code == 200


def test_with_a_second_factor_the_password_is_refused_and_says_what_to_do(user: User) -> None:
    Authenticator.objects.create(user=user, type="totp", data={})
    client = Nextcloud(user)
    by_token = client.headers["Authorization"]
    client.headers["Authorization"] = basic(user.email, PASSWORD)
    refused = client.ocs("cloud/user")
    assert refused.status_code == 401
    assert "app password" in refused.json()["ocs"]["meta"]["message"]
    files = client.send("PROPFIND", f"/remote.php/dav/files/{client.id}/", depth="0")
    assert files.status_code == 401
    assert b"app password" in files.content
    assert files.headers["WWW-Authenticate"].startswith("Basic ")
    client.headers["Authorization"] = by_token
    assert client.ocs("cloud/user").status_code == 200
