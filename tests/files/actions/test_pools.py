"""files.actions.pools: storage pools, for administrators of the installation."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from accounts.errors import NotAllowed, ScopeMissing
from accounts.models import AuditEvent
from files import errors
from files.actions.pools import add_pool, change_pool, move_pool, probe_pool, remove_pool, seal_pools, set_pool_state
from files.blobs.pools import storage_of
from files.models import Pool, PoolState
from tests.support.people import SYSTEM, actor_of, make_administrator
from tests.support.trees import put


def memory() -> str:
    return f"memory://pools-{os.urandom(6).hex()}"


def change(actor: Actor, pool: Pool, **changes: Any) -> Pool:
    fields = {"state": pool.state, "region": pool.region, "redirect_downloads": False, "direct_uploads": False}
    return change_pool(actor, pool_id=pool.pk, **{**fields, **changes})


ACTS: dict[str, Callable[[Actor, Pool], object]] = {
    "add": lambda a, pool: add_pool(a, name="more", url=memory()),
    "change": change,
    "state": lambda a, pool: set_pool_state(a, pool_id=pool.pk, state="read_only"),
    "move": lambda a, pool: move_pool(a, pool_id=pool.pk),
    "remove": lambda a, pool: remove_pool(a, pool_id=pool.pk),
    "seal": lambda a, pool: seal_pools(a),
    "probe": lambda a, pool: probe_pool(a, pool_id=pool.pk),
}


@pytest.mark.parametrize("name", ACTS)
def test_who_may(actor: Actor, pool: Pool, name: str) -> None:
    with pytest.raises(NotAllowed):
        ACTS[name](actor, pool)
    with pytest.raises(ScopeMissing):
        ACTS[name](actor_of(make_administrator(), scopes=frozenset({"read", "write"})), pool)
    assert list(Pool.objects.values_list("state", flat=True)) == ["active"]
    assert not AuditEvent.objects.filter(kind__startswith="pool.").exists()


def test_a_further_one(pool: Pool) -> None:
    url = memory()
    more = add_pool(actor_of(make_administrator()), name="more", url=url, region="eu")
    assert (more.state, more.region) == (PoolState.ACTIVE, "eu")
    assert url not in more.url
    assert AuditEvent.objects.get(kind="pool.add").target == "more"
    for name, other, region, error in (
        ("more", memory(), "", errors.NameTaken),
        ("again", url, "", errors.InvalidRequest),
        ("Upper", memory(), "", errors.InvalidRequest),
        ("x" * 51, memory(), "", errors.InvalidRequest),
        ("fine", memory(), "E U", errors.InvalidRequest),
        ("fine", "gopher://x", "", errors.InvalidRequest),
    ):
        with pytest.raises(error):
            add_pool(SYSTEM, name=name, url=other, region=region)
    assert Pool.objects.count() == 2


def test_a_state_holds_from_the_next_write_on(actor: Actor, pool: Pool) -> None:
    put(actor, "a", b"1")
    set_pool_state(SYSTEM, pool_id=pool.pk, state="read_only")
    with pytest.raises(errors.NoPool):
        put(actor, "b", b"2")
    with pytest.raises(errors.InvalidRequest):
        set_pool_state(SYSTEM, pool_id=pool.pk, state="asleep")
    with pytest.raises(errors.NotFound):
        set_pool_state(SYSTEM, pool_id=10**9, state="active")
    set_pool_state(SYSTEM, pool_id=pool.pk, state="active")
    put(actor, "b", b"2")


def test_what_the_backend_cannot_do_is_not_switched_on(pool: Pool) -> None:
    for options in ({"redirect_downloads": True}, {"direct_uploads": True}):
        with pytest.raises(errors.InvalidRequest):
            change(SYSTEM, pool, **options)
    for wrong in ({"state": "asleep"}, {"region": "E U"}):
        with pytest.raises(errors.InvalidRequest):
            change(SYSTEM, pool, **wrong)
    assert change(SYSTEM, pool, region="eu").region == "eu"


def test_a_region_stays_while_there_are_bytes_of_it(actor: Actor, pool: Pool) -> None:
    put(actor, "a", b"1")
    change(SYSTEM, pool, region="eu")
    pool.refresh_from_db()
    with pytest.raises(errors.InvalidRequest):
        change(SYSTEM, pool, region="us")
    Pool.objects.filter(pk=pool.pk).update(region="")


def test_draining_into_another_one_of_its_region(pool: Pool) -> None:
    Pool.objects.filter(pk=pool.pk).update(region="eu")
    target = Pool.objects.create(name="target", url=memory(), region="eu", state=PoolState.READ_ONLY)
    abroad = Pool.objects.create(name="abroad", url=memory(), region="us")
    for wrong in (pool, abroad):
        with pytest.raises(errors.InvalidRequest):
            move_pool(SYSTEM, pool_id=pool.pk, target_id=wrong.pk)
    with pytest.raises(errors.NotFound):
        move_pool(SYSTEM, pool_id=pool.pk, target_id=10**9)
    moved = move_pool(SYSTEM, pool_id=pool.pk, target_id=target.pk)
    assert (moved.state, moved.target) == (PoolState.DRAINING, target)
    assert moved.moving_since is not None
    target.refresh_from_db()
    assert target.state == PoolState.ACTIVE


def test_only_an_empty_one_that_nobody_uses_is_forgotten(actor: Actor, pool: Pool, settings: Settings) -> None:
    settings.MOVE_GRACE = timedelta(hours=1)
    more = add_pool(SYSTEM, name="more", url=memory())
    with pytest.raises(errors.InvalidRequest, match="active"):
        remove_pool(SYSTEM, pool_id=more.pk)
    set_pool_state(SYSTEM, pool_id=more.pk, state="read_only")
    with pytest.raises(errors.InvalidRequest, match="a moment ago"):
        remove_pool(SYSTEM, pool_id=more.pk)
    settings.MOVE_GRACE = timedelta(0)
    storage_of(more).put("ab/cd/x-1", [b"x"])
    with pytest.raises(errors.InvalidRequest, match="no row knows"):
        remove_pool(SYSTEM, pool_id=more.pk)
    storage_of(more).delete("ab/cd/x-1")
    remove_pool(SYSTEM, pool_id=more.pk)
    assert list(Pool.objects.all()) == [pool]
    with pytest.raises(errors.NotFound):
        remove_pool(SYSTEM, pool_id=more.pk)


def test_one_with_bytes_is_not_forgotten(actor: Actor, pool: Pool, settings: Settings) -> None:
    settings.MOVE_GRACE = timedelta(0)
    put(actor, "a", b"1")
    set_pool_state(SYSTEM, pool_id=pool.pk, state="read_only")
    with pytest.raises(errors.InvalidRequest, match="holds blobs"):
        remove_pool(SYSTEM, pool_id=pool.pk)
