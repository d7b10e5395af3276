"""files.actions.finish_upload: the pieces become the file, no byte is copied."""

import hashlib

import pytest

from accounts.actor import Actor
from accounts.models import User
from accounts.quotas import Charge
from files import errors
from files.actions.finish_upload import finish_upload
from files.actions.move import rename_node
from files.actions.spaces import create_team_space
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_file import Mode, WriteOptions
from files.actions.write_piece import PieceOptions, write_piece
from files.models import Blob, Extent, Upload
from files.queries.target import Target
from tests.support.people import actor_of, make_user
from tests.support.trees import bytes_at, journal_of, ledger, put


def begun(actor: Actor, *pieces: tuple[int, bytes], length: int | None = 10, **options: object) -> Upload:
    wanted = UploadOptions(Target("up/a.bin"), length=length, **options)  # type: ignore[arg-type]
    upload = open_upload(actor, wanted=wanted)
    for offset, data in pieces:
        write_piece(actor, upload_id=upload.pk, chunks=[data], piece=PieceOptions(offset))
    return upload


WHOLE = ((5, b"56789"), (0, b"01234"))


def test_the_pieces_are_the_file(user: User, actor: Actor) -> None:
    upload = begun(actor, *WHOLE)
    blobs = set(Blob.objects.values_list("pk", flat=True))
    written = finish_upload(actor, upload_id=upload.pk)
    assert (written.created, written.place.path) == (True, "/up/a.bin")
    assert bytes_at(actor, "up/a.bin") == b"0123456789"
    assert set(Extent.objects.values_list("blob", flat=True)) == blobs == set(Blob.objects.values_list("pk", flat=True))
    assert ledger(user) == Charge(live=10)
    assert journal_of(actor) == [("create", "/up"), ("create", "/up/a.bin")]


def test_again_answers_the_same_and_does_nothing(user: User, actor: Actor) -> None:
    upload = begun(actor, *WHOLE)
    first = finish_upload(actor, upload_id=upload.pk)
    rename_node(actor, node_id=first.node.pk, name="b.bin")
    again = finish_upload(actor, upload_id=upload.pk)
    assert (again.version.pk, again.place.path, again.changed) == (first.version.pk, "/up/b.bin", False)
    assert ledger(user) == Charge(live=10)


def test_what_is_missing_is_said(user: User, actor: Actor) -> None:
    upload = begun(actor, (2, b"23"), (6, b"67"))
    with pytest.raises(errors.UploadIncomplete) as refused:
        finish_upload(actor, upload_id=upload.pk)
    assert refused.value.detail == {"missing": [[0, 2], [4, 2], [8, 2]]}
    gap = begun(actor, (0, b"0"), (2, b"2"), length=None)
    with pytest.raises(errors.UploadIncomplete):
        finish_upload(actor, upload_id=gap.pk)
    assert journal_of(actor) == []
    assert ledger(user) == Charge(uploads=12)


def test_an_empty_one_and_one_of_no_known_length(user: User, actor: Actor) -> None:
    finish_upload(actor, upload_id=begun(actor, length=0).pk)
    assert bytes_at(actor, "up/a.bin") == b""
    finish_upload(actor, upload_id=begun(actor, (0, b"ab"), length=None, mode=Mode.OVERWRITE).pk)
    assert bytes_at(actor, "up/a.bin") == b"ab"
    assert ledger(user) == Charge(live=2)


def test_checksums_of_the_whole(actor: Actor) -> None:
    right = hashlib.sha1(b"0123456789").hexdigest()
    upload = begun(actor, *WHOLE, expected={"sha1": right})
    with pytest.raises(errors.ChecksumMismatch):
        finish_upload(actor, upload_id=upload.pk, expected={"md5": "0" * 32})
    assert finish_upload(actor, upload_id=upload.pk).version.known_checksums["sha1"] == right
    wrong = begun(actor, *WHOLE, mode=Mode.OVERWRITE, expected={"sha1": "0" * 40})
    with pytest.raises(errors.ChecksumMismatch):
        finish_upload(actor, upload_id=wrong.pk)


def test_what_came_in_between_is_a_conflict_and_the_pieces_stay(user: User, actor: Actor) -> None:
    upload = begun(actor, *WHOLE)
    put(actor, "up/a.bin", b"x")
    with pytest.raises(errors.NameTaken):
        finish_upload(actor, upload_id=upload.pk)
    assert ledger(user) == Charge(live=1, uploads=10)
    finish_upload(actor, upload_id=upload.pk, target=Target("elsewhere"), options=WriteOptions())
    assert bytes_at(actor, "elsewhere") == b"0123456789"


def test_bytes_that_are_there_already_are_shared(user: User, actor: Actor) -> None:
    there = put(actor, "same", b"0123456789").version.content
    written = finish_upload(actor, upload_id=begun(actor, *WHOLE).pk)
    assert written.version.content.pk == there.pk
    assert ledger(user) == Charge(live=20)


def test_only_ones_own_and_in_its_space(actor: Actor) -> None:
    upload = begun(actor, *WHOLE)
    with pytest.raises(errors.UploadNotFound):
        finish_upload(actor_of(make_user()), upload_id=upload.pk)
    space = create_team_space(actor, name="team")
    with pytest.raises(errors.InvalidRequest):
        finish_upload(actor, upload_id=upload.pk, target=Target("a", space_id=space.pk), options=WriteOptions())
    assert journal_of(actor) == []


@pytest.mark.parametrize("length", [None, 0])
@pytest.mark.parametrize("mode", [Mode.OVERWRITE, Mode.CREATE])
def test_without_a_piece_nothing_is_overwritten(actor: Actor, length: int | None, mode: Mode) -> None:
    """A client that finishes before anything has arrived must not lose what is there."""
    put(actor, "up/a.bin", b"precious")
    with pytest.raises(errors.NameTaken):
        finish_upload(actor, upload_id=begun(actor, length=length, mode=mode).pk)
    assert bytes_at(actor, "up/a.bin") == b"precious"


def test_without_a_piece_no_version_is_updated(actor: Actor) -> None:
    version = put(actor, "up/a.bin", b"precious").version
    wanted = UploadOptions(Target("up/a.bin"), mode=Mode.UPDATE, base_version_id=version.pk)
    with pytest.raises(errors.UploadIncomplete):
        finish_upload(actor, upload_id=open_upload(actor, wanted=wanted).pk)
    assert bytes_at(actor, "up/a.bin") == b"precious"


def test_without_a_piece_a_new_file_is_empty(actor: Actor) -> None:
    finish_upload(actor, upload_id=begun(actor, length=None, mode=Mode.OVERWRITE).pk)
    assert bytes_at(actor, "up/a.bin") == b""
