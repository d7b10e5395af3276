"""files.actions.restrictions: who sees a restricted folder, and that nobody else is told of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.errors import ScopeMissing
from accounts.models import AuditEvent, User
from common.clock import now
from files import errors
from files.access.explain import SubjectKind
from files.access.rights import Right, Role
from files.actions.annotations import set_favourite
from files.actions.copy import copy_nodes
from files.actions.create_folder import create_folder
from files.actions.grants import Subject, change_space, set_grant
from files.actions.move import move_node, move_nodes, rename_node
from files.actions.restrictions import is_restricted, restrict, unrestrict
from files.actions.rewind import rewind
from files.actions.spaces import create_team_space
from files.actions.trash import empty_trash, remove_purged_rows, restore_items, trash_nodes
from files.actions.write_file import WriteOptions, write_file
from files.models import Grant, Node, Pool, Space
from files.queries.favourites import list_favourites
from files.queries.listing import ORDERS, list_folder, list_rows, list_whole
from files.queries.target import Target
from files.queries.tree import LocatedNode, get_space, locate, locate_path
from files.tree import restricted
from files.tree.writing import Mode
from tests.support.clients import Api, items, problem
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import put


@pytest.fixture
def owner(pool: Pool) -> User:
    user = make_user("owner@example.com")
    user.membership.team.seats = 20
    user.membership.team.save()
    return user


@pytest.fixture
def member(owner: User) -> User:
    return make_member(owner, email="member@example.com")


@pytest.fixture
def space(owner: User) -> Space:
    """Open: `f` with `a.txt`, `g/b.txt` and the restricted `closed` with 100 bytes in it."""
    made = create_team_space(actor_of(owner), name="Plans")
    for path, size in (("f/a.txt", 3), ("f/g/b.txt", 4), ("f/closed/c.txt", 60), ("f/closed/d/e.txt", 40)):
        put(actor_of(owner), path, b"x" * size, space_id=made.pk)
    restrict(actor_of(owner), node_id=node(made, "closed").pk)
    return made


def node(space: Space, name: str) -> Node:
    return Node.objects.get(space=space, name=name)


def at(user: User, space: Space, path: str) -> LocatedNode:
    return locate_path(actor_of(user), path, space_id=space.pk)


def give(owner: User, user: User, on: Node, role: Role) -> Grant:
    subject = Subject(SubjectKind.USER, user.pk)
    return set_grant(actor_of(owner), node_id=on.pk, subject=subject, role=role)


def names(user: User, folder: LocatedNode) -> list[str]:
    return [entry.name for entry in list_folder(actor_of(user), folder).entries]


def test_who_sees_it(owner: User, member: User, space: Space) -> None:
    closed = node(space, "closed")
    for pk in (closed.pk, node(space, "c.txt").pk, node(space, "d").pk):
        assert locate(actor_of(owner), pk).node.pk == pk
        with pytest.raises(errors.NotFound):
            locate(actor_of(member), pk)
    for path in ("f/closed", "f/nothing"):
        with pytest.raises(errors.NotFound):
            at(member, space, path)
    for path in ("f/closed/c.txt", "f/closed/nothing", "f/nothing/c.txt", "f/closed/d/e.txt"):
        with pytest.raises(errors.ParentNotFound):
            at(member, space, path)
    grant = give(owner, member, closed, Role.VIEWER)
    assert at(member, space, "f/closed/c.txt").path == "/f/closed/c.txt"
    assert names(member, at(member, space, "f")) == ["closed", "g", "a.txt"]
    grant.delete()
    unrestrict(actor_of(owner), node_id=closed.pk)
    assert at(member, space, "f/closed/c.txt").node.size == 60
    kinds = [event.kind for event in AuditEvent.objects.filter(kind__startswith="folder.").order_by("pk")]
    assert kinds == ["folder.restrict", "folder.unrestrict"]


def test_who_may_restrict(owner: User, member: User, space: Space) -> None:
    g, a = node(space, "g"), node(space, "a.txt")
    with pytest.raises(errors.Forbidden):
        restrict(actor_of(member), node_id=g.pk)
    with pytest.raises(errors.NotFound):
        restrict(actor_of(make_user("stranger@example.com")), node_id=g.pk)
    with pytest.raises(ScopeMissing):
        restrict(actor_of(owner, scopes=frozenset({"read", "write"})), node_id=g.pk)
    with pytest.raises(errors.NotAFolder):
        restrict(actor_of(owner), node_id=a.pk)
    with pytest.raises(errors.RootIsFixed):
        restrict(actor_of(owner), node_id=space.root_id or 0)
    folder, _ = create_folder(actor_of(owner), target=Target("own"))
    with pytest.raises(errors.InvalidRequest):
        restrict(actor_of(owner), node_id=folder.node.pk)
    restrict(actor_of(owner), node_id=g.pk)
    restrict(actor_of(owner), node_id=g.pk)
    assert is_restricted(locate(actor_of(owner), g.pk))
    assert not is_restricted(locate(actor_of(owner), node(space, "f").pk))


def test_there_is_a_limit(owner: User, space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restricted, "MAXIMUM_OF_SPACE", 1)
    with pytest.raises(errors.TooMany):
        restrict(actor_of(owner), node_id=node(space, "g").pk)
    unrestrict(actor_of(owner), node_id=node(space, "closed").pk)
    restrict(actor_of(owner), node_id=node(space, "g").pk)


def test_who_manages_a_folder_only_stays_its_manager(owner: User, member: User, space: Space) -> None:
    change_space(actor_of(owner), space_id=space.pk, is_open=False)
    give(owner, member, node(space, "f"), Role.MANAGER)
    g = node(space, "g")
    restrict(actor_of(member), node_id=g.pk)
    assert Right.MANAGE in locate(actor_of(member), g.pk).access.rights
    unrestrict(actor_of(member), node_id=g.pk)


def test_sums_and_tags_are_of_what_is_seen(owner: User, member: User, space: Space) -> None:
    """And the listings of the folders above, in every order, by every way, page by page."""
    f, root = node(space, "f"), space.root_id or 0
    assert (locate(actor_of(owner), f.pk).node.size, locate(actor_of(owner), f.pk).node.descendants) == (107, 7)
    for pk, size, count in ((f.pk, 7, 3), (root, 7, 4), (node(space, "g").pk, 4, 1)):
        seen = locate(actor_of(member), pk)
        assert (seen.node.size, seen.node.descendants) == (size, count)
    top = locate(actor_of(member), root)
    (row,) = list_rows(actor_of(member), top).entries
    (entry,) = list_folder(actor_of(member), top).entries
    assert (row[3], row[8], entry.size, entry.descendants) == (7, 3, 7, 3)
    assert f'"{f.pk}-{row[4]}"' == entry.etag == locate(actor_of(member), f.pk).node.etag
    assert entry.etag != Node.objects.get(pk=f.pk).etag
    folder = locate(actor_of(member), f.pk)
    for order in ORDERS:
        assert [one.name for one in by_pages(list_folder, member, folder, order)] == ["g", "a.txt"]
        assert [one[2] for one in by_pages(list_rows, member, folder, order)] == ["g", "a.txt"]
    assert [one[2] for page in list_whole(actor_of(member), folder, limit=1) for one in page] == ["g", "a.txt"]


def by_pages(ask: Callable[..., Any], user: User, folder: LocatedNode, order: str) -> list[Any]:
    found, after = [], None
    while True:
        page = ask(actor_of(user), folder, order=order, after=after, limit=1)
        found += page.entries
        after = page.after
        if after is None:
            return found


def test_an_order_by_size_is_that_of_the_sizes_shown(owner: User, member: User, space: Space) -> None:
    """`f` has 107 bytes, and 7 for the member."""
    put(actor_of(owner), "other/o.txt", b"x" * 50, space_id=space.pk)
    top = locate(actor_of(member), space.root_id or 0)
    assert [one.name for one in by_pages(list_folder, member, top, "size")] == ["f", "other"]
    assert [(one[2], one[3]) for one in by_pages(list_rows, member, top, "-size")] == [("other", 50), ("f", 7)]
    assert list_rows(actor_of(member), top, order="size", limit=1).after == [0, 7, node(space, "f").pk]
    of_owner = locate(actor_of(owner), space.root_id or 0)
    assert [one.name for one in by_pages(list_folder, owner, of_owner, "size")] == ["other", "f"]


def test_tags_change_with_what_is_seen_and_only_with_that(owner: User, member: User, space: Space) -> None:
    def tags() -> tuple[str, str, str]:
        found = [locate(actor_of(user), pk).node.etag for user, pk in ((member, f), (member, root), (owner, root))]
        return found[0], found[1], found[2]

    f, root = node(space, "f").pk, space.root_id or 0
    closed = node(space, "closed").pk
    before = tags()
    put(actor_of(owner), "f/closed/new.txt", b"new", space_id=space.pk)
    rename_node(actor_of(owner), node_id=closed, name="renamed")
    (item,) = trash_nodes(actor_of(owner), node_ids=[node(space, "d").pk])
    restore_items(actor_of(owner), item_ids=[item.pk])
    after = tags()
    assert after[:2] == before[:2]
    assert after[2] != before[2]
    acts: list[Callable[[], Any]] = [
        lambda: put(actor_of(member), "f/g/b.txt", b"other", space_id=space.pk),
        lambda: put(actor_of(member), "f/fresh.txt", b"new", space_id=space.pk),
        lambda: rename_node(actor_of(member), node_id=node(space, "fresh.txt").pk, name="newer.txt"),
        lambda: trash_nodes(actor_of(member), node_ids=[node(space, "newer.txt").pk]),
        lambda: move_node(
            actor_of(owner), node_id=node(space, "c.txt").pk, target=Target("f/g/c.txt", space_id=space.pk)
        ),
        lambda: unrestrict(actor_of(owner), node_id=closed),
    ]
    for act in acts:
        last = tags()
        act()
        assert not set(tags()[:2]) & set(last[:2])


def test_folders_above_move_and_are_told_apart(owner: User, member: User, space: Space) -> None:
    """A folder with something hidden below it goes from one such folder to another one: both change."""
    for top in ("one", "two"):
        put(actor_of(owner), f"{top}/inner/secret/x", b"x", space_id=space.pk)
        put(actor_of(owner), f"{top}/secret2/x", b"x", space_id=space.pk)
    for secret in Node.objects.filter(space=space, name__startswith="secret"):
        restrict(actor_of(owner), node_id=secret.pk)
    inner = Node.objects.get(space=space, name="inner", parent__name="one").pk
    root = space.root_id or 0
    before = [locate(actor_of(member), pk).node.etag for pk in (root, node(space, "one").pk, node(space, "two").pk)]
    move_node(actor_of(owner), node_id=inner, target=Target("two/inner2", space_id=space.pk))
    after = [locate(actor_of(member), pk).node.etag for pk in (root, node(space, "one").pk, node(space, "two").pk)]
    assert not set(before) & set(after)


def test_a_tree_is_for_who_may_in_all_of_it(owner: User, member: User, space: Space) -> None:
    f, closed, actor = node(space, "f"), node(space, "closed"), actor_of(member)
    folder, _ = create_folder(actor, target=Target("to", space_id=space.pk))
    acts: dict[str, Callable[[], Any]] = {
        "move": lambda: move_nodes(actor, node_ids=[f.pk], parent_id=folder.node.pk),
        "rename": lambda: rename_node(actor, node_id=f.pk, name="other"),
        "trash": lambda: trash_nodes(actor, node_ids=[f.pk]),
        "copy": lambda: copy_nodes(actor, node_ids=[f.pk], parent_id=folder.node.pk),
    }
    for act in acts.values():
        with pytest.raises(errors.Forbidden):
            act()
    put(actor, "h/f/x", b"x", space_id=space.pk)
    other = Node.objects.get(space=space, name="f", parent__name="h")
    with pytest.raises(errors.Forbidden):
        move_nodes(actor, node_ids=[other.pk], parent_id=space.root_id or 0, overwrite=True)
    give(owner, member, closed, Role.VIEWER)
    for name in ("move", "rename", "trash"):
        with pytest.raises(errors.Forbidden):
            acts[name]()
    acts["copy"]()
    change_space(actor_of(owner), space_id=space.pk, is_open=False)
    give(owner, member, f, Role.MANAGER)
    with pytest.raises(errors.Forbidden):
        rewind(actor_of(member), node_id=f.pk, seq=1)


def test_a_name_is_taken_by_what_is_hidden(owner: User, member: User, space: Space) -> None:
    actor, f, g, closed = actor_of(member), node(space, "f"), node(space, "g"), node(space, "closed")
    target = Target("f/closed", space_id=space.pk)
    put(actor, "closed", b"x", space_id=space.pk)
    taken: list[Callable[[], Any]] = [
        lambda: write_file(actor, target=target, chunks=[b"x"], length=1),
        lambda: write_file(actor, target=target, chunks=[b"x"], length=1, options=WriteOptions(Mode.CREATE)),
        lambda: write_file(actor, target=Target("closed", parent_id=f.pk), chunks=[b"x" * 9_000_000], length=9_000_000),
        lambda: create_folder(actor, target=target),
        lambda: create_folder(actor, target=target, exist_ok=True),
        lambda: rename_node(actor, node_id=g.pk, name="closed"),
        lambda: move_nodes(actor, node_ids=[at(member, space, "closed").node.pk], parent_id=f.pk, overwrite=True),
        lambda: copy_nodes(actor, node_ids=[at(member, space, "closed").node.pk], parent_id=f.pk, overwrite=True),
    ]
    for act in taken:
        with pytest.raises(errors.NameTaken) as refused:
            act()
        assert refused.value.detail == {"path": "/f/closed"}
    assert Node.objects.get(pk=closed.pk).parent_id == f.pk
    other = WriteOptions(Mode.CREATE, autorename=True)
    assert write_file(actor, target=target, chunks=[b"x"], length=1, options=other).place.path == "/f/closed (2)"
    assert create_folder(actor, target=target, autorename=True)[0].path == "/f/closed (3)"


def test_the_trash_goes_by_where_things_were(owner: User, member: User, space: Space) -> None:
    owners, theirs = Api(owner), Api(member)
    trash_nodes(actor_of(owner), node_ids=[node(space, "e.txt").pk, node(space, "b.txt").pk])
    (seen,) = items(theirs.get("/trash", space=space.pk))
    assert (seen["path"], len(items(owners.get("/trash", space=space.pk)))) == ("/f/g/b.txt", 2)
    (hidden,) = [one for one in items(owners.get("/trash", space=space.pk)) if one["id"] != seen["id"]]
    assert problem(theirs.post("/trash/restore", {"ids": [hidden["id"]]})) == (404, "not_found")
    assert theirs.post("/trash/restore", {"ids": [seen["id"]]}).status_code == 200
    trash_nodes(actor_of(owner), node_ids=[node(space, "d").pk])
    assert items(theirs.get("/trash", space=space.pk)) == []
    trash_nodes(actor_of(owner), node_ids=[node(space, "f").pk])
    (whole,) = items(theirs.get("/trash", space=space.pk))
    assert (whole["node"]["size"], whole["node"]["descendants"]) == (7, 3)
    (restored,) = theirs.post("/trash/restore", {"ids": [whole["id"]]}).json()["items"]
    assert (restored["size"], restored["path"]) == (7, "/f")
    assert at(owner, space, "f/closed/c.txt").node.size == 60


def test_what_was_restricted_stays_so_when_it_is_purged(owner: User, member: User, space: Space) -> None:
    closed, then = node(space, "closed"), now().isoformat()
    trash_nodes(actor_of(owner), node_ids=[closed.pk])
    empty_trash(actor_of(owner), space_id=space.pk)
    remove_purged_rows()
    text = Api(member).get("/journal", space=space.pk, limit=1000).content.decode()
    assert [name for name in ("closed", "c.txt", "e.txt") if name in text] == []
    assert {one["name"] for one in items(Api(owner).get("/folders", path="/f", space=space.pk, at=then))} >= {"closed"}
    assert "closed" not in Api(member).get("/folders", path="/f", space=space.pk, at=then).content.decode()


def test_the_journal_leaves_out_what_is_hidden(owner: User, member: User, space: Space) -> None:
    theirs = Api(member)
    lines = items(theirs.get("/journal", space=space.pk))
    assert {line["after"]["path"] for line in lines} == {"/f", "/f/a.txt", "/f/g", "/f/g/b.txt"}
    c, b = node(space, "c.txt").pk, node(space, "b.txt").pk
    move_node(actor_of(owner), node_id=c, target=Target("f/g/came.txt", space_id=space.pk))
    move_node(actor_of(owner), node_id=b, target=Target("f/closed/went.txt", space_id=space.pk))
    went, came = items(theirs.get("/journal", space=space.pk))[:2]
    assert (came["before"], came["after"]["path"]) == (None, "/f/g/came.txt")
    assert (went["before"]["path"], went["after"]) == ("/f/g/b.txt", None)
    assert [line["before"] for line in items(theirs.get(f"/nodes/{c}/history"))] == [None]


def test_cursors_of_changes(owner: User, member: User, space: Space) -> None:
    theirs, closed = Api(member), node(space, "closed")
    cursor = theirs.get("/changes/cursor", space=space.pk).json()["cursor"]
    put(actor_of(owner), "f/closed/c.txt", b"other", space_id=space.pk)
    put(actor_of(owner), "f/a.txt", b"other", space_id=space.pk)
    told = theirs.get("/changes", cursor=cursor).json()
    assert [line["after"]["path"] for line in told["changes"]] == ["/f/a.txt"]
    assert theirs.get("/changes", cursor=told["cursor"]).json()["changes"] == []
    grant = give(owner, member, closed, Role.VIEWER)
    assert problem(theirs.get("/changes", cursor=told["cursor"])) == (410, "cursor_reset")
    sees_all = theirs.get("/changes/cursor", space=space.pk).json()["cursor"]
    assert theirs.get("/changes", cursor=sees_all).status_code == 200
    Grant.objects.filter(pk=grant.pk).update(expires_at=now() - timedelta(seconds=1))
    assert problem(theirs.get("/changes", cursor=sees_all)) == (410, "cursor_reset")
    for cursor in ("x", sees_all + "x"):
        assert problem(theirs.get("/changes", cursor=cursor)) == (400, "invalid_cursor")


def test_as_of_a_time(owner: User, member: User, space: Space) -> None:
    then = (now() + timedelta(seconds=1)).isoformat()
    theirs = Api(member)
    (folder,) = items(theirs.get("/folders", path="/", space=space.pk, at=then))
    assert (folder["name"], folder["size"]) == ("f", 7)
    assert {one["name"] for one in items(theirs.get("/folders", path="/f", space=space.pk, at=then))} == {"a.txt", "g"}
    assert problem(theirs.get("/folders", path="/f/closed", space=space.pk, at=then)) == (404, "not_found")
    assert problem(theirs.get(f"/nodes/{node(space, 'closed').pk}/children", at=then)) == (404, "not_found")
    children = items(Api(owner).get(f"/nodes/{node(space, 'closed').pk}/children", at=then))
    assert {one["name"] for one in children} == {"c.txt", "d"}


def test_favourites_and_sizes_of_spaces(owner: User, member: User, space: Space) -> None:
    closed = node(space, "closed")
    grant = give(owner, member, closed, Role.VIEWER)
    for name in ("c.txt", "a.txt"):
        set_favourite(actor_of(member), node_id=node(space, name).pk, wanted=True)
    top = locate(actor_of(member), space.root_id or 0)
    assert [place.path for place in list_favourites(actor_of(member), below=top)] == ["/f/a.txt", "/f/closed/c.txt"]
    grant.delete()
    top = locate(actor_of(member), space.root_id or 0)
    assert [place.path for place in list_favourites(actor_of(member), below=top)] == ["/f/a.txt"]
    (told,) = [one for one in items(Api(member).get("/spaces")) if one["id"] == str(space.pk)]
    assert told["size"] == 7


def test_what_it_costs(owner: User, member: User, space: Space, django_assert_num_queries: Any) -> None:
    """Nothing where nothing is restricted; a constant number where something is hidden."""
    other = create_team_space(actor_of(owner), name="Other")
    put(actor_of(owner), "f/a.txt", b"x", space_id=other.pk)
    actor, folder, f = actor_of(member), Node.objects.get(space=other, name="f").pk, node(space, "f").pk
    with django_assert_num_queries(4):  # the folder, its ancestors, the rules; the page
        list_rows(actor, locate(actor, folder))
    with django_assert_num_queries(7):  # and where hidden folders are and how large, twice; what the tag is made of
        list_rows(actor, locate(actor, f))
    assert get_space(actor, space.pk) == space


def test_by_rest(owner: User, member: User, space: Space) -> None:
    g, owners, theirs = node(space, "g"), Api(owner), Api(member)
    assert owners.get(f"/nodes/{g.pk}/access").json()["restricted"] is False
    assert problem(theirs.put(f"/nodes/{g.pk}/restriction")) == (403, "forbidden")
    answer = owners.put(f"/nodes/{g.pk}/restriction")
    assert answer.json() == {"node_id": str(g.pk), "restricted": True}
    assert owners.get(f"/nodes/{g.pk}/access").json()["restricted"] is True
    assert problem(theirs.get(f"/nodes/{g.pk}")) == (404, "not_found")
    assert problem(theirs.delete(f"/nodes/{g.pk}/restriction")) == (404, "not_found")
    assert owners.delete(f"/nodes/{g.pk}/restriction").status_code == 204
    assert theirs.get(f"/nodes/{g.pk}").status_code == 200


def test_who_is_let_in_for_a_time_lets_nobody_in_for_longer(owner: User, member: User, space: Space) -> None:
    """That the whole team edits the space does not count in a restricted folder."""
    closed, third, until = node(space, "closed"), make_member(owner), now() + timedelta(hours=1)
    Grant.objects.create(node=closed, space=space, user=member, role=Role.EDITOR, expires_at=until)
    to = Subject(SubjectKind.USER, third.pk)
    with pytest.raises(errors.InvalidRequest):
        set_grant(actor_of(member), node_id=closed.pk, subject=to, role=Role.EDITOR)
    set_grant(actor_of(member), node_id=closed.pk, subject=to, role=Role.EDITOR, expires_at=until)
    assert Right.EDIT in locate(actor_of(third), closed.pk).access.rights
