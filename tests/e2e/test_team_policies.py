"""The page of a team's policies in a real browser: it asks before anything ends; accessible, in the dark, on a phone,
and without script.
"""

import os
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.e2e.person import Person
from tests.e2e.test_accessibility import look, violations
from tests.servers.product import Account, Product

__all__ = ["look"]  # a fixture
URL = "/team/policies/"


@pytest.fixture(scope="module")
def owner_of_links(product: Product) -> Account:
    """The owner of a team of one, with a link for anyone."""
    account = product.create_account("policies@example.com", quota="10GB")
    url = f"{product.base_url}/api/v1"
    requests.put(f"{url}/content/Shared/a.txt", data=b"a", headers=account.headers, timeout=20).raise_for_status()
    body = {"path": "/Shared"}
    requests.post(f"{url}/links", json=body, headers=account.headers, timeout=20).raise_for_status()
    return account


def seen(page: Page, name: str) -> None:
    if os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(os.environ["SCREENSHOTS"]) / f"{name}.png", full_page=True)
    assert violations(page) == [], name
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{name} scrolls sideways"


def test_asked_done_and_loosened(page: Page, product: Product, owner_of_links: Account, look: str) -> None:
    Person(page, product.base_url, owner_of_links.email, owner_of_links.headers).sign_in()
    page.goto(URL)
    links = page.get_by_role("group", name="Who may make links for others than the team")
    seen(page, f"policies {look}")
    links.get_by_label("Nobody").check()
    page.get_by_role("button", name="Change policies").click()
    expect(page.get_by_role("heading", name="Links that no longer open: 1")).to_be_visible()
    seen(page, f"policies asked {look}")
    page.get_by_role("button", name="Change, and end them").click()
    expect(page.get_by_text("The policies of the team have changed.")).to_be_visible()
    expect(links.get_by_label("Nobody")).to_be_checked()
    links.get_by_label("Everybody in the team").check()
    page.get_by_role("button", name="Change policies").click()
    expect(links.get_by_label("Everybody in the team")).to_be_checked()


def test_without_script(browser: Browser, product: Product, owner_of_links: Account) -> None:
    context = browser.new_context(base_url=product.base_url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/accounts/login/?next={URL}")
    page.get_by_label("Email").fill(owner_of_links.email)
    page.get_by_label("Password").fill("correct horse battery staple")
    page.get_by_role("button", name="Sign In", exact=True).click()
    page.get_by_label("Such links need a password").check()
    page.get_by_role("button", name="Change policies").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_label("Such links need a password")).not_to_be_checked()
    context.close()
