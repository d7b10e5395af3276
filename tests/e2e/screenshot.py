"""`python -m tests.e2e.screenshot` takes the picture of the README, docs/screenshot.png, from a running product."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import requests
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.e2e.conftest import ARGUMENTS
from tests.e2e.person import Person
from tests.servers.product import ROOT, Account, Product, start_product

PICTURE = ROOT / "docs" / "screenshot.png"
SIZE: ViewportSize = {"width": 1200, "height": 720}
FILES = {
    "Documents/Contract.pdf": 184_000,
    "Documents/Minutes 2026-11-20.md": 3_100,
    "Photos/2026/Lake.jpg": 2_400_000,
    "Photos/2026/Summit.jpg": 3_100_000,
    "Projects/Garden/plan.svg": 41_000,
    "Music/Étude.flac": 9_200_000,
    "Budget 2027.ods": 58_000,
    "Letter to the bank.docx": 24_000,
    "README.md": 1_200,
    "Recipe for plum cake.txt": 900,
    "Tickets Vienna.pdf": 310_000,
}


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as folder,
        start_product(Path(folder)) as product,
        sync_playwright() as playwright,
    ):
        account = product.create_account("ada@example.com", quota="10GB")
        fill(product, account)
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_page(base_url=product.base_url, viewport=SIZE)
        Person(page, product.base_url, account.email).sign_in()
        show(page)
        page.screenshot(path=PICTURE)
        browser.close()
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size:,} bytes\n")
    return 0


def fill(product: Product, account: Account) -> None:
    for path, size in FILES.items():
        url = f"{product.base_url}/api/v1/content/{path}"
        requests.put(url, data=os.urandom(size), headers=account.headers, timeout=60).raise_for_status()
    for name in ("Marketing", "Accounting"):
        url = f"{product.base_url}/api/v1/spaces"
        requests.post(url, json={"name": name}, headers=account.headers, timeout=60).raise_for_status()


def show(page: Page) -> None:
    """The home, with two files selected, so that the bar above the list is seen."""
    page.goto("/")
    person = Person(page, "", "")
    expect(page.locator("[data-page-title]")).to_have_text("Files")
    person.select("Budget 2027.ods", "Tickets Vienna.pdf")
    page.mouse.move(0, 0)


if __name__ == "__main__":
    sys.exit(main())
