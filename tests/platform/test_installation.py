"""`manage.py` says which installation it acts on, and makes none by accident."""

from pathlib import Path

import pytest

from tests.platform.test_configuration import KEY, run
from tests.servers.postgresql import PostgresqlServer
from tests.servers.prepared import copy_database

pytestmark = pytest.mark.timeout(600)  # real processes; the machine of the tests may be busy


@pytest.mark.parametrize(
    "command",
    [
        ["createaccount", "ada@example.com", "--password-stdin"],
        ["createtoken", "ada@example.com", "--name", "x"],
        ["pool", "list"],
        ["gc"],
        ["fsck"],
    ],
)
def test_one_that_is_not_there_is_refused_and_not_made(command: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "no such #1"
    result = run(["manage.py", *command], folder)
    assert result.returncode == 78
    assert result.stderr.startswith(
        f"configuration error: there is no installation at database {folder}/db.sqlite3, DATA_DIR {folder}: "
    )
    assert "DATA_DIR" in result.stderr.partition("Name it")[2]
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_our_tables_is_none(tmp_path: Path) -> None:
    (tmp_path / "db.sqlite3").touch()
    result = run(["manage.py", "gc"], tmp_path)
    assert (result.returncode, result.stderr.count("\n")) == (78, 1)
    assert "has none of its tables" in result.stderr
    (tmp_path / "db.sqlite3").write_text("this is no database at all, whatever its name says")
    result = run(["manage.py", "gc"], tmp_path)
    assert (result.returncode, result.stderr.count("\n")) == (78, 1)
    assert "cannot be read" in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"db.sqlite3"}


def test_one_that_is_there_is_said(tmp_path: Path) -> None:
    copy_database(tmp_path / "db.sqlite3")
    result = run(["manage.py", "pool", "list"], tmp_path)
    assert result.returncode == 0, result.stderr
    line = f"dropbox_clone: pool acts on database {tmp_path}/db.sqlite3, DATA_DIR {tmp_path}\n"
    assert result.stderr == line
    assert "acts on" not in result.stdout


def test_what_needs_none_makes_none(tmp_path: Path) -> None:
    for command in (["help"], ["createaccount", "--help"], ["check"]):
        result = run(["manage.py", *command], tmp_path / "none")
        assert result.returncode == 0, result.stderr
        assert "acts on" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_prepare_makes_one_and_says_where(tmp_path: Path) -> None:
    result = run(["manage.py", "prepare", "--setup-link"], tmp_path / "new")
    assert result.returncode == 0, result.stderr
    assert f"prepare acts on database {tmp_path}/new/db.sqlite3, DATA_DIR {tmp_path}/new\n" in result.stderr
    assert result.stdout.startswith("http://localhost:8000/setup/")
    made = run(
        ["-m", "tests.servers.provision", "ada@example.com", "a long passphrase", "none", "member"], tmp_path / "new"
    )
    assert made.returncode == 0, made.stderr
    result = run(["manage.py", "prepare", "--announce-setup"], tmp_path / "new")
    assert result.stdout.startswith("There is no administrator yet. Make the first administrator: http://localhost:")


def test_on_postgresql(tmp_path: Path, postgresql_server: PostgresqlServer) -> None:
    url = postgresql_server.create_database("installation")
    assert "@" in url
    result = run(["manage.py", "gc"], tmp_path / "x", DATABASE_URL=url, SECRET_KEY=KEY)
    assert (result.returncode, result.stderr.count("\n")) == (78, 1), result.stderr
    assert "has none of its tables" in result.stderr
    assert url not in result.stderr
    away = "postgresql://ada:hunter22@127.0.0.1:1/files?password=hunter22"
    result = run(["manage.py", "gc"], tmp_path / "x", DATABASE_URL=away, SECRET_KEY=KEY)
    assert (result.returncode, result.stderr.count("\n")) == (78, 1), result.stderr
    assert "hunter22" not in result.stderr
    assert not (tmp_path / "x").exists()
