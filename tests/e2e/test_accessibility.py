"""WCAG 2.2 AA, as far as a program can tell: axe-core on every page, light and dark, large and small."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.person import Person

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page: Page) -> list[str]:
    expect(page.locator(".htmx-request")).to_have_count(0)  # what was clicked is still the page before, and faint
    page.evaluate(AXE.read_text())  # not a script of the page, so its policy does not apply
    found: dict[str, Any] = page.evaluate("(rules) => axe.run(document, rules)", RULES)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.fixture(params=["light", "dark-phone"])
def look(page: Page, request: pytest.FixtureRequest) -> str:
    page.emulate_media(color_scheme="light" if request.param == "light" else "dark", reduced_motion="reduce")
    if request.param == "dark-phone":
        page.set_viewport_size({"width": 320, "height": 640})
    return str(request.param)


def test_pages(person: Person, page: Page, look: str) -> None:
    person.prepare(f"pages {look}", "a.txt", "b.png", "folder/c.txt")
    assert violations(page) == []
    person.select("a.txt", "b.png")
    assert violations(page) == []
    person.bar("Move to trash")
    person.notice("2 items moved to the trash.")
    assert violations(page) == []
    settings = ("/settings/devices/", "/settings/tokens/", "/accounts/2fa/", "/notifications/preferences/")
    for url in (
        "/activity/",
        "/reminders/",
        "/tags/",
        "/notifications/",
        "/trash/",
        "/spaces/",
        "/uploads/",
        "/search/?q=folder",
        "/files/999999/",
        *settings,
    ):
        page.goto(url)
        assert violations(page) == [], url
    page.goto("/")
    person.open(f"pages {look}")
    person.open("folder")
    person.open("c.txt")
    assert violations(page) == []


def test_dialogs(person: Person, page: Page, look: str) -> None:
    person.prepare(f"dialogs {look}", "a.txt", "folder/c.txt")
    page.get_by_role("button", name="New folder").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    person.select("a.txt")
    person.bar("Move")
    expect(page.get_by_role("button", name="Move here")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    person.row("a.txt").get_by_role("button", name="Actions for a.txt").click()
    assert violations(page) == []


def test_uploads(person: Person, page: Page, look: str, folder: Path) -> None:
    person.new_folder(f"uploads {look}")
    person.drop(folder)
    person.wait_for_uploads(done=39)
    assert violations(page) == []


def test_entrance(page: Page, look: str) -> None:
    for url in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"):
        page.goto(url)
        assert violations(page) == [], url
