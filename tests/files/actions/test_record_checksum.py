"""files.actions.annotations.record_checksum: a checksum that nobody sent is computed once."""

import hashlib
import zlib
from dataclasses import replace

import pytest

from accounts.actor import Actor
from files import errors
from files.actions.annotations import ALGORITHMS, record_checksum
from files.blobs import reader
from files.queries.tree import locate_path
from tests.support.trees import journal_of, put

DATA = b"some bytes" * 1000


def test_every_algorithm(actor: Actor) -> None:
    put(actor, "a", DATA)
    before = journal_of(actor)
    found = {name: record_checksum(actor, place=locate_path(actor, "a"), algorithm=name) for name in ALGORITHMS}
    assert found == {
        **{name: hashlib.new(name, DATA).hexdigest() for name in ("sha1", "md5", "sha256", "sha512")},
        "adler32": f"{zlib.adler32(DATA):08x}",
        "crc32": f"{zlib.crc32(DATA):08x}",
    }
    place = locate_path(actor, "a")
    assert place.node.version is not None
    assert found.items() <= place.node.version.known_checksums.items()
    assert journal_of(actor) == before


def test_what_is_known_is_not_read_again(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    put(actor, "a", DATA)
    first = record_checksum(actor, place=locate_path(actor, "a"), algorithm="sha1")
    with monkeypatch.context() as blind:
        blind.setattr(reader, "read", lambda content: pytest.fail("read again"))
        assert record_checksum(actor, place=locate_path(actor, "a"), algorithm="sha1") == first


def test_who_reads_may(actor: Actor) -> None:
    put(actor, "a", b"")
    reading = replace(actor, scopes=frozenset({"read"}))
    assert record_checksum(reading, place=locate_path(reading, "a"), algorithm="md5") == hashlib.md5(b"").hexdigest()


def test_refuses(actor: Actor) -> None:
    put(actor, "d/a")
    with pytest.raises(errors.NotAFile):
        record_checksum(actor, place=locate_path(actor, "d"), algorithm="sha1")
    with pytest.raises(errors.InvalidChecksum):
        record_checksum(actor, place=locate_path(actor, "d/a"), algorithm="crc64")
