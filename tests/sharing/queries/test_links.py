"""sharing.queries.links: which links somebody is told of, where each leads, and whether it opens."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import READ, WRITE, Actor
from accounts.errors import ScopeMissing
from common.clock import now
from files import errors as file_errors
from files.access.rights import Role
from files.actions.trash import trash_nodes
from files.models import Grant
from files.queries.tree import locate_path
from sharing import errors
from sharing.models import Link
from sharing.queries.links import LinkState, described, get_link, list_links
from tests.sharing.linked import Linked, give
from tests.support.people import actor_of, make_user


def ids(actor: Actor, **wanted: Any) -> set[int]:
    return {link.pk for link in list_links(actor, **wanted)}


@pytest.mark.django_db
def test_who_is_told_of_which(world: Linked) -> None:
    mine, ours, theirs = world.link(), world.link(world.plans), world.link(world.plans, by=world.editor)
    editor, stranger = actor_of(world.editor), actor_of(make_user())
    assert ids(world.actor) == {mine.pk, ours.pk}
    assert ids(editor) == {theirs.pk}
    assert ids(stranger) == ids(Actor(scopes=world.actor.scopes)) == set()
    assert ids(world.actor, node_id=world.plans.pk) == {ours.pk, theirs.pk}
    assert ids(world.actor, path="/Photos") == {mine.pk}
    assert ids(world.actor, path="/Work/Plans") == {ours.pk, theirs.pk}
    assert ids(editor, node_id=world.plans.pk) == {theirs.pk}
    assert ids(world.actor, space_id=world.space.pk) == {ours.pk, theirs.pk}
    with pytest.raises(file_errors.Forbidden):
        ids(editor, space_id=world.space.pk)
    for wanted in ({"node_id": world.plans.pk}, {"space_id": world.space.pk}, {"path": "/Photos"}):
        with pytest.raises(file_errors.NotFound):
            ids(stranger, **wanted)
    assert get_link(world.actor, theirs.pk).link == theirs
    for actor in (editor, stranger, Actor(scopes=world.actor.scopes)):
        with pytest.raises(errors.LinkNotFound):
            get_link(actor, ours.pk)
    with pytest.raises(errors.LinkNotFound):
        get_link(world.actor, 10**30)


@pytest.mark.django_db
def test_a_token_that_may_not_share_is_told_of_none(world: Linked) -> None:
    """It would be let in by them."""
    link = world.link()
    reading = actor_of(world.owner, scopes=frozenset({READ, WRITE}))
    for look in (lambda: list_links(reading), lambda: get_link(reading, link.pk)):
        with pytest.raises(ScopeMissing):
            look()


def state_of(world: Linked, link: Link) -> tuple[LinkState, str | None]:
    found = get_link(world.actor, link.pk)
    return found.state, found.path


@pytest.mark.django_db
def test_states_and_paths(world: Linked) -> None:
    inner = locate_path(world.actor, "/Photos/more/sand.jpg").node
    link, paused = world.link(inner, max_downloads=2), world.link(world.plans, by=world.editor)
    assert state_of(world, link) == (LinkState.OPEN, "/Photos/more/sand.jpg")
    assert state_of(world, paused) == (LinkState.OPEN, "/Plans")
    Link.objects.filter(pk=link.pk).update(downloads=2)
    assert state_of(world, link)[0] is LinkState.USED_UP
    Link.objects.filter(pk=link.pk).update(expires_at=now() - timedelta(days=1))
    assert state_of(world, link)[0] is LinkState.ENDED
    Link.objects.filter(pk=link.pk).update(expires_at=None)
    trash_nodes(world.actor, node_ids=[world.home.pk])
    assert state_of(world, link) == (LinkState.IN_TRASH, None)
    Grant.objects.filter(user=world.editor).update(role=Role.VIEWER)
    assert state_of(world, paused)[0] is LinkState.PAUSED
    (mine,) = described(actor_of(world.editor), [Link.objects.select_related("node__space").get(pk=paused.pk)])
    assert (mine.state, mine.path) == (LinkState.PAUSED, "/Plans")
    Grant.objects.filter(user=world.editor).delete()
    assert get_link(actor_of(world.editor), paused.pk).path is None


@pytest.mark.django_db
def test_a_page_costs_the_same_however_many_are_on_it(world: Linked, django_assert_num_queries: Any) -> None:
    give(world.owner, world.space, world.other, Role.EDITOR)
    for _ in range(5):
        world.link(), world.link(world.plans), world.link(world.plans, by=world.editor)
    trash_nodes(world.actor, node_ids=[world.home.pk])
    actor = world.actor
    mine = list(list_links(actor))
    with django_assert_num_queries(3):  # the ways, the own grants, the trash
        assert len(described(actor, mine)) == 10
    ours = list(list_links(actor, space_id=world.space.pk))
    with django_assert_num_queries(3):  # and what the editor may do, instead of the trash
        assert len(described(actor, ours)) == 10
    assert described(actor, []) == []
