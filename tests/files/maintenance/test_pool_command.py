"""`manage.py pool`: states, moves, secrets."""

import os
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from files.blobs.pools import storage_of, unseal_url
from files.errors import StorageUnavailable
from files.models import Pool
from tests.files.maintenance.moving_world import NOTHING, check, objects, settle, world
from tests.support.people import actor_of, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def test_by_command(pool: Pool, other: Pool, settings: Settings) -> None:
    files = world()
    out = StringIO()
    call_command("pool", "move", "default", "other", "--wait", stdout=out)
    assert "default: draining" in out.getvalue()
    assert "to other" in out.getvalue()
    assert "100 %" in out.getvalue().splitlines()[-1]
    check(files)
    with pytest.raises(CommandError, match="wait for MOVE_GRACE"):
        call_command("pool", "remove", "default")
    settings.MOVE_GRACE = NOTHING
    with pytest.raises(CommandError, match="left behind"):
        call_command("pool", "remove", "default")
    with pytest.raises(CommandError, match="active"):
        call_command("pool", "remove", "other")
    settle()
    call_command("pool", "remove", "default", stdout=out)
    assert list(Pool.objects.values_list("name", flat=True)) == ["other"]
    check(files)
    actor = actor_of(make_user("new@example.com"))
    put(actor, "works")
    call_command("pool", "readonly", "other", stdout=out, stderr=out)
    assert "No pool is active" in out.getvalue()
    call_command("pool", "activate", "other", stdout=out)
    call_command("pool", "probe", "other", stdout=out)
    assert "conditional_put: yes" in out.getvalue()
    with pytest.raises(CommandError, match="no pool"):
        call_command("pool", "activate", "nobody")


def test_added_by_command_and_its_secrets_are_sealed(pool: Pool) -> None:
    out, url = StringIO(), f"memory://very-secret-{os.urandom(6).hex()}"
    call_command("pool", "add", "more", url, "--region", "eu", stdout=out)
    more = Pool.objects.get(name="more")
    assert more.region == "eu"
    assert "very-secret" not in more.url + out.getvalue()
    storage_of(more).put("ab/cd/x-1", [b"x"])
    storage_of(more).delete("ab/cd/x-1")
    call_command("pool", "list", stdout=out)
    assert "very-secret" not in out.getvalue()
    with pytest.raises(CommandError, match="a pool already"):
        call_command("pool", "add", "again", url)


def test_sealed_anew_with_another_key(pool: Pool, settings: Settings) -> None:
    url = f"memory://very-secret-{os.urandom(6).hex()}"
    plain = Pool.objects.create(name="plain", url=url)
    storage_of(plain).put("ab/cd/x-1", [b"x"])
    old = settings.SECRET_KEY
    call_command("pool", "seal", stdout=StringIO())
    plain.refresh_from_db()
    assert "very-secret" not in plain.url
    assert objects(plain) == ["ab/cd/x-1"]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [old]
    call_command("pool", "seal", stdout=StringIO())
    settings.SECRET_KEY_FALLBACKS = []
    unseal_url.cache_clear()
    plain.refresh_from_db()
    assert objects(plain) == ["ab/cd/x-1"]
    settings.SECRET_KEY = "lost" * 20
    unseal_url.cache_clear()
    with pytest.raises(StorageUnavailable):
        objects(plain)
    out = StringIO()
    call_command("pool", "list", stdout=out)
    assert "plain: active" in out.getvalue()
    unseal_url.cache_clear()
