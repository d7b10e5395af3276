"""What is restored comes into a folder: that takes the right to put something there, by whatever way it comes back."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from files import errors
from files.access.rights import Role
from files.actions.trash import restore_items, trash_nodes
from files.models import Grant, Node, Pool, Space, TrashItem
from files.queries.tree import locate
from tests.files.queries.restricted import Restricted, restricted_world
from tests.support.clients import Api, Nextcloud, problem
from tests.support.people import sign_in


@pytest.fixture
def world(pool: Pool) -> Restricted:
    """The member may look at everything but `/f/closed`, and change `/f/g` and what is in it."""
    made = restricted_world()
    Space.objects.filter(pk=made.space.pk).update(is_open=False)
    made.space.refresh_from_db()
    for user, node, role in (
        (made.owner, made.space.root, Role.MANAGER),
        (made.member, made.space.root, Role.VIEWER),
        (made.member, made.node("g"), Role.EDITOR),
    ):
        Grant.objects.create(node=node, space=made.space, user=user, role=role)
    return made


def the_folder_itself(world: Restricted) -> TrashItem:
    """Which they may delete, in a folder in which they may only look."""
    (item,) = trash_nodes(world.actor, node_ids=[world.node("g").pk])
    return item


def its_name_is_taken(world: Restricted) -> TrashItem:
    item = the_folder_itself(world)
    world.put("f/g/other.txt", 1)
    return item


def its_folder_is_in_the_trash(world: Restricted) -> TrashItem:
    """So it would have to be made again."""
    (item,) = trash_nodes(world.actor, node_ids=[world.node("b.txt").pk])
    trash_nodes(world.manager, node_ids=[world.node("g").pk])
    return item


def another_folder_has_its_path(world: Restricted) -> TrashItem:
    item = its_folder_is_in_the_trash(world)
    world.put("f/g/other.txt", 1)
    return item


def its_restricted_folder_is_in_the_trash(world: Restricted) -> TrashItem:
    closed = world.node("closed")
    Grant.objects.create(node=closed, space=world.space, user=world.member, role=Role.EDITOR)
    (item,) = trash_nodes(world.actor, node_ids=[world.node("c.txt").pk])
    trash_nodes(world.manager, node_ids=[closed.pk])
    return item


def an_open_folder_has_the_path_of_its_restricted_one(world: Restricted) -> TrashItem:
    """So that another restricted one would have to be made beside it."""
    item = its_restricted_folder_is_in_the_trash(world)
    world.put("f/closed/open.txt", 1)
    return item


@pytest.mark.parametrize(
    "trashed",
    [
        the_folder_itself,
        its_name_is_taken,
        its_folder_is_in_the_trash,
        another_folder_has_its_path,
        its_restricted_folder_is_in_the_trash,
        an_open_folder_has_the_path_of_its_restricted_one,
    ],
)
def test_who_may_put_nothing_there_brings_nothing_back(
    world: Restricted, trashed: Callable[[Restricted], TrashItem]
) -> None:
    item = trashed(world)
    before = Node.objects.filter(space=world.space).count(), Space.objects.get(pk=world.space.pk).seq
    with pytest.raises(errors.Forbidden):
        restore_items(world.actor, item_ids=[item.pk])
    assert (Node.objects.filter(space=world.space).count(), Space.objects.get(pk=world.space.pk).seq) == before
    assert TrashItem.objects.filter(pk=item.pk).exists()
    (place,) = restore_items(world.manager, item_ids=[item.pk])
    assert locate(world.manager, item.node_id).path == place.path


def test_one_of_several_stops_all_of_them(world: Restricted) -> None:
    (first,) = trash_nodes(world.actor, node_ids=[world.node("b.txt").pk])
    second = the_folder_itself(world)
    world.put("h/x.txt", 1)
    h = world.node("h")
    Grant.objects.create(node=h, space=world.space, user=world.member, role=Role.EDITOR)
    with pytest.raises(errors.Forbidden):
        restore_items(world.actor, item_ids=[second.pk, first.pk])
    assert TrashItem.objects.filter(pk__in=[first.pk, second.pk]).count() == 2
    places = restore_items(world.actor, item_ids=[second.pk, first.pk], parent_id=h.pk)
    assert [place.path for place in places] == ["/h/g", "/h/b.txt"], "there they may"


def test_whoever_may_put_something_there_brings_it_back(world: Restricted) -> None:
    """Into the folder that it was in, and the last one with a new name."""
    (item,) = trash_nodes(world.actor, node_ids=[world.node("b.txt").pk])
    world.put("f/g/b.txt", 1)
    (place,) = restore_items(world.actor, item_ids=[item.pk])
    assert place.path == "/f/g/b (2).txt"


def test_rest_pages_and_sync_clients_refuse_it(world: Restricted, client: Client) -> None:
    item = the_folder_itself(world)
    assert problem(Api(world.member).post("/trash/restore", {"ids": [str(item.pk)]})) == (403, "forbidden")
    sync = Nextcloud(world.member)
    of_item = f"/remote.php/dav/trashbin/{sync.id}/trash/{item.node.name}.d{item.pk}"
    to = f"http://testserver/remote.php/dav/trashbin/{sync.id}/restore/g"
    assert sync.send("MOVE", of_item, destination=to).status_code == 403
    sign_in(client, world.member)
    assert 'data-command="restore"' not in client.get(f"/trash/{world.space.pk}/").content.decode()
    client.post("/trash/restore", {"item": item.pk, "space": world.space.pk})
    assert TrashItem.objects.filter(pk=item.pk).exists()


def test_undoing_a_delete_is_such_a_way(world: Restricted, client: Client) -> None:
    sign_in(client, world.member)
    node = world.node("g")
    html = client.post("/files/trash", {"node": node.pk}, follow=True).content.decode()
    key = re.search(r'name="undo" value="([^"]+)"', html)
    assert key, html[:500]
    assert client.post("/files/undo", {"undo": key[1]}, follow=True).status_code == 403
    assert TrashItem.objects.filter(node=node).exists()
