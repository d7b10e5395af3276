"""GET /healthz and GET /readyz."""

import time

import pytest
from django.test import Client

from dropbox_clone import health


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer of an earlier test is given again."""
    monkeypatch.setattr(health, "_readiness", health._Readiness())


def test_alive_asks_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def must_not_run() -> None:
        raise AssertionError("a dependency was asked")

    for name in health.CHECKS:
        monkeypatch.setitem(health.CHECKS, name, must_not_run)
    response = client.get("/healthz")  # without database access: pytest-django would refuse it
    assert response.status_code == 200
    assert response.content == b"ok\n"
    assert not response.cookies


@pytest.mark.django_db(transaction=True)
def test_ready_names_every_dependency(client: Client) -> None:
    response = client.get("/readyz")
    body = response.json()
    assert response.status_code == 200, body
    assert set(body["checks"]) == {"database", "migrations", "cache", "broker", "storage"}
    assert all(check["ok"] and check["ms"] >= 0 for check in body["checks"].values())


@pytest.mark.django_db(transaction=True)
def test_a_failing_dependency_is_named_without_its_secrets(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise OSError("could not connect to redis://user:hunter22@cache:6379")

    monkeypatch.setitem(health.CHECKS, "cache", fails)
    response = client.get("/readyz")
    assert response.status_code == 503
    body = response.json()
    assert body["ok"] is False
    assert body["checks"]["cache"]["error"] == "unavailable"
    assert body["checks"]["database"]["ok"] is True
    assert b"hunter22" not in response.content


@pytest.mark.django_db(transaction=True)
def test_a_check_that_hangs_does_not_hold_up_the_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "TIME_LIMIT", 0.2)
    monkeypatch.setitem(health.CHECKS, "broker", lambda: time.sleep(2))
    start = time.monotonic()
    body = client.get("/readyz").json()
    assert time.monotonic() - start < 1.5
    assert body["checks"]["broker"]["error"] == "timeout"


@pytest.mark.django_db(transaction=True)
def test_missing_migrations_are_pending(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: ["accounts.0001"])
    body = client.get("/readyz").json()
    assert body["checks"]["migrations"] == {**body["checks"]["migrations"], "ok": False, "error": "pending"}
