"""Working with files: rename, move, trash, restore, versions; by mouse and by keyboard."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.person import Person


@pytest.fixture
def filled(person: Person, request: pytest.FixtureRequest) -> Person:
    """Three files and a folder, in a folder of their own."""
    person.prepare(folder_of(request), "one.txt", "two.txt", "three.txt", "inside/four.txt")
    return person


def folder_of(request: pytest.FixtureRequest) -> str:
    return re.sub(r"\W+", " ", request.node.name).strip()


def test_rename_by_keyboard_and_undo(filled: Person, page: Page) -> None:
    filled.row("one.txt").click(position={"x": 700, "y": 10})
    page.keyboard.press("F2")
    page.keyboard.type("uno")  # only the stem is selected
    page.keyboard.press("Enter")
    filled.notice("Renamed to “uno.txt”.")
    assert "uno.txt" in filled.names()
    filled.undo()
    assert "one.txt" in filled.names()


def test_move_by_the_chooser_and_undo(filled: Person, page: Page) -> None:
    filled.select("one.txt", "two.txt")
    filled.bar("Move")
    page.locator("#picker").get_by_role("button", name="inside").click()
    page.get_by_role("button", name="Move here").click()
    filled.notice("2 items moved.")
    filled.lists("inside", "three.txt")
    filled.undo()
    filled.lists("inside", "one.txt", "three.txt", "two.txt")


def test_move_by_dragging(filled: Person, page: Page) -> None:
    target = filled.row("inside").locator(".column-modified")
    filled.row("three.txt").locator(".column-modified").drag_to(target)
    filled.notice("1 item moved.")
    filled.open("inside")
    filled.lists("four.txt", "three.txt")


def test_trash_and_restore(filled: Person, page: Page, request: pytest.FixtureRequest) -> None:
    filled.row("inside").click(position={"x": 700, "y": 10})
    page.keyboard.press("Delete")
    filled.notice("1 item moved to the trash.")
    page.get_by_role("link", name="Trash").click()
    expect(page.locator("[data-page-title]")).to_have_text("Trash")
    filled.select("inside")
    filled.bar("Restore")
    filled.notice("1 item restored.")
    page.get_by_role("link", name="Files", exact=True).first.click()
    filled.open(folder_of(request))
    assert "inside" in filled.names()


def test_deleting_for_ever_asks_first(filled: Person, page: Page) -> None:
    filled.select("one.txt")
    filled.bar("Move to trash")
    filled.notice("moved to the trash")
    page.get_by_role("link", name="Trash").click()
    filled.select("one.txt")  # the latest is first
    filled.bar("Delete permanently")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This cannot be undone.")
    dialog.get_by_role("button", name="Cancel").click()
    before = filled.names()
    filled.bar("Delete permanently")
    dialog.get_by_role("button", name="Delete permanently").click()
    filled.notice("1 item permanently deleted.")
    filled.lists(*before[1:])


def test_the_list_by_keyboard(filled: Person, page: Page) -> None:
    page.locator("tr[data-row]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("[data-selected-count]")).to_have_text("2 selected")
    page.keyboard.press("Control+a")
    expect(page.locator("[data-selected-count]")).to_have_text("4 selected")
    page.keyboard.press("Escape")
    expect(page.locator("[data-bulk-bar]")).to_be_hidden()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator("[data-page-title]")).to_have_text("inside")
    expect(page.locator("[data-page-title]")).to_be_focused()


def test_versions(filled: Person, page: Page, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("another text")
    filled.drop(tmp_path / "one.txt")
    filled.wait_for_uploads(done=1)
    filled.open("one.txt")
    page.get_by_role("button", name="Restore").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    filled.notice("The earlier version is the current one again.")
    node = re.search(r"/files/(\d+)/", page.url)
    assert node
    assert filled.get(f"/files/{node[1]}/download").text() == "one.txt"


def test_back_and_forward(filled: Person, page: Page) -> None:
    filled.open("inside")
    page.go_back()
    expect(page.locator("[data-page-title]")).to_have_text("test_back_and_forward")
    page.go_forward()
    expect(page.locator("[data-page-title]")).to_have_text("inside")


def test_a_lost_session_leads_to_the_sign_in_page(filled: Person, page: Page) -> None:
    page.context.clear_cookies()
    # Not by the mouse: the list refreshes itself, which replaces the link, or finds out first and leaves.
    page.evaluate("document.querySelector('a[data-open][title=\"inside\"]')?.click()")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    expect(page.get_by_label("Password")).to_be_visible()


def test_hostile_files_never_run_in_our_origin(filled: Person, page: Page, tmp_path: Path) -> None:
    (tmp_path / "evil.html").write_text("<script>alert(document.domain)</script>")
    (tmp_path / "evil.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    filled.drop(tmp_path / "evil.html", tmp_path / "evil.svg")
    filled.wait_for_uploads(done=2)
    for name in ("evil.html", "evil.svg"):
        node = filled.row(name).get_attribute("data-id")
        headers = filled.get(f"/files/{node}/download").headers
        assert headers["content-disposition"].startswith("attachment")
        assert "sandbox" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_sticks_out_sideways(filled: Person, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    for url in (page.url, "/", "/trash/", "/spaces/", "/uploads/"):
        page.goto(url)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, url


def test_a_double_click_opens(filled: Person, page: Page) -> None:
    """The first click selects, which must not move the row away from under the second."""
    filled.row("inside").dblclick(position={"x": 700, "y": 10})
    expect(page.locator("[data-page-title]")).to_have_text("inside")
