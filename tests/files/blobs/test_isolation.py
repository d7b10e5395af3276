"""What a team stores has nothing to do with what another team stores: rows, objects, answers, work that is spared."""

import base64
import hashlib
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from accounts.actor import Actor
from files.actions.annotations import record_checksum
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.finish_upload import finish_upload
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_file import write_file
from files.actions.write_piece import PieceOptions, write_piece
from files.blobs.pools import storage_of
from files.models import Blob, Content, Node, Pool, Space, Version
from files.queries.target import Target
from files.queries.tree import locate_path
from files.tree.writing import WriteOptions
from storage.memory import MemoryStorage
from tests.support.clients import ContentClient
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db
SMALL, LARGE = b"small" * 10, random.Random(1).randbytes(2_000_000)


def by_put(actor: Actor, data: bytes) -> None:
    put(actor, "file", data)


def by_bulk(actor: Actor, data: bytes) -> None:
    bulk_write(actor, folder=Target(""), files=[SmallFile("file", data, WriteOptions())])


def by_upload(actor: Actor, data: bytes) -> None:
    upload = open_upload(actor, wanted=UploadOptions(Target("file"), length=len(data)))
    write_piece(actor, upload_id=upload.pk, chunks=[data], piece=PieceOptions(0))
    finish_upload(actor, upload_id=upload.pk)


WAYS = pytest.mark.parametrize("write", [by_put, by_bulk, by_upload])


@WAYS
@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_the_same_work_is_done_whoever_has_the_bytes(
    pool: Pool, write: Callable[[Actor, bytes], None], data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Objects written and removed, rows made, statements: equal with and without another team that has the bytes."""
    written: list[str] = []
    inner = MemoryStorage._put

    def counting(storage: Any, key: str, *arguments: Any, **options: Any) -> Any:
        written.append(key)
        return inner(storage, key, *arguments, **options)

    monkeypatch.setattr(MemoryStorage, "_put", counting)
    counts = []
    for name, before in (("alone", b"something else"), ("second", data)):
        put(actor_of(make_user(f"first-{name}@example.com")), "file", before)
        written.clear()
        rows = Blob.objects.count(), Content.objects.count()
        write(actor_of(make_user(f"{name}@example.com")), data)
        objects = {info.key for info in storage_of(pool).list()}
        counts.append(
            (
                len(written),
                all(key in objects for key in written),
                Blob.objects.count() - rows[0],
                Content.objects.count() - rows[1],
            )
        )
    assert counts[0] == counts[1] == (1, True, 1, 1)


def test_a_team_finds_what_it_has(pool: Pool) -> None:
    owner = make_user()
    put(actor_of(owner), "file", SMALL)
    put(actor_of(make_member(owner)), "file", SMALL)
    assert Blob.objects.count() == Content.objects.count() == 1


def test_checksums_are_told_only_where_they_were_sent(pool: Pool) -> None:
    alice, bob = make_user(), make_user()
    digest = hashlib.sha256(SMALL)
    header = f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    ContentClient(alice).put("guess.txt", SMALL, content_digest=header)
    for person in (bob, make_member(alice)):  # another team's, and a colleague's
        client = ContentClient(person)
        answer = client.put("mine.txt", SMALL)
        assert answer.json()["checksums"] == {}
        assert "Repr-Digest" not in client.get("mine.txt").headers
    assert ContentClient(alice).get("guess.txt").headers["Repr-Digest"]


def test_checksums_stay_with_their_version(pool: Pool) -> None:
    actor = actor_of(make_user())
    sha1 = hashlib.sha1(SMALL).hexdigest()
    first = write_file(actor, target=Target("a"), chunks=[SMALL], length=len(SMALL), expected={"sha1": sha1})
    assert first.version.checksums == {"sha1": sha1}
    assert put(actor, "b", SMALL).version.checksums == {}, "of another file with the same bytes"
    crc = record_checksum(actor, place=locate_path(actor, "b"), algorithm="crc32")
    assert Version.objects.get(pk=locate_path(actor, "b").node.version_id).checksums == {"crc32": crc}
    again = write_file(actor, target=Target("b"), chunks=[SMALL], length=len(SMALL), expected={"sha1": sha1})
    assert not again.changed
    assert again.version.checksums == {"crc32": crc, "sha1": sha1}, "sent later on"


def test_numbers_count_nobody(pool: Pool) -> None:
    """Between two files of one person, others make none or many: the numbers do not tell."""
    actor, other = actor_of(make_user()), actor_of(make_user())
    ids: dict[type[Any], list[int]] = {Node: [], Version: [], Space: []}
    for turn in range(30):
        written = put(actor, f"mine-{turn}", b"x")
        ids[Node].append(written.node.pk)
        ids[Version].append(written.version.pk)
        for more in range(turn % 3):
            put(other, f"theirs-{turn}-{more}", b"x")
    ids[Space] = list(Space.objects.order_by("pk").values_list("pk", flat=True))
    for model, numbers in ids.items():
        assert numbers == sorted(numbers), f"{model.__name__}: later ones are larger"
        assert not {second - first for first, second in pairwise(numbers)} & {1, 2, 3}
