"""What is counted beside bytes, of each account: nodes, properties, uploads, locks, kept answers, pieces.

What costs no quota has a limit all the same, and what is counted is what is there (fsck looks after each test).
"""

from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from pytest_django import Settings

from accounts.actor import Actor
from accounts.errors import LimitReached
from accounts.models import QuotaAccount, User
from files import errors
from files.actions import write_piece as pieces
from files.actions.annotations import PropertyChange, set_properties
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.copy import copy_node, copy_nodes
from files.actions.create_folder import create_folder
from files.actions.idempotency import Answer, Claim, claim, keep
from files.actions.lock import LockOptions, lock_node
from files.actions.move import move_node
from files.actions.rewind import rewind
from files.actions.spaces import create_team_space
from files.actions.trash import empty_trash, remove_purged_rows, restore_items, trash_nodes
from files.actions.uploads import UploadOptions, abort_upload, open_upload
from files.actions.versions import restore_version
from files.actions.write_piece import PieceOptions, write_piece
from files.maintenance.fsck.ledger import recount
from files.models import LockScope, Node, Space, TrashItem
from files.queries.target import Target
from files.tree.writing import WriteOptions
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import home_of, put


def lines(user: User) -> tuple[int, int]:
    return QuotaAccount.objects.values_list("nodes", "properties").get(user=user)


def folder(actor: Actor, path: str) -> Node:
    return create_folder(actor, target=Target(path))[0].node


def prop(actor: Actor, node: Node, size: int, name: str = "n") -> None:
    """Charged as `size` characters."""
    change = PropertyChange("u:", name, "x" * (size - len(name) - 2))
    set_properties(actor, node_id=node.pk, changes=[change])


def test_nodes_are_counted_by_every_act(user: User, actor: Actor) -> None:
    top = folder(actor, "a/b/c")
    put(actor, "a/b/c/file")
    put(actor, "a/b/c/file", b"again")
    bulk_write(actor, folder=Target(), files=[SmallFile(f"bulk/{n}", b"x", WriteOptions()) for n in range(3)])
    assert lines(user)[0] == 8
    a = Node.objects.get(name="a", space=home_of(user))
    copied = copy_node(actor, node_id=a.pk, target=Target("copy")).node
    assert lines(user)[0] == 12
    trash_nodes(actor, node_ids=[copied.pk])
    assert lines(user)[0] == 12  # the trash counts
    item = TrashItem.objects.get()
    restore_items(actor, item_ids=[item.pk])
    rewind(actor, node_id=home_of(user).root_id or 0, seq=1)
    assert lines(user)[0] == 12
    assert lines(user)[0] == QuotaAccount.objects.get(team=user.membership.team).nodes
    empty_trash(actor)
    kept = Node.objects.get(pk=home_of(user).root_id).descendants
    assert lines(user)[0] == kept
    assert Node.objects.filter(pk=top.pk).exists()


def test_nodes_and_properties_go_along_to_another_space(user: User, actor: Actor) -> None:
    shared = create_team_space(actor, name="Shared")
    a = folder(actor, "a")
    put(actor, "a/file")
    prop(actor, a, 100)
    prop(actor, Node.objects.get(name="file"), 50)
    assert lines(user) == (2, 150)
    move_node(actor, node_id=a.pk, target=Target("a", space_id=shared.pk))
    assert lines(user) == (0, 0)
    team = QuotaAccount.objects.get(team=user.membership.team)
    assert (team.nodes, team.properties) == (2, 150)
    copy_node(actor, node_id=a.pk, target=Target("back"), only_itself=True)
    assert lines(user) == (1, 100)
    assert Space.objects.count() == 2


ACTS: dict[str, Callable[[Actor], object]] = {
    "put": lambda actor: put(actor, "new", b""),
    "folder": lambda actor: folder(actor, "new"),
    "folders on the way": lambda actor: put(actor, "x/y/z", b"bytes"),
    "bulk": lambda actor: bulk_write(actor, folder=Target(), files=[SmallFile("new", b"x", WriteOptions())]),
    "copy": lambda actor: copy_nodes(
        actor, node_ids=[Node.objects.get(name="there").pk], parent_id=_home_id(actor), autorename=True
    ),
}


def _home_id(actor: Actor) -> int:
    return Space.objects.get(owner_id=actor.user_id).root_id or 0


@pytest.mark.parametrize("act", ACTS)
def test_no_node_beyond_the_limit(user: User, actor: Actor, settings: Settings, act: str) -> None:
    put(actor, "there", b"bytes")
    settings.ACCOUNT_NODES = 1
    with pytest.raises(LimitReached) as caught:
        ACTS[act](actor)
    assert caught.value.detail == {"whose": "account", "what": "nodes", "limit": 1}
    settings.ACCOUNT_NODES, settings.TEAM_NODES = 3, 1
    with pytest.raises(LimitReached) as caught:
        ACTS[act](actor)
    assert caught.value.detail == {"whose": "team", "what": "nodes", "limit": 1}
    put(actor, "there", b"other bytes")  # what is there may change, and go
    trash_nodes(actor, node_ids=[Node.objects.get(name="there").pk])
    empty_trash(actor)
    settings.TEAM_NODES = 3
    put(actor, "again")


def test_a_copy_that_cannot_be_is_refused_before_it_is_made(user: User, actor: Actor, settings: Settings) -> None:
    """Attack A7: at every doubling the work was done first."""
    a = folder(actor, "a")
    bulk_write(
        actor, folder=Target("", parent_id=a.pk), files=[SmallFile(f"{n}", b"", WriteOptions()) for n in range(50)]
    )
    settings.ACCOUNT_NODES = 101
    statements: list[str] = []

    def watch(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch), pytest.raises(LimitReached):
        copy_node(actor, node_id=a.pk, target=Target("b"))
    assert not [sql for sql in statements if sql.startswith(("INSERT", "CREATE"))]
    settings.ACCOUNT_NODES = 102
    copy_node(actor, node_id=a.pk, target=Target("b"))
    assert lines(user)[0] == 102


