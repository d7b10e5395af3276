"""The product itself: gunicorn (and the job worker, if asked for) on a free port of 127.0.0.1, in a folder of its own.

    with start_product(tmp_path, MAX_UPLOAD_SIZE="1GB") as product:
        account = product.create_account("ada@example.com", quota="1GB")
        requests.put(f"{product.base_url}/api/v1/content/a.txt", data=b"x", headers=account.headers)

SQLite and a local folder unless DATABASE_URL, STORAGE_URL and so on say otherwise. It can be killed and started
again on the same port and data.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from dropbox_clone.probe import answers
from tests.servers.ports import free_ports
from tests.servers.prepared import copy_database
from tests.servers.process import ServerProcess

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"
# What the tests' own environment says of backends is not the product's.
_BACKENDS = (
    "DATABASE_URL",
    "STORAGE_URL",
    "CACHE_URL",
    "BROKER_URL",
    "SEARCH_URL",
    "EMAIL_URL",
    "DATA_DIR",
    "BASE_URL",
)
_OWN = (*_BACKENDS, "SECRET_KEY", "ALLOWED_HOSTS", "DJANGO_SETTINGS_MODULE", "TEST_DATABASE_URL")


@dataclass(frozen=True)
class Account:
    email: str
    password: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class Product:
    """`environment` is the whole environment of its processes; their output is in `folder`/web and `folder`/worker."""

    folder: Path
    port: int
    environment: dict[str, str]
    with_worker: bool = False
    web: ServerProcess | None = None
    worker: ServerProcess | None = None
    _starts: int = field(default=0, repr=False)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data_dir(self) -> Path:
        return Path(self.environment["DATA_DIR"])

    @property
    def log(self) -> str:
        """What the web server has written since its last start."""
        assert self.web is not None
        return self.web.log.read_text(errors="replace")

    def start(self) -> None:
        """Waits until it answers. The database is migrated already."""
        self._starts += 1
        gunicorn = ["-m", "gunicorn", "--config", "python:dropbox_clone.web_server.gunicorn_conf", "--chdir", str(ROOT)]
        self.web = self._run("web", [sys.executable, *gunicorn, "dropbox_clone.wsgi"])
        if self.with_worker:
            options = ["--clock", "--pool=threads", "--concurrency=2", "--loglevel=WARNING", "--without-gossip"]
            self.worker = self._run(
                "worker", [sys.executable, "-m", "celery", "-A", "dropbox_clone", "worker", *options]
            )
        self.web.wait_until(self._answers)

    def stop(self) -> None:
        for process in (self.web, self.worker):
            if process is not None:
                process.stop()

    def kill(self) -> None:
        """SIGKILL of the web server's master; the kernel kills its workers with it."""
        assert self.web is not None
        self.web.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def manage(self, *arguments: str, input_text: str = "") -> str:
        """`manage.py ...`; returns what it prints. RuntimeError when it fails."""
        return self._python(str(ROOT / "manage.py"), *arguments, input_text=input_text)

    def _python(self, *arguments: str, input_text: str = "") -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            input=input_text,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done.stdout

    def create_account(self, email: str, *, quota: str = "none", admin: bool = False) -> Account:
        """With a home, the password PASSWORD, and a token of every scope."""
        return self.create_accounts([email], quota=quota, admin=admin)[0]

    def create_accounts(self, emails: list[str], *, quota: str = "none", admin: bool = False) -> list[Account]:
        """The same for many, in one process."""
        role = "admin" if admin else "member"
        tokens = self._python("-m", "tests.servers.provision", ",".join(emails), PASSWORD, quota, role).split()
        return [Account(email, PASSWORD, token) for email, token in zip(emails, tokens, strict=True)]

    def create_token(self, email: str, scopes: str = "read,write,share,admin", expires: str = "30d") -> str:
        arguments = ["createtoken", email, "--name", "test", "--scopes", scopes, "--expires", expires]
        return self.manage(*arguments).strip()

    def _run(self, name: str, command: list[str]) -> ServerProcess:
        folder = self.folder / f"{name}-{self._starts}"
        folder.mkdir(parents=True)
        return ServerProcess(command, folder, self.environment)

    def _answers(self) -> bool:
        assert self.web is not None
        return answers("127.0.0.1", self.port) and self.web.listens_on(self.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _prepare(product: Product) -> None:
    """As `manage.py prepare`, which need not look at static files more than once a session."""
    own_database = "DATABASE_URL" not in product.environment
    database = product.data_dir / "db.sqlite3"
    if own_database and not database.exists():
        copy_database(database)
    if not own_database or not _prepared:
        product.manage("prepare")
        _prepared.append(product.folder)


_prepared: list[Path] = []


def start_product(tmp_path: Path, *, with_worker: bool = False, **environment: str) -> Product:
    """Migrated and answering. `environment` are the product's variables (see .env.example)."""
    port = free_ports(1)[0]
    inherited = {name: value for name, value in os.environ.items() if name not in _OWN}
    own = {
        "PYTHONPATH": str(ROOT),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "DATA_DIR": str(tmp_path / "data"),
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests",
        "EMAIL_URL": "memory:",
        "LOG_LEVEL": "INFO",
    }
    product = Product(tmp_path, port, {**inherited, **own, **environment}, with_worker)
    product.data_dir.mkdir(parents=True, exist_ok=True)
    _prepare(product)
    product.start()
    return product
