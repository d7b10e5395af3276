"""Beginning, changing and giving up an upload in pieces."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts import quotas
from accounts.actor import WRITE, Actor, system
from accounts.audit import record
from accounts.errors import LimitReached, QuotaExceeded
from accounts.permissions import require_scope
from accounts.quotas import Charge
from accounts.unit_of_work import Lock, unit_of_work
from common.clock import now
from files import errors
from files.access.rights import Right
from files.actions.give_way import giving_way
from files.actions.reservations import keep_to_share
from files.actions.write_file import check_target
from files.blobs import checksums
from files.blobs.pools import writable_pool
from files.models import Space, Upload, UploadPiece
from files.models.upload import MOUNTED_FILE, REQUEST
from files.queries.target import Target, base_place, resolve, settled
from files.queries.uploads import get_reservation, get_upload, id_of_upload, is_of, uploads_of
from files.tree.unit_of_work import quota_accounts
from files.tree.writing import Mode, WriteOptions


@dataclass(frozen=True, slots=True)
class UploadOptions:
    """`length` in bytes, None while the client does not know it; `is_partial`: a part to be concatenated later, or a
    whole whose target is said at its end. `name`: what the client calls it; no two unfinished ones of one endpoint and
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
    protocol: str = "api"
    is_partial: bool = False
    name: str = ""

    @property
    def options(self) -> WriteOptions:
        return WriteOptions(self.mode, self.autorename, self.base_version_id, self.modified_at)


def open_upload(actor: Actor, *, wanted: UploadOptions) -> Upload:
    """Refuses at once what could not succeed: rights, name, conflict, size, quota. Reserves the announced bytes, or as
    many of them as one person may hold ahead (files/queries/shares.py).
    """
    expected = checksums.clean(wanted.expected)
    if not wanted.is_partial:
        target, file_id = settled(actor, wanted.target, wanted.options.overwrites)
        bound = {} if file_id is None else {MOUNTED_FILE: file_id}
        wanted = replace(wanted, target=target, metadata={**wanted.metadata, **bound})
    space, parent_id = _begins_in(actor, wanted)
    if wanted.length is not None and wanted.length > settings.MAX_UPLOAD_SIZE:
        raise errors.TooLarge(limit=settings.MAX_UPLOAD_SIZE)
    if wanted.is_partial or wanted.length is not None:
        giving_way(actor, space, lambda: _check_quota(actor, space, wanted))
    pool = writable_pool(space)
    ahead, accounts = wanted.length or 0, quota_accounts(space)
    with unit_of_work(actor, Lock(Space, space.pk)) as actor:
        _require_still(actor, wanted)
        require_scope(actor, WRITE)
        _require_free_name(actor, wanted)
        _require_room(actor)
        upload = Upload.objects.create(
            space=space,
            pool=pool,
            user_id=actor.user_id,
            link_id=actor.link_id,
            parent_id=parent_id,
            path=wanted.target.path,
            mode=wanted.mode,
            autorename=wanted.autorename,
            base_version_id=wanted.base_version_id,
            length=wanted.length,
            charged=ahead,
            modified_at=wanted.modified_at,
            checksums=expected,
            metadata=wanted.metadata,
            client=actor.client[:200],
            protocol=wanted.protocol,
            is_partial=wanted.is_partial,
            name=wanted.name,
            expires_at=now() + settings.UPLOAD_EXPIRY,
        )
        quotas.charge(accounts, Charge(uploads=ahead))
        keep_to_share(upload, actor, ahead, accounts)
    return upload


def _begins_in(actor: Actor, wanted: UploadOptions) -> tuple[Space, int | None]:
    """The space, and the folder of a target that is said already. A part says at most which file is to be written."""
    if wanted.is_partial and not wanted.target.path:
        base = base_place(actor, wanted.target)
        base.require(Right.CREATE)
        return base.space, None
    options = WriteOptions() if wanted.is_partial else wanted.options
    resolved = check_target(actor, target=wanted.target, options=options, length=None)
    return resolved.base.space, None if wanted.is_partial else base_place(actor, wanted.target).node.pk


def _require_still(actor: Actor, wanted: UploadOptions) -> None:
    """Some right in the folder, or else in the file that is to be written; and that the space was not archived
    meanwhile. Raises NotFound, Forbidden, SpaceArchived.
    """
    base = base_place(actor, wanted.target)
    if not base.access.rights:
        resolve(actor, wanted.target, autorename=wanted.autorename, overwrites=wanted.options.overwrites)
    if base.space.archived_at is not None and not actor.is_system:
        raise errors.SpaceArchived


def _check_quota(actor: Actor, space: Space, wanted: UploadOptions) -> None:
    try:
        quotas.check(quota_accounts(space), wanted.length or 0)
    except QuotaExceeded:  # trash may give way to this upload, but not in vain
        _require_free_name(actor, wanted)
        _require_room(actor)
        raise


def _require_free_name(actor: Actor, wanted: UploadOptions) -> None:
    if not wanted.name:
        return
    same = uploads_of(actor).filter(protocol=wanted.protocol, name=wanted.name, finished_at=None)
    if same.filter(expires_at__gt=now()).exists():
        raise errors.NameTaken


