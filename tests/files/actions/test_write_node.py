"""files.actions.write_file.write_node: a new version of a file, wherever it is by then."""

from collections.abc import Iterator

import pytest

from accounts.actor import Actor
from accounts.models import User
from accounts.quotas import Charge
from files import errors
from files.actions.move import move_node
from files.actions.trash import trash_nodes
from files.actions.write_file import Mode, WriteOptions, write_node
from files.models import Blob
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.files.actions.rights import refuses_others
from tests.support.trees import bytes_at, journal_of, ledger, put


def test_a_new_version_of_this_node(user: User, actor: Actor) -> None:
    node = put(actor, "d/a", b"one").node
    written = write_node(actor, node_id=node.pk, chunks=[b"three"], length=5)
    assert (written.node.pk, written.created, written.place.path) == (node.pk, False, "/d/a")
    assert bytes_at(actor, "d/a") == b"three"
    assert journal_of(actor)[-1] == ("write", "/d/a")
    assert ledger(user) == Charge(live=5, versions=3)


def test_a_file_that_moves_while_its_bytes_arrive(actor: Actor) -> None:
    node = put(actor, "a", b"one").node

    def chunks() -> Iterator[bytes]:
        yield b"t"
        move_node(actor, node_id=node.pk, target=Target("elsewhere/b"))
        put(actor, "a", b"another file")
        yield b"wo"

    assert write_node(actor, node_id=node.pk, chunks=chunks(), length=3).place.path == "/elsewhere/b"
    assert bytes_at(actor, "elsewhere/b") == b"two"
    assert bytes_at(actor, "a") == b"another file"


def test_a_file_that_is_deleted_while_its_bytes_arrive(actor: Actor) -> None:
    node = put(actor, "a", b"one").node

    def chunks() -> Iterator[bytes]:
        yield b"t"
        trash_nodes(actor, node_ids=[node.pk])
        yield b"wo"

    with pytest.raises(errors.NotFound):
        write_node(actor, node_id=node.pk, chunks=chunks(), length=3)
    assert Blob.objects.count() == 1


def test_refuses(actor: Actor) -> None:
    node = put(actor, "d/a", b"one").node
    folder = locate_path(actor, "d").node
    stale = WriteOptions(Mode.UPDATE, base_version_id=(node.version_id or 0) - 1)
    for node_id, options, error in (
        (folder.pk, None, errors.NotAFile),
        (10**9, None, errors.NotFound),
        (node.pk, stale, errors.VersionConflict),
    ):
        with pytest.raises(error):
            write_node(actor, node_id=node_id, chunks=[b"two"], length=3, options=options)
    with pytest.raises(errors.ChecksumMismatch):
        write_node(actor, node_id=node.pk, chunks=[b"two"], length=3, expected={"md5": "0" * 32})
    refuses_others(actor, lambda a: write_node(a, node_id=node.pk, chunks=[b"two"], length=3))
    assert bytes_at(actor, "d/a") == b"one"
