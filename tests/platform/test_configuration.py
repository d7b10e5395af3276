"""The product's configuration: what is refused, what is derived, and that .env.example tells it all."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dropbox_clone import configuration as configuration_module
from dropbox_clone.backends import broker_settings, cache_settings, database_settings, email_settings, search_settings
from dropbox_clone.configuration import (
    BASE_DIR,
    FOREIGN,
    Configuration,
    configured_names,
    misspelt_variables,
    read_configuration,
)
from dropbox_clone.env import ConfigurationError

pytestmark = pytest.mark.timeout(240)
KEY = "k" * 40


def run(command: list[str], data_dir: Path | str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A process of the product with its real settings, not those of tests."""
    settings = {"DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "dropbox_clone.settings"}
    unset = {"SECRET_KEY", "STORAGE_URL", "DATABASE_URL", "MAKELEVEL"}
    inherited = {name: value for name, value in os.environ.items() if name not in unset}
    return subprocess.run(
        [sys.executable, *command],
        cwd=BASE_DIR,
        env={**inherited, **settings, **variables},
        capture_output=True,
        text=True,
        timeout=200,  # a start takes two seconds of processor time; the machine of the tests may be busy
        check=False,
    )


def configured(**variables: str) -> Configuration:
    return read_configuration({"DATA_DIR": "/data", **variables})


def test_defaults_are_the_embedded_shape() -> None:
    configuration = configured()
    assert configuration.embedded
    assert (configuration.host, configuration.port) == ("127.0.0.1", 8000)
    assert configuration.base_url == "http://localhost:8000"
    assert configuration.database.path == "/data/db.sqlite3"
    assert configuration.storage.geturl() == "file:///data/blobs"
    assert configuration.signup == "closed"
    assert configuration.trusted_proxies == ()
    assert configuration.allowed_hosts == ("127.0.0.1", "[::1]", "localhost")


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"PORT": "abc"}, "PORT must be a number from 1 to 65535, got 'abc'"),
        (
            {"DATABASE_URL": "mysql://db/x"},
            "DATABASE_URL must start with sqlite:, postgresql: or postgres:, got 'mysql://db/x'",
        ),
        (
            {"DATABASE_URL": "sqlite://relative/db"},
            "DATABASE_URL must be sqlite:///path/to/file, got 'sqlite://relative/db'",
        ),
        (
            {"DATABASE_URL": "postgresql://db/x"},
            "SECRET_KEY (or SECRET_KEY_FILE) must be set when DATABASE_URL is not sqlite",
        ),
        ({"DATABASE_URL": "postgresql://db", "SECRET_KEY": KEY}, "DATABASE_URL must name a database"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must have at least 32 characters"),
        ({"STORAGE_URL": "ftp://x"}, "STORAGE_URL must start with file:, memory:, s3:, gs: or azure:, got 'ftp://x'"),
        ({"SIGNUP": "maybe"}, "SIGNUP must be open or closed, got 'maybe'"),
        ({"TRUSTED_PROXIES": "10.0.0.0/8,proxy"}, "TRUSTED_PROXIES must be networks such as"),
        ({"BASE_URL": "files.example.com"}, "BASE_URL must start with http: or https:, got 'files.example.com'"),
        ({"BASE_URL": "https://files.example.com/sub"}, "BASE_URL must be like https://files.example.com"),
        ({"WEB_THREADS": "0"}, "WEB_THREADS must be a number from 1 to 4096, got '0'"),
        ({"MAX_UPLOAD_SIZE": "huge"}, "MAX_UPLOAD_SIZE must be a size such as"),
        ({"TRASH_RETENTION": "forever"}, "TRASH_RETENTION must be a duration such as"),
        ({"MAX_UPLOAD_SIZE": "0"}, "MAX_UPLOAD_SIZE must be a size such as"),
        ({"DEFAULT_ACCOUNT_QUOTA": "-5GB"}, "DEFAULT_ACCOUNT_QUOTA must be a size such as 500MB, 10GiB or none"),
        ({"UPLOAD_EXPIRY": "0s"}, "UPLOAD_EXPIRY must be a duration such as"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, got 'loud'"),
        ({"LANGUAGE_CODE": "de"}, "LANGUAGE_CODE must be en, got 'de'"),
        ({"HOST": "::zz"}, "HOST must be an address or a name, such as 127.0.0.1 or ::1, got '::zz'"),
        ({"HOST": "http://me"}, "HOST must be an address or a name"),
        ({"BASE_URL": "https://a b/"}, "BASE_URL must be like https://files.example.com"),
        ({"BASE_URL": "https://me:pw@files.example.com"}, "BASE_URL must be like https://files.example.com"),
        ({"ALLOWED_HOSTS": "a.example.com, https://b.example.com"}, "ALLOWED_HOSTS must be names such as"),
        ({"EMAIL_FROM": "nobody"}, "EMAIL_FROM must be like files@example.com, got 'nobody'"),
        ({"EMAIL_FROM": "a@b.example\nBcc: c@d.example"}, "EMAIL_FROM must be like files@example.com"),
        ({"SECRET_KEY_FALLBACKS": f"{KEY},short"}, "SECRET_KEY_FALLBACKS must be keys of at least 32 characters"),
        ({"STORAGE_URL": "file:blobs"}, "STORAGE_URL must be file: and an absolute path"),
        ({"STORAGE_URL": "file://blobs/x"}, "STORAGE_URL must be file: and an absolute path"),
        ({"BROKER_URL": "filesystem:messages"}, "BROKER_URL must be filesystem: and an absolute path"),
        ({"EMAIL_URL": "file:mail"}, "EMAIL_URL must be file: and an absolute path"),
        ({"CACHE_URL": "redis:"}, "CACHE_URL must be like redis://:password@host:6379/0"),
        ({"CACHE_URL": "redis://cache/zero"}, "CACHE_URL must be like redis://:password@host:6379/0"),
        ({"BROKER_URL": "redis://:pw@mq/x"}, "BROKER_URL must be like redis://"),
        ({"BROKER_URL": "amqp:"}, "BROKER_URL must be like amqp://"),
    ],
)
def test_a_wrong_value_is_named(variables: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configured(**variables)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "check"],
        ["-m", "dropbox_clone.supervisor"],
        ["-m", "gunicorn", "--config", "python:dropbox_clone.web_server.gunicorn_conf", "dropbox_clone.wsgi"],
        ["-m", "celery", "-A", "dropbox_clone", "inspect", "ping"],
    ],
)
def test_every_process_stops_with_one_line(command: list[str], tmp_path: Path) -> None:
    result = run(command, tmp_path, PORT="abc")
    assert result.returncode == 78
    assert result.stderr == "configuration error: PORT must be a number from 1 to 65535, got 'abc'\n"
    assert result.stdout == ""


