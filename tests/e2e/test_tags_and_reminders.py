"""Tags and reminders on the page of a file, by the keyboard alone, on a large screen and on a phone in the dark."""

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.person import Person
from tests.e2e.test_accessibility import violations

SHOTS = os.environ.get("SCREENSHOTS")  # a folder; without it none are made


def shown(page: Page, name: str) -> None:
    """Nothing is wrong for axe, in both looks, and nothing is wider than a phone."""
    for look, width in (("light", 1280), ("dark", 320)):
        page.emulate_media(color_scheme="dark" if look == "dark" else "light", reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 800})
        assert violations(page) == [], (name, look)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, look)
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{look}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})


def tab_to(page: Page, label: str) -> None:
    """As far as the field or button with this accessible name, forwards."""
    wanted = page.get_by_label(label, exact=True).or_(page.get_by_role("button", name=label, exact=True)).first
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"no way to {label}")


def test_by_the_keyboard(person: Person, page: Page) -> None:
    person.prepare("tagged", "paper.txt")
    person.open("paper.txt")
    address = page.url
    long = "W" * 50
    for word in ("to sign", long):
        page.locator("[data-page-title]").focus()
        tab_to(page, "Another tag")
        page.keyboard.type(word)
        page.keyboard.press("Enter")
        expect(page.locator("#tags").get_by_role("link", name=word, exact=True)).to_be_visible()
    tab_to(page, "Remind me")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("by noon")
    page.keyboard.press("Enter")
    reminders = page.locator("#reminders").get_by_role("list", name="Reminders")
    expect(reminders.get_by_text("by noon")).to_be_visible()
    shown(page, "file")
    page.goto("/tags/")
    shown(page, "tags")
    page.get_by_role("link", name="to sign", exact=True).press("Enter")
    expect(page.get_by_role("link", name="paper.txt", exact=True)).to_be_visible()
    shown(page, "tagged")
    page.goto("/reminders/")
    shown(page, "reminders")
    page.get_by_role("button", name="Remove (reminder of").press("Enter")
    expect(page.get_by_text("You have no reminders.")).to_be_visible()
    page.goto(address)
    page.get_by_role("button", name="Remove the tag to sign", exact=True).press("Enter")
    expect(page.locator("#tags").get_by_role("link", name="to sign", exact=True)).to_have_count(0)
    page.goto("/")
    person.open("tagged")
    page.get_by_role("link", name="Comments, tags and reminders of this folder").press("Enter")
    expect(page.get_by_text("No tags yet.")).to_be_visible()
    shown(page, "folder")
