"""PostgreSQL. It refuses to run as root; started by root, it runs as the user `postgres` of Debian's package."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg2

from deploy.cluster.layout import Layout
from deploy.cluster.part import Part

DATABASE = "dropbox_clone"
USER = "dropbox_clone"
MAX_CONNECTIONS = 200


def part(layout: Layout) -> Part:
    folder = layout.part("postgresql")
    if not (folder / "data" / "PG_VERSION").exists():
        _initialise(layout, folder)
    port = layout.port("postgresql")
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": MAX_CONNECTIONS,
        "shared_buffers": "128MB",
        # A replica that froze in the middle of a transaction must not hold the lock of a space for ever.
        "idle_in_transaction_session_timeout": "5s",
    }
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    return Part(
        name="postgresql",
        kind="postgresql",
        command=[*as_postgres(), binary("postgres"), "-D", str(folder / "data"), *words],
        folder=folder,
        log=layout.log("postgresql"),
        port=port,
        refresh=lambda: _forget_dead_server(folder / "data" / "postmaster.pid"),
        ready=lambda: _answers(layout, port),
        stop_signal=signal.SIGINT,  # its fast shutdown: clients are disconnected, data is written
    )


def _forget_dead_server(lock: Path) -> None:
    """PostgreSQL takes one that was killed, and that nobody has waited for yet, for one that runs."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        number = int(lock.read_text().split("\n", 1)[0])
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "Z":
            lock.unlink()


def url(layout: Layout, port: int, database: str = DATABASE) -> str:
    return f"postgresql://{USER}:{layout.secret('postgresql')}@127.0.0.1:{port}/{database}"


def ensure_database(layout: Layout, port: int) -> None:
    connection = psycopg2.connect(url(layout, port, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {DATABASE}")
    connection.close()


def binary(name: str) -> str:
    """From Debian's place for the newest version, or the PATH. Raises FileNotFoundError."""
    versions = sorted(Path("/usr/lib/postgresql").glob("[0-9]*"), key=lambda path: int(path.name), reverse=True)
    for version in versions:
        if (version / "bin" / name).exists():
            return str(version / "bin" / name)
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is missing: apt-get install postgresql")
    return found


def _answers(layout: Layout, port: int) -> bool:
    try:
        psycopg2.connect(url(layout, port, "postgres"), connect_timeout=2).close()
    except psycopg2.Error:
        return False
    return True


def _initialise(layout: Layout, folder: Path) -> None:
    """Raises subprocess.CalledProcessError."""
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    shutil.rmtree(folder / "data", ignore_errors=True)  # of a first start that was cut off
    with tempfile.NamedTemporaryFile("w", prefix="dropbox_clone_") as password:
        password.write(layout.secret("postgresql"))
        password.flush()
        if os.geteuid() == 0:
            shutil.chown(password.name, "postgres")
        options = [f"--username={USER}", "--auth=scram-sha-256", f"--pwfile={password.name}", "--encoding=UTF8"]
        command = [binary("initdb"), *options, "--locale=C.UTF-8", "--pgdata", str(folder / "new")]
        shutil.rmtree(folder / "new", ignore_errors=True)
        subprocess.run([*as_postgres(), *command], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    (folder / "new").rename(folder / "data")


def as_postgres() -> list[str]:
    """The words before a command so that it runs as an ordinary user, and still dies with this process."""
    words = ["setpriv", "--pdeathsig", "KILL"]
    if os.geteuid() != 0:
        return words
    user = pwd.getpwnam("postgres")
    return [*words, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]
