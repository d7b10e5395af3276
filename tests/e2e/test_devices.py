"""A client is let in by login flow v2, used, and disconnected, in a real browser."""

from urllib.parse import urlsplit

import requests
from playwright.sync_api import Page, expect

from tests.e2e.person import Person
from tests.e2e.test_accessibility import look, violations
from tests.servers.product import PASSWORD, Account, Product

__all__ = ["look"]  # a fixture
AGENT = "Mozilla/5.0 (Linux) mirall/3.15.3 (Nextcloud, debian-6.1)"


def begin(product: Product, agent: str = AGENT) -> dict[str, dict[str, str]]:
    answer = requests.post(f"{product.base_url}/index.php/login/v2", headers={"User-Agent": agent}, timeout=30)
    flow: dict[str, dict[str, str]] = answer.json()
    return flow


def poll(flow: dict[str, dict[str, str]]) -> requests.Response:
    return requests.post(flow["poll"]["endpoint"], data={"token": flow["poll"]["token"]}, timeout=30)


def test_a_device_is_connected_and_disconnected(page: Page, product: Product, account: Account, look: str) -> None:
    flow = begin(product)
    assert poll(flow).status_code == 404
    page.goto(str(flow["login"]))
    page.fill("input[name=login]", account.email)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nextcloud desktop 3.15.3, Linux")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("heading", name="Device connected")).to_be_visible()
    assert violations(page) == []
    granted = poll(flow).json()
    assert poll(flow).status_code == 404
    who = f"{granted['server']}/ocs/v2.php/cloud/user?format=json"
    credentials = (granted["loginName"], granted["appPassword"])
    assert requests.get(who, auth=credentials, timeout=30).json()["ocs"]["data"]["email"] == account.email
    page.get_by_role("link", name="See your devices").click()
    expect(page.get_by_text("Nextcloud desktop 3.15.3, Linux")).to_be_visible()
    page.get_by_role("button", name="Disconnect Nextcloud desktop 3.15.3, Linux").click()
    confirm = page.get_by_role("dialog")
    confirm.get_by_role("button").last.click()
    expect(page.get_by_text("Nextcloud desktop 3.15.3, Linux")).to_have_count(0)
    assert requests.get(who, auth=credentials, timeout=30).status_code == 401


def test_denied_and_unknown(person: Person, page: Page, product: Product) -> None:
    flow = begin(product, "<b>evil</b>" + "x" * 500)
    address = urlsplit(str(flow["login"])).path  # where the person is signed in: BASE_URL has another name of this host
    page.goto(address)
    expect(page.locator("q")).to_contain_text("<b>evil</b>xxx")
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("heading", name="Nothing was connected")).to_be_visible()
    assert poll(flow).status_code == 404
    page.goto(address)
    expect(page.get_by_role("heading", name="This link is not valid")).to_be_visible()


def test_an_app_password_by_hand(person: Person, page: Page, product: Product, account: Account) -> None:
    page.goto("/settings/devices/")
    page.get_by_label("Name of the device").fill("backup")
    page.get_by_role("button", name="Create app password").click()
    secret = page.locator("#new-app-password").inner_text()
    url = f"{product.base_url}/remote.php/dav/files/{account.email}/"
    assert requests.request("PROPFIND", url, auth=(account.email, secret), timeout=30).status_code in (207, 403)
    assert violations(page) == []
