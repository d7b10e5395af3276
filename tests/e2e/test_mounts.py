"""A team space among one's files, in the browser: seen, opened, removed after a question, brought back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.clients.mounts.team import PEOPLE, Member, TeamSpace, people
from tests.e2e.person import Person
from tests.e2e.test_accessibility import violations
from tests.servers.product import Product, start_product

NAME = "Plans"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """With a worker, which mounts the space."""
    with start_product(tmp_path_factory.mktemp("product"), with_worker=True) as product:
        yield product


@pytest.fixture
def team(product: Product) -> tuple[Member, Member]:
    """The owner of a space, and a viewer of it."""

    def manage(emails: str) -> str:
        return product.manage("shell", "-c", PEOPLE, input_text=emails)

    owner, viewer = people(manage, product.base_url, "owner@example.com", "viewer@example.com")
    space = TeamSpace.make(owner, NAME)
    owner.wait_for(NAME)
    owner.remote.write(f"/{NAME}/notes/today.txt", b"today")
    space.add(viewer, "viewer")
    viewer.wait_for(NAME)
    return owner, viewer


def test_a_viewer_with_a_team_space(product: Product, team: tuple[Member, Member], page: Page) -> None:
    owner, viewer = team
    person = Person(page, product.base_url, viewer.email)
    person.sign_in()
    expect(person.row(NAME)).to_contain_text("Team space of")
    assert violations(page) == []
    person.open(NAME)
    person.open("notes")
    expect(page.get_by_role("navigation", name="Folders above")).to_contain_text(NAME)
    expect(page.get_by_role("button", name="New folder")).to_have_count(0)
    page.goto("/")
    person.row(NAME).focus()
    page.keyboard.press("Delete")
    expect(page.locator("[data-page-title]")).to_have_text("Remove from your files?")
    expect(page.get_by_text("nothing of it is deleted")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Cancel").click()
    expect(person.row(NAME)).to_be_visible()
    person.select(NAME)
    person.bar("Move to trash")
    page.get_by_role("button", name="Remove from my files").click()
    person.notice(f"“{NAME}” is removed from your files.")
    person.lists()
    page.goto("/trash/")
    page.get_by_role("link", name="Removed shares").click()
    expect(page.locator("[data-page-title]")).to_have_text("Removed shares")
    assert violations(page) == []
    page.get_by_role("button", name="Bring back").click()
    expect(page.locator("[data-page-title]")).to_have_text(NAME)
    page.goto("/")
    person.lists(NAME)
    assert owner.remote.read(f"/{NAME}/notes/today.txt") == b"today"
