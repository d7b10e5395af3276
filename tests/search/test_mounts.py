"""What is mounted in a home is found, by the paths that its owner sees, and by who may see it alone."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from files.access.rights import Role
from files.actions.grants import change_space
from files.actions.mounts import reconcile_all
from files.actions.move import move_node
from files.models import Node, Space
from files.queries.target import Target
from files.queries.tree import locate_path
from search.queries import Wanted, search
from tests.search.conftest import find, index
from tests.support.mounts import mount_of, mounted_space
from tests.support.people import actor_of, make_member, make_user
from tests.support.shared_files import shared_file
from tests.support.shared_folders import ABOVE, grant_on, shared_folder
from tests.support.trees import put

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def me(user: User) -> Actor:
    return actor_of(user)


@pytest.fixture
def space(me: Actor, user: User) -> Space:
    """Mounted at /in/Plans, with docs/guide.txt; and an own file of the same text beside."""
    made = mounted_space(me, "Plans")
    put(me, "docs/guide.txt", b"quick brown fox", space_id=made.pk)
    put(me, "in/own.txt", b"quick brown fox"), put(me, "beside.txt", b"quick brown fox")
    move_node(me, node_id=mount_of(user, made).pk, target=Target("/in/Plans"))
    index()
    return made


def test_by_the_paths_that_one_sees(me: Actor, space: Space) -> None:
    assert sorted(find(me, "quick")) == ["/beside.txt", "/in/Plans/docs/guide.txt", "/in/own.txt"]
    inside = search(me, "quick", wanted=Wanted(space_id=space.pk)).hits
    assert [hit.place.space.pk for hit in inside] == [space.pk]
    (hit,) = search(me, "Plans").hits
    assert (hit.path, hit.place.is_mount) == ("/in/Plans", True)


def test_below_a_folder_is_what_is_mounted_there(me: Actor, user: User, space: Space) -> None:
    for path, paths in (
        ("/", ["/beside.txt", "/in/Plans/docs/guide.txt", "/in/own.txt"]),
        ("/in", ["/in/Plans/docs/guide.txt", "/in/own.txt"]),
        ("/in/Plans", ["/in/Plans/docs/guide.txt"]),
        ("/in/Plans/docs", ["/in/Plans/docs/guide.txt"]),
    ):
        under = locate_path(me, path).node.pk
        assert sorted(hit.path for hit in search(me, "quick", wanted=Wanted(under=under)).hits) == paths


def test_only_as_long_as_one_may_see_it(me: Actor, user: User, space: Space) -> None:
    member = make_member(user)
    reconcile_all()
    index()
    them = actor_of(member)
    assert find(them, "quick") == ["/Plans/docs/guide.txt"]
    assert find(them, "Plans") == ["/Plans"]
    change_space(me, space_id=space.pk, is_open=False)
    assert (find(them, "quick"), find(them, "Plans")) == ([], [])
    assert find(actor_of(make_user()), "quick") == []


def test_what_is_in_a_folder_that_somebody_shares() -> None:
    """Of its owner's home nothing else, neither as a hit nor in the count."""
    shared = shared_folder()
    put(shared.actor, "alps/alps.txt", b"the alps"), shared.put("more/alps.txt", b"the alps")
    them = actor_of(shared.viewer)
    put(them, "own.txt", b"the alps")
    index()
    page = search(them, "alps")
    assert sorted(hit.path for hit in page.hits) == [
        "/Photos/2026/trips/alps.txt",
        "/Photos/more/alps.txt",
        "/own.txt",
    ]
    assert page.total == 3
    mount, folder = locate_path(them, "/Photos"), shared.folder
    for under in (mount.node.pk, folder.pk):
        assert sorted(hit.path for hit in search(them, "alps", wanted=Wanted(under=under)).hits) == [
            "/Photos/2026/trips/alps.txt",
            "/Photos/more/alps.txt",
        ]
    assert [hit.path for hit in search(them, "alps", wanted=Wanted(space_id=mount.space.pk)).hits] == ["/own.txt"]
    shared.end(shared.viewer)
    assert [hit.path for hit in search(them, "alps").hits] == ["/own.txt"]
    assert search(them, "alps").total == 1


def test_a_file_that_somebody_shares_alone() -> None:
    """Once, by what it says and by what it is called here and there; of its owner's home nothing else."""
    shared = shared_file()
    put(shared.actor, f"{ABOVE}/first.txt", b"the first canary")
    them, row = actor_of(shared.viewer), shared.mount_of(shared.viewer)
    put(them, "in/own.txt", b"the first of mine")
    index()
    assert sorted(find(them, "first")) == ["/in/own.txt", "/report.txt"]
    assert find(them, "report") == ["/report.txt"]
    move_node(them, node_id=row.pk, target=Target("/in/mine.dat"))
    index()
    assert sorted(find(them, "first")) == ["/in/mine.dat", "/in/own.txt"]
    assert [hit.path for hit in search(them, "mine.dat").hits] == ["/in/mine.dat"]
    for path, paths in (("/", ["/in/mine.dat", "/in/own.txt"]), ("/in", ["/in/mine.dat", "/in/own.txt"])):
        page = search(them, "first", wanted=Wanted(under=locate_path(them, path).node.pk))
        assert (sorted(hit.path for hit in page.hits), page.total) == (paths, 2)
    shared.end(shared.viewer)
    assert find(them, "first") == ["/in/own.txt"]
    assert search(them, "mine.dat").hits == []


def test_in_the_own_home_alone() -> None:
    """Where the space that the file lies in is not searched, it is found by its row in the home."""
    shared = shared_file()
    them, row = actor_of(shared.viewer), shared.mount_of(shared.viewer)
    index()
    for _ in range(2):
        page = search(them, "report", wanted=Wanted(space_id=row.space_id))
        assert ([hit.path for hit in page.hits], page.total) == (["/report.txt"], 1)
        under = locate_path(them, "/").node.pk
        page = search(them, "report", wanted=Wanted(space_id=row.space_id, under=under))
        assert ([hit.path for hit in page.hits], page.total) == (["/report.txt"], 1)
        shared.write(b"again")
        index()
    shared.end(shared.viewer)
    assert search(them, "report", wanted=Wanted(space_id=row.space_id)).hits == []


@pytest.mark.parametrize("folder", [True, False])
def test_what_others_have_mounted_is_not_counted(folder: bool) -> None:
    """In a folder that they share: that something has the name is not told to who searches for it."""
    shared = shared_file()
    editor, viewer = actor_of(shared.editor), actor_of(shared.viewer)
    if folder:
        put(shared.actor, f"{ABOVE}/Photos/x.txt")
        shared.share(shared.viewer, Role.VIEWER, Node.objects.get(name="Photos"))
    row = locate_path(viewer, "/Photos" if folder else "/report.txt").node
    move_node(viewer, node_id=row.pk, target=Target("/ours/hidden.txt"))
    put(viewer, "ours/seen.txt", b"hidden")
    grant_on(viewer, locate_path(viewer, "/ours").node, shared.editor, Role.EDITOR)
    reconcile_all()
    index()
    assert (find(viewer, "name:hidden.txt"), find(editor, "name:hidden.txt")) == (["/ours/hidden.txt"], [])
    page = search(editor, "hidden")
    assert ([hit.path for hit in page.hits], page.total) == (["/ours/seen.txt"], 1)
    page = search(editor, "hidden", wanted=Wanted(under=locate_path(editor, "/ours").node.pk))
    assert ([hit.path for hit in page.hits], page.total) == (["/ours/seen.txt"], 1)
