"""Visitors of links in a real browser: with scripts and without, on a desktop and a phone, by keyboard."""

import os
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_accessibility import look, violations
from tests.servers.product import Account, Product

__all__ = ["look"]  # a fixture
PASSWORD = "sea and sand"


@pytest.fixture(scope="module")
def shared(product: Product, account: Account) -> str:
    """The path of a folder with a few files."""
    for name in ("Summer/Lake.jpg", "Summer/Letter to the bank.docx", "Summer/Peaks/Summit.jpg", "Summer/ü.txt"):
        url = f"{product.base_url}/api/v1/content/{name}"
        requests.put(url, data=name.encode() * 100, headers=account.headers, timeout=20).raise_for_status()
    return "/Summer"


def make_link(product: Product, account: Account, path: str, **settings: Any) -> str:
    """The part of the address behind the server."""
    body = {"path": path, **settings}
    answer = requests.post(f"{product.base_url}/api/v1/links", json=body, headers=account.headers, timeout=20)
    assert answer.status_code == 201, answer.text
    return f"/s/{answer.json()['token']}"


def names_at(product: Product, account: Account, path: str) -> list[str]:
    answer = requests.get(
        f"{product.base_url}/api/v1/folders", params={"path": path}, headers=account.headers, timeout=20
    )
    return [item["name"] for item in answer.json()["items"]]


def picture(page: Page, name: str) -> None:
    """Into the folder that `SCREENSHOTS` names, for people to look at."""
    if os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(os.environ["SCREENSHOTS"]) / f"{name}.png", full_page=True)


def test_every_page(page: Page, product: Product, account: Account, shared: str, look: str) -> None:
    link = make_link(product, account, shared, title="Our summer", message="For all who were there.\nSee you!")
    editor = make_link(product, account, shared, role="editor")
    request = make_link(product, account, shared, role="uploader", title="Your letters", naming="sender")
    locked = make_link(product, account, shared, password=PASSWORD)
    file = make_link(product, account, f"{shared}/Lake.jpg")
    for name, url in (
        ("folder", link), ("editor", editor), ("request", request), ("password", locked), ("file", file),
        ("report", f"{link}/report"), ("unknown", "/s/nonsense"),
    ):  # fmt: skip
        page.goto(url)
        picture(page, f"{name} {look}")
        assert violations(page) == [], name
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, name
    assert page.context.cookies() == []
    page.goto(editor)
    for summary in page.locator("summary").all():
        summary.click()
    picture(page, f"editor open {look}")
    assert violations(page) == []


def test_a_visitor_without_scripts(
    browser: Browser, product: Product, account: Account, shared: str, tmp_path: Path
) -> None:
    context = browser.new_context(base_url=product.base_url, java_script_enabled=False, accept_downloads=True)
    page = context.new_page()
    page.goto(make_link(product, account, shared, password=PASSWORD))
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Summer")).to_be_visible()
    page.get_by_role("columnheader", name="Size").get_by_role("link").click()
    page.get_by_role("link", name="Peaks", exact=True).click()
    page.get_by_role("link", name="Summit.jpg", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.path().read_bytes() == b"Summer/Peaks/Summit.jpg" * 100
    page.get_by_role("link", name="Summer", exact=True).click()
    page.get_by_label("Select Lake.jpg").check()
    page.get_by_label("Select ü.txt").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download what is selected").click()
    assert download.value.suggested_filename.endswith(".zip")
    requested = make_link(product, account, shared, role="uploader")
    mine = tmp_path / "no script.txt"
    mine.write_bytes(b"mine")
    page.goto(requested)
    page.get_by_label("Files").set_input_files([mine])
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="What has arrived")).to_be_visible()
    expect(page.get_by_role("cell", name="no script.txt")).to_be_visible()
    page.reload()
    expect(page.get_by_role("cell", name="no script.txt")).to_be_visible()
    assert "no script.txt" in names_at(product, account, shared)
    assert [cookie.get("name") for cookie in context.cookies()] == ["link"]
    context.close()


def test_files_are_sent_in_pieces(page: Page, product: Product, account: Account, shared: str, tmp_path: Path) -> None:
    page.goto(make_link(product, account, shared, role="uploader", naming="sender"))
    files = []
    for number in range(5):
        files.append(tmp_path / f"part {number}.bin")
        files[-1].write_bytes(os.urandom(number * 900_000))
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(f"{request.method} {request.url}") if "/tus/" in request.url else None
    )
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("Files").set_input_files(files)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="What has arrived")).to_be_visible()
    for file in files:
        expect(page.get_by_role("cell", name=f"Ada Lovelace - {file.name}")).to_be_visible()
    assert len(sent) >= 5
    picture(page, "receipt")
    assert violations(page) == []
    assert page.context.cookies() == []


def test_a_connection_that_breaks_goes_on(
    page: Page, product: Product, account: Account, shared: str, tmp_path: Path
) -> None:
    """The first request with bytes is lost; the script asks for the offset and goes on."""
    lost = 0

    def lose_one(route: Any) -> None:
        nonlocal lost
        if route.request.method == "PATCH" and not lost:
            lost += 1
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/send/tus/**", lose_one)
    page.goto(make_link(product, account, shared, role="uploader"))
    file = tmp_path / "large.bin"
    file.write_bytes(os.urandom(5_000_000))
    page.get_by_label("Files").set_input_files([file])
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("cell", name="large.bin")).to_be_visible()
    assert lost == 1
