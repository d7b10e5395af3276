"""Dragging folders in: every byte arrives, an interruption costs nothing."""

import hashlib
import io
import os
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.e2e.person import Person
from tests.servers.product import Product


def digests(root: Path, prefix: str = "") -> dict[str, str]:
    return {
        prefix + path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def download_as_zip(person: Person, name: str) -> dict[str, str]:
    person.select(name)
    with person.page.expect_download() as waiting:
        person.bar("Download")
    data = Path(waiting.value.path()).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            info.filename: hashlib.sha256(archive.read(info)).hexdigest()
            for info in archive.infolist()
            if not info.is_dir()
        }


def test_a_folder_comes_back_as_a_zip_with_every_byte(person: Person, folder: Path) -> None:
    person.new_folder("Inbox")
    person.drop(folder)
    person.wait_for_uploads(done=39)
    expect(person.row("tree")).to_be_visible()
    assert download_as_zip(person, "tree") == digests(folder, "tree/")
    person.open("tree")
    assert "empty" in person.names()  # a folder without files arrives as well


# How many files the browser has written down as not through yet.
WRITTEN_DOWN = """() => new Promise((resolve, reject) => {
  const opened = indexedDB.open("uploads");
  opened.onerror = reject;
  opened.onsuccess = () => {
    const counted = opened.result.transaction("files").objectStore("files").count();
    counted.onerror = reject;
    counted.onsuccess = () => {
      opened.result.close();
      resolve(counted.result);
    };
  };
})"""


def wait_until_written_down(page: Page, files: int) -> None:
    """Twice in a row, since files are written down and crossed out at the same time."""
    right = 0
    for _ in range(120):
        figures = page.locator("[data-uploads-figures]").inner_text()
        through = int(figures.split(" of ")[0].replace(",", ""))
        right = right + 1 if page.evaluate(WRITTEN_DOWN) == files - through else 0
        if right == 2:
            return
        page.wait_for_timeout(500)
    pytest.fail(f"The browser has not written down what is not through: {figures}")


def test_a_reload_in_the_middle_goes_on_by_itself(person: Person, page: Page, tmp_path: Path) -> None:
    root = tmp_path / "many"
    root.mkdir()
    for number in range(900):
        (root / f"{number:04}.txt").write_bytes(b"%d\n" % number * 50)
    batches = []

    def hold(route: Route) -> None:
        batches.append(route)
        if len(batches) <= 2:
            route.continue_()  # the others never get through

    page.context.route("**/api/v1/bulk*", hold)
    person.new_folder("Interrupted")
    person.drop(root)
    expect(page.locator("[data-uploads-figures]")).to_contain_text("of 900 files")
    expect(page.locator("[data-uploads-figures]")).to_have_text(re.compile(r"^[1-9]\d* of 900 files"))
    wait_until_written_down(page, 900)
    page.reload()
    page.context.unroute("**/api/v1/bulk*")
    expect(page.locator("#uploads")).to_be_visible()
    expect(page.locator("[data-uploads-announce]")).to_contain_text("uploaded", timeout=60_000)
    page.reload()
    assert download_as_zip(person, "many") == digests(root, "many/")
    expect(page.locator("#uploads")).to_be_hidden()  # nothing is left to do


def test_walking_through_folders_does_not_interrupt(person: Person, page: Page, folder: Path) -> None:
    routes: list[Route] = []
    page.context.route("**/api/v1/bulk*", lambda route: routes.append(route))  # noqa: PLW0108 - Playwright wants a function
    person.new_folder("One")
    person.drop(folder)
    expect(page.locator("#uploads")).to_be_visible()
    page.get_by_role("link", name="Trash").click()
    expect(page.locator("[data-page-title]")).to_have_text("Trash")
    for route in routes:
        route.continue_()
    person.wait_for_uploads(done=39)


def test_cancelling_all_and_starting_again(person: Person, page: Page, folder: Path) -> None:
    page.context.route("**/api/v1/bulk*", lambda route: None)  # never answered
    person.new_folder("Cancelled")
    person.drop(folder)
    expect(page.locator("[data-uploads-figures]")).to_contain_text("0 of 39 files")
    page.get_by_role("button", name="Cancel all and close").click()
    expect(page.locator("#uploads")).to_be_hidden()
    page.context.unroute("**/api/v1/bulk*")
    person.drop(folder)
    person.wait_for_uploads(done=39)
    page.reload()
    expect(page.locator("#uploads")).to_be_hidden()


def test_pausing_all_and_going_on(person: Person, page: Page, folder: Path) -> None:
    page.context.route("**/api/v1/bulk*", lambda route: None)  # never answered
    person.new_folder("Paused")
    person.drop(folder)
    page.get_by_role("button", name="Pause all").click()
    expect(page.locator("[data-uploads-figures]")).to_contain_text("Paused")
    page.context.unroute("**/api/v1/bulk*")
    page.get_by_role("button", name="Resume all").click()
    person.wait_for_uploads(done=39)


