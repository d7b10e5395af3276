"""What a person does with the mouse and the keyboard."""

import re
from pathlib import Path

import requests
from playwright.sync_api import APIResponse, Page, expect

LOOKS = 200  # at a list, 50 ms apart
PASSWORD = "correct horse battery staple"


class Person:
    """`headers` are those of an access token, to prepare things without the browser."""

    def __init__(self, page: Page, url: str, email: str, headers: dict[str, str] | None = None) -> None:
        self.page, self.url, self.email, self.headers = page, url, email, headers or {}

    def prepare(self, folder: str, *paths: str) -> None:
        """Puts small files into a new folder, by the API, and opens it. Each file holds its own name."""
        for path in paths:
            data = path.rpartition("/")[2].encode()
            url = f"{self.url}/api/v1/content/{folder}/{path}"
            requests.put(url, data=data, headers=self.headers, timeout=20).raise_for_status()
        self.page.goto("/")
        self.open(folder)

    def sign_in(self) -> None:
        self.page.goto("/")
        self.page.get_by_label("Email").fill(self.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign In", exact=True).click()
        expect(self.page.locator("[data-page-title]")).to_have_text("Files")

    def new_folder(self, name: str) -> None:
        """Makes it and stays in it."""
        self.page.get_by_role("button", name="New folder").click()
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("[data-page-title]")).to_have_text(name)

    def drop(self, *paths: Path) -> None:
        """Drags files or folders from the desktop into the list, as the browser itself sees it."""
        session = self.page.context.new_cdp_session(self.page)
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        size = self.page.viewport_size
        assert size is not None
        middle = {"x": size["width"] // 2, "y": size["height"] // 2}
        for kind in ("dragEnter", "dragOver", "drop"):
            session.send("Input.dispatchDragEvent", {"type": kind, **middle, "data": data})

    def wait_for_uploads(self, *, done: int, seconds: int = 60) -> None:
        figures = self.page.locator("[data-uploads-figures]")
        expect(figures).to_contain_text(f"{done:,} of {done:,} file", timeout=seconds * 1000)
        expect(figures).not_to_contain_text("failed")

    def open(self, name: str) -> None:
        self.row(name).locator("[data-open]").click()
        expect(self.page.locator("[data-page-title]")).to_have_text(name)

    def row(self, name: str):  # type: ignore[no-untyped-def]
        return self.page.locator("tr[data-row]").filter(has=self.page.get_by_text(name, exact=True)).first

    def names(self) -> list[str]:
        return [row.get_attribute("data-name") or "" for row in self.page.locator("tr[data-row]").all()]

    def lists(self, *names: str) -> None:
        """Waits until the list has exactly these, in any order: it changes a moment after the notice says so."""
        for _ in range(LOOKS):
            if sorted(self.names()) == sorted(names):
                return
            self.page.wait_for_timeout(50)
        assert sorted(self.names()) == sorted(names)

    def appears(self, name: str) -> None:
        """Looks again and again for what a background job puts there."""
        for _ in range(LOOKS):
            if name in self.names():
                return
            self.page.wait_for_timeout(200)
            self.page.reload()
        assert name in self.names()

    def select(self, *names: str) -> None:
        for name in names:
            self.row(name).get_by_role("checkbox").check()

    def bar(self, command: str) -> None:
        self.page.locator("[data-bulk-bar]").get_by_role("button", name=command, exact=True).click()

    def notice(self, text: str) -> None:
        expect(self.page.locator("#toasts")).to_contain_text(text)

    def undo(self) -> None:
        self.page.locator("#toasts").get_by_role("button", name="Undo").click()
        self.notice("Undone.")

    def get(self, path: str) -> APIResponse:
        """With the session of the browser."""
        return self.page.request.get(f"{self.url}{path}")

    def folder_id(self) -> int:
        found = re.search(r"/files/(\d+)/", self.page.url)
        assert found, self.page.url
        return int(found[1])
