"""files.actions.uploads: beginning, changing and giving up; announced bytes are reserved."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount, User
from accounts.quotas import Charge
from common.clock import now
from files import errors
from files.actions.uploads import UploadOptions, abort_upload, declare_length, expire_uploads, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.models import Upload, UploadPiece
from files.queries.target import Target
from files.queries.uploads import get_upload
from tests.files.actions.rights import refuses_others
from tests.support.people import actor_of, make_user
from tests.support.trees import home_of, journal_of, ledger, put


def begin(actor: Actor, length: int | None = 10, **options: object) -> Upload:
    return open_upload(actor, wanted=UploadOptions(Target("up.bin"), length=length, **options))  # type: ignore[arg-type]


def test_announced_bytes_are_reserved_and_given_back(user: User, actor: Actor) -> None:
    upload = begin(actor)
    assert ledger(user) == Charge(uploads=10)
    write_piece(actor, upload_id=upload.pk, chunks=[b"01234"], piece=PieceOptions(0))
    assert ledger(user) == Charge(uploads=10)
    abort_upload(actor, upload_id=upload.pk)
    assert ledger(user) == Charge()
    assert not UploadPiece.objects.exists()
    assert journal_of(actor) == []
    with pytest.raises(errors.UploadNotFound):
        abort_upload(actor, upload_id=upload.pk)


def test_refused_at_once(user: User, actor: Actor, settings: Settings) -> None:
    settings.MAX_UPLOAD_SIZE = 200
    QuotaAccount.objects.filter(user=user).update(limit_bytes=100)
    put(actor, "file", b"x" * 40)
    for target, length, error in (
        (Target("up"), 201, errors.TooLarge),
        (Target("up"), 61, QuotaExceeded),
        (Target("file"), 10, errors.NameTaken),
        (Target("file/up"), 10, errors.NotAFolder),
        (Target("up", parent_id=10**9), 10, errors.NotFound),
    ):
        with pytest.raises(error):
            open_upload(actor, wanted=UploadOptions(target, length=length))
    with pytest.raises(errors.InvalidChecksum):
        begin(actor, expected={"sha1": "0"})
    assert not Upload.objects.exists()
    begin(actor, length=60)
    assert ledger(user) == Charge(live=40, uploads=60)
    with pytest.raises(QuotaExceeded):
        put(actor, "one more byte", b"x")


def test_who_may(user: User, actor: Actor) -> None:
    for partial in (False, True):
        target = Target("up", space_id=home_of(user).pk)
        refuses_others(actor, lambda a: open_upload(a, wanted=UploadOptions(target, is_partial=partial)))  # noqa: B023
    upload = begin(actor)
    eve = actor_of(make_user())
    for act in (abort_upload, lambda a, upload_id: declare_length(a, upload_id=upload_id, length=10)):
        with pytest.raises(errors.UploadNotFound):
            act(eve, upload_id=upload.pk)
    with pytest.raises(errors.UploadNotFound):
        abort_upload(actor, upload_id=upload.pk, protocol="another")
    assert ledger(user) == Charge(uploads=10)


def test_a_length_is_declared_once(user: User, actor: Actor, settings: Settings) -> None:
    settings.MAX_UPLOAD_SIZE = 50
    upload = begin(actor, length=None)
    write_piece(actor, upload_id=upload.pk, chunks=[b"01234"], piece=PieceOptions(0))
    assert ledger(user) == Charge(uploads=5)
    with pytest.raises(errors.LengthMismatch):
        declare_length(actor, upload_id=upload.pk, length=4)
    with pytest.raises(errors.TooLarge):
        declare_length(actor, upload_id=upload.pk, length=51)
    declare_length(actor, upload_id=upload.pk, length=8)
    assert declare_length(actor, upload_id=upload.pk, length=8).length == 8
    assert ledger(user) == Charge(uploads=8)
    with pytest.raises(errors.InvalidRequest):
        declare_length(actor, upload_id=upload.pk, length=9)


def test_a_length_over_the_quota(user: User, actor: Actor) -> None:
    QuotaAccount.objects.filter(user=user).update(limit_bytes=10)
    upload = begin(actor, length=None)
    with pytest.raises(QuotaExceeded):
        declare_length(actor, upload_id=upload.pk, length=11)
    assert get_upload(actor, upload.pk).length is None
    declare_length(actor, upload_id=upload.pk, length=10)


def test_a_name_is_free_again_when_its_upload_is_over(actor: Actor) -> None:
    first = begin(actor, name="n", protocol="dav")
    with pytest.raises(errors.NameTaken):
        begin(actor, name="n", protocol="dav")
    begin(actor, name="n", protocol="tus")
    Upload.objects.filter(pk=first.pk).update(expires_at=now())
    begin(actor, name="n", protocol="dav")


def test_what_is_over_is_given_back(user: User, actor: Actor) -> None:
    uploads = [begin(actor) for _ in range(3)]
    Upload.objects.filter(pk__in=[upload.pk for upload in uploads[:2]]).update(expires_at=now() - timedelta(seconds=1))
    with pytest.raises(errors.UploadNotFound):
        get_upload(actor, uploads[0].pk)
    assert expire_uploads(limit=1) == 1
    assert expire_uploads() == 1
    assert expire_uploads() == 0
    assert ledger(user) == Charge(uploads=10)
