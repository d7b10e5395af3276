"""A throw-away PostgreSQL on a free loopback port, made by initdb in a temporary folder.

    with PostgresqlServer.start() as server:
        psycopg2.connect(server.url())

PostgreSQL refuses to run as root; started by root, it runs as the user `postgres` that Debian's package
makes.

As a command it runs another command with `TEST_DATABASE_URL` set to such a server, and `TEST_DATABASE_TEMPLATE` to a
migrated database in it:

    python -m tests.servers.postgresql python -m pytest -m postgresql
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg2

from deploy.cluster.postgresql import as_postgres, binary
from tests.servers.ports import free_port
from tests.servers.prepared import fill_postgresql

START_TIMEOUT = 30  # seconds
TEMPLATE = "migrated"


class PostgresqlServer:
    """One server and its data; `kill` and `run` again are for tests of what survives a crash."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.folder = folder
        self.port = free_port()
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._has_template = False

    @classmethod
    @contextmanager
    def start(cls, *, durable: bool = False) -> Iterator["PostgresqlServer"]:
        """`durable` keeps fsync on: slower, for tests that kill the server."""
        folder = Path(tempfile.mkdtemp(prefix="dropbox_clone_postgresql_"))
        server = cls(folder, durable=durable)
        try:
            server.initialise()
            server.run()
            yield server
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """An empty database of that name; returns its URL."""
        self._execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def create_migrated_database(self, name: str) -> str:
        """The same with all tables, as `manage.py migrate` makes them."""
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.migrated_template()}"')
        return self.url(name)

    def migrated_template(self) -> str:
        """The name of a migrated database, for copies."""
        if not self._has_template:
            fill_postgresql(self.create_database(TEMPLATE))
            self._has_template = True
        return TEMPLATE

    def _execute(self, sql: str) -> None:
        connection = psycopg2.connect(self.url())
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
        connection.close()

    def initialise(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        arguments = [
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]
        subprocess.run(
            [*as_postgres(), binary("initdb"), *arguments, "--pgdata", str(self.folder / "data")],
            check=True,
            capture_output=True,
            cwd=self.folder,
        )

    def run(self) -> None:
        """Start the server on its data and wait until it answers. Raises RuntimeError with its log."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.folder,
            "max_connections": 200,
            "fsync": "on" if self.durable else "off",
            "synchronous_commit": "on" if self.durable else "off",
            "full_page_writes": "on" if self.durable else "off",
        }
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [*as_postgres(), binary("postgres"), "-D", str(self.folder / "data"), *arguments],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                process_group=0,
            )
        self._wait()

    def stop(self) -> None:
        """SIGINT is PostgreSQL's fast shutdown: clients are disconnected, data is written."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def kill(self) -> None:
        """As a power cut would, but for the page cache: every process of the server at once."""
        assert self.process is not None
        for child in _children(self.process.pid):
            with suppress(ProcessLookupError):  # it ended by itself meanwhile
                os.kill(child, signal.SIGKILL)
        self.process.kill()
        self.process.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and self.process is not None and self.process.poll() is None:
            try:
                psycopg2.connect(self.url(), connect_timeout=1).close()
                return
            except psycopg2.OperationalError:
                time.sleep(0.05)
        log = (self.folder / "log").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"PostgreSQL did not start:\n{log}")


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def main(command: list[str]) -> int:
    with PostgresqlServer.start() as server:
        own = {
            "TEST_DATABASE_URL": server.url("dropbox_clone"),
            "TEST_DATABASE_TEMPLATE": server.migrated_template(),
        }
        environment = {**os.environ, **own}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
