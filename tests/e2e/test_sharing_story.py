"""Three people and somebody without an account share a folder: invitation, shares, links, a file request, what all of
them see afterwards, and the end of it. Mails go through a real SMTP server; axe looks at every page, on a desktop
or, for the visitor, on a phone. `SCREENSHOTS` names a folder for pictures of all of them.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.e2e.person import PASSWORD, Person
from tests.e2e.test_accessibility import violations
from tests.e2e.test_public_links import picture
from tests.servers.product import Account, Product, start_product
from tests.support.mailbox import Mailbox, body_of

pytestmark = pytest.mark.timeout(400)
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
LINK_PASSWORD = "sea and sand"


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("story")
    with start_product(folder, with_worker=True, EMAIL_URL=mailbox.url) as product:
        yield product


@pytest.fixture(scope="module")
def account(product: Product) -> Account:
    """Ada, who owns a team with a place for the others."""
    account = product.create_account("ada@example.com", quota="10GB")
    product.manage("createteam", "Works & Co", "--owner", account.email, "--seats", "20", "--quota", "100GB")
    for name in ("Summer/Lake.jpg", "Summer/Letter.txt", "Summer/Peaks/Summit.jpg"):
        url = f"{product.base_url}/api/v1/content/{name}"
        requests.put(url, data=name.encode() * 100, headers=account.headers, timeout=20).raise_for_status()
    return account


class Story:
    """Everybody has a browser of their own."""

    def __init__(self, browser: Browser, product: Product, mailbox: Mailbox) -> None:
        self.browser, self.product, self.mailbox = browser, product, mailbox
        self.contexts: list[BrowserContext] = []
        self.shown = 0

    def somebody(self, size: ViewportSize = DESKTOP) -> Page:
        context = self.browser.new_context(base_url=self.product.base_url, viewport=size, accept_downloads=True)
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        return page

    def look(self, page: Page, name: str, url: str = "") -> None:
        """It is accessible and does not scroll sideways."""
        if url:
            page.goto(url)
        self.shown += 1
        picture(page, f"{self.shown:02} {name}")
        assert violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, name

    def look_at_mail(self, page: Page, to: str, text: str) -> str:
        """As a reader of mails shows it. Its text."""
        mail = self.mailbox.wait_for(to, text)
        words = body_of(mail)
        html = body_of(mail, "html")
        reader = self.somebody({"width": 640, "height": 480})
        reader.set_content(html or f"<title>{mail['Subject']}</title><pre style='white-space: pre-wrap'>{words}</pre>")
        self.shown += 1
        picture(reader, f"{self.shown:02} mail to {to.partition('@')[0]}")
        reader.close()
        assert f"localhost:{self.product.port}/" in words
        return words

    def end(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.fixture
def story(browser: Browser, product: Product, mailbox: Mailbox) -> Iterator[Story]:
    story = Story(browser, product, mailbox)
    yield story
    story.end()


def share(story: Story, ada: Page, folder: str, email: str, role: str, message: str) -> None:
    ada.goto(f"/files/{folder}/share/")
    ada.get_by_label("E-mail address", exact=True).fill(email)
    ada.get_by_label("They", exact=True).first.select_option(role)
    ada.get_by_label("Message, for the mail").fill(message)
    ada.get_by_role("button", name="Continue").click()
    expect(ada.locator("#share-opens")).to_contain_text("All of it is new to them.")
    story.look(ada, f"what a share with {email.partition('@')[0]} opens")
    ada.get_by_role("button", name="Share", exact=True).click()
    expect(ada.get_by_role("listitem").filter(has_text=email).first).to_be_visible()


def join(story: Story, email: str, name: str) -> Page:
    """By the invitation in the mail."""
    page = story.somebody()
    words = story.look_at_mail(page, email, "/accounts/invitation/")
    found = re.search(r"/accounts/invitation/\S+", words)
    assert found is not None
    story.look(page, f"invitation of {name}", found[0])
    page.get_by_label("Name", exact=True).fill(name)
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name="Create account and join").click()
    expect(page.locator("[data-page-title]")).to_have_text("Files")
    return page


def test_three_people_and_a_visitor(story: Story, product: Product, account: Account, tmp_path: Path) -> None:
    ada_page = story.somebody()
    ada = Person(ada_page, product.base_url, account.email, account.headers)
    ada.sign_in()
    node = requests.get(
        f"{product.base_url}/api/v1/metadata", params={"path": "/Summer"}, headers=account.headers, timeout=20
    ).json()["id"]

    # Two people who have no account: the shares wait for them.
    share(story, ada_page, node, "bob@example.com", "editor", "Put your pictures here!")
    share(story, ada_page, node, "carol@example.com", "viewer", "Have a look.")
    story.look(ada_page, "shares of the folder")
    bob_page, carol_page = join(story, "bob@example.com", "Bob"), join(story, "carol@example.com", "Carol")
    bob = Person(bob_page, product.base_url, "bob@example.com")
    carol = Person(carol_page, product.base_url, "carol@example.com")
    for person, name in ((bob, "bob"), (carol, "carol")):
        person.appears("Summer")
        story.look(person.page, f"files of {name}")
        story.look(person.page, f"shared with {name}", "/shared/")
    picture_of_bob = tmp_path / "Bob.jpg"
    picture_of_bob.write_bytes(b"a picture " * 1000)
    bob_page.goto("/")
    bob.open("Summer")
    bob.drop(picture_of_bob)
    bob.wait_for_uploads(done=1)
    carol_page.goto("/")
    carol.open("Summer")
    expect(carol.row("Bob.jpg")).to_be_visible()
    expect(carol_page.get_by_role("button", name="New folder")).to_have_count(0)

    # Links: one with a password, and a file request.
    link = make_link(story, ada_page, node, LINK_PASSWORD)
    request = make_request(story, ada_page, node)
    visit(story, link)
    send_twice(story, request, tmp_path)
    ada_page.goto("/")
    ada.open("Summer")
    expect(ada.row("letter (2).doc")).to_be_visible()
    expect(ada.row("letter.doc")).to_be_visible()

    # What everybody sees of it.
    story.look(ada_page, "who has access", f"/files/{node}/access/")
    for name in ("ada", "Bob", "Carol"):
        expect(ada_page.get_by_role("main")).to_contain_text(name, ignore_case=True)
    story.look(ada_page, "activity of the folder", f"/activity/files/{node}/")
    story.look(ada_page, "links of ada", "/links/")
    story.look(ada_page, "shared by ada", "/shared/by-me/")
    story.look(ada_page, "notifications of ada", "/notifications/")
    story.look(bob_page, "notifications of bob", "/notifications/")
    expect(bob_page.get_by_role("main")).to_contain_text("Summer")
    story.look(ada_page, "log of the team", "/team/log/")

    end(story, ada_page, node, link, bob, carol)


def make_link(story: Story, ada: Page, node: str, password: str) -> str:
    story.look(ada, "new link", f"/links/of/{node}/")
    ada.get_by_label("Password", exact=True).fill(password)
    ada.get_by_role("button", name="Make link").click()
    expect(ada.locator("#link-address")).to_be_visible()
    story.look(ada, "link that was made")
    return str(ada.locator("#link-address").inner_text())


def make_request(story: Story, ada: Page, node: str) -> str:
    ada.goto(f"/links/of/{node}/")
    ada.get_by_label("Upload", exact=False).first.check()
    ada.locator("summary").filter(has_text="Words and address").last.click()
    ada.get_by_label("Title").last.fill("Your letters, please")
    ada.get_by_role("button", name="Make link").click()
    return str(ada.locator("#link-address").inner_text())


def visit(story: Story, link: str) -> None:
    """A phone, and no account."""
    visitor = story.somebody(PHONE)
    story.look(visitor, "link asks for its password", link)
    visitor.get_by_label("Password").fill("wrong")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("alert")).to_be_visible()
    story.look(visitor, "wrong password")
    visitor.get_by_label("Password").fill(LINK_PASSWORD)
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("heading", name="Summer")).to_be_visible()
    story.look(visitor, "folder of a link")
    visitor.get_by_role("link", name="Letter.txt", exact=True).click()
    story.look(visitor, "file of a link")
    with visitor.expect_download() as download:
        visitor.get_by_role("link", name="Download").first.click()
    assert Path(download.value.path()).read_bytes() == b"Summer/Letter.txt" * 100


def send_twice(story: Story, request: str, folder: Path) -> None:
    """Two senders have a letter of the same name; both see success, and neither sees the other's."""
    for sender in ("first", "second"):
        file = folder / sender / "letter.doc"
        file.parent.mkdir()
        file.write_bytes(f"from the {sender}".encode())
        visitor = story.somebody(PHONE)
        story.look(visitor, f"request before the {sender}", request)
        visitor.get_by_label("Files").set_input_files(file)
        visitor.get_by_role("button", name="Send").click()
        expect(visitor.get_by_role("main")).to_contain_text("letter.doc")
        expect(visitor).to_have_url(re.compile(r"/receipt/"))
        expect(visitor.get_by_role("main")).not_to_contain_text("letter (2)")
        story.look(visitor, f"receipt of the {sender}")


