"""Comments that mention somebody, a webhook with its log, and an administrator who acts as a person: in a real browser,
with a real worker and a real receiver. axe looks at every page, in light on a desktop and in the dark on a phone.
`SCREENSHOTS` names a folder for pictures of all of them.
"""

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.e2e.person import PASSWORD, Person
from tests.e2e.test_accessibility import violations
from tests.e2e.test_public_links import picture
from tests.servers.product import Account, Product, start_product
from tests.sharing.webhook_receiver import HttpReceiver, receiving, signed_by

pytestmark = pytest.mark.timeout(300)
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}
BOB = "bob@example.com"
FOLDER = "Reports"
PATIENCE = 40_000  # milliseconds, for what the worker does every few seconds


@pytest.fixture(scope="module")
def receiver() -> Iterator[HttpReceiver]:
    with receiving() as found:
        yield found


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, receiver: HttpReceiver) -> Iterator[Product]:
    reachable = {
        "WEBHOOK_HTTP": "on",
        "WEBHOOK_PRIVATE_ADDRESSES": "127.0.0.0/8",
        "WEBHOOK_PORTS": f"443,{receiver.port}",
    }
    with start_product(tmp_path_factory.mktemp("team"), with_worker=True, **reachable) as product:
        yield product


@pytest.fixture(scope="module")
def ada(product: Product) -> Account:
    """She owns a team with Bob in it, who may comment on her folder."""
    ada = product.create_account("ada@example.com", quota="10GB")
    product.manage("createteam", "Works & Co", "--owner", ada.email, "--seats", "5", "--quota", "100GB")
    team = requests.get(f"{product.base_url}/api/v1/team", headers=ada.headers, timeout=20).json()["id"]
    bob = ["createaccount", BOB, "--password-stdin", "--name", "Bob", "--team", team]
    product.manage(*bob, input_text=f"{PASSWORD}\n")
    _put(product, ada, f"{FOLDER}/May.txt")
    share = {"path": f"/{FOLDER}", "grantee": {"email": BOB}, "role": "commenter"}
    _send(product, ada, "POST", "shares", share)
    return ada


def _send(product: Product, account: Account, method: str, path: str, body: object) -> None:
    url = f"{product.base_url}/api/v1/{path}"
    requests.request(method, url, json=body, headers=account.headers, timeout=20).raise_for_status()


def _put(product: Product, account: Account, path: str) -> None:
    url = f"{product.base_url}/api/v1/content/{path}"
    requests.put(url, data=path.encode(), headers=account.headers, timeout=20).raise_for_status()


class Browsers:
    """Everybody has one of their own, and is signed in."""

    def __init__(self, browser: Browser, product: Product) -> None:
        self.browser, self.product = browser, product
        self.contexts: list[BrowserContext] = []
        self.problems: list[str] = []

    def of(self, email: str) -> Page:
        context = self.browser.new_context(
            base_url=self.product.base_url, viewport=DESKTOP, reduced_motion="reduce", color_scheme="light"
        )
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self.problems.append(message.text) if "Policy" in message.text else None)
        Person(page, self.product.base_url, email).sign_in()
        return page


@pytest.fixture
def browsers(browser: Browser, product: Product) -> Iterator[Browsers]:
    browsers = Browsers(browser, product)
    yield browsers
    for context in browsers.contexts:
        context.close()
    assert browsers.problems == []


def look(page: Page, name: str) -> None:
    """In light on a desktop and in the dark on a phone: it is accessible, and does not scroll sideways."""
    for scheme, size in (("dark", PHONE), ("light", DESKTOP)):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size(size)
        picture(page, f"work {name} {scheme}")
        assert violations(page) == [], f"{name} {scheme}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} {scheme} scrolls sideways"


def test_a_comment_that_mentions_somebody(browsers: Browsers, ada: Account) -> None:
    page, bob = browsers.of(ada.email), browsers.of(BOB)
    person = Person(page, browsers.product.base_url, ada.email)
    person.open(FOLDER)
    person.open("May.txt")
    expect(page.locator("#comments")).to_contain_text("No comments yet: be the first.")
    look(page, "file without comments")
    page.get_by_label("Your comment").fill(f"@{BOB} is <b>this</b> right?")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#comments")).to_contain_text("is <b>this</b> right?")
    look(page, "file with a comment")

    bob.goto("/notifications/")
    expect(bob.get_by_role("main")).to_contain_text("mentioned you at “May.txt”")
    look(bob, "notifications of who is mentioned")
    bob.get_by_role("link", name=re.compile("mentioned you")).first.click()
    expect(bob.locator("#comments")).to_contain_text("is <b>this</b> right?")
    bob.get_by_label("Your comment").fill("It is.")
    bob.get_by_role("button", name="Comment", exact=True).click()
    answer = bob.locator("#comments").get_by_role("listitem").filter(has_text="It is.")
    expect(answer).to_have_count(1)
    look(bob, "answer")
    answer.get_by_role("link", name="Edit").click()
    look(bob, "comment that is edited")
    bob.get_by_label("Your comment").fill("It is right.")
    bob.get_by_role("button", name="Save").click()
    expect(bob.locator("#comments")).to_contain_text("edited")

    page.goto("/notifications/")
    expect(page.get_by_role("main")).to_contain_text("Bob commented on “May.txt”")
    page.get_by_role("link", name=re.compile("commented on")).first.click()
    comment = page.locator("#comments").get_by_role("listitem").filter(has_text="It is right.")
    comment.get_by_role("link", name="Delete").click()
    look(page, "comment that is about to be deleted")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#comments")).not_to_contain_text("It is right.")


