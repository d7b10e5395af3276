"""files.queries.still: who is being sent something may go on reading it, or not."""

from typing import Any

import pytest

from accounts.actor import Actor
from files.actions.grants import change_space, remove_grant
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.errors import Forbidden, NotFound
from files.models import Grant, Pool
from files.queries.still import require_still
from tests.support.people import actor_of
from tests.support.shared_folders import SharedFolder, shared_folder
from tests.support.trees import put


@pytest.fixture
def world(pool: Pool) -> SharedFolder:
    return shared_folder()


def test_ones_own_is_one_query(world: SharedFolder, django_assert_num_queries: Any) -> None:
    owner, ids = world.actor, [world.folder.pk, world.node("sea.txt").pk]
    with django_assert_num_queries(1):
        require_still(owner, ids)


def test_what_is_shared_until_it_is_taken_away(world: SharedFolder, django_assert_num_queries: Any) -> None:
    viewer, file = actor_of(world.viewer), world.node("sea.txt").pk
    with django_assert_num_queries(3):
        require_still(viewer, [file])
    grant = Grant.objects.get(user=world.viewer)
    Grant.objects.filter(pk=grant.pk).update(can_download=False)
    refused(Forbidden, viewer, file)
    remove_grant(world.actor, grant_id=grant.pk)
    refused(NotFound, viewer, file)
    require_still(world.actor, [file])
    require_still(actor_of(world.editor), [file])


def refused(error: type[Exception], actor: Actor, *node_ids: int) -> None:
    with pytest.raises(error):
        require_still(actor, node_ids)


def test_a_space_that_is_closed(world: SharedFolder) -> None:
    space = create_team_space(world.actor, name="Plans")
    file = put(world.actor, "a.txt", space_id=space.pk).node.pk
    require_still(actor_of(world.viewer), [file])
    change_space(world.actor, space_id=space.pk, is_open=False)
    refused(NotFound, actor_of(world.viewer), file)
    require_still(world.actor, [file])


def test_one_of_several_is_enough(world: SharedFolder) -> None:
    own = put(actor_of(world.viewer), "own.txt").node.pk
    file = world.node("sea.txt").pk
    require_still(actor_of(world.viewer), [own, file])
    world.end(world.viewer)
    refused(NotFound, actor_of(world.viewer), own, file)


def test_what_was_deleted_is_read_to_its_end(world: SharedFolder) -> None:
    file, viewer = world.node("sea.txt").pk, actor_of(world.viewer)
    trash_nodes(world.actor, node_ids=[file])
    require_still(viewer, [file])
    require_still(viewer, [10**12])
