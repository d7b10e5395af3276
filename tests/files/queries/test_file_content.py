"""files.queries.file_content: the file of a download by one statement, or what exactly is missing."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from common.content_hash import hash_bytes
from files import errors
from files.actions.create_folder import create_folder
from files.actions.finish_upload import finish_upload
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_file import WriteOptions
from files.actions.write_piece import PieceOptions, write_piece
from files.blobs import reader
from files.models import Blob
from files.queries.file_content import file_at_path, file_of_node
from files.queries.target import Target
from tests.support.people import actor_of, make_member
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db
WHEN = datetime(2020, 2, 29, 12, 30, 0, 500000, tzinfo=UTC)


def test_by_path_and_by_id_in_one_query(actor: Actor, django_assert_num_queries: Any) -> None:
    node = put(actor, "a/b/c.txt", b"some bytes", WriteOptions(modified_at=WHEN)).node
    with django_assert_num_queries(1):
        file = file_at_path(actor, "a/b/c.txt")
    with django_assert_num_queries(1):
        assert file_of_node(actor, node.pk) == file
    blob = Blob.objects.get()
    assert (file.node_id, file.name, file.version_id, file.etag) == (node.pk, "c.txt", node.version_id, node.etag)
    assert (file.size, file.content_hash, file.modified_at) == (10, hash_bytes(b"some bytes"), WHEN)
    assert (file.key, file.blob_offset, file.blob_size) == (blob.key, 0, blob.size)
    assert not file.redirect_downloads


def test_an_earlier_version_and_only_of_this_file(actor: Actor) -> None:
    first = put(actor, "a", b"one").node
    second = put(actor, "a", b"three").node
    other = put(actor, "b", b"other").node
    earlier = file_of_node(actor, first.pk, version_id=first.version_id)
    assert (earlier.size, earlier.version_id, earlier.etag) == (3, first.version_id, first.etag)
    assert file_of_node(actor, first.pk).etag == second.etag != earlier.etag
    for version_id in (other.version_id, 0, -1, 2**63, 10**9):
        with pytest.raises(errors.NotFound):
            file_of_node(actor, first.pk, version_id=version_id)


def test_of_many_objects_none_is_named(actor: Actor) -> None:
    upload = open_upload(actor, wanted=UploadOptions(Target("a"), length=10))
    for offset, data in ((0, b"01234"), (5, b"56789")):
        write_piece(actor, upload_id=upload.pk, chunks=[data], piece=PieceOptions(offset))
    node = finish_upload(actor, upload_id=upload.pk).node
    file = file_of_node(actor, node.pk)
    assert (file.size, file.key, file.blob_offset, file.blob_size) == (10, None, 0, 0)
    slices = reader.slices(file.content_id, 0, 10)
    assert [part.length for part in slices] == [5, 5]
    empty = file_of_node(actor, put(actor, "empty", b"").node.pk)
    assert (empty.size, empty.key, empty.pool_url) == (0, None, "")


def test_what_is_missing_is_said(actor: Actor) -> None:
    put(actor, "d/a")
    folder, _ = create_folder(actor, target=Target("f"))
    gone = put(actor, "gone").node.pk
    trash_nodes(actor, node_ids=[gone])
    for path, error in (
        ("d/x", errors.NotFound),
        ("x/a", errors.ParentNotFound),
        ("gone", errors.NotFound),
        ("f", errors.NotAFile),
        ("", errors.NotAFile),
        ("d/../d/a", errors.InvalidName),
    ):
        with pytest.raises(errors.FileError) as refused:
            file_at_path(actor, path)
        assert type(refused.value) is error, path
    with pytest.raises(errors.NotAFile):
        file_of_node(actor, folder.node.pk)
    for node_id in (gone, 0, -1, 2**63, 10**9):
        with pytest.raises(errors.NotFound):
            file_of_node(actor, node_id)


def test_who_may_see_it(user: User, actor: Actor, outsider: Actor) -> None:
    node = put(actor, "a").node
    home = home_of(user).pk
    for look in (
        lambda a: file_of_node(a, node.pk),
        lambda a: file_of_node(a, node.pk, version_id=node.version_id),
        lambda a: file_at_path(a, "a", space_id=home),
    ):
        assert look(actor).node_id == node.pk
        with pytest.raises(errors.NotFound):
            look(outsider)
        with pytest.raises(errors.ScopeMissing):
            look(replace(actor, scopes=frozenset({"write"})))
    with pytest.raises(errors.NotFound):
        file_at_path(outsider, "a")
    with pytest.raises(errors.NotFound):
        file_at_path(actor, "a", space_id=2**63)


def test_in_a_team_space(user: User, actor: Actor, outsider: Actor) -> None:
    space = create_team_space(actor, name="team")
    node = put(actor, "a", space_id=space.pk).node
    colleague = actor_of(make_member(user))
    assert file_at_path(colleague, "a", space_id=space.pk) == file_of_node(colleague, node.pk)
    for look in (lambda: file_at_path(outsider, "a", space_id=space.pk), lambda: file_of_node(outsider, node.pk)):
        with pytest.raises(errors.NotFound):
            look()
