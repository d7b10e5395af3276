"""Storage pools: adding one, changing its state and uses, emptying it. Administrators of the installation only."""

import re
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import record
from accounts.permissions import require_administrator
from accounts.unit_of_work import unit_of_work
from common.clock import now
from files import errors
from files.blobs.ingest import storage_errors
from files.blobs.pools import SEALED, may_move, seal_url, storage_of, store_at, unseal_url
from files.models import Blob, BlobCopy, Content, Pool, PoolState, QuarantinedObject, Upload
from storage.base import QUARANTINE, Capabilities, StorageConfigurationError
from storage.probe import probe
from storage.registry import open_storage

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,49}", re.ASCII)
REDIRECT_NEEDS = ("presigned_get",)
DIRECT_NEEDS = ("presigned_put", "checksum_enforced")
STATE = ["state", "target", "changed_at", "moving_since", "moved_blobs", "moved_bytes", "move_rate"]


def add_pool(actor: Actor, *, name: str, url: str, region: str = "") -> Pool:
    """A further pool that answers now. New bytes go to the oldest active one, so it is used when that is not active.

    Raises InvalidRequest (name, URL), NameTaken, StorageUnavailable, StorageFull.
    """
    require_administrator(actor)
    if not NAME.fullmatch(name):
        raise errors.InvalidRequest(_("A pool's name is of small letters, digits and hyphens."))
    check_region(region)
    if any(url == _plain_url(other) for other in Pool.objects.all()):
        raise errors.InvalidRequest(_("That storage is a pool already."))
    try:
        storage = open_storage(url)
    except StorageConfigurationError as error:
        raise errors.InvalidRequest(str(error)) from error
    with storage_errors():
        probe(storage)
    try:
        with unit_of_work(actor) as actor:
            require_administrator(actor)
            pool = Pool.objects.create(name=name, url=seal_url(url), region=region, changed_at=now())
            record(actor, "pool.add", name, pool=pool.pk, region=region)
    except IntegrityError as error:
        raise errors.NameTaken(name=name) from error
    return pool


def change_pool(
    actor: Actor,
    *,
    pool_id: int,
    state: str,
    region: str,
    redirect_downloads: bool,
    direct_uploads: bool,
) -> Pool:
    """Redirects and direct uploads only where the backend was seen to do what they need, probed again.

    Raises InvalidRequest, NotFound, StorageUnavailable.
    """
    require_administrator(actor)
    pool = Pool.objects.filter(pk=pool_id).first()
    if pool is None:
        raise errors.NotFound(id=pool_id)
    if state not in PoolState.values:
        raise errors.InvalidRequest(_("There is no such state of a pool."))
    if redirect_downloads or direct_uploads:
        able = probe_pool(actor, pool_id=pool_id).as_dict()
        needs = [*(REDIRECT_NEEDS if redirect_downloads else ()), *(DIRECT_NEEDS if direct_uploads else ())]
        missing = [need for need in needs if not able[need]]
        if missing:
            raise errors.InvalidRequest(
                _("The storage of this pool cannot do that: %(missing)s."), missing=", ".join(missing)
            )
    with unit_of_work(actor) as actor:
        require_administrator(actor)
        pool = Pool.objects.select_for_update().get(pk=pool_id)
        if region != pool.region:
            check_region(region)
            if pool.region and Blob.objects.filter(pool=pool).exists():
                raise errors.InvalidRequest(_("The pool holds bytes of its region: they would be in another one."))
            pool.region = region
        if state != pool.state:
            _set_state(pool, state, None)
        pool.redirect_downloads, pool.direct_uploads = redirect_downloads, direct_uploads
        pool.save(update_fields=[*STATE, "region", "redirect_downloads", "direct_uploads"])
        record(actor, "pool.change", pool.name, state=state, redirect=redirect_downloads, direct=direct_uploads)
    return pool


def set_pool_state(actor: Actor, *, pool_id: int, state: str) -> Pool:
    """Takes effect with the next write of everybody: the state is read with each. Raises NotFound."""
    require_administrator(actor)
    with unit_of_work(actor) as actor:
        require_administrator(actor)
        pool = Pool.objects.select_for_update().filter(pk=pool_id).first()
        if pool is None:
            raise errors.NotFound(id=pool_id)
        _set_state(pool, state, None)
        pool.save(update_fields=STATE)
        record(actor, "pool.change", pool.name, state=state)
    return pool


