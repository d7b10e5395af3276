"""files.actions.reservations: a quota holds at every moment, also while bytes arrive."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from accounts.actor import Actor
from accounts.errors import AccountError, QuotaExceeded
from accounts.models import QuotaAccount, User
from accounts.quotas import Charge
from common.clock import now
from files import errors
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.chunks import Chunk, open_chunked_upload, write_chunk
from files.actions.reservations import STEP
from files.actions.uploads import (
    UploadOptions,
    abort_upload,
    declare_length,
    expire_uploads,
    open_upload,
    shrink_uploads,
)
from files.actions.write_file import write_file, write_node
from files.actions.write_piece import PieceOptions, write_piece
from files.models import Upload
from files.queries.target import Target
from files.tree.writing import Mode, WriteOptions
from http_kit.errors import BodyBroken
from tests.support.people import SYSTEM, actor_of, make_member, make_user
from tests.support.trees import ledger, put

MIB = 1024 * 1024
OVERWRITE = WriteOptions(Mode.OVERWRITE)


def limit(user: User, size: int | None) -> None:
    QuotaAccount.objects.filter(user=user).update(limit_bytes=size)


def chunks(size: int, seen: Callable[[int], None] = lambda done: None) -> Iterator[bytes]:
    for done in range(0, size, MIB):
        seen(done)
        yield bytes(min(MIB, size - done))


def by_path(actor: Actor, body: Iterator[bytes], length: int | None) -> None:
    write_file(actor, target=Target("f"), chunks=body, length=length, options=OVERWRITE)


def by_id(actor: Actor, body: Iterator[bytes], length: int | None) -> None:
    node_id = put(actor, "n", b"").node.pk
    write_node(actor, node_id=node_id, chunks=body, length=length, options=OVERWRITE)


def by_piece(actor: Actor, body: Iterator[bytes], length: int | None) -> None:
    upload = open_upload(actor, wanted=UploadOptions(Target("p")))
    write_piece(actor, upload_id=upload.pk, chunks=body, piece=PieceOptions(0, length))


def by_chunk(actor: Actor, body: Iterator[bytes], length: int | None) -> None:
    open_chunked_upload(actor, name="c", protocol="t")
    write_chunk(actor, name="c", protocol="t", chunk=Chunk("1", length), chunks=body)


WAYS = [by_path, by_id, by_piece, by_chunk]
Way = Callable[[Actor, Iterator[bytes], int | None], None]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("announced", [True, False])
def test_what_cannot_fit_is_not_read(user: User, actor: Actor, way: Way, announced: bool) -> None:
    limit(user, 5 * MIB)
    read: list[int] = []
    with pytest.raises(QuotaExceeded):
        way(actor, chunks(40 * MIB, read.append), 40 * MIB if announced else None)
    assert (max(read, default=-MIB) + MIB) <= (0 if announced else 6 * MIB)
    assert ledger(user) == Charge()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("announced", [True, False])
def test_what_arrives_is_held(user: User, actor: Actor, way: Way, announced: bool) -> None:
    held: list[bool] = []

    def look(done: int) -> None:
        held.append(done <= MIB or ledger(user).uploads >= done)

    way(actor, chunks(40 * MIB, look), 40 * MIB if announced else None)
    assert all(held)
    assert ledger(user).total == 40 * MIB
    assert not Upload.objects.filter(protocol="request").exists()


@pytest.mark.parametrize("way", WAYS)
def test_exactly_what_is_free_fits(user: User, actor: Actor, way: Way) -> None:
    size = STEP + 3 * MIB + 1
    limit(user, size)
    way(actor, chunks(size), None)
    assert ledger(user).total == size


@pytest.mark.parametrize("way", WAYS)
def test_a_body_that_breaks_gives_back(user: User, actor: Actor, way: Way) -> None:
    def broken() -> Iterator[bytes]:
        yield from chunks(20 * MIB)
        raise BodyBroken

    with pytest.raises((BodyBroken, errors.LengthMismatch)):
        way(actor, broken(), None)
    assert ledger(user) == Charge()


def test_pieces_use_what_their_upload_has_reserved(user: User, actor: Actor) -> None:
    limit(user, 20 * MIB)
    upload = open_upload(actor, wanted=UploadOptions(Target("p"), length=20 * MIB))

    def full(done: int) -> None:
        assert ledger(user) == Charge(uploads=20 * MIB)
        with pytest.raises(QuotaExceeded):  # another request for the same bytes, at the same moment
            write_piece(actor, upload_id=upload.pk, chunks=chunks(15 * MIB), piece=PieceOptions(5 * MIB, 15 * MIB))

    write_piece(actor, upload_id=upload.pk, chunks=chunks(10 * MIB, full), piece=PieceOptions(0, 10 * MIB))
    with pytest.raises(errors.LengthMismatch):
        write_piece(actor, upload_id=upload.pk, chunks=chunks(5 * MIB), piece=PieceOptions(10 * MIB, 10 * MIB))
    write_piece(actor, upload_id=upload.pk, chunks=chunks(10 * MIB), piece=PieceOptions(10 * MIB, 10 * MIB))
    write_piece(actor, upload_id=upload.pk, chunks=chunks(10 * MIB), piece=PieceOptions(10 * MIB, 10 * MIB))  # again
    upload.refresh_from_db()
    assert upload.charged == 20 * MIB
    assert ledger(user) == Charge(uploads=20 * MIB)


def test_a_chunk_that_is_replaced_needs_no_room(user: User, actor: Actor) -> None:
    limit(user, 4 * MIB)
    open_chunked_upload(actor, name="c", protocol="t", length=4 * MIB)
    for _ in range(2):
        write_chunk(actor, name="c", protocol="t", chunk=Chunk("1", 4 * MIB), chunks=chunks(4 * MIB))
        assert ledger(user) == Charge(uploads=4 * MIB)


def test_bulk_writes_are_held_before_they_are_stored(user: User, actor: Actor) -> None:
    limit(user, 3 * MIB)
    files = [SmallFile(f"{n}", bytes([n]) * MIB, WriteOptions()) for n in range(4)]
    with pytest.raises(QuotaExceeded):
        bulk_write(actor, folder=Target(), files=files)
    bulk_write(actor, folder=Target(), files=files[:3])
    assert ledger(user) == Charge(live=3 * MIB)


def test_one_that_is_ended_stops(user: User, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files.actions.reservations.RENEW", 0.0)

    def end(done: int) -> None:
        if done == 2 * MIB:
            (row,) = Upload.objects.filter(protocol="request")
            abort_upload(actor, upload_id=row.pk)
            assert ledger(user) == Charge()

    with pytest.raises(errors.UploadEnded):
        by_path(actor, chunks(9 * MIB, end), 9 * MIB)
    assert ledger(user) == Charge()


def test_one_that_is_ended_at_its_last_byte_makes_no_file(user: User, actor: Actor) -> None:
    def end(done: int) -> None:
        if done == 2 * MIB:
            abort_upload(actor, upload_id=Upload.objects.get(protocol="request").pk)

    with pytest.raises(errors.UploadEnded):
        by_path(actor, chunks(3 * MIB, end), 3 * MIB)
    assert ledger(user) == Charge()


def test_what_a_killed_process_leaves_expires(user: User, actor: Actor, settings: Settings) -> None:
    def kill(done: int) -> None:
        if done == 2 * MIB:
            Upload.objects.update(expires_at=now())
            assert expire_uploads() == 1
            assert ledger(user) == Charge()

    by_path(actor, chunks(3 * MIB, kill), 3 * MIB)  # one that lives all the same charges everything at its end
    assert ledger(user) == Charge(live=3 * MIB)


def test_an_upload_of_which_nothing_comes_shrinks(user: User, actor: Actor, settings: Settings) -> None:
    limit(user, 20 * MIB)
    upload = open_upload(actor, wanted=UploadOptions(Target("p"), length=20 * MIB))
    write_piece(actor, upload_id=upload.pk, chunks=chunks(5 * MIB), piece=PieceOptions(0, 5 * MIB))
    assert shrink_uploads() == 0
    Upload.objects.update(expires_at=now() + settings.UPLOAD_EXPIRY - settings.UPLOAD_SILENCE - timedelta(seconds=1))
    assert shrink_uploads() == 1
    assert shrink_uploads() == 0
    assert ledger(user) == Charge(uploads=5 * MIB)
    put(actor, "other", bytes(10 * MIB))
    with pytest.raises(QuotaExceeded):
        write_piece(actor, upload_id=upload.pk, chunks=chunks(15 * MIB), piece=PieceOptions(5 * MIB, 15 * MIB))
    write_piece(actor, upload_id=upload.pk, chunks=chunks(5 * MIB), piece=PieceOptions(5 * MIB, 5 * MIB))
    assert ledger(user) == Charge(live=10 * MIB, uploads=10 * MIB)


def test_one_person_never_reserves_all_of_a_team(settings: Settings) -> None:
    owner = make_user(quota_bytes=None)
    member = make_member(owner, quota_bytes=None)
    QuotaAccount.objects.filter(team=owner.membership.team).update(limit_bytes=100 * MIB)
    greedy, other = actor_of(member), actor_of(owner)
    first = open_upload(greedy, wanted=UploadOptions(Target("a"), length=100 * MIB))
    assert first.charged == 50 * MIB
    assert open_upload(greedy, wanted=UploadOptions(Target("b"), length=50 * MIB)).charged == 0
    late = open_upload(greedy, wanted=UploadOptions(Target("c")))
    assert declare_length(greedy, upload_id=late.pk, length=50 * MIB).charged == 0
    put(other, "mine", bytes(2 * MIB))
    write_piece(
        greedy, upload_id=first.pk, chunks=chunks(60 * MIB), piece=PieceOptions(0, 60 * MIB)
    )  # bytes are no air
    assert ledger(member) == Charge(uploads=60 * MIB)
    seen: list[int] = []

    def look(done: int) -> None:
        seen.append(QuotaAccount.objects.get(team=owner.membership.team).free_bytes or 0)

    write_file(greedy, target=Target("d"), chunks=chunks(38 * MIB, look), length=38 * MIB)
    assert seen[0] == 19 * MIB


def test_who_is_alone_reserves_everything(user: User, actor: Actor) -> None:
    limit(user, 100)
    assert open_upload(actor, wanted=UploadOptions(Target("a"), length=100)).charged == 100


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("announced", [True, False])
def test_twenty_at_once_never_pass_the_quota(announced: bool) -> None:
    """Attack A6: 20 unfinished bodies, each of nearly the whole quota."""
    user = make_user(quota_bytes=20 * MIB)
    actor = actor_of(user)
    lock, passed, greatest = threading.Lock(), [0] * 20, [0]
    together = threading.Barrier(20)

    def write(number: int) -> None:
        def look(done: int) -> None:
            with lock:
                passed[number] = done
                greatest[0] = max(greatest[0], sum(passed))

        try:
            together.wait(30)
            size = 19 * MIB
            target = Target(f"{number}")
            write_file(actor, target=target, chunks=chunks(size, look), length=size if announced else None)
        except AccountError:
            with lock:
                passed[number] = 0
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    assert greatest[0] <= 20 * MIB + 20 * MIB  # up to 1 MiB of each is in memory
    assert ledger(user).total <= 20 * MIB
    assert ledger(user).uploads == 0
    assert SYSTEM.is_system
