"""Storage pools: adding one, changing its state and uses. Administrators of the installation only."""

import re

from django.db import IntegrityError, transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.permissions import require_administrator
from files import errors
from files.blobs.ingest import storage_errors
from files.blobs.pools import storage_of
from files.models import Pool, PoolState
from files.storage.base import Capabilities, StorageConfigurationError
from files.storage.probe import probe
from files.storage.registry import open_storage

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,49}", re.ASCII)
REDIRECT_NEEDS = ("presigned_get",)
DIRECT_NEEDS = ("presigned_put", "checksum_enforced")


def add_pool(actor: Actor, *, name: str, url: str, region: str = "") -> Pool:
    """A further pool that answers now. New bytes go to the oldest active one, so it is used when that is not active.

    Raises InvalidRequest (name, URL), NameTaken, StorageUnavailable, StorageFull.
    """
    require_administrator(actor)
    if not NAME.fullmatch(name):
        raise errors.InvalidRequest("A pool's name is of small letters, digits and hyphens.")
    try:
        storage = open_storage(url)
    except StorageConfigurationError as error:
        raise errors.InvalidRequest(str(error)) from error
    with storage_errors():
        probe(storage)
    try:
        with transaction.atomic():
            pool = Pool.objects.create(name=name, url=url, region=region)
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
    """Redirects and direct uploads only where the backend was seen to do what they need, asked anew.

    Raises InvalidRequest, NotFound, StorageUnavailable.
    """
    require_administrator(actor)
    pool = Pool.objects.filter(pk=pool_id).first()
    if pool is None:
        raise errors.NotFound(id=pool_id)
    if state not in PoolState.values:
        raise errors.InvalidRequest("There is no such state of a pool.")
    if redirect_downloads or direct_uploads:
        able = probe_pool(actor, pool_id=pool_id).as_dict()
        needs = [*(REDIRECT_NEEDS if redirect_downloads else ()), *(DIRECT_NEEDS if direct_uploads else ())]
        missing = [need for need in needs if not able[need]]
        if missing:
            raise errors.InvalidRequest(f"The storage of this pool cannot do that: {', '.join(missing)}.")
    with transaction.atomic():
        pool = Pool.objects.select_for_update().get(pk=pool_id)
        pool.state, pool.region = state, region
        pool.redirect_downloads, pool.direct_uploads = redirect_downloads, direct_uploads
        pool.save(update_fields=["state", "region", "redirect_downloads", "direct_uploads"])
        record(actor, "pool.change", pool.name, state=state, redirect=redirect_downloads, direct=direct_uploads)
    return pool


def probe_pool(actor: Actor, *, pool_id: int) -> Capabilities:
    """What the backend does, tried on it now. Raises NotFound, StorageUnavailable, StorageFull."""
    require_administrator(actor)
    pool = Pool.objects.filter(pk=pool_id).first()
    if pool is None:
        raise errors.NotFound(id=pool_id)
    with storage_errors():
        return probe(storage_of(pool))