def end(story: Story, ada: Page, node: str, link: str, bob: Person, carol: Person) -> None:
    """Bob becomes a viewer, Carol's share ends, the link is revoked: at once for all of them."""
    ada.goto(f"/files/{node}/share/")
    row = ada.get_by_role("listitem").filter(has_text="bob@example.com")
    row.locator("summary").click()
    row.get_by_label("They").select_option("viewer")
    row.get_by_role("button", name="Save").click()
    bob.page.goto("/")
    bob.open("Summer")
    expect(bob.page.get_by_role("button", name="New folder")).to_have_count(0)
    ada.goto(f"/files/{node}/share/")
    ada.get_by_role("listitem").filter(has_text="carol@example.com").get_by_role("link", name="End").click()
    story.look(ada, "a share is about to end")
    ada.get_by_role("button", name="End the share").click()
    carol.page.goto("/")
    expect(carol.row("Summer")).to_have_count(0)
    story.look(carol.page, "files of carol afterwards")
    story.look(carol.page, "notifications of carol", "/notifications/")
    ada.goto("/links/")
    ada.goto(ada.get_by_role("link", name="Summer").first.get_attribute("href") or "")
    for path in link_pages(ada, node):
        ada.goto(path)
        if ada.locator("#link-address").inner_text() == link:
            ada.get_by_role("link", name="Revoke…").click()
            story.look(ada, "a link is about to be revoked")
            ada.get_by_role("button", name="Revoke", exact=True).click()
    visitor = story.somebody(PHONE)
    visitor.goto(link)
    expect(visitor.get_by_role("heading", name="Not found")).to_be_visible()
    story.look(visitor, "link that was revoked")


def link_pages(ada: Page, node: str) -> list[str]:
    ada.goto(f"/links/of/{node}/")
    found = [one.get_attribute("href") or "" for one in ada.locator("a[href^='/links/']").all()]
    return sorted({path for path in found if re.fullmatch(r"/links/\d+/", path)})
