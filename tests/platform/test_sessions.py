"""Sessions are found by the hash of their key."""

import hashlib
import importlib
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from tests.support.people import make_user

pytestmark = pytest.mark.django_db
ENGINES = ["dropbox_clone.sessions", "dropbox_clone.cached_sessions"]


@pytest.fixture(params=ENGINES, autouse=True)
def engine(request: pytest.FixtureRequest, settings: Any) -> str:
    settings.SESSION_ENGINE = request.param
    return str(request.param)


def is_signed_in(client: Client) -> bool:
    return client.get("/api/v1/account").status_code == 200


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make_user())
    return client


def test_what_is_in_the_database_opens_nothing(client: Client) -> None:
    key = client.cookies["session"].value
    [stored] = Session.objects.values_list("session_key", flat=True)
    assert is_signed_in(client)
    assert stored == hashlib.sha256(key.encode()).hexdigest()[:40]
    thief = Client()
    thief.cookies["session"] = stored
    assert not is_signed_in(thief)


def test_what_is_in_the_cache_opens_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = cache.get
    monkeypatch.setattr(cache, "get", lambda key, *rest, **options: asked.append(key) or real(key, *rest, **options))
    assert is_signed_in(client)
    assert not [key for key in asked if client.cookies["session"].value in key]


def test_a_session_is_changed_ended_and_not_taken_over(client: Client) -> None:
    session = client.session
    session["some"] = "thing"
    session.save()
    assert client.session["some"] == "thing"
    assert client.session.exists(client.cookies["session"].value)
    assert Session.objects.count() == 1
    copied = client.cookies["session"].value
    client.post("/accounts/logout/")
    assert not Session.objects.exists()
    client.cookies["session"] = copied
    assert not is_signed_in(client)
    planted = Client()
    planted.cookies["session"] = "p" * 32
    planted.force_login(make_user())
    assert planted.cookies["session"].value != "p" * 32


def test_sessions_of_the_release_before_keep_working(client: Client) -> None:
    key = client.cookies["session"].value
    Session.objects.update(session_key=key)  # as it kept them
    cache.clear()
    assert not is_signed_in(client)
    client.cookies["session"] = key
    migration = importlib.import_module("accounts.migrations.0007_hash_session_keys")
    migration.hash_keys(apps, None)
    migration.hash_keys(apps, None)  # once more does nothing
    assert is_signed_in(client)