def move_pool(actor: Actor, *, pool_id: int, target_id: int | None = None) -> Pool:
    """Drains a pool into another one, which becomes active if it is not (back again: the same the other way round).

    Raises NotFound, InvalidRequest (itself, another region).
    """
    require_administrator(actor)
    with unit_of_work(actor) as actor:
        require_administrator(actor)
        ids = [pool_id] if target_id is None else [pool_id, target_id]
        locked = {pool.pk: pool for pool in Pool.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
        if set(locked) != set(ids):
            raise errors.NotFound(id=pool_id)
        pool, target = locked[pool_id], None if target_id is None else locked[target_id]
        if target is not None:
            if not may_move(pool, target):
                raise errors.InvalidRequest(_("A pool moves to another one of its region only."))
            if target.state != PoolState.ACTIVE:
                _set_state(target, PoolState.ACTIVE, None)
                target.save(update_fields=STATE)
        _set_state(pool, PoolState.DRAINING, target)
        pool.save(update_fields=STATE)
        record(actor, "pool.move", pool.name, to=target.name if target else "")
    return pool


def remove_pool(actor: Actor, *, pool_id: int) -> None:
    """Forgets a pool that holds nothing and is not active. Its bucket or folder stays.

    Raises NotFound, InvalidRequest (what is in it), StorageUnavailable.
    """
    require_administrator(actor)
    pool = Pool.objects.filter(pk=pool_id).first()
    if pool is None:
        raise errors.NotFound(id=pool_id)
    _require_unused(pool)
    with storage_errors():
        storage = storage_of(pool)
        if next(storage.list(), None) or next(storage.list(prefix=QUARANTINE), None):
            raise errors.InvalidRequest(_("The pool holds objects that no row knows: gc removes them."))
    with unit_of_work(actor) as actor:
        require_administrator(actor)
        pool = Pool.objects.select_for_update().get(pk=pool_id)
        _require_unused(pool)
        record(actor, "pool.remove", pool.name, pool=pool.pk)
        try:
            pool.delete()
        except ProtectedError as error:
            raise errors.InvalidRequest(_("The pool is not empty.")) from error


def _require_unused(pool: Pool) -> None:
    if pool.state == PoolState.ACTIVE:
        raise errors.InvalidRequest(_("The pool is active."))
    # Whoever began to write before it was closed may still be at it.
    if pool.changed_at is not None and pool.changed_at > now() - settings.MOVE_GRACE:
        raise errors.InvalidRequest(_("The pool was in use until a moment ago: wait for MOVE_GRACE."))
    kinds: tuple[tuple[Any, Any], ...] = (
        (Blob, _("The pool holds blobs.")),
        (BlobCopy, _("The pool holds objects that were left behind: wait for MOVE_GRACE.")),
        (Content, _("The pool holds contents that nothing needs any more: gc removes them.")),
        (Upload, _("The pool holds uploads.")),
        (QuarantinedObject, _("The pool holds objects in quarantine: gc removes them after a week.")),
    )
    for model, message in kinds:
        if model.objects.filter(pool=pool).exists():
            raise errors.InvalidRequest(message)


def _set_state(pool: Pool, state: str, target: Pool | None) -> None:
    if state not in PoolState.values:
        raise errors.InvalidRequest(_("There is no such state of a pool."))
    if (state, target) != (pool.state, pool.target):
        pool.changed_at = now()
        if state == PoolState.DRAINING:
            pool.moving_since, pool.moved_blobs, pool.moved_bytes, pool.move_rate = now(), 0, 0, 0
    pool.state, pool.target = state, target


def check_region(name: str) -> None:
    """Raises InvalidRequest."""
    if name and not NAME.fullmatch(name):
        raise errors.InvalidRequest(_("A region's name is of small letters, digits and hyphens."))


def _plain_url(pool: Pool) -> str:
    return unseal_url(pool.url) if pool.url.startswith(SEALED) else pool.url or settings.STORAGE_URL


def seal_pools(actor: Actor) -> int:
    """Seals every URL again with the current SECRET_KEY, also those that older versions kept in plain text.

    Afterwards no pool needs the SECRET_KEY_FALLBACKS. Returns how many. Raises StorageUnavailable.
    """
    require_administrator(actor)
    with unit_of_work(actor) as actor:
        require_administrator(actor)
        pools = list(Pool.objects.select_for_update().exclude(url="").order_by("pk"))
        for pool in pools:
            Pool.objects.filter(pk=pool.pk).update(url=seal_url(_plain_url(pool)))
        record(actor, "pool.seal", "", pools=len(pools))
    return len(pools)


def probe_pool(actor: Actor, *, pool_id: int) -> Capabilities:
    """What the backend does, tried on it now. Raises NotFound, StorageUnavailable, StorageFull."""
    require_administrator(actor)
    pool = Pool.objects.filter(pk=pool_id).first()
    if pool is None:
        raise errors.NotFound(id=pool_id)
    with storage_errors():
        return probe(store_at(pool.url))