def test_a_larger_file_shows_its_progress_and_can_be_paused(person: Person, page: Page, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(os.urandom(12 * 1024 * 1024))
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2_000_000}
    session.send("Network.emulateNetworkConditions", slow)
    person.new_folder("Large")
    person.drop(large)
    row = page.locator(".upload-row").first
    row.get_by_role("button", name="Pause").click()
    expect(row).to_contain_text("Paused")
    session.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    row.get_by_role("button", name="Resume").click()
    person.wait_for_uploads(done=1)
    person.select("large.bin")
    with page.expect_download() as waiting:
        person.bar("Download")
    assert waiting.value.suggested_filename == "large.bin"
    assert Path(waiting.value.path()).read_bytes() == large.read_bytes()


@pytest.fixture
def huge(tmp_path: Path) -> Path:
    """More than the browser keeps a copy of, and more than one chunk."""
    path = tmp_path / "huge.bin"
    block = os.urandom(1024 * 1024)
    with path.open("wb") as output:
        for number in range(70):
            output.write(number.to_bytes(4, "big") + block[4:])
    return path


def interrupt_after_one_chunk(person: Person, huge: Path) -> list[str]:
    """Uploads, reloads the page in the middle. Returns the offsets of all chunks, also of those sent afterwards."""
    page, offsets = person.page, list[str]()

    def note(request: Request) -> None:
        if request.method == "PATCH":
            offsets.append(request.headers["upload-offset"])

    def hold(route: Route) -> None:
        if len(offsets) < 2:
            route.continue_()  # the second chunk never gets through

    page.on("request", note)
    page.context.route("**/tus/**", hold)
    person.new_folder(huge.parent.name)
    person.drop(huge)
    for _ in range(300):
        if len(offsets) == 2:
            break
        page.wait_for_timeout(200)
    page.reload()
    expect(page.locator("#uploads")).to_be_visible()
    page.context.unroute("**/tus/**")
    return offsets


def assert_whole(person: Person, huge: Path) -> None:
    node = person.row("huge.bin").get_attribute("data-id")
    body = person.get(f"/files/{node}/download").body()
    assert hashlib.sha256(body).digest() == hashlib.sha256(huge.read_bytes()).digest()


CHUNK = str(64 * 1024 * 1024)


def test_a_very_large_file_goes_on_after_a_reload(person: Person, huge: Path) -> None:
    offsets = interrupt_after_one_chunk(person, huge)
    person.wait_for_uploads(done=1)
    assert set(offsets[1:]) == {CHUNK}  # what had arrived is not sent again
    assert_whole(person, huge)


def test_a_very_large_file_goes_on_when_it_is_chosen_again(person: Person, page: Page, huge: Path) -> None:
    page.context.route("**/keeper*.js", lambda route: route.abort())  # as in a browser that keeps nothing
    offsets = interrupt_after_one_chunk(person, huge)
    expect(page.locator("[data-uploads-interrupted]")).to_contain_text("Choose it again")
    person.drop(huge)
    person.wait_for_uploads(done=1)
    assert offsets == ["0", CHUNK, CHUNK]
    assert_whole(person, huge)


def test_a_name_that_exists(person: Person, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    for number, choice in enumerate(("Add a new version", "Keep both", "Skip")):
        file.write_text(f"text {number}")
        if number == 0:
            person.new_folder("Notes")
        else:
            page.get_by_label("If a name exists:").select_option(label=choice)
        person.drop(file)
        # What stands there says the same after the first and the second: the list says which one is done.
        expect(person.row("note.txt" if number == 0 else "note (2).txt")).to_be_visible()
        expect(page.locator("[data-uploads-figures]")).to_contain_text("1 of 1 file")
    expect(page.locator("[data-uploads-figures]")).to_contain_text("1 skipped")
    page.reload()
    person.lists("note (2).txt", "note.txt")


def test_a_full_quota_is_told(page: Page, product: Product, tmp_path: Path) -> None:
    person = Person(page, product.base_url, "poor@example.com")
    product.create_account(person.email, quota="1kB")
    person.sign_in()
    (tmp_path / "small.txt").write_bytes(b"x" * 5000)
    person.new_folder("Full")
    person.drop(tmp_path / "small.txt")
    expect(page.locator(".upload-row.failed")).to_contain_text("not enough space")
    expect(page.get_by_role("button", name="Retry failed")).to_be_visible()


def test_the_list_has_the_last_file_when_it_is_slow(person: Person, page: Page, tmp_path: Path) -> None:
    """A file that is through while the list is being loaded is shown by a second look."""
    person.new_folder("slow list")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held or "hx-request" not in route.request.headers:
            route.continue_()
        else:
            held.append(route)

    page.route("**/files/*/", hold)
    for name in ("first.txt", "second.txt"):
        (tmp_path / name).write_text(name)
    with page.expect_request(lambda request: "hx-request" in request.headers):
        person.drop(tmp_path / "first.txt")
    page.wait_for_timeout(200)
    answer = held[0].fetch()
    assert "second.txt" not in answer.text()
    with page.expect_response(lambda response: response.request.method in {"POST", "PUT"} and response.ok):
        person.drop(tmp_path / "second.txt")
    page.wait_for_timeout(1000)  # in which the page would look again
    held[0].fulfill(response=answer)
    expect(person.row("first.txt")).to_be_visible()
    expect(person.row("second.txt")).to_be_visible()
