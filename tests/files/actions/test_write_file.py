"""files.actions.write_file: bytes become a file, or nothing is stored."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount, User
from accounts.quotas import Charge
from files import errors
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions import write_file as write_file_module
from files.actions.create_folder import create_folder
from files.actions.grants import Subject, set_grant
from files.actions.mounts import reconcile_all
from files.actions.move import move_node
from files.actions.spaces import create_team_space
from files.actions.write_file import TRIES, Mode, WriteOptions, write_file
from files.models import Blob, Version
from files.queries.target import Target
from tests.files.actions.rights import refuses_others
from tests.support.mounts import in_space
from tests.support.people import actor_of, make_member
from tests.support.trees import bytes_at, home_of, journal_of, ledger, put

# A small file is written together with others of the same moment, a large one alone.
SIZES = pytest.mark.parametrize("size", [0, 10, 100_000])


@SIZES
def test_a_new_file_and_a_new_version(user: User, actor: Actor, size: int) -> None:
    first = put(actor, "a/b.bin", b"x" * size)
    second = put(actor, "a/b.bin", b"y" * (size + 1))
    assert (first.created, second.created) == (True, False)
    assert first.node.pk == second.node.pk
    assert bytes_at(actor, "a/b.bin") == b"y" * (size + 1)
    assert journal_of(actor) == [("create", "/a"), ("create", "/a/b.bin"), ("write", "/a/b.bin")]
    assert ledger(user) == Charge(live=size + 1, versions=size)


@SIZES
def test_the_same_bytes_again_change_nothing(user: User, actor: Actor, size: int) -> None:
    first = put(actor, "a", b"x" * size)
    again = put(actor, "a", b"x" * size)
    assert (first.changed, again.changed, again.version.pk) == (True, False, first.version.pk)
    assert journal_of(actor) == [("create", "/a")]
    put(actor, "b", b"x" * size)
    assert Blob.objects.count() <= 1
    assert ledger(user) == Charge(live=2 * size)


def never() -> Iterator[bytes]:
    raise AssertionError("a byte was asked for")
    yield b""


def test_a_large_file_that_cannot_succeed_is_refused_before_its_first_byte(
    user: User, actor: Actor, settings: Settings
) -> None:
    settings.MAX_UPLOAD_SIZE = 200_000
    QuotaAccount.objects.filter(user=user).update(limit_bytes=150_000)
    file, create = put(actor, "file"), WriteOptions(Mode.CREATE)
    for path, length, options, error in (
        ("new", 200_001, None, errors.TooLarge),
        ("new", 199_999, None, QuotaExceeded),
        ("file", 100_000, create, errors.NameTaken),
        ("file", 100_000, WriteOptions(Mode.UPDATE, base_version_id=file.version.pk + 1), errors.VersionConflict),
        ("file", 100_000, WriteOptions(conditions={"if-match": '"other"'}), errors.PreconditionFailed),
        ("file/x", 100_000, None, errors.NotAFolder),
        ("a\0b", 100_000, None, errors.InvalidName),
        ("", 100_000, None, errors.InvalidName),
    ):
        with pytest.raises(error):
            write_file(actor, target=Target(path), chunks=never(), length=length, options=options)
    refuses_others(
        actor, lambda a: write_file(a, target=Target("x", space_id=file.place.space.pk), chunks=never(), length=100_000)
    )


@SIZES
def test_the_quota_at_its_edge(user: User, actor: Actor, size: int) -> None:
    QuotaAccount.objects.filter(user=user).update(limit_bytes=size + 5)
    put(actor, "a", b"12345")
    with pytest.raises(QuotaExceeded):
        put(actor, "b", b"x" * (size + 1))
    put(actor, "b", b"x" * size)
    assert ledger(user) == Charge(live=size + 5)


@SIZES
@pytest.mark.parametrize("wrong", [-1, 1])
def test_fewer_or_more_bytes_than_announced_store_nothing(actor: Actor, size: int, wrong: int) -> None:
    chunks = [b"x" * (size + 1)]
    with pytest.raises(errors.LengthMismatch if wrong == 1 else (errors.LengthMismatch, errors.TooLarge)):
        write_file(actor, target=Target("a"), chunks=chunks, length=size + 1 + wrong)
    assert journal_of(actor) == []
    assert not Blob.objects.exists()


@SIZES
def test_checksums_are_verified_and_kept(actor: Actor, size: int) -> None:
    data = b"x" * size
    right = {"sha-1": hashlib.sha1(data).hexdigest().upper()}
    for expected, error in (
        ({"sha1": "0" * 40}, errors.ChecksumMismatch),
        ({"sha1": "0"}, errors.InvalidChecksum),
        ({"crc64": "0" * 16}, errors.InvalidChecksum),
    ):
        with pytest.raises(error):
            write_file(actor, target=Target("a"), chunks=[data], length=size, expected=expected)
    assert not Version.objects.exists()
    written = write_file(actor, target=Target("a"), chunks=[data], length=size, expected=right)
    assert written.version.known_checksums["sha1"] == hashlib.sha1(data).hexdigest()


def test_the_largest_file_of_unknown_length(actor: Actor, settings: Settings) -> None:
    settings.MAX_UPLOAD_SIZE = 70_000
    with pytest.raises(errors.TooLarge):
        write_file(actor, target=Target("a"), chunks=[b"x" * 70_000, b"x"], length=None)
    assert not Blob.objects.exists()
    write_file(actor, target=Target("a"), chunks=[b"x" * 70_000], length=None)
    assert bytes_at(actor, "a") == b"x" * 70_000


def test_a_missing_folder_is_made_or_not(actor: Actor) -> None:
    with pytest.raises(errors.ParentNotFound):
        write_file(actor, target=Target("no/a", make_folders=False), chunks=[b"x"], length=1)
    assert journal_of(actor) == []
    put(actor, "yes/a", b"x")
    assert journal_of(actor) == [("create", "/yes"), ("create", "/yes/a")]


@pytest.mark.parametrize("times", [1, 9])
def test_a_shared_folder_that_goes_to_another_space_meanwhile(
    user: User, actor: Actor, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """The file goes with it, and a sync client hears of nothing; where it does not come to rest, it tries again."""
    folder, friend = create_folder(actor, target=Target("Trip"))[0].node, make_member(user)
    set_grant(actor, node_id=folder.pk, subject=Subject(SubjectKind.USER, friend.pk), role=Role.EDITOR)
    reconcile_all()
    team, home = create_team_space(actor, name="team"), home_of(user)
    goes_to = ([team, home] * times)[:times]
    work = write_file_module.work_on_target

    def moved(acting: Actor, target: Target, **options: Any) -> Any:
        if goes_to:
            move_node(actor, node_id=folder.pk, target=Target("Trip", space_id=goes_to.pop(0).pk))
        return work(acting, target, **options)

    monkeypatch.setattr(write_file_module, "work_on_target", moved)
    if times > TRIES:
        with pytest.raises(errors.Busy):
            put(actor_of(friend), "Trip/a.txt", b"from a friend")
        return
    put(actor_of(friend), "Trip/a.txt", b"from a friend")
    assert bytes_at(actor_of(friend), "Trip/a.txt") == b"from a friend"
    assert in_space(team) == ["/Trip", "/Trip/a.txt"]