def test_properties_are_counted_and_limited(user: User, actor: Actor, settings: Settings) -> None:
    """Attack A7: a property of 65 kB, doubled eleven times, at no quota at all."""
    QuotaAccount.objects.filter(user=user).update(limit_bytes=0)
    settings.ACCOUNT_PROPERTIES = 1000
    a = folder(actor, "a")
    prop(actor, a, 300)
    prop(actor, a, 200)
    prop(actor, a, 100, "more")
    assert lines(user) == (1, 300)
    for number in range(2):
        copy_node(actor, node_id=a.pk, target=Target(f"c{number}"))
    assert lines(user) == (3, 900)
    with pytest.raises(LimitReached) as caught:
        copy_node(actor, node_id=a.pk, target=Target("c3"))
    assert caught.value.detail["what"] == "properties"
    with pytest.raises(LimitReached):
        copy_node(actor, node_id=a.pk, target=Target("c3"), only_itself=True)
    with pytest.raises(LimitReached):
        prop(actor, a, 500)
    trash_nodes(actor, node_ids=[Node.objects.get(name="c0").pk])
    empty_trash(actor)
    remove_purged_rows()
    assert lines(user) == (2, 600)
    set_properties(actor, node_id=a.pk, changes=[PropertyChange("u:", "n", None)])
    assert lines(user) == (2, 400)


def test_open_uploads_are_limited(user: User, actor: Actor, settings: Settings) -> None:
    """Attack A14."""
    settings.ACCOUNT_UPLOADS = 3
    opened = [open_upload(actor, wanted=UploadOptions(Target(f"{n}"))) for n in range(3)]
    with pytest.raises(LimitReached) as caught:
        open_upload(actor, wanted=UploadOptions(Target("more")))
    assert caught.value.detail == {"whose": "account", "what": "uploads", "limit": 3}
    abort_upload(actor, upload_id=opened[0].pk)
    open_upload(actor, wanted=UploadOptions(Target("more")))
    open_upload(actor_of(make_member(user)), wanted=UploadOptions(Target("theirs")))


def test_small_pieces_are_limited(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MANY", 3)
    upload = open_upload(actor, wanted=UploadOptions(Target("f")))
    for offset in range(3):
        write_piece(actor, upload_id=upload.pk, chunks=[b"x"], piece=PieceOptions(offset, 1))
    with pytest.raises(errors.TooMany):
        write_piece(actor, upload_id=upload.pk, chunks=[b"x"], piece=PieceOptions(3, 1))
    large = open_upload(actor, wanted=UploadOptions(Target("g")))
    for number in range(4):
        piece = PieceOptions(number * pieces.USUAL, pieces.USUAL)
        write_piece(actor, upload_id=large.pk, chunks=[bytes(pieces.USUAL)], piece=piece)


def test_locks_are_limited_over_all_spaces(user: User, actor: Actor, settings: Settings) -> None:
    settings.ACCOUNT_LOCKS = 2
    shared = create_team_space(actor, name="Shared")
    lock_node(actor, node_id=put(actor, "a").node.pk, options=LockOptions())
    lock_node(actor, node_id=put(actor, "b", space_id=shared.pk).node.pk, options=LockOptions(LockScope.SHARED))
    with pytest.raises(errors.TooMany):
        lock_node(actor, node_id=put(actor, "c").node.pk, options=LockOptions())


@pytest.mark.parametrize(("setting", "limit"), [("ACCOUNT_ANSWERS", 3), ("ACCOUNT_ANSWERS_SIZE", 30)])
def test_kept_answers_are_limited(user: User, actor: Actor, settings: Settings, setting: str, limit: int) -> None:
    """Attack A13: 20 MB of database by 20 requests."""
    setattr(settings, setting, limit)
    for number in range(3):
        found = claim(actor, key=f"{number}", fingerprint="f")
        assert isinstance(found, Claim)
        keep(found, answer=Answer(200, {}, "x" * 10))
    with pytest.raises(LimitReached) as caught:
        claim(actor, key="more", fingerprint="f")
    assert caught.value.detail["what"] == "answers"
    assert isinstance(claim(actor, key="1", fingerprint="f"), Answer)  # what is kept is told
    assert isinstance(claim(actor_of(make_user()), key="more", fingerprint="f"), Claim)


def test_what_an_earlier_release_did_not_count_is_counted(user: User, actor: Actor) -> None:
    prop(actor, folder(actor, "a"), 100)
    restore_version(actor, node_id=(made := put(actor, "b")).node.pk, version_id=made.version.pk)
    shared = create_team_space(actor, name="Shared")
    prop(actor, put(actor, "c", space_id=shared.pk).node, 30)
    trash_nodes(actor, node_ids=[made.node.pk])
    expected = list(QuotaAccount.objects.order_by("pk").values_list("nodes", "properties"))
    assert sorted(expected) == [(1, 30), (2, 100), (3, 130)]
    for count in (recount, _migrate):
        QuotaAccount.objects.update(nodes=-5, properties=0)
        count()
        assert list(QuotaAccount.objects.order_by("pk").values_list("nodes", "properties")) == expected
    assert recount() == 0


def _migrate() -> None:
    migration = import_module("files.migrations.0012_counted_lines")
    migration.count(apps, SimpleNamespace(connection=connection))
