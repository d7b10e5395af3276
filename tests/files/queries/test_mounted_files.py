"""A file that somebody shares alone, as it is found in the homes of those who have it: by path, by id, in lists."""

from typing import Any

import pytest

from accounts.actor import Actor
from common.clock import now
from files import errors
from files.access.rights import Right, Role
from files.actions.mounts import reconcile_all
from files.actions.move import move_node, rename_node
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.actions.versions import restore_version
from files.models import Grant, Mount, Node, Space
from files.queries.feed import Position, feed_since, position_now
from files.queries.file_content import file_at_path, file_of_node
from files.queries.listing import ORDERS, list_folder, list_rows, list_whole
from files.queries.many_paths import ids_of_paths
from files.queries.mounted_files import spaces_written
from files.queries.past import past_by_id, past_by_path
from files.queries.target import Target, resolve, space_of_target
from files.queries.tree import find, locate, locate_folder, locate_many, locate_path
from files.tree.writing import Mode, WriteOptions
from tests.files.queries.test_feed import told
from tests.support.people import actor_of
from tests.support.shared_files import NAME, TEXT, SharedFile, shared_file
from tests.support.shared_folders import ABOVE, grant_on
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(pool: Any) -> SharedFile:
    return shared_file()


@pytest.fixture
def editor(world: SharedFile) -> Actor:
    return actor_of(world.editor)


@pytest.fixture
def viewer(world: SharedFile) -> Actor:
    return actor_of(world.viewer)


def test_by_path_and_by_id(world: SharedFile, viewer: Actor) -> None:
    row = world.mount_of(world.viewer)
    for place in (locate_path(viewer, NAME), locate(viewer, row.pk), find(viewer, home_of(world.viewer), [NAME])):
        assert (place.path, place.node, place.space, place.is_mount) == (f"/{NAME}", row, home_of(world.viewer), True)
        assert (place.shown.pk, place.entered.space, place.entered.path) == (world.file_id, world.home, f"/{NAME}")
        assert (place.shown.size, place.etag, place.known_as) == (len(TEXT), world.file.etag, world.file)
        assert place.access.allows(Right.DELETE)
        assert not place.entered.access.allows(Right.EDIT)
        assert place.entered.path_of_ancestor(world.file.parent_id or 0) is None
    assert locate_path(viewer, NAME).shown.version is not None
    of_target = locate(viewer, world.file_id)
    assert (of_target.path, of_target.is_mount, of_target.etag) == (f"/{NAME}", False, world.file.etag)
    assert [place.is_mount for place in locate_many(viewer, [row.pk, world.file_id])] == [True, False]
    assert ids_of_paths(viewer, [f"/{NAME}", "/"]) == [row.pk, home_of(world.viewer).root_id]
    with pytest.raises(errors.NotAFolder):
        locate_folder(viewer, row.pk)
    for act in (
        lambda: locate_path(viewer, f"{NAME}/x"),
        lambda: ids_of_paths(viewer, [f"/{NAME}", f"/{NAME}/x"]),
        lambda: file_at_path(viewer, f"{NAME}/x"),
        lambda: locate(actor_of(world.editor), row.pk),
    ):
        with pytest.raises(errors.NotFound):
            act()


def test_its_bytes(world: SharedFile, viewer: Actor) -> None:
    first, row = world.file.version_id or 0, world.mount_of(world.viewer)
    move_node(viewer, node_id=row.pk, target=Target("/office/mine.dat"))
    world.write(b"second")
    for file in (file_at_path(viewer, "/office/mine.dat"), file_of_node(viewer, row.pk)):
        assert (file.name, file.node_id, file.size) == ("mine.dat", world.file_id, 6)
        assert file.etag == world.file.etag
    old = file_of_node(viewer, row.pk, version_id=first)
    assert (old.name, old.size) == ("mine.dat", len(TEXT))
    assert file_of_node(viewer, world.file_id).name == NAME
    other = put(world.actor, f"{ABOVE}/other.txt").node
    with pytest.raises(errors.NotFound):
        file_of_node(viewer, row.pk, version_id=other.version_id)
    world.end(world.viewer)
    for act in (
        lambda: file_at_path(viewer, "/office/mine.dat"),
        lambda: file_of_node(viewer, row.pk),
        lambda: file_of_node(viewer, world.file_id),
    ):
        with pytest.raises(errors.NotFound):
            act()


def test_what_may_not_be_downloaded(world: SharedFile, viewer: Actor) -> None:
    grant = grant_on(world.actor, world.file, world.viewer)
    type(grant).objects.filter(pk=grant.pk).update(can_download=False)
    row = world.mount_of(world.viewer)
    assert locate_path(viewer, NAME).shown.size == len(TEXT)
    for act in (lambda: file_at_path(viewer, NAME), lambda: file_of_node(viewer, row.pk)):
        with pytest.raises(errors.Forbidden):
            act()


