"""What is hidden in a space tells nothing through its mount either: by path and by id, in tags, feeds and lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from files import errors
from files.access.rights import Role
from files.actions.annotations import set_favourite
from files.actions.create_folder import create_folder
from files.actions.mounts import reconcile_all
from files.actions.move import move_node
from files.actions.restrictions import restrict, unrestrict
from files.actions.trash import trash_nodes
from files.models import Grant, Node
from files.queries.favourites import list_favourites
from files.queries.mounts import mounts_in
from files.queries.target import Target
from files.queries.tree import get_space, locate
from search.indexing import following
from tests.files.queries.restricted import Restricted, restricted_world
from tests.isolation.canaries import without_pauses
from tests.support.clients import Api, Nextcloud, body_of, problem
from tests.support.mounts import mount_of
from tests.support.people import actor_of
from tests.support.trees import put

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None, settings: Settings) -> Restricted:
    """Mounted as `/Plans` for its member."""
    settings.STORAGE_URL = "memory://hidden-mounts"
    made = restricted_world()
    reconcile_all()
    return made


@pytest.fixture
def api(world: Restricted) -> Api:
    return Api(world.member)


def tags(user: User, world: Restricted) -> dict[str, str]:
    """Every entity tag of the mount, of what is above it, and of the folder in it that the restricted one is in."""
    api, dav = Api(user), Nextcloud(user)
    mount, found = mount_of(user, world.space), dict[str, str]()
    for path in ("/", "/Plans", "/Plans/f"):
        found[f"at {path}"] = api.get("/metadata", path=path).json()["etag"]
        page = api.get("/folders", path=path).json()
        found[f"of {path}"] = page["folder"]["etag"]
        found |= {f"in {path}: {row['name']}": row["etag"] for row in page["items"] if row["kind"] == "folder"}
        url = f"/remote.php/dav/files/{user.pk}{path}"
        for depth in ("0", "1"):
            text = body_of(dav.send("PROPFIND", url, b"", Depth=depth)).decode()
            found[f"dav {depth} {path}"] = str(sorted(part.partition("<")[0] for part in text.split("getetag>")[1::2]))
    found["by id"] = api.get(f"/nodes/{mount.pk}").json()["etag"]
    return found


def test_sizes_and_counts(world: Restricted, api: Api) -> None:
    mount = mount_of(world.member, world.space)
    seen = (7, 4)  # f, a.txt, g, b.txt
    (row,) = api.get("/folders", path="/").json()["items"]
    assert (row["size"], row["descendants"]) == seen
    for one in (api.get(f"/nodes/{mount.pk}"), api.get("/metadata", path="/Plans")):
        assert (one.json()["size"], one.json()["descendants"]) == seen
    assert api.get("/metadata", path="/Plans/f").json()["size"] == 7
    assert [row["name"] for row in api.get("/folders", path="/Plans/f").json()["items"]] == ["g", "a.txt"]
    manager = Api(world.owner).get("/metadata", path="/Plans").json()
    assert (manager["size"], manager["descendants"]) == (107, 8)


def test_the_same_tag_everywhere(world: Restricted) -> None:
    found = tags(world.member, world)
    assert len({found[name] for name in ("at /Plans", "of /Plans", "in /: Plans", "by id")}) == 1
    assert len({found[name] for name in ("at /Plans/f", "of /Plans/f", "in /Plans: f")}) == 1


@pytest.mark.parametrize("member", [True, False])
def test_tags_change_with_what_is_seen(world: Restricted, member: bool) -> None:
    user = world.member if member else world.owner
    before = tags(user, world)
    put(world.manager, "f/closed/c.txt", b"longer", space_id=world.space.pk)
    put(world.manager, "f/closed/new/x.txt", b"x", space_id=world.space.pk)
    after = tags(user, world)
    assert (after == before) == member
    put(world.manager, "f/g/new.txt", b"x", space_id=world.space.pk)
    last = tags(user, world)
    assert [name for name in last if last[name] == after[name] and not name.endswith("closed")] == []


def test_a_condition_compares_what_is_shown(world: Restricted) -> None:
    """A folder is moved with the tag that was told, whatever has happened below it that nobody has told."""
    dav, url = Nextcloud(world.member), f"/remote.php/dav/files/{world.member.pk}/Plans"
    api = Api(world.member)
    etag = api.get("/metadata", path="/Plans").json()["etag"]
    put(world.manager, "f/closed/c.txt", b"longer", space_id=world.space.pk)
    mount = mount_of(world.member, world.space)
    assert api.patch(f"/nodes/{mount.pk}", {"name": "Other"}, if_match=etag).status_code == 200
    told = body_of(dav.send("PROPFIND", url.replace("Plans", "Other"), b"", Depth="0")).decode()
    marked = told.partition("getetag>")[2].partition("<")[0].replace("&quot;", '"')
    moved = dav.send(
        "MOVE",
        url.replace("Plans", "Other"),
        b"",
        If=f"([{marked}])",
        Destination=f"/remote.php/dav/files/{world.member.pk}/Third",
    )
    assert moved.status_code == 201


def feed(api: Api, cursor: str, **more: Any) -> tuple[list[tuple[str, str]], str]:
    page = api.get("/changes", cursor=cursor, **more).json()
    lines = [(line["kind"], (line["after"] or line["before"])["path"]) for line in page["changes"]]
    return lines, page["cursor"]


def test_the_feed(world: Restricted, api: Api) -> None:
    _, cursor = feed(api, api.get("/changes/cursor").json()["cursor"])
    put(world.manager, "f/closed/secret.txt", b"x", space_id=world.space.pk)
    lines, later = feed(api, cursor)
    assert lines == []
    assert later != cursor, "it need not be read again"
    put(world.manager, "f/seen.txt", b"x", space_id=world.space.pk)
    put(actor_of(world.member), "own.txt", b"x")
    move_node(world.manager, node_id=world.node("c.txt").pk, target=Target("f/out.txt", space_id=world.space.pk))
    move_node(world.manager, node_id=world.node("a.txt").pk, target=Target("f/closed/in.txt", space_id=world.space.pk))
    page = api.get("/changes", cursor=later).json()
    told = [
        (line["before"] and line["before"]["path"], line["after"] and line["after"]["path"]) for line in page["changes"]
    ]
    assert told == [
        (None, "/Plans/f/seen.txt"),
        (None, "/own.txt"),
        (None, "/Plans/f/out.txt"),
        ("/Plans/f/a.txt", None),
    ]
    assert feed(api, page["cursor"])[0] == []


def test_a_wait_goes_on_over_what_is_not_told(world: Restricted, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first thing that happens is hidden, the second one is told."""
    from files.api.views import changes as view

    happened = [
        lambda: put(world.manager, "f/closed/secret.txt", b"x", space_id=world.space.pk),
        lambda: put(world.manager, "f/seen.txt", b"x", space_id=world.space.pk),
    ]
    looks: list[bool] = []

    def wait_until(actor: Any, has_happened: Callable[[], bool], **more: Any) -> bool:
        happened[len(looks)]()
        looks.append(has_happened())
        return True

    monkeypatch.setattr(view.waiting, "wait_until", wait_until)
    lines, _ = feed(api, api.get("/changes/cursor").json()["cursor"], wait=20)
    assert (lines, looks) == ([("create", "/Plans/f/seen.txt")], [True, True])


