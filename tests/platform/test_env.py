"""Readers of environment variables."""

from datetime import timedelta
from pathlib import Path

import pytest

from common.redaction import without_password
from dropbox_clone.env import ConfigurationError, Environment, read_dotenv


def test_an_empty_variable_counts_as_not_set() -> None:
    environment = Environment({"PORT": " ", "HOST": ""})
    assert environment.integer("PORT", 8000, minimum=1, maximum=65535) == 8000
    assert environment.text("HOST", "127.0.0.1") == "127.0.0.1"


@pytest.mark.parametrize("value", ["abc", "0", "65536", "-1", "1.5", "８０", "1e3", "9" * 30])
def test_integer_refuses(value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Environment({"PORT": value}).integer("PORT", 8000, minimum=1, maximum=65535)
    assert str(caught.value) == f"PORT must be a number from 1 to 65535, got {value!r}"


@pytest.mark.parametrize(
    ("value", "expected"), [("true", True), ("ON", True), ("1", True), ("no", False), ("0", False)]
)
def test_boolean(value: str, expected: bool) -> None:
    assert Environment({"X": value}).boolean("X", not expected) is expected


def test_boolean_refuses() -> None:
    with pytest.raises(ConfigurationError, match="X must be true or false, got 'maybe'"):
        Environment({"X": "maybe"}).boolean("X", False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("10GB", 10**10), ("10GiB", 10 * 2**30), ("1.5MB", 1_500_000), ("42", 42), ("5 tb", 5 * 10**12)],
)
def test_size(value: str, expected: int) -> None:
    assert Environment({"X": value}).size("X", "1GB") == expected


def test_size_none_only_where_it_is_allowed() -> None:
    environment = Environment({"X": "none", "Y": "ten"})
    assert environment.size_or_none("X", "1GB") is None
    with pytest.raises(ConfigurationError, match="X must be a size"):
        environment.size("X", "1GB")
    with pytest.raises(ConfigurationError, match=r"Y must be a size such as .* got 'ten'"):
        environment.size("Y", "1GB")


def test_duration() -> None:
    assert Environment({"X": "90s"}).duration("X", "1d") == timedelta(seconds=90)
    assert Environment({}).duration("X", "30d") == timedelta(days=30)
    with pytest.raises(ConfigurationError, match=r"X must be a duration such as .* got '30'"):
        Environment({"X": "30"}).duration("X", "1d")


def test_a_secret_comes_from_a_file_without_its_last_newline(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("s3cret with spaces \n")
    assert Environment({"KEY_FILE": str(file)}).secret("KEY") == "s3cret with spaces "


def test_a_secret_never_appears_in_errors(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="KEY and KEY_FILE must not both be set") as caught:
        Environment({"KEY": "hunter22", "KEY_FILE": "/x"}).secret("KEY")
    assert "hunter22" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="KEY_FILE must name a readable file, got '/no/such': No such file"):
        Environment({"KEY_FILE": "/no/such"}).secret("KEY")
    empty = tmp_path / "empty"
    empty.write_text("\n")
    with pytest.raises(ConfigurationError, match="not empty"):
        Environment({"KEY_FILE": str(empty)}).secret("KEY")


@pytest.mark.parametrize(
    "url", ["mysql://root:hunter22@db/x", "redis://u:hunter22@[broken/0", "redis://u:hunter22@h:port/0"]
)
def test_a_url_that_is_refused_does_not_tell_its_password(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Environment({"CACHE_URL": url}).url("CACHE_URL", "locmem:", schemes=("locmem", "redis"))
    assert "hunter22" not in str(caught.value)
    assert str(caught.value).startswith("CACHE_URL must ")


def test_a_password_without_its_host_is_not_told_either() -> None:
    assert without_password("azure://account:hunter22") == "azure://account:***"
    assert without_password("postgresql://db:99999/x") == "postgresql://db:99999/x"


def test_without_password() -> None:
    assert without_password("postgresql://a:b@h/d") == "postgresql://***@h/d"
    assert without_password("file:///srv/a@b") == "file:///srv/a@b"


def test_words() -> None:
    assert Environment({"X": "a, b ,,c"}).words("X") == ("a", "b", "c")


def test_dotenv(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert read_dotenv(file) == {}
    file.write_text("# comment\n\nPORT=9000\nHOST = '0.0.0.0'\nURL=redis://h/0?a=b\nEMPTY=\n")
    assert read_dotenv(file) == {"PORT": "9000", "HOST": "0.0.0.0", "URL": "redis://h/0?a=b", "EMPTY": ""}
    file.write_text("PORT=1\nnonsense\n")
    with pytest.raises(ConfigurationError, match="line 2 must be NAME=value"):
        read_dotenv(file)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("X=/srv/files   # big disk", "/srv/files"),
        ("X=/srv/my files # big disk # new", "/srv/my files"),
        ("X=/srv/my#files", "/srv/my#files"),
        ("X=   # not yet", ""),
        ("X=# not yet", ""),
        ("X=#9", "#9"),
        ("X='a # b'  # both", "a # b"),
        ('X="it\'s"', "it's"),
        ("X=it's", "it's"),
        ("X=Files <files@example.com>", "Files <files@example.com>"),
    ],
)
def test_dotenv_comments_and_quotes(line: str, value: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{line}\nY=1\n")
    assert read_dotenv(file) == {"X": value, "Y": "1"}


@pytest.mark.parametrize("value", ["'hunter22", '"hunter22" more', "'a'hunter22"])
def test_dotenv_quotes_enclose_all_of_a_value(value: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"SECRET_KEY={value}\n")
    with pytest.raises(ConfigurationError, match="line 1: the quotes of SECRET_KEY must enclose") as caught:
        read_dotenv(file)
    assert "hunter22" not in str(caught.value)
