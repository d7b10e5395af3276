"""sharing.queries.tags: the tags that somebody sees, and what has one."""

from typing import Any

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from accounts.actor import Actor
from accounts.models import Membership
from common.errors import CodedError
from files.access.rights import Role
from files.actions.restrictions import restrict
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.queries.tree import locate_path
from http_kit.errors import InvalidCursor
from sharing.actions.tags import add_tag
from sharing.queries import tags as module
from sharing.queries.tags import all_tags, clean, folded, tagged, tags_on
from tests.sharing.team import Team
from tests.support.people import SYSTEM, actor_of, make_user
from tests.support.trees import put


def paths(actor: Actor, name: str) -> list[str]:
    return [place.path for place in tagged(actor, name=name).places]


def test_names() -> None:
    assert clean("  a \n b ") == "a b"
    assert folded("Stra\u00dfe") == folded("STRASSE")
    assert folded("e\u0301") == folded("\u00c9")


def test_only_what_one_sees(team: Team) -> None:
    space = create_team_space(team.actor, name="Plans").pk
    for path in ("open/a", "closed/b"):
        add_tag(team.actor, node_id=put(team.actor, path, space_id=space).node.pk, name=f"of {path[-1]}")
        add_tag(team.actor, node_id=locate_path(team.actor, path, space_id=space).node.pk, name="both")
    restrict(team.actor, node_id=locate_path(team.actor, "closed", space_id=space).node.pk)
    add_tag(team.actor, node_id=team.node("/Photos/sea.jpg").pk, name="Picture")
    bob, stranger = actor_of(team.bob), actor_of(make_user())
    assert list(all_tags(team.actor).names) == ["both", "of a", "of b", "Picture"]
    assert list(all_tags(bob).names) == ["both", "of a"]
    assert list(all_tags(stranger).names) == []
    assert paths(team.actor, "BOTH") == ["/closed/b", "/open/a"]
    assert paths(bob, "both") == ["/open/a"]
    assert paths(bob, "of b") == paths(bob, "picture") == paths(stranger, "both") == []
    team.share(team.bob, Role.VIEWER)
    assert paths(bob, "picture") == ["/Photos/sea.jpg"]
    trash_nodes(team.actor, node_ids=[team.node().pk])
    assert paths(team.actor, "picture") == []
    for nobody in (Actor(), SYSTEM):
        with pytest.raises(CodedError):
            all_tags(nobody)


def test_pages(team: Team, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    ids = [put(team.actor, f"f{number}").node.pk for number in range(5)]
    for number, pk in enumerate(ids):
        add_tag(team.actor, node_id=pk, name="all")
        add_tag(team.actor, node_id=pk, name=f"n{number}")
    first = tagged(team.actor, name="all")
    second = tagged(team.actor, name="all", cursor=first.next_cursor)
    last = tagged(team.actor, name="all", cursor=second.next_cursor)
    assert [place.node.pk for page in (first, second, last) for place in page.places] == ids[::-1]
    assert last.next_cursor is None
    with pytest.raises(InvalidCursor):
        tagged(team.actor, name="n1", cursor=first.next_cursor)
    with pytest.raises(InvalidCursor):
        tagged(actor_of(team.bob), name="all", cursor=first.next_cursor)
    assert tags_on(ids[:1]) == {ids[0]: ["all", "n0"]}
    assert list(tagged(team.actor, name="a\0").places) == []
    with django_assert_max_num_queries(30):
        assert listed(team.actor) == [["all", "n0", "n1", "n2", "n3", "n4"]]


def listed(actor: Actor) -> list[list[str]]:
    """The names of each page."""
    pages, cursor = list[list[str]](), None
    while not pages or cursor is not None:
        found = all_tags(actor, cursor=cursor)
        pages.append(list(found.names))
        cursor = found.next_cursor
    return pages


def test_a_name_is_on_one_page_alone_however_many_have_it(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 1)
    monkeypatch.setattr(module, "ROUNDS", 1)
    for number in range(3):
        for name in ("a", "b"):
            add_tag(team.actor, node_id=put(team.actor, f"f{number}").node.pk, name=name)
    assert listed(team.actor) == [["a"], ["b"], []]
    monkeypatch.setattr(module, "ROUNDS", 5)
    monkeypatch.setattr(module, "ENOUGH", 2)
    assert listed(team.actor) == [["a", "b"], []]


def test_what_is_hidden_is_passed_over_and_homes_of_others_are_not_read(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 1)
    monkeypatch.setattr(module, "ROUNDS", 1)
    for path in ("Photos/sea.jpg", "Photos/2026/may.jpg", "x"):
        add_tag(team.actor, node_id=put(team.actor, path).node.pk, name="a")
    bob = actor_of(team.bob)
    assert listed(bob) == [[]]
    team.share(team.bob, Role.VIEWER, path="/Photos/2026")
    assert listed(bob) == [[], ["a"], []]
    first = tagged(bob, name="A", limit=1)
    assert list(first.places) == []
    second = tagged(bob, name="A", limit=1, cursor=first.next_cursor)
    assert [place.path for place in second.places] == ["/2026/may.jpg"]


def test_they_go_along_when_a_home_joins_another_team(team: Team) -> None:
    eve = make_user("eve@example.com")
    add_tag(actor_of(eve), node_id=put(actor_of(eve), "x").node.pk, name="mine")
    for dotted_path in settings.TEAM_CHANGE_HOOKS:
        import_string(dotted_path)(eve.pk, eve.membership.team_id, team.actor.team_id)
    Membership.objects.filter(user=eve).update(team_id=team.actor.team_id)
    assert listed(actor_of(eve)) == [["mine"]]
    assert listed(team.actor) == [[]]
