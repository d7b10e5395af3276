"""files.queries.members: who is in a space, and who could be."""

import pytest

from accounts.actor import Actor
from accounts.models import Group, User
from accounts.models import Role as TeamRole
from files import errors
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Subject, change_space, set_grant
from files.actions.spaces import create_team_space
from files.models import Space
from files.queries.members import members_of_space, person_of_team, spaces_of_team, subjects_of_team
from tests.support.people import actor_of, make_member, make_user


@pytest.fixture
def owner(db: None) -> User:
    user = make_user("owner@example.com")
    user.membership.team.seats = 20
    user.membership.team.save()
    return user


@pytest.fixture
def space(owner: User) -> Space:
    return create_team_space(actor_of(owner), name="Plans")


def kinds(actor: Actor, space: Space) -> list[tuple[str, str]]:
    return [(reach.kind.value, reach.role.value) for reach in members_of_space(actor, space.pk).reached]


def test_who_reaches_an_open_and_a_closed_space(owner: User, space: Space) -> None:
    member = make_member(owner)
    assert kinds(actor_of(member), space) == [("team", "editor"), ("team_managers", "manager")]
    assert not members_of_space(actor_of(member), space.pk).may_manage
    change_space(actor_of(owner), space_id=space.pk, is_open=False)
    assert kinds(actor_of(owner), space) == [("user", "manager")]
    with pytest.raises(errors.NotFound):
        members_of_space(actor_of(member), space.pk)
    subject = Subject(SubjectKind.USER, member.pk)
    set_grant(actor_of(owner), node_id=space.root_id or 0, subject=subject, role=Role.VIEWER)
    assert kinds(actor_of(member), space) == [], "who may only look does not see who else does"
    assert kinds(actor_of(owner), space) == [("user", "manager"), ("user", "viewer")]


def test_who_manages_the_team_sees_all_of_its_spaces(owner: User, space: Space) -> None:
    change_space(actor_of(owner), space_id=space.pk, is_open=False)
    admin, member = make_member(owner, TeamRole.ADMIN), make_member(owner)
    assert list(spaces_of_team(actor_of(admin))) == [space]
    assert list(spaces_of_team(actor_of(admin, scopes=frozenset({"read"})))) == []
    assert list(spaces_of_team(actor_of(member))) == []
    assert members_of_space(actor_of(admin), space.pk).may_manage
    stranger = make_user()
    assert list(spaces_of_team(actor_of(stranger))) == []
    for space_id in (space.pk, 0, 2**63, 10**12):
        with pytest.raises(errors.NotFound):
            members_of_space(actor_of(stranger), space_id)


def test_whom_a_form_offers(owner: User) -> None:
    member = make_member(owner, email="ada@example.com")
    group = Group.objects.create(team=owner.membership.team, name="Builders")
    stopped = make_member(owner, email="stopped@example.com")
    stopped.is_active = False
    stopped.save()
    make_user("stranger@example.com")
    team_id = owner.membership.team_id
    assert subjects_of_team(team_id) == {"people": [member, owner], "groups": [group]}
    assert person_of_team(team_id, " ADA@example.com ") == member.pk
    for email in ("", "stranger@example.com", "stopped@example.com", "nobody@example.com"):
        with pytest.raises(errors.SubjectNotFound):
            person_of_team(team_id, email)
