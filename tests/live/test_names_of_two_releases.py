"""Names that differ by case only while both releases serve: ours keeps both files, the one before goes on working.

The release before folds names, as it always has: of two alike ones it sees the first by path, and all of them in
listings. What must not happen: an error of the server, a listing that misses a file, a tree that does not add up.
"""

import threading
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from tests.live.test_previous_release import Release, previous_code, releases

__all__ = ["previous_code", "releases"]
pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
PAIR = ("README", "readme")


class Person:
    def __init__(self, token: str) -> None:
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, release: Release, method: str, path: str, **more: object) -> requests.Response:
        url = f"{release.url}/api/v1{path}"
        answer = requests.request(method, url, headers=self.headers, timeout=60, **more)  # type: ignore[arg-type]
        assert answer.status_code < 500, f"{method} {url}: {answer.status_code} {answer.text[:500]}"
        return answer

    def put(self, release: Release, path: str, data: bytes) -> int:
        return self.ask(release, "PUT", "/content/" + quote(path), data=data).status_code

    def get(self, release: Release, path: str) -> bytes:
        return self.ask(release, "GET", "/content/" + quote(path)).content

    def names(self, release: Release, path: str) -> list[str]:
        items = self.ask(release, "GET", "/folders", params={"path": path, "limit": 1000}).json()["items"]
        return sorted(item["name"] for item in items)

    def trash(self, release: Release, path: str) -> int:
        return self.ask(release, "POST", "/trash", json={"paths": [path]}).status_code


@pytest.fixture
def both(releases: tuple[Release, Release]) -> tuple[Release, Release, Person]:
    before, ours = releases
    before.manage("prepare")
    person = Person(before.provision("ada@example.com"))
    before.start()
    person.put(before, "old/README", b"of before")
    ours.manage("prepare")
    ours.start()
    return before, ours, person


def test_alike_names_while_both_serve(both: tuple[Release, Release, Person]) -> None:
    before, ours, person = both
    assert person.put(ours, "old/readme", b"of ours") == 201
    assert person.get(ours, "old/README") == b"of before"
    for release in (before, ours):
        assert person.names(release, "/old") == ["README", "readme"]
    assert person.get(before, "old/README") == b"of before"
    assert person.trash(ours, "/old/README") == 200
    assert person.get(before, "old/readme") == b"of ours", "the one that is left has the key now"
    assert person.put(before, "old/readme", b"of before again") == 200
    assert person.get(ours, "old/readme") == b"of before again"
    folders = [person.ask(ours, "POST", "/folders", json={"path": f"/{name}/below"}).status_code for name in PAIR]
    assert folders == [201, 201]
    for name in PAIR:
        assert person.put(ours, f"{name}/below/file", name.encode()) == 201
    assert person.ask(before, "PATCH", f"/nodes/{_id(person, ours, '/readme')}", json={"name": "x"}).status_code == 200
    assert person.names(before, "/x") == person.names(ours, "/x") == ["below"]
    assert person.get(ours, "x/below/file") == b"readme"
    assert person.get(ours, "README/below/file") == b"README"
    ours.manage("fsck", "--hash")  # raises when it finds anything


def test_both_write_alike_names_at_once(both: tuple[Release, Release, Person], tmp_path: Path) -> None:
    before, ours, person = both
    errors: list[BaseException] = []

    def work(release: Release, number: int) -> None:
        try:
            for step in range(10):
                person.put(release, f"together/{PAIR[(number + step) % 2]} {step % 3}", b"%d" % step)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(release, n)) for n, release in enumerate([before, ours] * 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    assert person.names(before, "/together") == person.names(ours, "/together")
    ours.manage("fsck", "--hash")


def _id(person: Person, release: Release, path: str) -> str:
    return str(person.ask(release, "GET", "/metadata", params={"path": path}).json()["id"])
