"""No form of a wrong URL, and no text of ours, repeats a secret."""

import io
import logging
from urllib.parse import urlsplit

import pytest

from common.redaction import redact, remember, secrets_in, without_password
from dropbox_clone.configuration import read_configuration
from dropbox_clone.env import ConfigurationError
from dropbox_clone.logs import JsonFormatter, RedactingFormatter
from storage.base import StorageConfigurationError
from storage.registry import open_storage
from tests.platform.test_configuration import KEY, run

pytestmark = pytest.mark.timeout(600)  # real processes; the machine of the tests may be busy
SECRET = "hunter22"
URLS = ["DATABASE_URL", "CACHE_URL", "BROKER_URL", "SEARCH_URL", "STORAGE_URL", "EMAIL_URL"]
OTHERS = ["BASE_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"]
FORMS = [
    "user:hunter22@host/db",
    ":hunter22@host",
    "hunter22@host",
    "//user:hunter22@host/db",
    "jdbc:postgresql://host/db?user=u&password=hunter22",
    "jdbc:postgresql://user:hunter22@host/db",
    "host=h user=u password=hunter22 dbname=d",
    "mysql://user:hunter22@host/db",
    "mysql://hunter22@host/db",
    "mysql://user:hunter22",
    "mysql://host/db?secret=hunter22",
    "mysql://host/db?token=hunter22&x=1",
    "mysql://host/db?sig=hunter22#x",
    "mysql://host/db?key=hunter22",
    "mysql://host/db?hunter22",
    "mysql://host/db;password=hunter22",
    "mysql://host/db#hunter22",
    "mysql://user:a/hunter22@host/db",
    "mysql://user:a?hunter22@host/db",
    "mysql://user:a#hunter22@host/db",
    "mysql://user:12/hunter22@host/db",
    "mysql://user:a@hunter22@host/db",
    "mysql://user:hunter22@[broken/db",
    "mysql://user:hunter22@host:port/db",
    "mysql://user:hunter22\n@host/db",
    " mysql://user:hunter22@host/db ",
    "'mysql://user:hunter22@host/db'",
    "mysql:/user:hunter22@host/db",
    "mysql//user:hunter22@host/db",
    "mysql:user:hunter22@host/db",
    "mysql://user:%68unter22hunter22@host/db",
    "DATABASE_URL=mysql://user:hunter22@host/db",
    "hunter22",
    "https://hunter22@host/path",
    "https://host/path?access_token=hunter22",
]
SCHEMES = {
    "DATABASE_URL": "postgresql",
    "CACHE_URL": "redis",
    "BROKER_URL": "amqp",
    "SEARCH_URL": "elasticsearch7",
    "STORAGE_URL": "s3",
    "EMAIL_URL": "smtp",
    "BASE_URL": "https",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http",
}


def complaint(name: str, value: str) -> str:
    """What is said of it at the start, or where it is opened; "" when it is right."""
    try:
        configuration = read_configuration({"DATA_DIR": "/data", "SECRET_KEY": KEY, name: value})
        if name == "STORAGE_URL":
            open_storage(configuration.storage.geturl())
    except (ConfigurationError, StorageConfigurationError) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", [*URLS, *OTHERS])
@pytest.mark.parametrize("form", FORMS)
def test_a_wrong_url_tells_nothing(name: str, form: str) -> None:
    """As it is, and with a scheme that would be right; what is no error here must be none either when it is opened."""
    for value in (form, form.replace("mysql", SCHEMES[name])):
        for variable in (name, f"{name}_FILE"):
            told = complaint(variable, value)
            assert SECRET not in told
            assert "\n" not in told


@pytest.mark.parametrize("form", FORMS)
def test_what_is_told_of_a_url(form: str) -> None:
    assert SECRET not in without_password(form)


