"""sharing.queries.opening: what a share would open, counted as who shares sees it."""

import pytest

from accounts.errors import InvalidEmail, ScopeMissing
from accounts.models import User
from files import errors
from files.access.explain import SubjectKind
from files.access.rights import NO_RIGHTS, Right, Role, rights_of
from files.actions.grants import Given, Subject, change_space, set_grant
from files.actions.restrictions import restrict
from files.actions.spaces import create_team_space
from files.models import Space
from sharing.queries.opening import Opening, opening
from tests.sharing.team import Team, subject
from tests.support.people import actor_of, make_user
from tests.support.trees import put

VIEWER = Given(Role.VIEWER)


def asked(team: Team, to: object, given: Given = VIEWER, *, path: str = "/Photos") -> Opening:
    return opening(team.actor, node_id=team.node(path).pk, to=subject(to), given=given)  # type: ignore[arg-type]


def test_a_person_who_has_nothing(team: Team) -> None:
    found = asked(team, team.bob)
    assert (found.items, found.size, found.items_new, found.restricted) == (4, 14, 4, 0)
    assert (found.rights_before, found.rights_new) == (NO_RIGHTS, rights_of(Role.VIEWER))
    assert (found.people, found.people_before) == (1, 0)


def test_a_person_who_has_some_of_it_and_of_the_rights(team: Team) -> None:
    team.share(team.bob, path="/Photos/2026/may.jpg")
    assert asked(team, team.bob).items_before == 1
    team.share(team.bob, path="/Photos/2026")
    assert asked(team, team.bob).items_before == 2
    team.share(team.bob)
    found = asked(team, team.bob, Given(Role.COMMENTER))
    assert (found.items_before, found.items_new, found.rights_new) == (4, 0, Right.COMMENT)


def test_groups_and_the_team(team: Team) -> None:
    group = team.group(team.bob, team.carl)
    assert (asked(team, group).people, asked(team, group).people_before) == (2, 0)
    team.share(team.bob)
    found = asked(team, group)
    assert (found.people, found.people_before, found.rights_before) == (2, 1, NO_RIGHTS)
    team.share(group, Role.EDITOR)
    found = asked(team, group)
    assert (found.people_before, found.rights_new, found.items_new) == (2, NO_RIGHTS, 0)
    whole = Subject(SubjectKind.TEAM, team.ada.membership.team_id)
    found = opening(team.actor, node_id=team.node().pk, to=whole, given=VIEWER)
    assert (found.people, found.people_before) == (3, 3)


@pytest.fixture
def space(team: Team) -> Space:
    """Of the team, closed: `docs` with `open/a` and the restricted `secret/b`, `secret/deep/c`."""
    made = create_team_space(team.actor, name="Plans")
    for path in ("docs/open/a", "docs/secret/b", "docs/secret/deep/c"):
        put(team.actor, path, b"12345", space_id=made.pk)
    change_space(team.actor, space_id=made.pk, is_open=False)
    restrict(team.actor, node_id=node_in(made, "secret"))
    restrict(team.actor, node_id=node_in(made, "deep"))
    return made


def node_in(space: Space, name: str) -> int:
    return int(space.nodes.get(name=name).pk)


def test_restricted_folders_are_left_out(team: Team, space: Space) -> None:
    found = opening(team.actor, node_id=node_in(space, "docs"), to=subject(team.bob), given=VIEWER)
    assert (found.items, found.size, found.restricted) == (3, 5, 1)


def test_and_not_told_of_to_who_does_not_see_them(team: Team, space: Space) -> None:
    give_bob = {"node_id": node_in(space, "docs"), "subject": Subject(SubjectKind.USER, team.bob.pk)}
    set_grant(team.actor, **give_bob, role=Role.EDITOR)  # type: ignore[arg-type]
    set_grant(
        team.actor, node_id=node_in(space, "b"), subject=Subject(SubjectKind.USER, team.carl.pk), role=Role.VIEWER
    )
    found = opening(actor_of(team.bob), node_id=node_in(space, "docs"), to=subject(team.carl), given=VIEWER)
    assert (found.items, found.size, found.restricted, found.items_before) == (3, 5, 0, 0)


def test_of_an_open_space_the_team_has_it_already(team: Team) -> None:
    space = create_team_space(team.actor, name="Open")
    put(team.actor, "docs/a", b"1", space_id=space.pk)
    found = opening(team.actor, node_id=node_in(space, "docs"), to=subject(team.bob), given=VIEWER)
    assert (found.items, found.items_new, found.rights_new) == (2, 0, NO_RIGHTS)
    group = team.group(team.ada)
    found = opening(team.actor, node_id=node_in(space, "docs"), to=subject(group), given=VIEWER)
    assert (found.people, found.people_before) == (1, 1)


def test_who_may_not_share_is_told_nothing(team: Team) -> None:
    node_id, stranger = team.node().pk, make_user("eve@example.org")
    team.share(team.bob)
    to_carl, eve = subject(team.carl), subject(stranger)

    def ask(by: User, to: object = to_carl, **more: object) -> Opening:
        return opening(actor_of(by, **more), node_id=node_id, to=to, given=VIEWER)  # type: ignore[arg-type]

    with pytest.raises(errors.Forbidden):
        ask(team.bob)
    with pytest.raises(errors.NotFound):
        ask(stranger)
    with pytest.raises(ScopeMissing):
        ask(team.ada, scopes=frozenset({"read", "write"}))
    with pytest.raises(errors.SubjectNotFound):
        ask(team.ada, to=eve)
    with pytest.raises(InvalidEmail):
        ask(team.ada, to="x")
    assert ask(team.ada, to="eve@example.org").waits is True  # as of anybody who is not in the team
