"""sharing.actions.tags: who may put which on what, and where they go."""

from typing import Any

import pytest

from common.errors import CodedError
from files.access.rights import Role
from files.actions.copy import copy_node
from files.actions.move import rename_node
from files.actions.trash import empty_trash, remove_purged_rows, restore_items, trash_nodes
from files.queries.target import Target
from files.queries.tree import locate_path
from sharing.actions.tags import MAXIMUM_ON_NODE, add_tag, remove_tag, set_tags
from sharing.actions.waiting import forget_gone
from sharing.errors import Forbidden, InvalidRequest, NotFound, TooMany
from sharing.models import NodeTag
from sharing.queries.tags import tags_of
from tests.sharing.team import Team
from tests.support.people import SYSTEM, actor_of

SEA = "/Photos/sea.jpg"


def refused(error: type[CodedError], act: Any) -> None:
    with pytest.raises(error):
        act()


def test_set_added_and_removed(team: Team) -> None:
    node_id = team.node(SEA).pk
    assert set_tags(team.actor, node_id=node_id, names=["Draft", " to   sign ", "draft"]) == ["draft", "to sign"]
    assert add_tag(team.actor, node_id=node_id, name="DRAFT") == ["draft", "to sign"]
    assert add_tag(team.actor, node_id=node_id, name="2026") == ["2026", "draft", "to sign"]
    assert remove_tag(team.actor, node_id=node_id, name="To Sign") == ["2026", "draft"]
    assert remove_tag(team.actor, node_id=node_id, name="other") == ["2026", "draft"]
    assert set_tags(team.actor, node_id=node_id, names=["2026"]) == ["2026"]
    assert set_tags(team.actor, node_id=node_id, names=[]) == []


def test_editors_put_them_and_viewers_see_them(team: Team) -> None:
    node_id, bob = team.node(SEA).pk, actor_of(team.bob)
    add_tag(team.actor, node_id=node_id, name="draft")
    for act in (add_tag, remove_tag):
        refused(NotFound, lambda act=act: act(bob, node_id=node_id, name="x"))
    refused(NotFound, lambda: tags_of(bob, node_id=node_id))
    team.share(team.bob, Role.COMMENTER)
    assert tags_of(bob, node_id=node_id) == ["draft"]
    for act in (add_tag, remove_tag):
        refused(Forbidden, lambda act=act: act(bob, node_id=node_id, name="x"))
    refused(NotFound, lambda: add_tag(SYSTEM, node_id=node_id, name="x"))
    mount = locate_path(bob, "/Photos").node.pk
    add_tag(team.actor, node_id=team.node().pk, name="all")
    assert tags_of(bob, node_id=mount) == ["all"]


@pytest.mark.parametrize("name", ["", "  ", "a,b", "x" * 51, "a\0", "a\x1b", "a\u202eb"])
def test_what_is_no_tag(team: Team, name: str) -> None:
    refused(InvalidRequest, lambda: add_tag(team.actor, node_id=team.node(SEA).pk, name=name))


def test_bound(team: Team) -> None:
    node_id = team.node(SEA).pk
    many = [str(number) for number in range(MAXIMUM_ON_NODE)]
    set_tags(team.actor, node_id=node_id, names=many)
    refused(TooMany, lambda: add_tag(team.actor, node_id=node_id, name="more"))
    refused(TooMany, lambda: set_tags(team.actor, node_id=node_id, names=[*many, "more"]))
    assert len(set_tags(team.actor, node_id=node_id, names=["x" * 50, "more"])) == 2


def test_they_follow_the_node_and_go_with_it(team: Team) -> None:
    node_id = team.node(SEA).pk
    add_tag(team.actor, node_id=node_id, name="draft")
    rename_node(team.actor, node_id=node_id, name="ocean.jpg")
    copy = copy_node(team.actor, node_id=node_id, target=Target("copy.jpg"))
    assert tags_of(team.actor, node_id=team.node("/copy.jpg").pk) == []
    assert copy is not None
    (item,) = trash_nodes(team.actor, node_ids=[node_id])
    refused(NotFound, lambda: tags_of(team.actor, node_id=node_id))
    restore_items(team.actor, item_ids=[item.pk])
    assert tags_of(team.actor, node_id=node_id) == ["draft"]
    trash_nodes(team.actor, node_ids=[node_id])
    empty_trash(team.actor, space_id=team.home.pk)
    remove_purged_rows()
    assert not NodeTag.objects.exists()
    NodeTag.objects.create(node_id=10**9, name="x", folded="x")
    assert forget_gone() == 1