def test_what_is_of_use_is_told() -> None:
    assert without_password("postgresql://a:b@h:5432/d?sslmode=x") == "postgresql://***@h:5432/d?sslmode=***"
    assert without_password("mysql://db/x") == "mysql://db/x"
    assert without_password("file:///srv/a@b") == "file:///srv/a@b"
    assert without_password("https://[::1]:8000/x") == "https://[::1]:8000/x"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgresql://u:12/hunter22@host/db"),
        ("DATABASE_URL", "postgresql://u:12?hunter22@host/db"),
        ("CACHE_URL", "redis://u:12/hunter22@host/0"),
        ("BROKER_URL", "amqp://u:12#hunter22@host/v"),
        ("STORAGE_URL", "s3://KEY:12/hunter22@host/bucket"),
        ("EMAIL_URL", "smtp://u:12?hunter22@host"),
    ],
)
def test_a_password_that_cuts_its_url_is_refused_at_once(name: str, url: str) -> None:
    """It would be taken for the name of a database, a bucket or an option, and told as such by whatever opens it."""
    with pytest.raises(ConfigurationError, match=f"^{name} must have special characters of user and password percent"):
        read_configuration({"DATA_DIR": "/data", "SECRET_KEY": KEY, name: url})


@pytest.mark.parametrize(
    "text",
    [
        "cannot connect to https://hunter22@host/x",
        "GET https://host/x?sv=1&sig=hunter22&se=2",
        "GET /x?access_key=hunter22",
        "GET /x?a=1;auth=hunter22",
        "Not Found: /s/hunter22",
        "GET /s/hunter22/more/a.jpg",
        "path='/s/hunter22'",
        "https://files.example.com/s/hunter22?a=1",
        "PROPFIND /public.php/dav/files/hunter22/a",
    ],
)
def test_a_log_has_no_secret_of_a_query(text: str) -> None:
    assert SECRET not in redact(text)
    assert "***" in redact(text)


def test_what_the_settings_hold_is_in_no_log() -> None:
    """In whatever form a library writes it."""
    url = "s3://KEY:p%40ss-of-ours@host/bucket?region=x"
    variables = {"DATA_DIR": "/data", "SECRET_KEY": KEY, "STORAGE_URL": url, "METRICS_TOKEN": "metrics-token-of-ours"}
    secrets = read_configuration(variables).secrets
    assert {KEY, "p@ss-of-ours", "p%40ss-of-ours", "metrics-token-of-ours"} <= secrets
    remember(secrets)
    stream = io.StringIO()
    for formatter in (RedactingFormatter("%(message)s"), JsonFormatter()):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        handler.emit(logging.LogRecord("x", logging.ERROR, "", 0, "tried p@ss-of-ours of %s", (KEY,), None))
    assert "ss-of-ours" not in stream.getvalue()
    assert KEY not in stream.getvalue()


def test_short_words_stay() -> None:
    remember(secrets_in(urlsplit("redis://:pw@host/0")))
    assert redact("spwan") == "spwan"


def test_a_file_that_is_the_secret_itself(tmp_path: object) -> None:
    for value in ("postgresql://u:hunter22@h/db", "hunter22"):
        with pytest.raises(ConfigurationError) as caught:
            read_configuration({"DATABASE_URL_FILE": value})
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgresql://u:hunter22@127.0.0.1:1/x?password=hunter22"),
        ("DATABASE_URL", "postgresql://u:hunter22@127.0.0.1:1/x?secret=hunter22"),
        ("STORAGE_URL", "s3://KEY:SECRET@127.0.0.1:1/bucket?hunter22"),
        ("STORAGE_URL", "azure://account:hunter22@container?endpoint=http://127.0.0.1:1/account"),
    ],
)
def test_a_start_that_fails_does_not_tell_it(name: str, url: str, tmp_path: object) -> None:
    result = run(["manage.py", "prepare"], str(tmp_path), SECRET_KEY=KEY, **{name: url})
    assert result.returncode == 78
    assert result.stderr.startswith(f"configuration error: {name}")
    assert SECRET not in result.stderr + result.stdout
