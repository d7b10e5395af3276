"""The admin console in a real browser: under its content security policy nothing is refused, its scripts run."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.person import Person
from tests.servers.product import Product


@pytest.fixture
def console(browser: Browser, product: Product) -> Iterator[Page]:
    """Signed in as an administrator; whatever the browser complains about fails the test."""
    account = product.create_account("root@example.com", admin=True)
    context = browser.new_context(base_url=product.base_url)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    Person(page, product.base_url, account.email).sign_in()
    yield page
    context.close()
    assert complaints == []


def test_pages_of_the_console(console: Page) -> None:
    console.goto("/admin/")
    expect(console.get_by_role("heading", name="Overview").first).to_be_visible()
    console.get_by_role("link", name=re.compile(r"\bJobs$")).click()
    expect(console.get_by_text("Collect bytes that nothing needs")).to_be_visible()
    console.get_by_role("link", name=re.compile(r"\bJournal$")).click()
    console.locator("[x-on\\:click*=filterOpen]").first.click()
    expect(console.get_by_role("button", name="Apply Filters")).to_be_visible()
    console.goto("/admin/accounts/quotaaccount/")
    console.get_by_role("link", name="root@example.com").first.click()
    console.get_by_label("limit").fill("7 GB")
    console.get_by_role("button", name="Save", exact=True).click()
    expect(console.get_by_text("7.0 GB")).to_be_visible()
