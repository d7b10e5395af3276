"""sharing.actions.reads: who has read what was shared, once for each person, file and hour; never in the own home."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import ALL_SCOPES, Actor
from files.models import Node
from files.queries.file_content import file_of_node
from files.queries.tree import locate_path
from sharing.actions.reads import note_read
from sharing.models import Happening
from sharing.queries.activity import my_activity
from sharing.queries.activity_groups import ActivityKind
from sharing.queries.activity_texts import summary
from sharing.queries.link_access import open_link
from tests.sharing.linked import VISITOR, linked_world
from tests.support.clients import Api, ContentClient, Dav, body_of
from tests.support.mounts import mounted_space
from tests.support.shared_folders import SharedFolder, shared_folder
from tests.support.trees import put

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> SharedFolder:
    return shared_folder()


def reads() -> list[tuple[str, int]]:
    return list(Happening.objects.filter(kind="read").order_by("pk").values_list("reader", "node_id"))


def test_every_way_to_read_what_is_shared(world: SharedFolder) -> None:
    node, viewer = world.node("sea.txt"), world.viewer
    expected = [(f"user:{viewer.pk}", node.pk)]
    ways: list[Any] = [
        lambda: ContentClient(viewer).get("Photos/sea.txt"),
        lambda: Api(viewer).get(f"/nodes/{node.pk}/content"),
        lambda: Dav(viewer).send("GET", "Photos/sea.txt"),
    ]
    for way in ways:
        Happening.objects.all().delete()
        cache.clear()
        assert body_of(way()) == b"the sea"
        assert reads() == expected
        assert body_of(way()) == b"the sea"
        cache.clear()  # another process
        assert body_of(way()) == b"the sea"
        assert reads() == expected
    Happening.objects.all().delete()
    cache.clear()
    body_of(Api(viewer).get("/zip", ids=str(world.folder.pk)))
    assert reads() == [(f"user:{viewer.pk}", world.folder.pk)]


def test_what_is_no_read_of_a_share(world: SharedFolder) -> None:
    content, node = ContentClient(world.owner), world.node("sea.txt")
    path = locate_path(world.actor, world.where).path[1:]
    answer = content.get(f"{path}/sea.txt")
    assert body_of(answer) == b"the sea"
    space = mounted_space(world.actor, "Plans")
    put(world.actor, "a.txt", space_id=space.pk)
    assert body_of(ContentClient(world.viewer).get("Plans/a.txt")) == b"hello"  # a member of the space
    viewer = ContentClient(world.viewer)
    assert viewer.head("Photos/sea.txt").status_code == 200
    assert viewer.get("Photos/sea.txt", if_none_match=answer["ETag"]).status_code == 304
    assert viewer.get("Photos/nothing.txt").status_code == 404
    assert reads() == []
    assert node.pk


def test_the_own_home_costs_what_it_did(world: SharedFolder) -> None:
    put(world.actor, "own.txt")
    client = ContentClient(world.owner)
    body_of(client.get("own.txt"))
    with CaptureQueriesContext(connection) as queries:
        body_of(client.get("own.txt"))
    assert not [query for query in queries.captured_queries if "happening" in query["sql"]]
    viewer = ContentClient(world.viewer)
    body_of(viewer.get("Photos/sea.txt"))
    with CaptureQueriesContext(connection) as queries:
        body_of(viewer.get("Photos/sea.txt"))
    assert not [query for query in queries.captured_queries if "happening" in query["sql"]]  # once an hour


def test_owners_are_shown_who_read(world: SharedFolder) -> None:
    body_of(ContentClient(world.viewer).get("Photos/sea.txt"))
    (group,) = [group for group in my_activity(world.actor).groups if group.kind == ActivityKind.READ]
    assert (group.first.actor, group.items[0].name) == (world.viewer, "sea.txt")


def test_nobody_reads_nothing(world: SharedFolder) -> None:
    node: Node = world.node("sea.txt")
    note_read(Actor(scopes=ALL_SCOPES), space_id=node.space_id, node_id=node.pk)
    assert reads() == []


def test_a_read_through_a_link(db: None) -> None:
    linked = linked_world()
    link = linked.link()
    visitor = open_link(link.token, VISITOR).actor
    node = Node.objects.get(name="sea.jpg")
    file = file_of_node(visitor, node.pk)
    assert file.shared_in == node.space_id
    for _ in range(2):
        note_read(visitor, space_id=node.space_id, node_id=node.pk)
        cache.clear()
    assert reads() == [(f"link:{link.pk}", node.pk)]
    found = [group for group in my_activity(linked.actor).groups if group.kind == ActivityKind.READ]
    assert [summary(group, {}) for group in found] == ["Somebody with a link downloaded “sea.jpg”"]
