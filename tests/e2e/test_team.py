"""The pages of a team in a real browser: accessible, in the dark, on a phone; acts ask first."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.person import Person
from tests.e2e.test_accessibility import look, violations
from tests.servers.product import Account, Product

__all__ = ["look"]  # a fixture


@pytest.fixture(scope="session")
def boss(product: Product) -> Account:
    """The owner of a team of their own with seats for more."""
    account = product.create_account("boss@example.com", quota="10GB")
    product.manage("createteam", "Works & Co", "--owner", account.email, "--seats", "20", "--quota", "100GB")
    return account


@pytest.fixture
def owner(page: Page, product: Product, boss: Account) -> Person:
    person = Person(page, product.base_url, boss.email, boss.headers)
    person.sign_in()
    return person


def test_the_pages_of_a_team(owner: Person, page: Page, look: str) -> None:
    page.goto("/team/groups/")
    page.get_by_label("Name of the group").fill(f"Group {look}")
    page.get_by_role("button", name="Make group").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Group {look}")
    page.get_by_label("E-mail address of somebody in the team").fill(owner.email)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text=owner.email)).to_be_visible()
    assert violations(page) == []
    page.goto("/team/invitations/")
    page.get_by_label("E-mail address").fill(f"{look}@example.com")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text(f"{look}@example.com").last).to_be_visible()
    for url in ("/team/", "/team/invitations/", "/team/groups/", "/team/log/", "/accounts/invitation/wrong/"):
        page.goto(url)
        assert violations(page) == [], url
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"{url} scrolls sideways"
    page.goto("/team/")
    page.get_by_role("link", name="Manage boss@example.com").click()
    assert violations(page) == []


def test_withdrawing_asks_first(owner: Person, page: Page) -> None:
    page.goto("/team/invitations/")
    page.get_by_label("E-mail address").fill("asked@example.com")
    page.get_by_role("button", name="Send invitation").click()
    row = page.get_by_role("listitem").filter(has_text="asked@example.com")
    row.get_by_role("button", name="Withdraw").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Withdraw the invitation of asked@example.com?")
    dialog.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("listitem").filter(has_text="asked@example.com")).to_contain_text("withdrawn")


def test_without_script(browser: Browser, product: Product, boss: Account) -> None:
    context = browser.new_context(base_url=product.base_url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/accounts/login/?next=/team/groups/")
    page.get_by_label("Email").fill(boss.email)
    page.get_by_label("Password").fill("correct horse battery staple")
    page.get_by_role("button", name="Sign In", exact=True).click()
    page.get_by_label("Name of the group").fill("Without script")
    page.get_by_role("button", name="Make group").click()
    page.get_by_role("link", name="Delete group").click()
    page.get_by_role("button", name="Delete group").click()
    expect(page.get_by_text("The group “Without script” was deleted.")).to_be_visible()
    context.close()
