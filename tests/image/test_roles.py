"""The roles, run from the image with a read-only root: they start, work, and end by SIGTERM."""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import requests

from tests.image.conftest import Image, RunContainer
from tests.image.container import Container
from tests.servers import seaweedfs
from tests.servers.ports import free_ports
from tests.servers.postgresql import PostgresqlServer
from tests.servers.product import ROOT

pytestmark = pytest.mark.timeout(1500)
ENTRY = ["python", "-m", "dropbox_clone.entry"]
ACCOUNT = """
import os, django
django.setup()
from accounts.actions.create_account import create_account
from accounts.actions.tokens import create_token
from accounts.actor import ALL_SCOPES, system
password = "correct horse battery staple"
user = create_account(system("test"), email="ada@example.com", password=password, quota_bytes=None, is_admin=False)
print("TOKEN", create_token(system("test"), user=user, name="test", scopes=ALL_SCOPES).secret)
"""


def wait_for(address: str, container: Container, seconds: float = 60, code: int = 200) -> requests.Response:
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = requests.get(address, timeout=5)
            if answer.status_code == code:
                return answer
        except requests.RequestException:
            answer = None
        assert container.process.poll() is None, f"it ended:\n{container.text[-3000:]}"
        assert time.monotonic() < deadline, f"{answer and answer.text}\n{container.text[-3000:]}"
        time.sleep(0.1)


def round_trip(url: str, token: str, size: int) -> None:
    body = os.urandom(size)
    headers = {"Authorization": f"Bearer {token}"}
    address = f"{url}/api/v1/content/folder/file-{size}.bin"
    uploaded = requests.put(address, data=body, headers=headers, timeout=60)
    assert uploaded.status_code == 201, uploaded.text
    downloaded = requests.get(address, headers=headers, timeout=60)
    assert hashlib.sha256(downloaded.content).digest() == hashlib.sha256(body).digest()


def token_of(container: Container) -> str:
    assert container.wait(60) == 0, container.text
    return next(line.split()[1] for line in container.text.splitlines() if line.startswith("TOKEN"))


def data_folder(tmp_path: Path) -> Path:
    """As an engine makes a volume: with the owner of the image's folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, 10001, 10001)
    for parent in (tmp_path, *tmp_path.parents):  # pytest's folders are root's own
        if str(parent).startswith("/tmp/pytest"):
            parent.chmod(parent.stat().st_mode | 0o011)
    return folder


def test_all_in_one(image: Image, run_container: RunContainer, tmp_path: Path) -> None:
    """The default command: SQLite and a folder in /data, web server and worker below one supervisor."""
    data, port = data_folder(tmp_path), free_ports(1)[0]
    container = run_container(image.configuration["Cmd"], data, PORT=str(port))
    url = f"http://127.0.0.1:{port}"
    wait_for(f"{url}/readyz", container)
    token = token_of(run_container(["python", "-c", ACCOUNT], data))
    round_trip(url, token, 3_000_000)
    page = requests.get(f"{url}/", timeout=30)
    start = page.text.index("/static/ui/style")
    style = page.text[start : page.text.index('"', start)]
    assert requests.get(url + style, timeout=30).status_code == 200
    code, seconds = container.stop()
    print(f"all in one: stopped in {seconds:.1f} s")
    assert code == 0, container.text
    again = run_container(image.configuration["Cmd"], data, PORT=str(port))
    wait_for(f"{url}/healthz", again)
    listed = requests.get(
        f"{url}/api/v1/metadata", params={"path": "/folder"}, headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    assert listed.status_code == 200
    assert again.stop()[0] == 0


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Variables of a cluster: PostgreSQL and an S3 server; the broker is a folder that all share."""
    objects = seaweedfs.start(tmp_path_factory.mktemp("s3"))
    try:
        with PostgresqlServer.start() as database:
            yield {
                "DATABASE_URL": database.create_database("image"),
                "STORAGE_URL": objects.url(),
                "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests",
                "BASE_URL": "http://files.example.com",
            }
    finally:
        objects.process.kill()


def test_one_process_each(cluster: dict[str, str], run_container: RunContainer, tmp_path: Path) -> None:
    broker = data_folder(tmp_path)
    cluster["BROKER_URL"] = "filesystem:///data/broker"
    started = time.monotonic()
    migrate = run_container([*ENTRY, "migrate"], broker, **cluster)
    assert migrate.wait(120) == 0, migrate.text
    print(f"migrate: {time.monotonic() - started:.1f} s")
    with psycopg2.connect(cluster["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        assert cursor.fetchone()[0] > 20

    port = free_ports(1)[0]
    url = f"http://127.0.0.1:{port}"
    started = time.monotonic()
    web = run_container([*ENTRY, "web"], broker, PORT=str(port), **cluster)
    wait_for(f"{url}/healthz", web)
    print(f"web: answers after {time.monotonic() - started:.1f} s")
    wait_for(f"{url}/readyz", web)
    assert requests.get(f"{url}/healthz", headers={"Host": "10.1.2.3"}, timeout=5).status_code == 200, (
        "a probe by address"
    )
    worker = run_container([*ENTRY, "worker"], broker, **cluster)
    beat = run_container([*ENTRY, "beat"], broker, **cluster)
    token = token_of(run_container(["python", "-c", ACCOUNT], broker, **cluster))
    for size in (10, 3_000_000):
        round_trip(url, token, size)
    probe = run_container(["python", "-m", "dropbox_clone.probe"], PORT=str(port))
    assert probe.wait(10) == 0, probe.text
    nobody = run_container(["python", "-m", "dropbox_clone.probe"], PORT=str(free_ports(1)[0]))
    assert nobody.wait(10) == 1

    wait_until_a_job_ran(cluster["DATABASE_URL"], worker, beat)
    for name, container in (("beat", beat), ("worker", worker), ("web", web)):
        code, seconds = container.stop(30)
        print(f"{name}: stopped in {seconds:.1f} s")
        assert code == 0, f"{name}: {container.text[-2000:]}"


def wait_until_a_job_ran(database: str, *containers: Container) -> None:
    """The clock sends messages, the worker does what they say, and both show in the table of jobs."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with psycopg2.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM files_job WHERE succeeded_at IS NOT NULL")
            if cursor.fetchone()[0]:
                return
        for container in containers:
            assert container.process.poll() is None, container.text[-3000:]
        time.sleep(0.2)
    raise AssertionError("no job ran: " + " ".join(container.text[-2000:] for container in containers))


def test_a_wrong_setting_is_one_line(run_container: RunContainer) -> None:
    container = run_container([*ENTRY, "web"], DATABASE_URL="postgresql://a@127.0.0.1:1/x")
    assert container.wait(30) == 78
    assert "SECRET_KEY" in container.text
    assert len(container.text.strip().splitlines()) == 1, container.text


def test_marathon_has_no_jobs(run_container: RunContainer, tmp_path: Path) -> None:
    """So that its application `migrate` migrates, says so by a file, waits, and ends well when it is told to."""
    application = json.loads((ROOT / "deploy" / "marathon" / "migrate.json").read_text())
    command = application["cmd"].replace("touch /tmp/migrated", "touch /tmp/migrated /data/migrated")  # /tmp is its own
    assert command != application["cmd"]
    data = data_folder(tmp_path)
    container = run_container(["sh", "-c", command], data)
    deadline = time.monotonic() + 60
    while not (data / "migrated").exists():
        assert container.process.poll() is None, container.text
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert container.stop()[0] == 0, container.text
    failing = run_container(["sh", "-c", command], SECRET_KEY="short")
    assert failing.wait(30) == 78
