"""files.actions.direct_upload: pieces that a client sends to the store itself.

The store here is one in memory that says it can do this; tests/conformance asks the real ones.
"""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from accounts.quotas import Charge
from common import clock
from common.content_hash import BLOCK_SIZE, hash_bytes
from files import errors
from files.actions import direct_upload as module
from files.actions.direct_upload import DirectPiece, Permit, permit_pieces, register_pieces
from files.actions.finish_upload import finish_upload
from files.actions.uploads import UploadOptions, open_upload
from files.blobs.pools import storage_of
from files.models import Blob, Pool, Upload, UploadPiece
from files.queries.target import Target
from storage.base import Capabilities, PresignedRequest
from storage.memory import MemoryStorage
from tests.support.people import actor_of, make_user
from tests.support.trees import bytes_at, ledger

DATA = bytes(range(256)) * (BLOCK_SIZE // 256) + b"the rest"


@pytest.fixture
def store(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> MemoryStorage:
    able = Capabilities(presigned_put=True, checksum_enforced=True)
    monkeypatch.setattr(MemoryStorage, "capabilities", able)
    request = lambda self, key, **more: PresignedRequest(f"memory:{key}", "PUT")  # noqa: E731
    monkeypatch.setattr(MemoryStorage, "presigned_put", request)
    Pool.objects.filter(pk=pool.pk).update(direct_uploads=True)
    storage = storage_of(pool)
    assert isinstance(storage, MemoryStorage)
    return storage


def begin(actor: Actor, length: int | None = len(DATA)) -> Upload:
    return open_upload(actor, wanted=UploadOptions(Target("a.bin"), length=length))


def block(number: int, data: bytes = DATA) -> DirectPiece:
    part = data[number * BLOCK_SIZE : (number + 1) * BLOCK_SIZE]
    return DirectPiece(number * BLOCK_SIZE, len(part), hashlib.sha256(part).digest())


def send(store: MemoryStorage, permit: Permit, data: bytes | None = None) -> str:
    """As the client does it; the token."""
    piece = permit.piece
    part = DATA[piece.offset : piece.offset + piece.length] if data is None else data
    store.put(permit.request.url.removeprefix("memory:"), [part])
    return permit.token


def permits(actor: Actor, upload: Upload, *numbers: int) -> list[Permit]:
    return permit_pieces(actor, upload_id=upload.pk, pieces=[block(number) for number in numbers])


def register(actor: Actor, upload: Upload, *tokens: str) -> Upload:
    return register_pieces(actor, upload_id=upload.pk, tokens=tokens)


def remove_what_no_row_knows(store: MemoryStorage) -> None:
    store.delete_many([info.key for info in store.list() if not Blob.objects.filter(key=info.key).exists()])


def test_sent_registered_and_finished(user: User, actor: Actor, store: MemoryStorage) -> None:
    upload = begin(actor)
    tokens = [send(store, permit) for permit in permits(actor, upload, 1, 0)]
    for _ in range(2):  # again is no error, and the objects stay
        register(actor, upload, *tokens)
        assert (UploadPiece.objects.count(), Blob.objects.count(), len(list(store.list()))) == (2, 2, 2)
    written = finish_upload(actor, upload_id=upload.pk)
    assert written.version.content.content_hash == hash_bytes(DATA)
    assert bytes_at(actor, "a.bin") == DATA
    assert ledger(user) == Charge(live=len(DATA))
    for act in (lambda: permits(actor, upload, 0), lambda: register(actor, upload, *tokens)):
        with pytest.raises(errors.UploadFinished):
            act()


def test_a_block_that_is_sent_twice_is_kept_once(actor: Actor, store: MemoryStorage) -> None:
    upload = begin(actor)
    for permit in (*permits(actor, upload, 0), *permits(actor, upload, 0)):
        register(actor, upload, send(store, permit))
    assert (UploadPiece.objects.count(), len(list(store.list()))) == (1, 1)


@pytest.mark.usefixtures("store")
def test_a_piece_is_one_whole_block(actor: Actor) -> None:
    upload = begin(actor)
    good = block(0)
    for wrong, error in (
        (replace(good, offset=1), errors.InvalidRequest),
        (replace(good, offset=-BLOCK_SIZE), errors.InvalidRequest),
        (replace(good, length=BLOCK_SIZE - 1), errors.InvalidRequest),
        (replace(good, offset=BLOCK_SIZE), errors.InvalidRequest),
        (replace(good, offset=2 * BLOCK_SIZE), errors.InvalidRequest),
        (replace(good, sha256=b"x" * 31), errors.InvalidChecksum),
    ):
        with pytest.raises(error):
            permit_pieces(actor, upload_id=upload.pk, pieces=[good, wrong])
    with pytest.raises(errors.InvalidRequest):
        permits(actor, begin(actor, length=None), 0)


def test_what_did_not_arrive_or_is_something_else(actor: Actor, store: MemoryStorage) -> None:
    upload = begin(actor)
    first, last = permits(actor, upload, 0, 1)
    send(store, first)
    with pytest.raises(errors.UploadIncomplete) as refused:
        register(actor, upload, first.token, last.token)
    assert refused.value.detail == {"missing": [[BLOCK_SIZE, len(DATA) - BLOCK_SIZE]]}
    for data in (b"the best", b"shorter"):
        send(store, last, data)
        with pytest.raises(errors.ChecksumMismatch):
            register(actor, upload, first.token, last.token)
        store.delete(last.request.url.removeprefix("memory:"))
    assert not UploadPiece.objects.exists()
    register(actor, upload, first.token)


def test_tokens(actor: Actor, store: MemoryStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    upload, other = begin(actor), begin(actor)
    token = send(store, permits(actor, upload, 0)[0])
    for wrong in (token[:-1], "", send(store, permits(actor, other, 0)[0])):
        with pytest.raises(errors.InvalidRequest):
            register(actor, upload, wrong)
    later = clock.now() + module.REGISTER_WITHIN + timedelta(seconds=1)
    with monkeypatch.context() as afterwards:
        afterwards.setattr(module, "now", lambda: later)
        with pytest.raises(errors.InvalidRequest, match="too old"):
            register(actor, upload, token)
    register(actor, upload, token)
    remove_what_no_row_knows(store)


def test_who_may_and_how_many(actor: Actor, store: MemoryStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAXIMUM_PIECES", 1)
    upload = begin(actor)
    token = send(store, permits(actor, upload, 0)[0])
    eve = actor_of(make_user())
    for act in (lambda: permits(eve, upload, 0), lambda: register(eve, upload, token)):
        with pytest.raises(errors.UploadNotFound):
            act()
    many: list[Any] = [lambda n=n: permits(actor, upload, *n) for n in ((), (0, 1))]
    many += [lambda n=n: register(actor, upload, *[token] * n) for n in (0, 2)]
    for act in many:
        with pytest.raises(errors.TooMany):
            act()
    register(actor, upload, token)


def test_a_pool_that_does_not_take_them(actor: Actor, pool: Pool) -> None:
    upload = begin(actor)
    for direct in (False, True):  # switched off; a store that cannot
        Pool.objects.filter(pk=pool.pk).update(direct_uploads=direct)
        with pytest.raises(errors.DirectUploadUnavailable):
            permits(actor, upload, 0)
