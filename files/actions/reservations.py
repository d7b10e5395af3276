"""Bytes of a request on their way: held by the quota from before they are read until they are a file, or gone.

What is announced is reserved at once, what is not (chunked bodies) in steps while it arrives, so that a quota holds at
every moment, whatever arrives in parallel and through whichever replica. A reservation is an upload of its own kind
(`protocol` REQUEST): so the ledger, fsck and the expiry of uploads know it, also those of the release before, and what
a killed process leaves behind goes with its expiry. Up to FREE bytes of a request are in memory, and cost no
reservation: their transaction finds out.
"""

import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F, QuerySet, Sum

from accounts import quotas
from accounts.actor import Actor, system
from accounts.errors import QuotaExceeded
from accounts.quotas import Charge
from accounts.unit_of_work import Lock, unit_of_work
from common.clock import now
from files import errors
from files.actions.give_way import giving_way
from files.blobs.ingest import SMALL
from files.models import Pool, Space, Upload
from files.models.upload import REQUEST
from files.queries.shares import capped
from files.tree.unit_of_work import SpaceUnitOfWork, quota_accounts
from http_kit.long_requests import release_connection

FREE = SMALL
STEP = 16 * 1024 * 1024  # bytes that are reserved at once while nobody says how many will come
RENEW = 15.0  # seconds between two signs of life
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Room:
    """Where the bytes go. `upload`: they are a piece of it, and may use what is reserved for it already; `replacing`:
    bytes of it that they take the place of.
    """

    space: Space
    pool: Pool
    path: str = ""
    upload: Upload | None = None
    replacing: int = 0


