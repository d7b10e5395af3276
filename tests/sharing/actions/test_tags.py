"""sharing.actions.tags: who may put which on what, and where they go."""

from typing import Any

import pytest

from accounts.actions.administer_account import delete_account
from accounts.models import AuditEvent
from common.errors import CodedError
from files.access.rights import Role
from files.actions.copy import copy_node
from files.actions.grants import change_space
from files.actions.move import rename_node
from files.actions.spaces import create_team_space
from files.actions.trash import empty_trash, remove_purged_rows, restore_items, trash_nodes
from files.errors import SpaceArchived
from files.queries.target import Target
from files.queries.tree import locate_path
from sharing.actions import tags as module
from sharing.actions.tags import MAXIMUM_ON_NODE, add_tag, remove_tag, set_tags
from sharing.actions.waiting import forget_gone
from sharing.errors import Forbidden, InvalidRequest, NotFound, TooMany
from sharing.models import NodeTag
from sharing.queries.tags import tags_of
from tests.sharing.team import Team
from tests.support.people import SYSTEM, actor_of
from tests.support.trees import put

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


def test_bound(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    node_id = team.node(SEA).pk
    many = [str(number) for number in range(MAXIMUM_ON_NODE)]
    set_tags(team.actor, node_id=node_id, names=many)
    refused(TooMany, lambda: add_tag(team.actor, node_id=node_id, name="more"))
    refused(TooMany, lambda: set_tags(team.actor, node_id=node_id, names=[*many, "more"]))
    assert len(set_tags(team.actor, node_id=node_id, names=["x" * 50, "more"])) == 2
    monkeypatch.setattr(module, "MAXIMUM_OF_PERSON", 2)
    refused(TooMany, lambda: add_tag(team.actor, node_id=team.node().pk, name="x"))
    assert set_tags(team.actor, node_id=node_id, names=["more", "other"]) == ["more", "other"]


def test_the_record_says_who_changed_them_and_no_words(team: Team) -> None:
    node_id = team.node(SEA).pk
    set_tags(team.actor, node_id=node_id, names=["secret", "other"])
    set_tags(team.actor, node_id=node_id, names=["other", "secret"])
    add_tag(team.actor, node_id=node_id, name="SECRET")
    remove_tag(team.actor, node_id=node_id, name="secret")
    remove_tag(team.actor, node_id=node_id, name="secret")
    events = AuditEvent.objects.filter(kind="tags.set").order_by("at", "pk")
    assert [(event.detail["added"], event.detail["removed"]) for event in events] == [(2, 0), (0, 1)]
    assert {event.actor_id for event in events} == {team.ada.pk}
    assert "secret" not in str([(event.target, event.detail) for event in events])


def test_an_archived_space_keeps_them(team: Team) -> None:
    space = create_team_space(team.actor, name="Plans").pk
    node_id = put(team.actor, "a", space_id=space).node.pk
    add_tag(team.actor, node_id=node_id, name="x")
    change_space(team.actor, space_id=space, is_archived=True)
    refused(SpaceArchived, lambda: remove_tag(team.actor, node_id=node_id, name="x"))
    assert tags_of(team.actor, node_id=node_id) == ["x"]


def test_a_deleted_account_leaves_them_without_a_name(team: Team) -> None:
    team.share(team.bob, Role.EDITOR)
    add_tag(actor_of(team.bob), node_id=team.node(SEA).pk, name="x")
    delete_account(SYSTEM, user_id=team.bob.pk)
    assert tags_of(team.actor, node_id=team.node(SEA).pk) == ["x"]
    assert NodeTag.objects.get().created_by_id is None


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
    NodeTag.objects.create(node_id=10**9, team_id=team.actor.team_id, name="x", folded="x")
    assert forget_gone() == 1