def test_what_comes_into_sight_starts_again(world: Restricted, api: Api) -> None:
    cursor = api.get("/changes/cursor").json()["cursor"]
    alone = api.get("/changes/cursor", space="home").json()["cursor"]
    restrict(world.manager, node_id=world.node("g").pk)
    assert problem(api.get("/changes", cursor=cursor)) == (410, "cursor_reset")
    assert api.get("/changes", cursor=alone).status_code == 200
    cursor = api.get("/changes/cursor").json()["cursor"]
    for name in ("g", "closed"):
        unrestrict(world.manager, node_id=world.node(name).pk)
        assert problem(api.get("/changes", cursor=cursor)) == (410, "cursor_reset")
    cursor = api.get("/changes/cursor").json()["cursor"]
    assert feed(api, cursor)[0] == []


def test_a_mount_that_goes_or_comes_starts_nothing_again(world: Restricted, api: Api) -> None:
    cursor = api.get("/changes/cursor").json()["cursor"]
    mount = mount_of(world.member, world.space)
    trash_nodes(world.actor, node_ids=[mount.pk])
    lines, cursor = feed(api, cursor)
    assert lines == [("trash", "/Plans")]
    (row,) = api.get("/mounts").json()["items"]
    assert api.post(f"/mounts/{row['id']}/bring-back").status_code == 200
    lines, cursor = feed(api, cursor)
    assert lines == [("create", "/Plans")]
    assert feed(api, cursor)[0] == []