def test_the_web_server_alone_looks_at_the_storage_url_too(tmp_path: Path) -> None:
    """In a cluster it starts without `prepare`."""
    gunicorn = ["-m", "gunicorn", "--config", "python:dropbox_clone.web_server.gunicorn_conf", "dropbox_clone.wsgi"]
    result = run(gunicorn, tmp_path, STORAGE_URL="s3://KEY:hunter22@host/bucket?nonsense=1")
    assert result.returncode == 78
    assert result.stderr == "configuration error: STORAGE_URL: unknown option 'nonsense' for s3://\n"


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({"STORAGE_URL": "s3://KEY:hunter22@/bucket?nonsense=1"}, "STORAGE_URL"),
        ({"DATABASE_URL": "postgresql://u:hunter22@127.0.0.1:1/x", "SECRET_KEY": KEY}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://u:hunter22@127.0.0.1:1/x?sslmood=1", "SECRET_KEY": KEY}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://u:hunter22@127.0.0.1:1/x?pool_size=x", "SECRET_KEY": KEY}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:////proc/nowhere/db"}, "DATABASE_URL"),
        ({"DATABASE_URL": f"sqlite://{__file__}"}, "DATABASE_URL"),
        ({"STORAGE_URL": "s3://KEY:hunter22@127.0.0.1:1/bucket?secure=0"}, "STORAGE_URL"),
        ({"STORAGE_URL": "memory:"}, "STORAGE_URL"),
        ({"CACHE_URL": "redis://:hunter22@127.0.0.1:1/0"}, "CACHE_URL"),
        ({"BROKER_URL": "redis://:hunter22@127.0.0.1:1/0"}, "BROKER_URL"),
        ({"BROKER_URL": "amqp://u:hunter22@127.0.0.1:1/v"}, "BROKER_URL"),
        ({"BROKER_URL": "filesystem:///proc/nowhere"}, "BROKER_URL"),
        ({"EMAIL_URL": "file:///proc/nowhere"}, "EMAIL_URL"),
    ],
)
def test_a_backend_that_cannot_be_opened_stops_the_start(variables: dict[str, str], name: str, tmp_path: Path) -> None:
    result = run(["manage.py", "prepare"], tmp_path, **variables)
    assert result.returncode == 78
    assert result.stderr.startswith(f"configuration error: {name}: ")
    assert result.stderr.count("\n") == 1
    assert "hunter22" not in result.stderr