def _require_room(actor: Actor) -> None:
    """An upload is a row of up to 20 kB, whatever its length. Requests in hand are limited by their number. A link has
    as many as an account: those of all of its visitors.
    """
    if actor.user_id is None and actor.link_id is None:
        return
    mine = uploads_of(actor).filter(finished_at=None).exclude(protocol=REQUEST)
    if mine.count() >= settings.ACCOUNT_UPLOADS:
        raise LimitReached(whose="account", what="uploads", limit=settings.ACCOUNT_UPLOADS)


def declare_length(actor: Actor, *, upload_id: uuid.UUID | str, length: int, protocol: str | None = None) -> Upload:
    """For an upload that was begun without a length. It can be said once, and not less than what has arrived."""
    if length > settings.MAX_UPLOAD_SIZE:
        raise errors.TooLarge(limit=settings.MAX_UPLOAD_SIZE)
    found = get_upload(actor, upload_id, protocol=protocol)
    if found.length is None:
        giving_way(actor, found.space, lambda: quotas.check(quota_accounts(found.space), length - found.charged))
    with unit_of_work(actor, Lock(Upload, found.pk)) as actor:
        upload = get_upload(actor, upload_id, protocol=protocol)
        if upload.length is not None:
            if upload.length != length:
                raise errors.InvalidRequest(_("The length of the upload is known already."))
            return upload
        arrived = _end(upload)
        if length < arrived:
            raise errors.LengthMismatch(announced=length, arrived=arrived)
        accounts, more = quota_accounts(upload.space), length - upload.charged
        upload.length = upload.charged = length
        upload.save(update_fields=["length", "charged"])
        quotas.charge(accounts, Charge(uploads=more))
        keep_to_share(upload, actor, more, accounts)
    return upload


def abort_upload(actor: Actor, *, upload_id: uuid.UUID | str, protocol: str | None = None) -> None:
    """Gives up an unfinished upload: its bytes are no longer charged, and collected in the background."""
    with unit_of_work(actor, Lock(Upload, id_of_upload(upload_id))) as actor:
        end_reserved(get_upload(actor, upload_id, protocol=protocol, to_end=True))


def end_reservation(actor: Actor, *, upload_id: uuid.UUID) -> None:
    """An upload of any endpoint, or a request in hand: one's own, or as a manager of the team. Raises UploadNotFound.

    What is another's is audited.
    """
    with unit_of_work(actor, Lock(Upload, upload_id)) as actor:
        upload = get_reservation(actor, upload_id)
        if not is_of(upload, actor):
            record(actor, "upload.abort", "", upload=str(upload.pk), user=upload.user_id, bytes=upload.charged)
        end_reserved(upload)


def end_reserved(upload: Upload) -> None:
    """Whatever holds bytes, in the transaction that holds its row. A request that is in hand sees it from its own row,
    which stays until then.
    """
    if upload.protocol != REQUEST:
        return _remove(upload)
    charged, upload.charged, upload.finished_at = upload.charged, 0, now()
    upload.save(update_fields=["charged", "finished_at"])
    return quotas.charge(quota_accounts(upload.space), Charge(uploads=-charged))


def shrink_uploads(*, limit: int = 500) -> int:
    """For the background job: of uploads of which nothing has come for UPLOAD_SILENCE, only what is there stays
    reserved; the rest is reserved anew as it comes. Returns how many shrank.
    """
    shrunk = 0
    for upload_id in list(silent_uploads().values_list("pk", flat=True)[:limit]):
        with unit_of_work(system("uploads"), Lock(Upload, upload_id)):
            upload = silent_uploads().select_related("space").filter(pk=upload_id).first()
            if upload is None:
                continue
            kept = upload.pieces.aggregate(received=Sum("length"))["received"] or 0
            freed, upload.charged = upload.charged - kept, kept
            upload.save(update_fields=["charged"])
            quotas.charge(quota_accounts(upload.space), Charge(uploads=-freed))
            shrunk += 1
    return shrunk


def silent_uploads() -> "QuerySet[Upload]":
    """Those that hold more than has come. Each piece moves the expiry on, so that it tells when the last one came."""
    received = UploadPiece.objects.filter(upload=OuterRef("pk")).values("upload").annotate(sum=Sum("length"))
    waiting = Upload.objects.filter(
        finished_at=None, charged__gt=0, expires_at__lte=now() + settings.UPLOAD_EXPIRY - settings.UPLOAD_SILENCE
    ).exclude(protocol=REQUEST)
    return waiting.filter(charged__gt=Coalesce(Subquery(received.values("sum")), 0))


def forget_upload(upload: Upload) -> None:
    """Of an upload that was begun within a request that failed: its client will not learn of it. Nobody's right counts
    for that, so that it also happens when the request failed because the right was gone.
    """
    with unit_of_work(system("uploads"), Lock(Upload, upload.pk)):
        begun = Upload.objects.select_related("space").filter(pk=upload.pk, finished_at=None).first()
        if begun is not None:
            _remove(begun)


def expire_uploads(*, limit: int = 500) -> int:
    """For the background job: ends the uploads whose time is over. Returns how many."""
    ended = 0
    for upload_id in list(Upload.objects.filter(expires_at__lte=now()).values_list("pk", flat=True)[:limit]):
        with unit_of_work(system("uploads")):
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
