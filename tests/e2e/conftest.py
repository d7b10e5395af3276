"""The product, a browser (Debian's Chromium), and a person who is signed in.

`CHROMIUM` names another browser; without one these tests are skipped.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, ViewportSize, sync_playwright

from tests.e2e.person import Person
from tests.servers.product import Account, Product, start_product

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> str:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("there is no Chromium; apt-get install chromium, or name one in CHROMIUM")
    return path


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with start_product(tmp_path_factory.mktemp("product")) as product:
        yield product


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def account(product: Product) -> Account:
    """One for most tests, so that its sign-in happens once; every test works in a folder of its own."""
    return product.create_account("ada@example.com", quota="10GB")


@pytest.fixture(scope="session")
def signed_in(browser: Browser, product: Product, account: Account) -> StorageState:
    """The cookies after the form was used once."""
    context = browser.new_context(base_url=product.base_url)
    Person(context.new_page(), product.base_url, account.email).sign_in()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def context(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    viewport: ViewportSize = {"width": 1280, "height": 800}
    context = browser.new_context(base_url=product.base_url, viewport=viewport, accept_downloads=True)
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test when a script fails or the content security policy is violated."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if "Policy" in message.text else None)
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    assert problems == []


@pytest.fixture
def person(page: Page, product: Product, account: Account, signed_in: StorageState) -> Person:
    page.context.add_cookies(signed_in["cookies"])  # type: ignore[arg-type]
    person = Person(page, product.base_url, account.email, account.headers)
    page.goto("/")
    return person


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty small files in folders, some with names that are hard to transport."""
    root = tmp_path / "tree"
    names = [
        "plain.txt",
        "Übergröße.txt",
        "日本語.txt",
        "😀.txt",
        ".hidden",
        "100%25 #1?.txt",
        'a"b.txt',
        "x" * 251 + ".txt",
    ]
    for place in ("", "deep/er", "Ünïcode", "empty"):
        (root / place).mkdir(parents=True, exist_ok=True)
    for name in names:
        (root / name).write_bytes(name.encode() * 3)
    for number in range(30):
        (root / "deep/er" / f"{number}.bin").write_bytes(os.urandom(number * 700))
    (root / "Ünïcode" / "null").write_bytes(b"")
    return root