def test_in_listings(world: SharedFile, viewer: Actor) -> None:
    put(viewer, "z/own.txt"), put(viewer, "a.txt")
    row, file = world.mount_of(world.viewer), world.file
    rename_node(viewer, node_id=row.pk, name="mine.txt")
    for order in ORDERS:
        page = list_folder(viewer, locate_path(viewer, "/"), order=order)
        assert {node.name for node in page.entries} == {"z", "a.txt", "mine.txt"}
        (shown,) = [node for node in page.entries if node.is_mount]
        assert (shown.pk, shown.size, shown.version_id) == (row.pk, file.size, file.version_id)
        assert (shown.etag, shown.modified_at) == (file.etag, file.modified_at)
        assert shown.version is not None
        assert shown.version.author == world.owner
        rows = list_rows(viewer, locate_path(viewer, "/"), order=order).entries
        assert [one[0] for one in rows] == [node.pk for node in page.entries]
    (told_of,) = [one for page in list_whole(viewer, locate_path(viewer, "/")) for one in page if one[0] == row.pk]
    content = file.version.content  # type: ignore[union-attr]
    assert told_of[3:5] == (file.size, file.seq)
    assert (told_of[7], told_of[9], told_of[10]) == (file.version_id, content.content_hash, content.media_type)
    found, after = list[str](), None
    while True:
        page = list_folder(viewer, locate_path(viewer, "/"), after=after, limit=1)
        found += [node.name for node in page.entries]
        after = page.after
        if after is None:
            break
    assert found == ["z", "a.txt", "mine.txt"], "folders first, as ever"


def test_entity_tags_climb(world: SharedFile, viewer: Actor, editor: Actor) -> None:
    move_node(viewer, node_id=world.mount_of(world.viewer).pk, target=Target("/in/deep/mine.txt"))

    def tags() -> list[str]:
        return [locate_path(viewer, path).etag for path in ("/", "/in", "/in/deep", "/in/deep/mine.txt")]

    before = tags()
    put(world.actor, f"{ABOVE}/canary-other.txt")
    assert tags() == before, "what happens beside it is nothing"
    put(editor, NAME, b"new")
    assert all(old != new for old, new in zip(before, tags(), strict=True))


def test_what_it_costs(world: SharedFile, viewer: Actor, editor: Actor, django_assert_num_queries: Any) -> None:
    """As much as a mounted folder, and the own files not one query more."""
    put(editor, "own.txt")
    for path, count in (("own.txt", 3), (NAME, 5)):
        # the home, the way, what is there; and what one may do there and where it lies
        with django_assert_num_queries(count):
            locate_path(editor, path)
    for path, count in (("own.txt", 1), (NAME, 3)):
        with django_assert_num_queries(count):
            file_at_path(editor, path)
    root = locate_path(editor, "/")
    with django_assert_num_queries(4):  # the mounts, what one may do there, the ways; the page
        list_rows(editor, root)
    for path, count in (("own.txt", 2), (NAME, 4)):
        with django_assert_num_queries(count):
            resolve(editor, Target(path), overwrites=WriteOptions().overwrites)


def test_where_something_goes(world: SharedFile, editor: Actor, viewer: Actor) -> None:
    """Into the space of the file for who writes a version of it; all others have to do with the row of the home."""
    row, writes = world.mount_of(world.editor), WriteOptions().overwrites
    found = resolve(editor, Target(NAME), overwrites=writes)
    assert (found.is_through, found.path, found.existing) == (True, f"/{NAME}", world.file)
    assert (found.base.space, found.base.node.pk, found.name) == (world.home, world.file.parent_id, NAME)
    beside = resolve(editor, Target(NAME))
    assert (beside.is_through, beside.path, beside.existing) == (False, f"/{NAME}", row)
    assert beside.existing is not None
    assert (beside.existing.version_id, beside.existing.etag) == (world.file.version_id, world.file.etag)
    stale = WriteOptions(Mode.UPDATE, autorename=True, base_version_id=1).overwrites
    assert space_of_target(editor, Target(NAME), stale) == home_of(world.editor)
    assert space_of_target(editor, Target(NAME), writes) == world.home
    with pytest.raises(errors.Forbidden):
        resolve(viewer, Target(NAME), overwrites=writes)


def test_the_past(world: SharedFile, viewer: Actor) -> None:
    put(viewer, "own.txt")
    row, moment = world.mount_of(world.viewer), now()
    page = past_by_path(viewer, path="/", moment=moment)
    assert [entry.name for entry in page.entries] == ["own.txt", NAME]
    for act in (
        lambda: past_by_path(viewer, path=f"/{NAME}", moment=moment),
        lambda: past_by_path(viewer, path=f"/{NAME}/x", moment=moment),
        lambda: past_by_id(viewer, node_id=row.pk, moment=moment),
    ):
        with pytest.raises(errors.NotAFolder):
            act()
    move_node(viewer, node_id=row.pk, target=Target("/in/mine.txt"))
    page = past_by_path(viewer, path="/", moment=moment, seq=page.seq)
    assert [(entry.name, entry.purged) for entry in page.entries] == [("own.txt", False), (NAME, False)]


