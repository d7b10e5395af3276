"""GET /healthz and GET /readyz."""

import time
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.test import Client
from kombu.exceptions import OperationalError

from dropbox_clone import health, pool_checks
from dropbox_clone.configuration import read_configuration
from files.blobs.pools import seal_url
from files.models import Pool
from storage.base import StorageError


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
def test_ready_names_every_dependency(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "TIME_LIMIT", 30)  # the machine of the tests may be busy
    response = client.get("/readyz")
    body = response.json()
    assert response.status_code == 200, body
    assert body["degraded"] is False
    assert set(body["checks"]) == {"database", "migrations", "cache", "broker", "storage"}
    assert all(check["ok"] and check["ms"] >= 0 for check in body["checks"].values())


@pytest.mark.django_db(transaction=True)
def test_a_failing_dependency_is_named_without_its_secrets(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise OSError("could not connect to postgresql://user:hunter22@database:5432")

    monkeypatch.setitem(health.CHECKS, "database", fails)
    response = client.get("/readyz")
    assert response.status_code == 503
    body = response.json()
    assert body["ok"] is False
    assert body["degraded"] is False
    assert body["checks"]["database"]["error"] == "unavailable"
    assert body["checks"]["cache"]["ok"] is True
    assert b"hunter22" not in response.content


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["cache", "broker", "storage"])
def test_what_requests_do_without_takes_no_replica_out(
    client: Client, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def fails() -> None:
        raise OSError

    monkeypatch.setitem(health.CHECKS, name, fails)
    response = client.get("/readyz")
    assert response.status_code == 200
    body = response.json()
    assert (body["ok"], body["degraded"], body["checks"][name]["ok"]) == (True, True, False)


@pytest.mark.django_db(transaction=True)
def test_a_check_that_hangs_does_not_hold_up_the_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "TIME_LIMIT", 0.2)
    monkeypatch.setitem(health.CHECKS, "broker", lambda: time.sleep(2))
    start = time.monotonic()
    body = client.get("/readyz").json()
    assert time.monotonic() - start < 1.5
    assert body["checks"]["broker"]["error"] == "timeout"


@pytest.mark.django_db(transaction=True)
def test_every_further_pool_is_named_and_takes_no_replica_out(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(health, "TIME_LIMIT", 30)
    Pool.objects.create(name="default")
    Pool.objects.create(name="folder", url=seal_url(f"file://{tmp_path}/pool"))
    Pool.objects.create(name="away", url=seal_url("s3://KEY:hunter22@127.0.0.1:1/bucket?secure=0"))
    response = client.get("/readyz")
    body = response.json()
    further = {name: check["ok"] for name, check in body["checks"].items() if name not in health.CHECKS}
    assert further == {"pool:folder": True, "pool:away": False}
    assert (response.status_code, body["ok"], body["degraded"]) == (200, True, True)
    assert b"hunter22" not in response.content


@pytest.mark.django_db(transaction=True)
def test_pools_are_named_on_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Pool.objects.create(name="folder", url=f"file://{tmp_path}/pool")
    readiness = health._Readiness()
    monkeypatch.setattr(health, "TIME_LIMIT", 30)
    assert readiness._ask()["pool:folder"]["ok"]
    (tmp_path / "pool").rename(tmp_path / "unmounted")
    monkeypatch.setattr(pool_checks, "REMEMBERED", 0.0)
    monkeypatch.setattr(pool_checks.Pool, "objects", None)
    assert readiness._ask()["pool:folder"]["error"] == "unavailable"


def test_storage_that_cannot_be_used_fails(settings: Any, tmp_path: Path) -> None:
    health.check_storage()
    settings.STORAGE_URL = "s3://KEY:SECRET@127.0.0.1:1/bucket?secure=0"
    with pytest.raises(StorageError):
        health.check_storage()
    (tmp_path / "blobs").write_text("a file where the folder should be")
    settings.STORAGE_URL = f"file://{tmp_path}/blobs"
    settings.CONFIGURATION = read_configuration({"STORAGE_URL": settings.STORAGE_URL})
    with pytest.raises(OSError, match="exists"):
        health.check_storage()


def test_a_broker_that_is_down_fails(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    health.check_broker()
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    monkeypatch.setattr(health, "celery_app", Celery(broker="redis://127.0.0.1:1/0"))
    with pytest.raises(OperationalError):
        health.check_broker()


@pytest.mark.django_db(transaction=True)
def test_missing_migrations_are_pending(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: ["accounts.0001"])
    body = client.get("/readyz").json()
    assert body["checks"]["migrations"] == {**body["checks"]["migrations"], "ok": False, "error": "pending"}