@pytest.fixture
def let_in(world: Restricted) -> Node:
    """`d` in the restricted folder, on which the member has a role. What leads there they do not see."""
    inner = world.node("d")
    Grant.objects.create(node=inner, space=world.space, user=world.member, role=Role.EDITOR)
    return inner


def test_no_path_leads_through_what_is_hidden(world: Restricted, api: Api, let_in: Node) -> None:
    """What lies behind it has a path of its own, by id; through the mount there is none."""
    file = world.node("e.txt")
    assert api.get(f"/nodes/{file.pk}").json()["path"] == "/e.txt"
    for path in ("/Plans/f/closed/d/e.txt", "/Plans/f/closed/d", "/Plans/f/closed", "/Plans/f/closed/nothing"):
        assert api.get("/metadata", path=path).status_code == 404
        assert api.get(f"/content{path}").status_code == 404
        assert api.post("/trash", {"paths": [path]}).status_code == 404
        assert api.post("/trash", {"paths": [path, "/Plans/f/a.txt"]}).status_code == 404
    assert problem(api.post("/uploads", {"path": "/Plans/f/closed/d/new.txt", "length": 1})) == (409, "name_taken")
    written = api.request("PUT", "/content/Plans/f/closed/d/new.txt", b"x", content_type="text/plain")
    assert problem(written) == (409, "name_taken")
    with pytest.raises(errors.NameTaken):
        create_folder(world.actor, target=Target("closed/d/new", parent_id=world.node("f").pk))
    mounts = mounts_in(world.actor, get_space(world.actor, None))
    assert mounts is not None
    place = mounts.seen(locate(world.actor, file.pk))
    assert (place.mount, place.path) == (None, "/e.txt")


def test_the_feed_of_the_home_has_only_what_it_leads_to(world: Restricted, api: Api, let_in: Node) -> None:
    cursor = api.get("/changes/cursor").json()["cursor"]
    of_space = api.get("/changes/cursor", space=str(world.space.pk)).json()["cursor"]
    put(world.manager, "f/closed/d/more.txt", b"x", space_id=world.space.pk)
    assert feed(api, cursor)[0] == []
    assert feed(api, of_space)[0] == [("create", "/more.txt")]


def test_favourites_and_hits(world: Restricted, api: Api, let_in: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    without_pauses(monkeypatch)
    following.INDEX.follow_all(seconds=60)
    hits = api.get("/search", q="e.txt").json()["items"]
    assert [hit["path"] for hit in hits] == ["/e.txt"]
    for name in ("e.txt", "b.txt"):
        set_favourite(world.actor, node_id=world.node(name).pk, wanted=True)
    home = locate(world.actor, get_space(world.actor, None).root_id or 0)
    assert [place.path for place in list_favourites(world.actor, below=home)] == ["/Plans/f/g/b.txt"]


def test_the_trash_of_clients(world: Restricted) -> None:
    """What somebody deleted is theirs to see as long as they see where it was."""
    Grant.objects.create(node_id=world.space.root_id or 0, space=world.space, user=world.member, role=Role.EDITOR)
    inside = put(world.manager, "f/g/once.txt", b"12345", space_id=world.space.pk).node
    trash_nodes(world.actor, node_ids=[inside.pk])
    url, dav = f"/remote.php/dav/trashbin/{world.member.pk}/trash", Nextcloud(world.member)
    assert "once.txt" in body_of(dav.send("PROPFIND", url, b"", Depth="1")).decode()
    restrict(world.manager, node_id=world.node("g").pk)
    assert "once.txt" not in body_of(dav.send("PROPFIND", url, b"", Depth="1")).decode()


def test_figures_of_a_quota(world: Restricted) -> None:
    asked = b'<d:propfind xmlns:d="DAV:"><d:prop><d:quota-used-bytes/></d:prop></d:propfind>'
    for user, used in ((world.member, 7), (world.owner, 107)):
        url = f"/remote.php/dav/files/{user.pk}/Plans"
        text = body_of(Nextcloud(user).send("PROPFIND", url, asked, Depth="0")).decode()
        assert f"quota-used-bytes>{used}<" in text


def test_queries(world: Restricted, api: Api, django_assert_num_queries: Any) -> None:
    """The veil over all mounts takes two queries, and none where nothing is hidden."""
    mounts = mounts_in(world.manager, get_space(world.manager, None))
    assert mounts is not None
    with django_assert_num_queries(2):
        mounts.all()
    mounts = mounts_in(world.actor, get_space(world.actor, None))
    assert mounts is not None
    with django_assert_num_queries(4):
        mounts.all()