def test_a_data_dir_that_cannot_be_written_is_named() -> None:
    result = run(["manage.py", "check"], "/proc/nowhere")
    assert result.returncode == 78
    assert result.stderr.startswith("configuration error: DATA_DIR must be a folder that can be written")
    assert result.stderr.count("\n") == 1


def test_env_example_names_every_variable_and_no_other() -> None:
    text = (BASE_DIR / ".env.example").read_text()
    listed = set(re.findall(r"^#?([A-Z][A-Z_]+)=", text, re.MULTILINE))
    assert listed == {name for name in configured_names() if not name.endswith("_FILE")}


def test_the_reference_names_every_variable_and_no_other() -> None:
    text = (BASE_DIR / "docs/operations/configuration.md").read_text()
    rows = dict(re.findall(r"^\| `([A-Z_]+)`( \(S\))? \|", text, re.MULTILINE))
    assert set(rows) == {name for name in configured_names() if not name.endswith("_FILE")}
    secret = {name.removesuffix("_FILE") for name in configured_names() if name.endswith("_FILE")}
    assert {name for name, mark in rows.items() if mark} == secret


def test_env_example_marks_every_secret() -> None:
    text = (BASE_DIR / ".env.example").read_text()
    secret = set()
    marked = False
    for line in text.splitlines()[3:]:
        marked = marked or "[secret]" in line
        if match := re.match(r"#([A-Z][A-Z_]+)=", line):
            if marked:
                secret.add(match[1])
            marked = False
    assert secret == {name.removesuffix("_FILE") for name in configured_names() if name.endswith("_FILE")}


def test_env_example_shows_the_defaults() -> None:
    text = (BASE_DIR / ".env.example").read_text()
    examples = dict(re.findall(r"^#([A-Z][A-Z_]+)=(.*)$", text, re.MULTILINE))
    told = {
        name: examples[name]
        for name in (
            "HOST",
            "PORT",
            "SIGNUP",
            "WEB_WORKERS",
            "WEB_THREADS",
            "STOP_TIMEOUT",
            "DEFAULT_ACCOUNT_QUOTA",
            "MAX_UPLOAD_SIZE",
            "TRASH_RETENTION",
            "VERSION_RETENTION",
            "UPLOAD_EXPIRY",
            "LOG_LEVEL",
            "LANGUAGE_CODE",
            "CACHE_URL",
            "BROKER_URL",
            "SEARCH_URL",
            "EMAIL_URL",
        )
    }
    assert configured(**told) == configured()


def test_a_misspelt_variable_is_noticed() -> None:
    others = ["PATH", "HOME", "PORT", "PORTS", "HOSTNAME", "XDG_DATA_DIRS", "WEB_CONCURRENCY", "DATABASE_URL_FILE"]
    assert misspelt_variables(["DATABSE_URL", "LOGLEVEL", *others]) == [
        ("DATABSE_URL", "DATABASE_URL"),
        ("LOGLEVEL", "LOG_LEVEL"),
    ]


def test_a_misspelt_variable_stops_the_start(tmp_path: Path) -> None:
    result = run(["-m", "dropbox_clone.supervisor"], tmp_path, DATABSE_URL="postgresql://u:hunter22@db/files")
    assert result.returncode == 78
    assert result.stderr == (
        "configuration error: DATABSE_URL is no setting; did you mean DATABASE_URL? Rename it, or unset it\n"
    )


def test_a_name_that_other_programs_read_is_a_warning(tmp_path: Path) -> None:
    result = run(["manage.py", "check"], tmp_path, LOGLEVEL="trace", MAIL_URL="smtp://u:hunter22@mail")
    assert result.returncode == 0, result.stderr
    assert "LOGLEVEL is not read: it is no setting of ours. If LOG_LEVEL was meant, rename it." in result.stderr
    assert "EMAIL_URL was meant" in result.stderr
    assert "hunter22" not in result.stderr
    assert run(["manage.py", "check"], tmp_path, LOG_LEVL="trace").returncode == 78
    assert run(["manage.py", "check"], tmp_path, DATADIR="/srv").returncode == 78, "files would be elsewhere"


