"""Every default that the reference of settings states is the one that the code uses."""

import re

import pytest

from dropbox_clone.configuration import Configuration, read_configuration
from tests.support.pages import text_of

KEY = "k" * 40
BASE = {"DATA_DIR": "/data"}
# Defaults that are not a value but a rule, and what the rule gives for /data and 256 threads.
RULES = {
    "BASE_URL": ("`http://HOST:PORT`", lambda c: c.base_url == "http://localhost:8000"),
    "ALLOWED_HOSTS": ("host of `BASE_URL`, `HOST`, localhost", lambda c: "localhost" in c.allowed_hosts),
    "TRUSTED_PROXIES": ("none", lambda c: c.trusted_proxies == ()),
    "DATA_DIR": ("`./var`", lambda c: read_configuration({}).data_dir.name == "var"),
    "SECRET_KEY": ("made once, in `DATA_DIR/secret_key`", lambda c: c.secret_key == ""),
    "SECRET_KEY_FALLBACKS": ("none", lambda c: c.secret_key_fallbacks == ()),
    "DATABASE_URL": ("`sqlite://DATA_DIR/db.sqlite3`", lambda c: c.database.path == "/data/db.sqlite3"),
    "BROKER_URL": ("`filesystem:` in `DATA_DIR/broker`", lambda c: c.broker.geturl() == "filesystem:"),
    "STORAGE_URL": ("`file://DATA_DIR/blobs`", lambda c: c.storage.geturl() == "file:///data/blobs"),
    "SEARCH_URL": ("`sql:` (in the database)", lambda c: c.search.geturl() == "sql:"),
    "EMAIL_FROM": ("`noreply@` host of `BASE_URL`", lambda c: c.email_from == "noreply@localhost"),
    "THREADS_PER_ADDRESS": ("half of `WEB_THREADS`", lambda c: c.admission.threads_per_address == c.web_threads // 2),
    "THREADS_PER_ACCOUNT": ("half of `WEB_THREADS`", lambda c: c.admission.threads_per_account == c.web_threads // 2),
    "WEBHOOK_PRIVATE_ADDRESSES": ("none", lambda c: c.webhooks.private_addresses == ()),
    "METRICS_TOKEN": ("none", lambda c: c.metrics_token == ""),
    "METRICS_ALLOW": ("none", lambda c: c.metrics_allow == ()),
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("none", lambda c: c.otlp_endpoint == ""),
}
OTHERS = {"`on`": "off", "`off`": "on", "`auto`": "on", "`closed`": "open", "`text`": "json", "`INFO`": "DEBUG"}


def defaults_of_the_page() -> dict[str, str]:
    text = text_of("docs/operations/configuration.md")
    return dict(re.findall(r"^\| `([A-Z_]+)`(?: \(S\))? \| (.*?) \|", text, re.MULTILINE))


DEFAULTS = defaults_of_the_page()


def configured(**variables: str) -> Configuration:
    return read_configuration({**BASE, **variables})


@pytest.mark.parametrize("name", sorted(set(DEFAULTS) - set(RULES)))
def test_a_stated_default_is_the_default(name: str) -> None:
    """Setting it to what the page says changes nothing, and setting it to something else does."""
    stated = re.match(r"`([^`]+)`", DEFAULTS[name])
    assert stated is not None, DEFAULTS[name]
    value = stated[1]
    if name != "BASE_URL":
        without_given = {"base_url_given"}
        assert _differences(configured(**{name: value}), configured()) <= without_given
    if name not in ("CACHE_URL", "EMAIL_URL", "LANGUAGE_CODE"):
        assert _differences(configured(**{name: _another(value)}), configured()), f"{name} has no effect"


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_stated_rule_is_the_rule(name: str) -> None:
    stated, holds = RULES[name]
    assert DEFAULTS[name].startswith(stated), DEFAULTS[name]
    assert holds(configured())


def _another(value: str) -> str:
    if value == "none":
        return "3MB"
    if value in ("127.0.0.1",):
        return "127.0.0.2"
    if f"`{value}`" in OTHERS:
        return OTHERS[f"`{value}`"]
    number, unit = re.fullmatch(r"(\d+)(.*)", value).groups()  # type: ignore[union-attr]
    return f"{int(number) + 1}{unit}"


def _differences(one: Configuration, other: Configuration) -> set[str]:
    return {name for name in Configuration.__dataclass_fields__ if getattr(one, name) != getattr(other, name)}
