"""Which installation `manage.py` acts on: said in one line, and refused where there is none.

A command that is given no DATA_DIR, or another one than the product runs with, would make an empty installation beside
it, or act on a forgotten one, without a word.
"""

import errno
import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path

from common.file_urls import path_in, printable
from common.redaction import redact, without_password
from dropbox_clone.configuration import Configuration, read_configuration
from dropbox_clone.data_dir import refuse_misread
from dropbox_clone.env import ConfigurationError

MAY_CREATE = frozenset({"prepare", "migrate"})
SAY_IT_THEMSELVES = frozenset({"prepare"})  # when nothing stood in the way: an error is one line
# What looks at the code or at the settings alone.
NEED_NONE = frozenset(
    {
        *("check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "makemessages"),
        *("makemigrations", "sendtestemail", "spectacular", "startapp", "startproject", "test", "testserver"),
    }
)


def begin(arguments: list[str]) -> None:
    """Before Django is set up for `manage.py <arguments>`. Raises ConfigurationError."""
    if any(word.startswith("--settings") for word in arguments):
        return  # they have a database of their own
    configuration = read_configuration()
    command = next((word for word in arguments if not word.startswith("-")), "")
    asks_for_help = command in ("", "help", "version") or {"-h", "--help", "--version"} & set(arguments)
    if asks_for_help or command in NEED_NONE:
        if command == "check":
            _require_writable(configuration.data_dir)
        _make_no_key(configuration)
        return
    if command not in MAY_CREATE:
        require(configuration)
    if command not in SAY_IT_THEMSELVES:
        say(command, configuration)


def say(command: str, configuration: Configuration) -> None:
    sys.stderr.write(f"dropbox_clone: {command} acts on {describe(configuration)}\n")
    sys.stderr.flush()


def describe(configuration: Configuration) -> str:
    """The database and DATA_DIR, without secrets."""
    if configuration.embedded:
        database = printable(path_in(configuration.database.path))
    else:
        database = without_password(configuration.database._replace(query="").geturl())
    return f"database {database}, DATA_DIR {printable(configuration.data_dir)}"


def require(configuration: Configuration) -> None:
    """There is a database with our tables in it. Nothing is made. Raises ConfigurationError."""
    if configuration.embedded:
        refuse_misread(configuration.data_dir)
        missing = _missing_in_sqlite(path_in(configuration.database.path))
    else:
        missing = _missing_in_postgresql(configuration)
    if missing:
        raise ConfigurationError(
            f"there is no installation at {describe(configuration)}: {missing}. Name it by DATA_DIR or DATABASE_URL, "
            "as the product itself is started; `make run` or `manage.py prepare` make a new one"
        )


def _missing_in_sqlite(path: str) -> str:
    """What is not there; "" when all is."""
    import sqlite3

    if not os.path.exists(path):
        return "the database is not there"
    try:
        opened = sqlite3.connect(path)  # a mode of reading only could not see what the write-ahead log holds
        try:
            found = opened.execute("SELECT 1 FROM sqlite_master WHERE name = 'accounts_user'").fetchone()
        finally:
            opened.close()
    except sqlite3.Error as error:
        return f"the database cannot be read ({error})"
    return "" if found else "the database has none of its tables"


def _missing_in_postgresql(configuration: Configuration) -> str:
    import psycopg2

    from dropbox_clone.backends import database_settings

    settings = database_settings(configuration.database)
    options = {name: value for name, value in settings["OPTIONS"].items() if name != "pool_size"}
    keys = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options |= {name: settings[key] for name, key in keys.items() if settings[key] != ""}
    try:
        opened = psycopg2.connect(**options)
        try:
            with opened.cursor() as cursor:
                cursor.execute("SELECT to_regclass('accounts_user')")
                found = cursor.fetchone()
        finally:
            opened.close()
    except psycopg2.Error as error:
        reason = redact(str(error).strip().partition("\n")[0])
        raise ConfigurationError(f"DATABASE_URL: {reason}") from None
    return "" if found and found[0] else "the database has none of its tables"


def _require_writable(data_dir: Path) -> None:
    """A folder that is not there is made, and taken away again. Raises ConfigurationError."""
    made = [folder for folder in (data_dir, *data_dir.parents) if not folder.exists()]
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(data_dir, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        reason = error.strerror or "not a folder"
        shown = printable(data_dir)
        raise ConfigurationError(f"DATA_DIR must be a folder that can be written, {shown}: {reason}") from None
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


def _make_no_key(configuration: Configuration) -> None:
    """The settings make DATA_DIR and a secret key in it; for a command that needs none a passing one will do."""
    if not configuration.secret_key and not (configuration.data_dir / "secret_key").exists():
        os.environ["SECRET_KEY"] = secrets.token_urlsafe(50)
