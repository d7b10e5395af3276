"""files.queries.pools: what an administrator reads of each pool."""

from datetime import timedelta
from typing import Any

import pytest

from common.clock import now
from files.models import Blob, BlobCopy, CopyState, MoveProblem, Pool, PoolState
from files.queries.pools import PoolStatus, pool_status

pytestmark = pytest.mark.django_db


def make_pool(name: str, *sizes: int, **fields: Any) -> Pool:
    pool = Pool.objects.create(name=name, **fields)
    for number, size in enumerate(sizes):
        Blob.objects.create(pool=pool, key=f"{name}{number}", size=size)
    return pool


def status_of(pool: Pool) -> PoolStatus:
    (status,) = pool_status([pool])
    return status


def test_sums_of_each_in_the_order_given(django_assert_num_queries: Any) -> None:
    full, empty = make_pool("full", 3, 4), make_pool("empty")
    make_pool("another", 100)
    copy = {"pool": empty, "blob_id": 1, "at": now()}
    BlobCopy.objects.create(key="x", size=5, state=CopyState.LEFT, **copy)
    BlobCopy.objects.create(key="y", size=6, state=CopyState.COMING, **copy)
    MoveProblem.objects.create(pool=full, blob_id=1, key="z", code="damaged", at=now())
    with django_assert_num_queries(3):
        found = pool_status([empty, full])
    assert [(s.pool, s.blobs, s.bytes, s.left, s.left_bytes, s.problems) for s in found] == [
        (empty, 0, 0, 1, 5, 0),
        (full, 2, 7, 0, 0, 1),
    ]
    assert [(s.goes_to, s.remaining) for s in found] == [(None, None)] * 2


def test_only_a_draining_one_goes_somewhere() -> None:
    source = make_pool("source", 100, region="eu", move_rate=8)
    other, same = make_pool("other", region="us"), make_pool("same", region="eu")
    assert (status_of(source).goes_to, status_of(source).remaining) == (None, None)
    source.state = PoolState.DRAINING
    source.save()
    assert (status_of(source).goes_to, status_of(source).remaining) == (same, timedelta(seconds=12))
    source.move_rate = 0
    assert status_of(source).remaining is None
    same.state = PoolState.READ_ONLY
    same.save()
    assert status_of(source).goes_to is None
    source.target = other
    source.save()
    assert status_of(source).goes_to is None  # bytes never leave a region


def test_percent_of_what_there_was_and_came() -> None:
    assert status_of(make_pool("nothing")).percent == 100
    assert status_of(make_pool("begun", 2, moved_bytes=1)).percent == 33
    assert status_of(make_pool("not", 2)).percent == 0
    assert status_of(make_pool("all", moved_bytes=5)).percent == 100