class Reservation:
    """Of one request. Its row is made when it is needed first."""

    def __init__(self, actor: Actor, room: Room, length: int | None) -> None:
        self.actor, self.room, self.length = actor, room, length
        self.id: uuid.UUID | None = None
        self.accounts: list[int] = []
        self.held = self.taken = 0  # bytes; of them those that were its upload's
        self.settled = False
        self._renewed = monotonic()

    def passing(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same chunks, none of them before there is room for it. Raises QuotaExceeded, UploadEnded."""
        seen = 0
        for chunk in chunks:
            seen += len(chunk)
            if seen > (FREE if self.id is None else self.held):
                _grow(self, seen - self.held)
            elif self.id is not None and monotonic() - self._renewed > RENEW:
                _renew(self)
                self._renewed = monotonic()
            yield chunk

    def settle(self, work: SpaceUnitOfWork) -> None:
        """In the transaction that makes the bytes a file: from here on that is charged, and no reservation."""
        work.charge += Charge(uploads=-self.take_back())

    def take_back(self) -> int:
        """Removes the row, in the caller's transaction, and returns what the ledger holds for it. 0 for one that has
        expired: then the transaction charges everything. Raises UploadEnded.
        """
        if self.id is None:
            return 0
        row = Upload.objects.select_for_update().filter(pk=self.id).only("charged", "finished_at").first()
        if row is None:
            return 0
        if row.finished_at is not None:
            raise errors.UploadEnded
        _remove_row(row)
        self.settled = True
        return row.charged


def settle_piece(upload: Upload, reservation: Reservation, arrived: int) -> None:
    """The piece belongs to its upload from here on, of which `arrived` bytes are there. In the transaction that holds
    the upload; saves what is charged for it, and when it expires.
    """
    held = reservation.take_back()
    upload.charged += reservation.taken if held else 0
    settle_arrived(upload, arrived, charged=held - (reservation.taken if held else 0))


def settle_arrived(upload: Upload, arrived: int, *, charged: int = 0) -> None:
    """Charges at least what has arrived, of which `given` is charged already. The same, without a reservation."""
    before = upload.charged
    upload.charged = arrived if upload.length is None else max(before, arrived)
    upload.save(update_fields=["expires_at", "charged"])
    quotas.charge(quota_accounts(upload.space), Charge(uploads=upload.charged - before - charged))


@contextmanager
def reserving(actor: Actor, room: Room, *, length: int | None) -> Iterator[Reservation]:
    """`length` as announced, None if unknown. Raises QuotaExceeded before a byte is read.

    What was not settled when the request ends is given back.
    """
    reservation = Reservation(actor, room, length)
    if length is not None and length > FREE:
        giving_way(actor, room.space, lambda: _begin(reservation, length))
    try:
        yield reservation
    except BaseException:
        _give_back(reservation)
        raise
    if not reservation.settled:
        _give_back(reservation)


def _begin(reservation: Reservation, wanted: int) -> None:
    """The row, and as much of `wanted` as one person may reserve ahead; the rest is reserved as it comes."""
    room, upload = reservation.room, reservation.room.upload
    reservation.accounts = reservation.accounts or quota_accounts(room.space)
    locks = [] if upload is None else [Lock(Upload, upload.pk)]
    with unit_of_work(reservation.actor, *locks) as actor:
        taken = _take(room, wanted)
        row = Upload.objects.create(
            space=room.space,
            pool=room.pool,
            user_id=actor.user_id,
            link_id=actor.link_id,
            path=room.path,
            length=reservation.length,
            charged=wanted,
            client=actor.client[:200],
            protocol=REQUEST,
            is_partial=True,
            expires_at=now() + settings.UPLOAD_SILENCE,
        )
        quotas.charge(reservation.accounts, Charge(uploads=wanted - taken))
        if reservation.length is not None and upload is None:
            keep_to_share(row, actor, wanted, reservation.accounts)
    reservation.id, reservation.held, reservation.taken = row.pk, row.charged, taken
    release_connection()


def keep_to_share(upload: Upload, actor: Actor, wanted: int, accounts: list[int]) -> None:
    """Gives back what of the `wanted` bytes, just charged for the upload, is more than one person may hold ahead."""
    allowed = capped(actor, upload.space, wanted)
    if allowed < wanted:
        upload.charged -= wanted - allowed
        upload.save(update_fields=["charged"])
        quotas.charge(accounts, Charge(uploads=allowed - wanted))


def _take(room: Room, wanted: int) -> int:
    """Bytes out of what the upload has reserved and not received; its row is locked."""
    if room.upload is None:
        return 0
    row = Upload.objects.filter(pk=room.upload.pk, finished_at=None).annotate(received=Sum("pieces__length")).first()
    if row is None:
        return 0
    taken = max(0, min(wanted, row.charged - (row.received or 0) + room.replacing))
    if taken:
        Upload.objects.filter(pk=row.pk).update(charged=F("charged") - taken)
    return taken


def _grow(reservation: Reservation, needed: int) -> None:
    """By a step; by what is in hand only, where there is no room for a step."""
    try:
        _extend(reservation, max(needed, STEP))
    except QuotaExceeded:
        giving_way(reservation.actor, reservation.room.space, lambda: _extend(reservation, needed))


def _extend(reservation: Reservation, more: int) -> None:
    if reservation.length is not None:
        more = min(more, reservation.length - reservation.held)
    if reservation.id is None:
        return _begin(reservation, more)
    upload = reservation.room.upload
    with unit_of_work(reservation.actor, Lock(Upload, upload and upload.pk, reservation.id)):
        taken = _take(reservation.room, more)
        if not _living(reservation).update(charged=F("charged") + more, expires_at=now() + settings.UPLOAD_SILENCE):
            raise errors.UploadEnded
        quotas.charge(reservation.accounts, Charge(uploads=more - taken))
    reservation.held += more
    reservation.taken += taken
    release_connection()
    return None


def _renew(reservation: Reservation) -> None:
    """A sign of life; UploadEnded when somebody has ended it."""
    with unit_of_work(reservation.actor):
        if not _living(reservation).update(expires_at=now() + settings.UPLOAD_SILENCE):
            raise errors.UploadEnded
    release_connection()


def _living(reservation: Reservation) -> "QuerySet[Upload]":
    assert reservation.id is not None
    return Upload.objects.filter(pk=reservation.id, finished_at=None)


def _remove_row(row: Upload) -> None:
    """It has no pieces: nothing to look for below it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM files_upload WHERE id = %s", [Upload._meta.pk.get_db_prep_value(row.pk, connection)]
        )


def _give_back(reservation: Reservation) -> None:
    """Nobody's right counts for that. A database that is away does it by the expiry."""
    if reservation.id is None:
        return
    room = reservation.room
    try:
        with unit_of_work(system("reservations"), Lock(Upload, room.upload and room.upload.pk, reservation.id)):
            row = Upload.objects.filter(pk=reservation.id).first()
            if row is None or row.finished_at is not None:
                return
            _remove_row(row)
            back = 0
            if room.upload is not None and reservation.taken:
                whole = Upload.objects.filter(pk=room.upload.pk, finished_at=None)
                if whole.update(charged=F("charged") + reservation.taken):
                    back = reservation.taken
            quotas.charge(reservation.accounts, Charge(uploads=back - row.charged))
    except DatabaseError as error:
        logger.warning("a reservation of %s bytes is given back by its expiry: %r", reservation.held, error)
