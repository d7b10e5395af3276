"""files.actions.give_way: the oldest trash goes before a write is refused, and no more of it than that takes."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from accounts import quotas
from accounts.actor import Actor
from accounts.errors import LimitReached, QuotaExceeded
from accounts.models import AuditEvent, QuotaAccount, User
from accounts.quotas import Charge
from files import errors
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.chunks import Chunk, open_chunked_upload, write_chunk
from files.actions.copy import copy_node
from files.actions.give_way import giving_way
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.actions.uploads import UploadOptions, declare_length, open_upload
from files.actions.versions import restore_version
from files.actions.write_file import write_file, write_node
from files.actions.write_piece import PieceOptions, write_piece
from files.models import Change, ChangeKind, Node, TrashItem
from files.queries.target import Target
from files.tree.unit_of_work import quota_accounts
from files.tree.writing import Mode, WriteOptions
from tests.support.people import actor_of, make_member
from tests.support.trees import home_of, ledger, put

KIB = 1024
SIZE = 3 * KIB * KIB


def trashed(actor: Actor, name: str, size: int) -> TrashItem:
    node = put(actor, name, bytes(size)).node
    trash_nodes(actor, node_ids=[node.pk])
    return TrashItem.objects.get(node=node)


def left() -> list[str]:
    return sorted(TrashItem.objects.filter(purging=False).values_list("node__name", flat=True))


@pytest.fixture
def full(user: User, actor: Actor) -> User:
    """Everything but the versions of one file is in the trash."""
    for name in ("first", "second", "third"):
        trashed(actor, name, SIZE)
    trashed(actor, "empty", 0)
    QuotaAccount.objects.filter(user=user).update(limit_bytes=3 * SIZE)
    return user


def chunked(actor: Actor, length: int | None) -> object:
    open_chunked_upload(actor, name="c", protocol="t", length=length)
    return write_chunk(actor, name="c", protocol="t", chunk=Chunk("1", SIZE), chunks=[bytes(SIZE)])


def piece(actor: Actor, length: int | None) -> object:
    upload = open_upload(actor, wanted=UploadOptions(Target("u")))
    return write_piece(actor, upload_id=upload.pk, chunks=[bytes(SIZE)], piece=PieceOptions(0, length))


def declared(actor: Actor) -> object:
    upload = open_upload(actor, wanted=UploadOptions(Target("u")))
    return declare_length(actor, upload_id=upload.pk, length=SIZE)


WAYS: dict[str, Callable[[Actor], object]] = {
    "announced": lambda actor: write_file(actor, target=Target("n"), chunks=[bytes(SIZE)], length=SIZE),
    "chunked": lambda actor: write_file(actor, target=Target("n"), chunks=[bytes(SIZE)], length=None),
    "small": lambda actor: put(actor, "n", b"x"),
    "by id": lambda actor: write_node(
        actor, node_id=put(actor, "n", b"").node.pk, chunks=[b"x" * 9], length=9, options=WriteOptions(Mode.OVERWRITE)
    ),
    "bulk": lambda actor: bulk_write(actor, folder=Target(), files=[SmallFile("n", b"x", WriteOptions())]),
    "large bulk": lambda actor: bulk_write(actor, folder=Target(), files=[SmallFile("n", b"x" * SIZE, WriteOptions())]),
    "upload": lambda actor: open_upload(actor, wanted=UploadOptions(Target("n"), length=SIZE)),
    "length of an upload": declared,
    "piece": lambda actor: piece(actor, SIZE),
    "piece of no length": lambda actor: piece(actor, None),
    "chunk": lambda actor: chunked(actor, None),
    "chunks": lambda actor: chunked(actor, SIZE),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_oldest_gives_way(full: User, actor: Actor, way: str) -> None:
    WAYS[way](actor)
    assert left() == ["empty", "second", "third"]
    event = AuditEvent.objects.get(kind="trash.give_way")
    assert (event.actor_id, event.detail["items"], event.detail["bytes"]) == (full.pk, 1, SIZE)
    assert Change.objects.filter(kind=ChangeKind.PURGE).count() == 1


def test_copies_and_versions_find_room_too(user: User, actor: Actor) -> None:
    node = put(actor, "kept", bytes(SIZE)).node
    first = node.version_id or 0
    put(actor, "kept", b"other", options=WriteOptions(Mode.OVERWRITE))
    trashed(actor, "old", SIZE)
    QuotaAccount.objects.filter(user=user).update(limit_bytes=ledger(user).total)
    restore_version(actor, node_id=node.pk, version_id=first)
    assert left() == []
    QuotaAccount.objects.filter(user=user).update(limit_bytes=None)
    small = put(actor, "small", b"x" * 50).node
    trashed(actor, "later", 60)
    QuotaAccount.objects.filter(user=user).update(limit_bytes=ledger(user).total)
    copy_node(actor, node_id=small.pk, target=Target("copy"))
    assert left() == []


def test_nothing_goes_for_what_could_not_fit_anyway(full: User, actor: Actor) -> None:
    with pytest.raises(QuotaExceeded):
        write_file(actor, target=Target("n"), chunks=[], length=3 * SIZE + 1)
    assert len(left()) == 4
    put(actor, "n", b"")
    with pytest.raises(errors.NameTaken):  # nor for what is refused for another reason
        write_file(actor, target=Target("n"), chunks=[], length=SIZE, options=WriteOptions(Mode.CREATE))
    assert len(left()) == 4
    assert not AuditEvent.objects.filter(kind="trash.give_way").exists()


def test_several_give_way_to_one(full: User, actor: Actor) -> None:
    write_file(actor, target=Target("n"), chunks=[bytes(SIZE), b"x"], length=SIZE + 1)
    assert left() == ["empty", "third"]
    assert ledger(full) == Charge(live=SIZE + 1, trash=SIZE)


def test_who_comes_second_finds_the_room_that_the_first_has_made(full: User, actor: Actor) -> None:
    tries: list[int] = []

    def act() -> str:
        tries.append(1)
        if len(tries) == 1:
            try:
                quotas.check(quota_accounts(home_of(full)), SIZE)
            finally:
                QuotaAccount.objects.filter(user=full).update(limit_bytes=None)
        return "done"

    assert giving_way(actor, home_of(full), act) == "done"
    assert len(left()) == 4


def test_not_where_it_is_off(full: User, actor: Actor, settings: Settings) -> None:
    settings.TRASH_GIVES_WAY = False
    with pytest.raises(QuotaExceeded):
        put(actor, "n", b"x")
    assert len(left()) == 4


def test_not_by_who_may_not_write(full: User, actor: Actor) -> None:
    reader = actor_of(full, scopes=frozenset({"read"}))
    with pytest.raises(errors.ScopeMissing):
        write_file(reader, target=Target("n"), chunks=[bytes(SIZE)], length=SIZE)
    assert len(left()) == 4


def test_the_trash_of_a_home_is_not_another_persons(user: User, actor: Actor) -> None:
    """The team's quota is full, and all the trash is somebody else's."""
    member = make_member(user)
    shared = create_team_space(actor, name="Shared")
    trashed(actor_of(member), "theirs", SIZE)
    QuotaAccount.objects.filter(team=user.membership.team).update(limit_bytes=SIZE)
    with pytest.raises(QuotaExceeded):
        put(actor, "mine", b"x")
    with pytest.raises(QuotaExceeded):
        put(actor, "shared", b"x", space_id=shared.pk)
    assert left() == ["theirs"]
    put(actor_of(member), "own", b"x")
    assert left() == []


def test_limits_of_another_kind_leave_it_alone(full: User, actor: Actor, settings: Settings) -> None:
    settings.ACCOUNT_NODES = 1
    with pytest.raises(LimitReached):
        put(actor, "n", b"x")
    assert len(left()) == 4


def test_nothing_goes_for_a_copy_that_is_refused_anyway(user: User, actor: Actor, settings: Settings) -> None:
    put(actor, "taken", b"x")
    put(actor, "folder/inner/big", bytes(SIZE), make_folders=True)
    inner, folder = (Node.objects.get(name=name) for name in ("inner", "folder"))
    trashed(actor, "gone", SIZE)
    QuotaAccount.objects.filter(user=user).update(limit_bytes=2 * SIZE + 1)
    for node, target, error in (
        (inner, "taken", errors.NameTaken),
        (folder, "folder/inner/copy", errors.MoveIntoItself),
    ):
        with pytest.raises(error):
            copy_node(actor, node_id=node.pk, target=Target(target))
    settings.ACCOUNT_NODES = QuotaAccount.objects.get(user=user).nodes + 1
    with pytest.raises(LimitReached):
        copy_node(actor, node_id=inner.pk, target=Target("copy"))
    assert left() == ["gone"]


@pytest.mark.parametrize("is_partial", [True, False])
def test_nothing_goes_for_an_upload_that_is_refused_anyway(
    full: User, actor: Actor, settings: Settings, is_partial: bool
) -> None:
    before = left()
    open_upload(actor, wanted=UploadOptions(Target("a"), name="mine"))
    with pytest.raises(errors.NameTaken):
        open_upload(actor, wanted=UploadOptions(Target("b"), length=SIZE, name="mine", is_partial=is_partial))
    settings.ACCOUNT_UPLOADS = 1
    with pytest.raises(LimitReached):
        open_upload(actor, wanted=UploadOptions(Target("b"), length=SIZE, is_partial=is_partial))
    settings.MAX_UPLOAD_SIZE = SIZE - 1
    with pytest.raises(errors.TooLarge):
        open_upload(actor, wanted=UploadOptions(Target("b"), length=SIZE, is_partial=is_partial))
    assert left() == before
