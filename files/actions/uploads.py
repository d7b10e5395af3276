"""Beginning, changing and giving up an upload in pieces."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts import quotas
from accounts.actor import SYSTEM, Actor
from accounts.quotas import Charge
from accounts.unit_of_work import Lock, unit_of_work
from common.clock import now
from files import errors, permissions
from files.actions.write_file import check_target
from files.blobs import checksums
from files.blobs.pools import writable_pool
from files.models import Space, Upload
from files.queries.target import Target, base_place
from files.queries.uploads import get_upload, id_of_upload
from files.tree.edit import quota_accounts
from files.tree.put import Mode, Wish


@dataclass(frozen=True, slots=True)
class UploadWish:
    """`length` in bytes, None while the client does not know it; `is_partial`: a part to be concatenated later, or a
    whole whose target is said at its end. `name`: what the client calls it; no two unfinished ones of one door and
    person have the same.
    """

    target: Target
    length: int | None = None
    mode: Mode = Mode.CREATE
    autorename: bool = False
    base_version_id: int | None = None
    modified_at: datetime | None = None
    expected: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    door: str = "api"
    is_partial: bool = False
    name: str = ""

    @property
    def wish(self) -> Wish:
        return Wish(self.mode, self.autorename, self.base_version_id, self.modified_at)


def open_upload(actor: Actor, *, wanted: UploadWish) -> Upload:
    """Refuses at once what could not succeed: rights, name, conflict, size, quota. Reserves the announced bytes."""
    expected = checksums.clean(wanted.expected)
    if wanted.is_partial:
        space = base_place(actor, wanted.target).space
        permissions.require_write(actor, space)
        parent_id = None
    else:
        resolved = check_target(actor, target=wanted.target, wish=wanted.wish, length=wanted.length)
        space, parent_id = resolved.base.space, base_place(actor, wanted.target).node.pk
    if wanted.length is not None and wanted.length > settings.MAX_UPLOAD_SIZE:
        raise errors.TooLarge(limit=settings.MAX_UPLOAD_SIZE)
    pool = writable_pool(space)
    reserved = wanted.length or 0
    with unit_of_work(actor, Lock(Space, space.pk)) as actor:
        permissions.require_write(actor, space)
        _require_free_name(actor, wanted)
        upload = Upload.objects.create(
            space=space,
            pool=pool,
            user_id=actor.user_id,
            parent_id=parent_id,
            path=wanted.target.path,
            mode=wanted.mode,
            autorename=wanted.autorename,
            base_version_id=wanted.base_version_id,
            length=wanted.length,
            charged=reserved,
            modified_at=wanted.modified_at,
            checksums=expected,
            metadata=wanted.metadata,
            client=actor.client[:200],
            door=wanted.door,
            is_partial=wanted.is_partial,
            name=wanted.name,
            expires_at=now() + settings.UPLOAD_EXPIRY,
        )
        quotas.charge(quota_accounts(space), Charge(uploads=reserved))
    return upload


def _require_free_name(actor: Actor, wanted: UploadWish) -> None:
    if not wanted.name:
        return
    same = Upload.objects.filter(user_id=actor.user_id or 0, door=wanted.door, name=wanted.name, finished_at=None)
    if same.filter(expires_at__gt=now()).exists():
        raise errors.NameTaken


def declare_length(actor: Actor, *, upload_id: uuid.UUID | str, length: int, door: str | None = None) -> Upload:
    """For an upload that was begun without a length. It can be said once, and not less than what has arrived."""
    if length > settings.MAX_UPLOAD_SIZE:
        raise errors.TooLarge(limit=settings.MAX_UPLOAD_SIZE)
    with unit_of_work(actor, Lock(Upload, id_of_upload(upload_id))) as actor:
        upload = get_upload(actor, upload_id, door=door)
        if upload.length is not None:
            if upload.length != length:
                raise errors.InvalidRequest("The length of the upload is known already.")
            return upload
        arrived = _end(upload)
        if length < arrived:
            raise errors.LengthMismatch(announced=length, arrived=arrived)
        quotas.charge(quota_accounts(upload.space), Charge(uploads=length - upload.charged))
        upload.length = upload.charged = length
        upload.save(update_fields=["length", "charged"])
    return upload


def abort_upload(actor: Actor, *, upload_id: uuid.UUID | str, door: str | None = None) -> None:
    """Gives up an unfinished upload: its bytes are no longer charged, and collected in the background."""
    with unit_of_work(actor, Lock(Upload, id_of_upload(upload_id))) as actor:
        _remove(get_upload(actor, upload_id, door=door))


def forget_upload(upload: Upload) -> None:
    """Of an upload that was begun within a request that failed: its client will not learn of it. Nobody's right counts
    for that, so that it also happens when the request failed because the right was gone.
    """
    with unit_of_work(SYSTEM, Lock(Upload, upload.pk)):
        begun = Upload.objects.select_related("space").filter(pk=upload.pk, finished_at=None).first()
        if begun is not None:
            _remove(begun)


def expire_uploads(*, limit: int = 500) -> int:
    """For the background job: ends the uploads whose time is over. Returns how many."""
    ended = 0
    for upload_id in list(Upload.objects.filter(expires_at__lte=now()).values_list("pk", flat=True)[:limit]):
        with unit_of_work(SYSTEM):
            upload = Upload.objects.select_related("space").select_for_update(of=("self",)).filter(pk=upload_id).first()
            if upload is not None and upload.expires_at <= now():
                _remove(upload)
                ended += 1
    return ended


def _remove(upload: Upload) -> None:
    accounts = quota_accounts(upload.space)
    charged = upload.charged
    upload.pieces.all().delete()
    upload.delete()
    quotas.charge(accounts, Charge(uploads=-charged))


def _end(upload: Upload) -> int:
    last = upload.pieces.order_by("-offset").first()
    return last.offset + last.length if last else 0