def test_in_our_own_file_it_is_misspelt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration_module, "BASE_DIR", tmp_path)
    monkeypatch.setenv("LOGLEVEL", "trace")
    read_configuration()
    (tmp_path / ".env").write_text("LOGLEVEL=trace\n")
    with pytest.raises(ConfigurationError, match="LOGLEVEL is no setting; did you mean LOG_LEVEL"):
        read_configuration()


@pytest.mark.parametrize("name", ["TRUSTED_PROXY", "MAX_UPLOAD", "QUOTA"])
def test_an_unknown_name_in_our_own_file_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration_module, "BASE_DIR", tmp_path)
    monkeypatch.setenv(name, "1")
    read_configuration()  # in the environment it may be another program's
    (tmp_path / ".env").write_text(f"{name}=hunter22\nSECRET_KEY_FILE=\n")
    with pytest.raises(ConfigurationError, match=rf"{name}( in .env)? is no setting") as caught:
        read_configuration()
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize("url", ["memory:", "s3://bucket", "s3://KEY:hunter22@host/bucket?secur=0"])
def test_check_looks_at_the_storage_url(url: str, tmp_path: Path) -> None:
    result = run(["manage.py", "check"], tmp_path, STORAGE_URL=url)
    assert result.returncode == 78
    assert result.stderr.startswith("configuration error: STORAGE_URL: ")
    assert result.stderr.count("\n") == 1
    assert "hunter22" not in result.stderr


def test_every_name_that_others_read_is_near_one_of_ours() -> None:
    assert {name for name, _ in misspelt_variables(FOREIGN)} == FOREIGN


def test_listening_everywhere_without_a_base_url_answers_to_every_name() -> None:
    assert configured(HOST="0.0.0.0").allowed_hosts == ("*",)
    named = configured(HOST="0.0.0.0", BASE_URL="https://files.example.com/")
    assert "files.example.com" in named.allowed_hosts
    assert "*" not in named.allowed_hosts
    assert named.base_url == "https://files.example.com"
    assert named.https


def test_database_settings() -> None:
    sqlite = database_settings(configured(DATABASE_URL="sqlite:////srv/my%20db").database)
    assert sqlite["NAME"] == "/srv/my db"
    assert sqlite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert sqlite["CONN_MAX_AGE"] is None
    url = "postgresql://us%40er:p%2Fw@db:5433/name?sslmode=require"
    postgresql = database_settings(configured(DATABASE_URL=url, SECRET_KEY=KEY).database)
    assert (postgresql["USER"], postgresql["PASSWORD"], postgresql["HOST"], postgresql["PORT"]) == (
        "us@er",
        "p/w",
        "db",
        5433,
    )
    assert postgresql["OPTIONS"]["sslmode"] == "require"


def test_postgresql_goes_through_psycopg2() -> None:
    """Django prefers psycopg 3 when both can be imported; the pinned packages must not bring it."""
    from django.db.backends.postgresql.psycopg_any import is_psycopg3

    assert not is_psycopg3


def test_other_backends() -> None:
    configuration = configured(
        CACHE_URL="redis://:pw@cache:6379/1",
        BROKER_URL="amqp://u:p@mq/vhost",
        SEARCH_URL="elasticsearch7://es:9200/files",
        EMAIL_URL="smtp+tls://me:pw@mail:587",
    )
    assert cache_settings(configuration.cache)["LOCATION"] == "redis://:pw@cache:6379/1"
    assert broker_settings(configuration.broker, configuration.data_dir) == ("amqp://u:p@mq/vhost", {})
    assert search_settings(configuration.search)["URL"] == "http://es:9200/"
    mail = email_settings(configuration.email, configuration.data_dir)
    assert (mail["EMAIL_HOST"], mail["EMAIL_PORT"], mail["EMAIL_USE_TLS"]) == ("mail", 587, True)
    url, options = broker_settings(configured().broker, Path("/data"))
    assert url.startswith("filesystem://")
    assert options["polling_interval"] == 0.05
    assert options["data_folder_in"] == options["data_folder_out"] == "/data/broker/messages"
