"""files.actions.chunks: chunks that the client names, in any order; their names say the order."""

from typing import Any

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount, User
from accounts.quotas import Charge
from files import errors
from files.actions import chunks as module
from files.actions.chunks import (
    Chunk,
    abort_chunked_upload,
    finish_chunked_upload,
    open_chunked_upload,
    remove_chunk,
    write_chunk,
)
from files.actions.write_file import Mode, WriteOptions, Written
from files.models import Upload, UploadPiece
from files.queries.target import Target
from tests.files.actions.rights import refuses_others
from tests.support.people import actor_of, make_user
from tests.support.trees import bytes_at, home_of, journal_of, ledger, put

ONE: dict[str, Any] = {"name": "up", "protocol": "dav"}


def write(actor: Actor, name: str, data: bytes, **more: Any) -> bool:
    return write_chunk(actor, **ONE, chunk=Chunk(name, **more), chunks=[data])


def finish(actor: Actor, path: str = "a.bin", options: WriteOptions | None = None, **more: Any) -> Written:
    return finish_chunked_upload(actor, **ONE, target=Target(path), options=options or WriteOptions(), **more)


def test_in_the_order_of_their_names(user: User, actor: Actor) -> None:
    open_chunked_upload(actor, **ONE)
    for name, data in (("10", b"ten"), ("9", b"nine"), ("2", b"two")):
        assert write(actor, name, data)
    assert ledger(user) == Charge(uploads=10)
    finish(actor, length=10)
    assert bytes_at(actor, "a.bin") == b"twonineten"
    assert ledger(user) == Charge(live=10)
    assert journal_of(actor) == [("create", "/a.bin")]
    assert finish(actor).changed is False
    with pytest.raises(errors.UploadNotFound):
        finish(actor, "elsewhere")


def test_one_of_the_same_name_is_replaced(user: User, actor: Actor) -> None:
    open_chunked_upload(actor, **ONE)
    write(actor, "1", b"first")
    assert write(actor, "1", b"second!") is False
    assert ledger(user) == Charge(uploads=7)
    with pytest.raises(errors.ChecksumMismatch):
        write(actor, "1", b"third", expected={"md5": "0" * 32})
    write(actor, "2", b"2")
    remove_chunk(actor, **ONE, chunk="2")
    with pytest.raises(errors.UploadNotFound):
        remove_chunk(actor, **ONE, chunk="2")
    finish(actor)
    assert bytes_at(actor, "a.bin") == b"second!"


def test_an_announced_length_is_reserved_and_held_to(user: User, actor: Actor) -> None:
    open_chunked_upload(actor, **ONE, length=6)
    write(actor, "1", b"1234")
    assert ledger(user) == Charge(uploads=6)
    for data, length in ((b"567", None), (b"567", 3)):
        with pytest.raises(errors.TooLarge):
            write(actor, "2", data, length=length)
    with pytest.raises(errors.LengthMismatch):
        finish(actor)
    write(actor, "2", b"56", length=2)
    with pytest.raises(errors.LengthMismatch):
        finish(actor, length=7)
    assert journal_of(actor) == []
    finish(actor, length=6)
    assert ledger(user) == Charge(live=6)


def test_limits_at_the_edge(user: User, actor: Actor, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MAX_UPLOAD_SIZE = 8
    monkeypatch.setattr(module, "MAXIMUM_CHUNKS", 2)
    QuotaAccount.objects.filter(user=user).update(limit_bytes=7)
    open_chunked_upload(actor, **ONE)
    write(actor, "1", b"12345")
    with pytest.raises(errors.TooLarge):
        write(actor, "2", b"6789")
    with pytest.raises(QuotaExceeded):
        write(actor, "2", b"678")
    write(actor, "2", b"67")
    with pytest.raises(errors.TooMany):
        write(actor, "3", b"")
    write(actor, "2", b"76")
    assert ledger(user) == Charge(uploads=7)


def test_given_up(user: User, actor: Actor) -> None:
    open_chunked_upload(actor, **ONE)
    write(actor, "1", b"1")
    with pytest.raises(errors.NameTaken):
        open_chunked_upload(actor, **ONE)
    abort_chunked_upload(actor, **ONE)
    assert ledger(user) == Charge()
    assert not UploadPiece.objects.exists()
    for act in (abort_chunked_upload, lambda a, **one: write(a, "1", b"1")):
        with pytest.raises(errors.UploadNotFound):
            act(actor, **ONE)


def test_what_cannot_succeed_at_its_target_is_not_begun(user: User, actor: Actor) -> None:
    put(actor, "file")
    with pytest.raises(errors.NotAFolder):
        open_chunked_upload(actor, **ONE, target=Target("file/x"))
    space = home_of(user).pk
    refuses_others(actor, lambda a: open_chunked_upload(a, **ONE, target=Target("x", space_id=space)))
    assert not Upload.objects.exists()


def test_only_ones_own(actor: Actor) -> None:
    open_chunked_upload(actor, **ONE)
    write(actor, "1", b"1")
    eve = actor_of(make_user())
    for act in (lambda: write(eve, "1", b"2"), lambda: finish(eve), lambda: abort_chunked_upload(eve, **ONE)):
        with pytest.raises(errors.UploadNotFound):
            act()
    put(actor, "a.bin")
    with pytest.raises(errors.NameTaken):
        finish(actor, options=WriteOptions(Mode.CREATE))
    finish(actor)
    assert bytes_at(actor, "a.bin") == b"1"
