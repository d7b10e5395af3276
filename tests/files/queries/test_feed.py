"""files.queries.feed: what changed in a home and in what is mounted in it, by one position over several journals."""

from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from files import errors
from files.access.rights import Role
from files.actions.grants import change_space
from files.actions.mounts import bring_back, reconcile_all
from files.actions.move import move_node, rename_node
from files.actions.trash import trash_nodes
from files.models import Change, Grant, Mount, Space
from files.queries.feed import Feed, Position, feed_since, position_now
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.support.mounts import mount_of, mounted_space
from tests.support.people import actor_of, make_member
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db
WHOLE = Position(None, mounted={})


def told(feed: Feed) -> list[tuple[str, str]]:
    """Kind and path as it is shown."""
    found = []
    for line in feed.lines:
        path = line.change.after_path or line.change.before_path
        found.append((line.change.kind, path if line.place is None else line.place.path + path))
    return found


def follow(actor: Actor, position: Position, limit: int = 100) -> tuple[list[tuple[str, str]], Position]:
    """All pages."""
    found: list[tuple[str, str]] = []
    while True:
        feed = feed_since(actor, position, limit=limit)
        found, position = found + told(feed), feed.position
        if not feed.has_more:
            return found, position


def test_home_and_mounts_in_the_order_of_time(actor: Actor, user: User) -> None:
    space, other = mounted_space(actor, "Plans"), mounted_space(actor, "Other")
    start = position_now(actor, space_id=None, with_mounts=True)
    put(actor, "own.txt"), put(actor, "/Plans/a.txt"), put(actor, "/Other/b.txt"), put(actor, "last.txt")
    expected = [("create", "/own.txt"), ("create", "/Plans/a.txt"), ("create", "/Other/b.txt"), ("create", "/last.txt")]
    assert follow(actor, start) == (expected, position_now(actor, space_id=None, with_mounts=True))
    assert follow(actor, start, limit=1)[0] == expected
    assert set(start.mounted or {}) == {space.pk, other.pk}
    alone = Position(None, start.seq, None)
    assert follow(actor, alone)[0] == [expected[0], expected[3]]
    of_space = Position(space.pk, 0, {})
    assert follow(actor, of_space) == ([("create", "/a.txt")], Position(space.pk, 1, {}, {}))


def test_paths_are_those_of_now(actor: Actor, user: User) -> None:
    space = mounted_space(actor, "Plans")
    start = position_now(actor, space_id=None, with_mounts=True)
    put(actor, "a.txt", space_id=space.pk)
    put(actor, "in/x.txt")
    move_node(actor, node_id=mount_of(user, space).pk, target=Target("/in/Ours"))
    lines = follow(actor, start)[0]
    assert ("create", "/in/Ours/a.txt") in lines
    assert lines[-1] == ("move", "/in/Ours")


def test_a_mount_that_appears_goes_and_comes_back(actor: Actor, user: User) -> None:
    start = position_now(actor, space_id=None, with_mounts=True)
    assert start.mounted == {}
    space = mounted_space(actor, "Plans")
    put(actor, "before.txt", space_id=space.pk)
    lines, position = follow(actor, start)
    assert lines == [("create", "/Plans")]  # its folder is to be listed: what was in it before is not told
    assert Change.objects.get(space=home_of(user), kind="create").target_id == space.root_id
    put(actor, "after.txt", space_id=space.pk)
    lines, position = follow(actor, position)
    assert lines == [("create", "/Plans/after.txt")]
    trash_nodes(actor, node_ids=[mount_of(user, space).pk])
    put(actor, "unseen.txt", space_id=space.pk)
    lines, position = follow(actor, position)
    assert lines == [("trash", "/Plans")]
    bring_back(actor, mount_id=Mount.objects.get(user=user).pk)
    lines, position = follow(actor, position)
    assert lines[-1] == ("create", "/Plans")
    assert ("create", "/Plans/unseen.txt") in lines  # nothing is skipped, though the listing has it too


def test_access_that_ends_ends_the_lines_at_once(actor: Actor, user: User) -> None:
    member = make_member(user)
    space = mounted_space(actor, "Plans")
    them = actor_of(member)
    start = position_now(them, space_id=None, with_mounts=True)
    change_space(actor, space_id=space.pk, is_open=False)
    put(actor, "secret.txt", space_id=space.pk)
    feed = feed_since(them, start, limit=100)
    assert (told(feed), feed.has_more, feed.has_news()) == ([], False, False)
    put(actor, "secret2.txt", space_id=space.pk)
    assert not feed.has_news()  # nor is a long poll woken by it
    assert feed.position.mounted == start.mounted
    Grant.objects.create(node_id=space.root_id, space=space, user=member, role=Role.VIEWER)
    assert follow(them, feed.position)[0] == [("create", "/Plans/secret.txt"), ("create", "/Plans/secret2.txt")]
    Grant.objects.filter(user=member).delete()
    reconcile_all()
    assert follow(them, feed.position)[0] == [("trash", "/Plans")]


def test_a_wait_ends_with_any_of_them(actor: Actor, user: User, django_assert_num_queries: Any) -> None:
    space = mounted_space(actor, "Plans")
    feed = feed_since(actor, position_now(actor, space_id=None, with_mounts=True), limit=10)
    with django_assert_num_queries(1):
        assert not feed.has_news()
    put(actor, "a.txt", space_id=space.pk)
    assert feed.has_news()
    feed = feed_since(actor, position_now(actor, space_id=None, with_mounts=True), limit=10)
    rename_node(actor, node_id=mount_of(user, space).pk, name="Ours")
    assert feed.has_news()


def test_pages_of_one_journal_and_whose_it_is(actor: Actor, user: User, outsider: Actor) -> None:
    for name in "abc":
        put(actor, name)
    home = home_of(user).pk
    numbers = [
        [line.change.seq for line in feed_since(actor, Position(home, seq), limit=limit).lines]
        for seq, limit in ((0, 100), (0, 2), (2, 2), (3, 100))
    ]
    assert numbers == [[1, 2, 3], [1, 2], [3], []]
    assert not feed_since(outsider, WHOLE, limit=100).lines
    with pytest.raises(errors.NotFound):
        feed_since(outsider, Position(home), limit=1)


def test_queries(actor: Actor, django_assert_num_queries: Any) -> None:
    put(actor, "a.txt")
    with django_assert_num_queries(2):
        position = feed_since(actor, WHOLE, limit=10).position
    with django_assert_num_queries(1):
        feed_since(actor, position, limit=10)
    space = mounted_space(actor, "Plans")
    put(actor, "b.txt", space_id=space.pk)
    with django_assert_num_queries(4):  # home, its lines, the mounts and their grants
        position = feed_since(actor, position, limit=10).position
    put(actor, "c.txt", space_id=space.pk)
    with django_assert_num_queries(4):
        feed_since(actor, position, limit=10)


def test_a_position_that_no_journal_has(actor: Actor, user: User) -> None:
    space = mounted_space(actor, "Plans")
    seq = Space.objects.get(pk=home_of(user).pk).seq
    for position in (
        Position(None, seq + 1, {}),
        Position(None, -1, {}),
        Position(None, 0, {space.pk: 1}),
    ):
        with pytest.raises(errors.CursorReset):
            feed_since(actor, position, limit=1)
    assert locate_path(actor, "/Plans").is_mount