def test_a_webhook_and_its_log(browsers: Browsers, ada: Account, receiver: HttpReceiver) -> None:
    page = browsers.of(ada.email)
    page.goto("/webhooks/")
    look(page, "webhooks")
    page.get_by_label("Address of the receiver").fill(receiver.url)
    page.get_by_label("Description").fill("The wiki")
    page.get_by_role("button", name="Create webhook").click()
    secret = page.locator("#webhook-secret").inner_text()
    look(page, "secret of a webhook")
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("main")).to_contain_text("Nothing was sent yet.")
    _put(browsers.product, ada, f"{FOLDER}/June.txt")
    reload_until(page, "changes: delivered")
    (got,) = receiver.got
    assert [event["path"] for event in got.events] == [f"/{FOLDER}/June.txt"]
    assert signed_by(got, secret)
    page.locator("summary").filter(has_text="1 attempt").click()
    expect(page.get_by_role("main")).to_contain_text("204")
    look(page, "log of a webhook")

    receiver.says(500, b"<b>broken</b>")
    page.get_by_role("button", name="Send a test").click()
    reload_until(page, "test: failed")
    page.locator("summary").filter(has_text="1 attempt").first.click()
    expect(page.get_by_role("main")).to_contain_text("<b>broken</b>")
    look(page, "test that failed")
    receiver.answer = None
    page.get_by_role("button", name="Send again").first.click()
    expect(page.get_by_text("1 delivery is sent again.")).to_be_visible()
    reload_until(page, "test: delivered")
    page.goto("/webhooks/")
    expect(page.get_by_role("list", name="My webhooks")).to_contain_text("The wiki")
    look(page, "webhooks with one")
    page.get_by_role("link", name="The wiki").click()
    page.get_by_role("link", name="Delete").click()
    look(page, "webhook that is about to be deleted")
    page.get_by_role("button", name=re.compile("^Delete")).click()
    expect(page.get_by_role("main")).to_contain_text("You have no webhooks yet.")


def reload_until(page: Page, text: str) -> None:
    """The log shows it: the worker sends within seconds."""
    for _ in range(PATIENCE // 1_000):
        if text in page.get_by_role("main").inner_text():
            return
        page.wait_for_timeout(1_000)
        page.reload()
    expect(page.get_by_role("main")).to_contain_text(text)


def test_an_administrator_acts_as_a_person(browsers: Browsers, ada: Account) -> None:
    """Asked, agreed to, begun with a banner, ended by the person: both see it on every page."""
    admin, bob = browsers.of(ada.email), browsers.of(BOB)
    admin.goto("/support/ask/")
    look(admin, "support is asked for")
    admin.get_by_label("E-mail address of the person").fill(BOB)
    admin.get_by_label("Reason").fill("The report does not open.")
    admin.get_by_role("button", name="Ask", exact=True).click()
    expect(admin.get_by_role("main")).to_contain_text("Waits for an answer")

    bob.goto("/")
    expect(bob.locator("[data-support=asked]")).to_contain_text("asks to act as you for 30 minutes.")
    look(bob, "banner of who is asked")
    bob.locator("[data-support=asked]").get_by_role("link", name="Look at it").click()
    look(bob, "request for support")
    bob.get_by_role("button", name="Agree").click()
    expect(bob.locator("[data-support=consented]")).to_be_visible()
    look(bob, "support that was agreed to")

    admin.goto("/support/?about=mine")
    look(admin, "support that may begin")
    admin.get_by_role("button", name="Act as Bob now").click()
    banner = admin.locator("[data-support=acting]")
    expect(banner).to_contain_text(f"you act as Bob ({BOB}).")
    expect(banner).to_contain_text("You may only look.")
    person = Person(admin, browsers.product.base_url, ada.email)
    expect(person.row(FOLDER)).to_be_visible()
    look(admin, "files of the person")
    person.open(FOLDER)
    expect(banner).to_be_visible()
    admin.goto("/webhooks/")
    expect(admin.get_by_role("button", name="Create webhook")).to_have_count(0)
    look(admin, "page that is closed meanwhile")

    bob.goto("/notifications/")
    reload_until(bob, "acts as you now")
    expect(bob.locator("[data-support=running]")).to_contain_text("acts as you. Nothing can be changed.")
    look(bob, "support that goes on")
    bob.locator("[data-support=running]").get_by_role("button", name="End it now").click()
    expect(bob.locator("[data-support=over]")).to_contain_text("It has ended.")
    look(bob, "support that has ended")

    admin.goto("/")
    expect(banner).to_have_count(0)
    look(admin, "after the end")
    bob.locator("[data-support=over]").get_by_role("button", name="I have seen it").click()
    expect(bob.locator("[data-support]")).to_have_count(0)