def test_a_target_that_is_missing_is_an_error_and_no_partial_listing(world: SharedFile, viewer: Actor) -> None:
    row = world.mount_of(world.viewer)
    Mount.objects.filter(node=row).update(target_id=10**9)
    Node.objects.filter(pk=row.pk).update(target_id=10**9)
    for act in (
        lambda: list_folder(viewer, locate_path(viewer, "/")),
        lambda: locate_path(viewer, NAME),
        lambda: locate(viewer, row.pk),
        lambda: file_at_path(viewer, NAME),
        lambda: put(viewer, NAME),
        lambda: feed_since(viewer, Position(None, mounted={}), limit=10),
    ):
        with pytest.raises(errors.MountUnavailable):
            act()


# What changed


def test_what_changed_in_it_is_told_at_its_place(world: SharedFile, viewer: Actor, editor: Actor) -> None:
    row = world.mount_of(world.viewer)
    start = position_now(viewer, space_id=None, with_mounts=True)
    assert start.mounted == {-world.file_id: world.file.seq}
    put(world.actor, f"{ABOVE}/canary-other.txt")
    assert not feed_since(viewer, start, limit=10).has_news()
    first = world.file.version_id or 0
    waiting = feed_since(viewer, start, limit=10)
    put(editor, NAME, b"new")
    assert waiting.has_news()
    rename_node(world.actor, node_id=world.file_id, name="canary-renamed.txt")
    restore_version(world.actor, node_id=world.file_id, version_id=first)
    move_node(viewer, node_id=row.pk, target=Target("/office/mine.txt"))
    found = feed_since(viewer, start, limit=10)
    assert told(found) == [
        ("write", "/office/mine.txt"),
        ("write", "/office/mine.txt"),
        ("create", "/office"),
        ("move", "/office/mine.txt"),
    ]
    line = found.lines[0].change
    work = Node.objects.get(name="office")
    assert (line.node_id, line.after_name, line.after_parent_id) == (world.file_id, "mine.txt", work.pk)
    assert (line.before_version_id, line.size) == (first, 3)
    assert not found.has_more
    pages, position = [], start
    while True:
        page = feed_since(viewer, position, limit=1)
        pages, position = pages + told(page), page.position
        if not page.has_more:
            break
    assert pages == told(found)


def test_it_appears_goes_and_goes_on(world: SharedFile, viewer: Actor, editor: Actor) -> None:
    start = position_now(viewer, space_id=None, with_mounts=True)
    trash_nodes(viewer, node_ids=[world.mount_of(world.viewer).pk])
    put(editor, NAME, b"unseen")
    hidden = feed_since(viewer, start, limit=10)
    assert told(hidden) == [("trash", f"/{NAME}")]
    other = put(world.actor, f"{ABOVE}/other.txt").node
    grant_on(world.actor, other, world.viewer)
    reconcile_all()
    put(world.actor, f"{ABOVE}/other.txt", b"other")
    appeared = feed_since(viewer, hidden.position, limit=10)
    assert [kind for kind, _ in told(appeared)] == ["create"]
    assert appeared.lines[0].change.target_id == other.pk
    put(world.actor, f"{ABOVE}/other.txt", b"more")
    assert told(feed_since(viewer, appeared.position, limit=10)) == [("write", "/other.txt")]


def test_spaces_written_are_those_of_mounted_files_that_have_the_names(world: SharedFile, viewer: Actor) -> None:
    """By their own names where the nodes keep them. Mounts in other folders and of other people do not count."""
    home, same = home_of(world.viewer), put(world.actor, f"elsewhere/{NAME}", b"").node
    other = put(world.actor, "elsewhere/other.txt", b"").node
    assert spaces_written(viewer, home, home.root_id, [other.pk], NAME) == [world.home]
    assert spaces_written(viewer, home, home.root_id, [same.pk], None) == [world.home]
    assert spaces_written(viewer, home, home.root_id, [other.pk], None) == []
    assert spaces_written(viewer, home, same.parent_id, [same.pk], None) == []
    assert spaces_written(viewer, home, None, [same.pk], None) == []
    assert spaces_written(world.actor, world.home, world.home.root_id, [other.pk], NAME) == []


def test_a_file_that_moves_to_another_space_resets(world: SharedFile, viewer: Actor) -> None:
    """Numbers of another space say nothing: list again."""
    space = create_team_space(world.actor, name="Plans")
    Space.objects.filter(pk=space.pk).update(is_open=False)
    Grant.objects.create(node_id=space.root_id, space=space, user=world.owner, role=Role.MANAGER)
    start = position_now(viewer, space_id=None, with_mounts=True)
    move_node(world.actor, node_id=world.file_id, target=Target("/x.txt", space_id=space.pk))
    with pytest.raises(errors.CursorReset):
        feed_since(viewer, start, limit=10)
