"""A name that only its case sets apart from a neighbour: the page asks first."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.person import Person


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = [tmp_path / "readme.txt", tmp_path / "new.txt"]
    for path in made:
        path.write_text(path.name)
    return made


def test_an_upload_asks_and_keeps_both(person: Person, page: Page, files: list[Path]) -> None:
    person.prepare("alike both", "README.txt")
    person.drop(*files)
    expect(page.locator("#confirm-text")).to_contain_text("“README.txt” is here already")
    page.get_by_role("button", name="Upload all the same").click()
    person.wait_for_uploads(done=2)
    expect(person.row("readme.txt")).to_be_visible()
    person.lists("README.txt", "new.txt", "readme.txt")
    assert person.get("/api/v1/content/alike both/README.txt").text() == "README.txt"
    assert person.get("/api/v1/content/alike both/readme.txt").text() == "readme.txt"


def test_who_says_no_uploads_the_others(person: Person, page: Page, files: list[Path]) -> None:
    person.prepare("alike one", "README.txt")
    person.drop(*files)
    page.locator("#confirm-dialog").get_by_role("button", name="Cancel").click()
    person.wait_for_uploads(done=1)
    expect(person.row("new.txt")).to_be_visible()
    person.lists("README.txt", "new.txt")


def test_a_new_folder_asks(person: Person, page: Page) -> None:
    person.prepare("alike folders", "Photos/a.txt")
    page.get_by_role("button", name="New folder").click()
    page.get_by_label("Name", exact=True).fill("photos")
    page.keyboard.press("Enter")
    expect(page.locator("[data-page-title]")).to_have_text("A similar name")
    page.get_by_role("button", name="Use this name all the same").click()
    expect(page.locator("[data-page-title]")).to_have_text("photos")
