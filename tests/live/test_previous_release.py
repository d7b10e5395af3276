"""The release before, as real processes, on the database that this release has migrated: expand, then contract.

Both orders: its web server runs before, during and after the migration, and starts anew on the migrated database (what
a rollback does); then both releases serve at once, every client hopping between the two.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from tests.kills.client import Client
from tests.servers.ports import free_ports
from tests.servers.postgresql import PostgresqlServer
from tests.servers.process import ServerProcess
from tests.servers.product import PASSWORD, ROOT
from tests.upgrade.previous_release import previous_release

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]
STEPS = 15  # of each client in each phase
NODES = int(os.environ.get("UPGRADE_NODES", "2000"))  # that the release before has made
FILES = 1_000


class Release:
    """Processes of the code in `code` on one database and one folder of objects."""

    def __init__(self, code: Path, name: str, folder: Path, environment: dict[str, str]) -> None:
        self.code, self.name, self.folder = code, name, folder
        self.environment = {**environment, "PYTHONPATH": str(code), "PORT": str(free_ports(1)[0])}
        self.web: ServerProcess | None = None
        self.starts = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['PORT']}"

    def start(self) -> None:
        self.starts += 1
        folder = self.folder / f"{self.name}-{self.starts}"
        folder.mkdir()
        package = "web_server." if (self.code / "dropbox_clone/web_server").is_dir() else ""  # not in older releases
        config = f"python:dropbox_clone.{package}gunicorn_conf"
        gunicorn = ["-m", "gunicorn", "--config", config, "--chdir", str(self.code)]
        self.web = ServerProcess([sys.executable, *gunicorn, "dropbox_clone.wsgi"], folder, self.environment)
        self.web.wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def stop(self) -> None:
        if self.web is not None:
            self.web.stop(30)

    def manage(self, *arguments: str) -> str:
        return self._python("manage.py", *arguments)

    def provision(self, email: str) -> str:
        """The token of a new account, made by the release's own tests.servers."""
        return self._python("-m", "tests.servers.provision", email, PASSWORD, "none", "member").strip()

    def _python(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=self.code, env=self.environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, f"{self.name}: {arguments}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout


class HoppingClient(Client):
    """Asks another release with every request: nothing may depend on which one answers. No answer may be an error."""

    def __init__(self, urls: list[str], token: str, number: int) -> None:
        super().__init__(urls[0], token, number, seed=1)
        self.urls = urls
        self.asked = 0

    def ask(self, method: str, path: str, **arguments: object) -> requests.Response:
        self.asked += 1
        self.url = f"{self.urls[self.asked % len(self.urls)]}/api/v1"
        arguments.setdefault("timeout", 60)
        answer = requests.request(method, self.url + path, headers=self.headers, **arguments)  # type: ignore[arg-type]
        assert answer.status_code < 500, f"{method} {self.url}{path}: {answer.status_code} {answer.text[:500]}"
        return answer

    def work(self, steps: int = STEPS) -> None:
        for _ in range(steps):
            self.step()
        self.restore_from_trash()
        self.read_an_earlier_version()

    def grow(self, nodes: int) -> None:
        """A tree of that many nodes beside the client's own folder: what a migration has to go through."""
        parts = [(f"/grown/0/f{number}", ("part", f"{number}".encode())) for number in range(FILES)]
        made = self.ask("POST", "/bulk", files=parts)
        assert made.status_code == 200, made.text[:500]
        for number in range(1, nodes // FILES):
            paths = {"from_path": "/grown/0", "to_path": f"/grown/{number}"}
            assert self.ask("POST", "/copy", json=paths).status_code in (200, 201)

    def check_grown(self, nodes: int) -> None:
        folders = self.ask("GET", "/folders", params={"path": "/grown", "limit": 500}).json()["items"]
        assert len(folders) == max(1, nodes // FILES)
        size = sum(len(f"{number}") for number in range(FILES))
        assert {folder["size"] for folder in folders} == {size}
        assert len(self.walk(f"/grown/{len(folders) - 1}")) == FILES

    def restore_from_trash(self) -> None:
        path, data = self.new_path(), b"kept"
        assert self.ask("PUT", "/content" + quote(path), data=data).status_code in (200, 201)
        assert self.ask("DELETE", "/content" + quote(path)).status_code in (200, 204)
        latest = self.ask("GET", "/trash", params={"limit": 1}).json()["items"][0]
        assert self.ask("POST", "/trash/restore", json={"ids": [latest["id"]]}).status_code == 200
        assert self.ask("GET", "/content" + quote(path)).content == data
        assert self.ask("DELETE", "/content" + quote(path)).status_code in (200, 204)

    def read_an_earlier_version(self) -> None:
        path = f"{self.top}/versions"
        for data in (b"first", b"second"):
            assert self.ask("PUT", "/content" + quote(path), data=data).status_code in (200, 201)
        node = self.ask("GET", "/metadata", params={"path": path}).json()
        versions = self.ask("GET", f"/nodes/{node['id']}/versions").json()["items"]
        assert len(versions) >= 2
        assert self.ask("DELETE", "/content" + quote(path)).status_code in (200, 204)


@pytest.fixture(scope="module")
def previous_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    release = previous_release()
    if not release.is_here():
        reason = f"this clone does not go back to the release before ({release.commit[:12]}): git fetch --unshallow"
        sys.stderr.write(f"\nTHE RELEASE BEFORE IS NOT RUN: {reason}\n")
        pytest.skip(reason)
    return release.extract(tmp_path_factory.mktemp("release") / "code")


@pytest.fixture
def releases(previous_code: Path, tmp_path: Path) -> Iterator[tuple[Release, Release]]:
    """The one before, and ours; nothing is migrated yet."""
    inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    with PostgresqlServer.start() as server:
        environment = {
            **inherited,
            "HOST": "127.0.0.1",
            "DATA_DIR": str(tmp_path / "data"),
            "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests",
            "DATABASE_URL": server.create_database("upgrade"),
            "EMAIL_URL": f"file://{tmp_path}/mail",
            "WEB_WORKERS": "2",
        }
        (tmp_path / "data").mkdir()
        before = Release(previous_code, "before", tmp_path, environment)
        ours = Release(ROOT, "ours", tmp_path, environment)
        yield before, ours
        before.stop()
        ours.stop()


def test_the_release_before_serves_while_ours_migrates(releases: tuple[Release, Release]) -> None:
    before, ours = releases
    before.manage("prepare")
    client = HoppingClient([before.url], before.provision("ada@example.com"), 1)
    before.start()
    client.grow(NODES)
    client.work()

    stop = threading.Event()
    errors: list[BaseException] = []

    def load() -> None:
        try:
            while not stop.is_set():
                client.step()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=load)
    thread.start()
    try:
        ours.manage("prepare")
    finally:
        stop.set()
        thread.join(60)
    assert errors == []
    client.work()
    before.stop()
    before.start()  # back to the release before, on the new schema
    client.work()

    ours.start()
    client.urls = [before.url, ours.url]
    client.work()
    before.stop()
    client.urls = [ours.url]
    client.work()
    client.check_grown(NODES)
    assert client.check() > 10
    assert "DATA LOSS" not in ours.manage("fsck", "--hash")


def test_the_release_before_starts_on_our_schema(releases: tuple[Release, Release]) -> None:
    before, ours = releases
    ours.manage("prepare")
    before.manage("prepare")  # finds nothing to do, and does not object to what it does not know
    before.start()
    client = HoppingClient([before.url], before.provision("ada@example.com"), 1)
    client.grow(NODES)
    client.work()
    ours.start()
    client.urls = [ours.url]
    client.work()
    client.urls = [before.url]  # back
    client.work()
    client.check_grown(NODES)
    assert client.check() > 10
    for release in (before, ours):
        release.manage("gc")
        release.manage("fsck", "--hash")  # raises when it finds anything
