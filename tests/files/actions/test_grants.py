"""files.actions.grants: giving and taking rights, and what they then do everywhere."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import ALL_SCOPES, Actor, Principal, PrincipalKind
from accounts.audit import record
from accounts.errors import InvalidCredentials, ScopeMissing
from accounts.models import AuditEvent, Group, GroupMember, User
from accounts.models import Role as TeamRole
from common.clock import now
from files import errors
from files.access.explain import Reach, SubjectKind, who_reaches
from files.access.rights import NO_RIGHTS, Right, Role
from files.actions.create_folder import create_folder
from files.actions.grants import Subject, change_space, remove_grant, set_grant
from files.actions.move import move_node, rename_node
from files.actions.spaces import create_team_space
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.models import Change, Grant, Node, Pool, Restriction, Space
from files.queries.file_content import file_at_path, file_of_node
from files.queries.listing import list_rows
from files.queries.target import Target
from files.queries.tree import get_space, list_spaces, locate
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import put


@pytest.fixture
def owner(pool: Pool) -> User:
    user = make_user("owner@example.com")
    user.membership.team.seats = 20
    user.membership.team.save()
    return user


@pytest.fixture
def member(owner: User) -> User:
    return make_member(owner, email="member@example.com")


@pytest.fixture
def space(owner: User) -> Space:
    """Closed, managed by its owner, with a file `a.txt` in it."""
    made = create_team_space(actor_of(owner), name="Plans")
    write_in(actor_of(owner), made, "a.txt")
    return change_space(actor_of(owner), space_id=made.pk, is_open=False)


def write_in(actor: Actor, space: Space, path: str, data: bytes = b"text") -> Node:
    return put(actor, path, data, space_id=space.pk).node


def to(user: User) -> Subject:
    return Subject(SubjectKind.USER, user.pk)


def give(by: User, space: Space, user: User, role: Role, **more: Any) -> Grant:
    return set_grant(actor_of(by), node_id=space.root_id or 0, subject=to(user), role=role, **more)


def test_an_open_space_is_its_teams_and_a_closed_one_is_not(owner: User, member: User) -> None:
    space = create_team_space(actor_of(owner), name="Plans")
    write_in(actor_of(member), space, "a.txt")
    change_space(actor_of(owner), space_id=space.pk, is_open=False)
    assert space.pk not in {found.pk for found in list_spaces(actor_of(member))}
    for act in seeing(space):
        with pytest.raises(errors.NotFound):
            act(actor_of(member))
    assert file_at_path(actor_of(owner), "a.txt", space_id=space.pk).size == 4
    change_space(actor_of(owner), space_id=space.pk, is_open=True)
    for act in seeing(space):
        act(actor_of(member))


def seeing(space: Space) -> list[Callable[[Actor], Any]]:
    node = Node.objects.get(space=space, name="a.txt")
    return [
        lambda actor: get_space(actor, space.pk),
        lambda actor: locate(actor, node.pk),
        lambda actor: file_at_path(actor, "a.txt", space_id=space.pk),
        lambda actor: file_of_node(actor, node.pk),
        lambda actor: list_rows(actor, locate(actor, space.root_id or 0)),
    ]


def test_what_each_role_may(owner: User, member: User, space: Space) -> None:
    node = Node.objects.get(space=space, name="a.txt")
    give(owner, space, member, Role.VIEWER)
    for act in seeing(space):
        act(actor_of(member))
    for refused in (
        lambda: write_in(actor_of(member), space, "b.txt"),
        lambda: write_in(actor_of(member), space, "a.txt", b"other"),
        lambda: create_folder(actor_of(member), target=Target("folder", space_id=space.pk)),
        lambda: rename_node(actor_of(member), node_id=node.pk, name="c"),
        lambda: trash_nodes(actor_of(member), node_ids=[node.pk]),
        lambda: set_grant(actor_of(member), node_id=node.pk, subject=to(member), role=Role.EDITOR),
    ):
        with pytest.raises(errors.Forbidden):
            refused()
    give(owner, space, member, Role.EDITOR)
    write_in(actor_of(member), space, "a.txt", b"other")
    trash_nodes(actor_of(member), node_ids=[node.pk])
    with pytest.raises(errors.Forbidden):
        empty_trash(actor_of(member), space_id=space.pk)
    give(owner, space, member, Role.MANAGER)
    assert empty_trash(actor_of(member), space_id=space.pk) == 1


def test_groups_and_teams(owner: User, member: User, space: Space) -> None:
    group = Group.objects.create(team=owner.membership.team, name="Builders")
    root = space.root_id or 0
    set_grant(actor_of(owner), node_id=root, subject=Subject(SubjectKind.GROUP, group.pk), role=Role.EDITOR)
    with pytest.raises(errors.NotFound):
        get_space(actor_of(member), space.pk)
    GroupMember.objects.create(group=group, user=member)
    write_in(actor_of(member), space, "of_group.txt")
    GroupMember.objects.all().delete()
    with pytest.raises(errors.NotFound):
        get_space(actor_of(member), space.pk)
    whole = Subject(SubjectKind.TEAM, owner.membership.team_id)
    set_grant(actor_of(owner), node_id=root, subject=whole, role=Role.VIEWER)
    assert get_space(actor_of(member), space.pk) == space


def test_a_grant_ends(owner: User, member: User, space: Space) -> None:
    with pytest.raises(errors.InvalidRequest):
        give(owner, space, member, Role.VIEWER, expires_at=now() - timedelta(seconds=1))
    grant = give(owner, space, member, Role.VIEWER, expires_at=now() + timedelta(hours=1))
    assert get_space(actor_of(member), space.pk) == space
    Grant.objects.filter(pk=grant.pk).update(expires_at=now() - timedelta(seconds=1))
    for act in seeing(space):
        with pytest.raises(errors.NotFound):
            act(actor_of(member))


def test_a_file_alone(owner: User, member: User, space: Space) -> None:
    """What is granted is seen, and nothing above or beside it: no name, no path."""
    folder, _ = create_folder(actor_of(owner), target=Target("secret/shared", space_id=space.pk))
    node = put(actor_of(owner), "secret/shared/b.txt", b"b", space_id=space.pk).node
    set_grant(actor_of(owner), node_id=folder.node.pk, subject=to(member), role=Role.EDITOR)
    seen = locate(actor_of(member), node.pk)
    assert seen.path == "/b.txt"
    assert locate(actor_of(member), folder.node.pk).path == "/"
    assert file_of_node(actor_of(member), node.pk).size == 1
    for hidden in (space.root_id or 0, Node.objects.get(name="secret").pk, Node.objects.get(name="a.txt").pk):
        with pytest.raises(errors.NotFound):
            locate(actor_of(member), hidden)
    with pytest.raises(errors.NotFound):
        get_space(actor_of(member), space.pk)


def test_who_may_give(owner: User, member: User, space: Space) -> None:
    other = make_member(owner, email="other@example.com")
    stranger = make_user("stranger@example.com")
    with pytest.raises(errors.SubjectNotFound):
        give(owner, space, stranger, Role.VIEWER)
    for kind in (SubjectKind.GROUP, SubjectKind.TEAM):
        with pytest.raises(errors.SubjectNotFound):
            set_grant(actor_of(owner), node_id=space.root_id or 0, subject=Subject(kind, 2**40), role=Role.VIEWER)
    for actor in (actor_of(member), actor_of(stranger), Actor(scopes=ALL_SCOPES)):
        with pytest.raises((errors.NotFound, InvalidCredentials)):
            set_grant(actor, node_id=space.root_id or 0, subject=to(member), role=Role.VIEWER)
    give(owner, space, member, Role.EDITOR)
    give(member, space, other, Role.VIEWER)
    with pytest.raises(errors.Forbidden):
        give(member, space, other, Role.MANAGER)
    with pytest.raises(errors.Forbidden):
        give(member, space, owner, Role.VIEWER)  # takes away more than they have
    narrow = actor_of(member, scopes=frozenset({"read", "write"}))
    with pytest.raises(ScopeMissing):
        set_grant(narrow, node_id=space.root_id or 0, subject=to(other), role=Role.VIEWER)
    home = get_space(actor_of(owner), None)
    with pytest.raises(errors.RootIsFixed):
        set_grant(actor_of(owner), node_id=home.root_id or 0, subject=to(member), role=Role.VIEWER)


def test_what_others_gave_is_for_managers(owner: User, member: User, space: Space) -> None:
    other, third = make_member(owner, email="other@example.com"), make_member(owner, email="third@example.com")
    given = give(owner, space, other, Role.VIEWER)
    give(owner, space, member, Role.EDITOR)
    for act in (
        lambda: remove_grant(actor_of(member), grant_id=given.pk),
        lambda: give(member, space, other, Role.EDITOR),
    ):
        with pytest.raises(errors.Forbidden):
            act()
    own = give(member, space, third, Role.VIEWER)
    give(member, space, third, Role.EDITOR)
    remove_grant(actor_of(member), grant_id=own.pk)


def test_who_leaves_the_team_holds_nothing(owner: User, member: User, space: Space) -> None:
    give(owner, space, member, Role.MANAGER)
    other = make_user("elsewhere@example.com")
    member.membership.team = other.membership.team
    member.membership.save()
    assert space.pk not in {found.pk for found in list_spaces(actor_of(member))}
    for act in seeing(space):
        with pytest.raises(errors.NotFound):
            act(actor_of(member))


def test_grants_follow_their_node(owner: User, member: User, space: Space) -> None:
    """Into another space, and out of the world."""
    folder, _ = create_folder(actor_of(owner), target=Target("folder", space_id=space.pk))
    set_grant(actor_of(owner), node_id=folder.node.pk, subject=to(member), role=Role.VIEWER)
    second = create_team_space(actor_of(owner), name="Second")
    move_node(actor_of(owner), node_id=folder.node.pk, target=Target("folder", space_id=second.pk))
    assert Grant.objects.get(node=folder.node).space_id == second.pk
    trash_nodes(actor_of(owner), node_ids=[folder.node.pk])
    empty_trash(actor_of(owner), space_id=second.pk)
    remove_purged_rows()
    assert not Grant.objects.filter(node_id=folder.node.pk).exists()


def test_a_space_keeps_a_manager(owner: User, member: User, space: Space) -> None:
    (mine,) = Grant.objects.filter(node_id=space.root_id)
    with pytest.raises(errors.LastManager):
        remove_grant(actor_of(owner), grant_id=mine.pk)
    with pytest.raises(errors.LastManager):
        give(owner, space, owner, Role.EDITOR)
    with pytest.raises(errors.LastManager):
        give(owner, space, owner, Role.MANAGER, expires_at=now() + timedelta(hours=1))
    give(owner, space, member, Role.MANAGER)
    remove_grant(actor_of(owner), grant_id=mine.pk)
    with pytest.raises(errors.NotFound):
        get_space(actor_of(owner), space.pk)
    give(owner, space, owner, Role.MANAGER)  # who manages the team says who is in its spaces
    assert get_space(actor_of(owner), space.pk) == space
    assert AuditEvent.objects.filter(kind="grant.set", actor=owner, detail__role="manager").exists()


def test_whoever_was_let_in_may_leave(owner: User, member: User, space: Space) -> None:
    grant = give(owner, space, member, Role.VIEWER)
    remove_grant(actor_of(member), grant_id=grant.pk)
    with pytest.raises(errors.NotFound):
        get_space(actor_of(member), space.pk)


@pytest.mark.parametrize("name", ["  ", "", "a/b", "PLANS", "plans "])
def test_names_of_spaces(owner: User, space: Space, name: str) -> None:
    other = create_team_space(actor_of(owner), name="Other")
    for act in (
        lambda: create_team_space(actor_of(owner), name=name),
        lambda: change_space(actor_of(owner), space_id=other.pk, name=name),
    ):
        with pytest.raises((errors.InvalidName, errors.NameTaken)):
            act()
    assert change_space(actor_of(owner), space_id=other.pk, name=" New ").name == "New"


@pytest.mark.parametrize("seed", range(6))
def test_the_explanation_is_the_decision(owner: User, seed: int) -> None:
    """Of everybody, at every node: what is said to reach it is what they may do."""
    dice = random.Random(seed)
    team = owner.membership.team
    people = [owner]
    for n in range(4):
        people.append(make_member(owner, email=f"p{seed}{n}@example.com", role=dice.choice(TeamRole.values)))
    groups = [Group.objects.create(team=team, name=f"g{n}") for n in range(2)]
    for group in groups:
        for user in dice.sample(people, 2):
            GroupMember.objects.create(group=group, user=user)
    space = create_team_space(actor_of(owner), name=f"Space {seed}")
    nodes = [
        write_in(actor_of(owner), space, path) for path in ("x.txt", "a/x.txt", "a/b/x.txt", "a/b/c/x.txt", "d/x.txt")
    ]
    nodes = [space.root, *Node.objects.filter(space=space).exclude(parent=None)]  # type: ignore[list-item]
    for node in dice.sample(nodes, 2):
        if node.is_folder and node.parent_id:
            Restriction.objects.create(node=node, space=space)
    for _ in range(8):
        subject = dice.choice([{"user": dice.choice(people)}, {"group": dice.choice(groups)}, {"team": team}])
        values = {"role": dice.choice(list(Role)), "can_download": dice.random() < 0.8, "space": space}
        Grant.objects.update_or_create(node=dice.choice(nodes), **subject, defaults=values)
    Space.objects.filter(pk=space.pk).update(is_open=dice.random() < 0.5)
    for user in people:
        for node in nodes:
            actor = actor_of(user)
            chain = locate(actor_of_system(), node.pk).chain_ids
            rights = NO_RIGHTS
            for reach in who_reaches(Space.objects.get(pk=space.pk), chain):
                if applies(reach, user):
                    rights |= reach.rights
            try:
                found = locate(actor, node.pk).access.rights
            except errors.NotFound:
                found = NO_RIGHTS
            assert found == (rights if Right.VIEW in rights else NO_RIGHTS), (user.email, node.name)


def actor_of_system() -> Actor:
    from tests.support.people import SYSTEM

    return SYSTEM


def applies(reach: Reach, user: User) -> bool:
    membership = user.membership
    if reach.kind is SubjectKind.USER:
        return reach.subject_id == user.pk
    if reach.kind is SubjectKind.GROUP:
        return GroupMember.objects.filter(group_id=reach.subject_id, user=user).exists()
    if reach.kind is SubjectKind.MANAGERS:
        return membership.role in (TeamRole.OWNER, TeamRole.ADMIN)
    return reach.kind is SubjectKind.TEAM and reach.subject_id == membership.team_id


def test_the_records_keep_as_what_and_by_which_grant_somebody_acted(owner: User, member: User, space: Space) -> None:
    root_id, other = space.root_id or 0, make_member(owner, email="other@example.com")

    def newest() -> tuple[str, str, int | None]:
        event = AuditEvent.objects.latest("pk")
        return event.kind, event.principal, event.grant_id

    grant = set_grant(actor_of(owner), node_id=root_id, subject=to(member), role=Role.MANAGER)
    assert newest() == ("grant.set", "user", None), "who manages the team needs no grant"
    write_in(actor_of(member), space, "b.txt")
    change = Change.objects.filter(space=space).latest("seq")
    assert (change.actor, change.principal, change.grant_id) == (member, "user", grant.pk)
    given = set_grant(actor_of(member), node_id=root_id, subject=to(other), role=Role.VIEWER)
    assert newest() == ("grant.set", "user", grant.pk)
    remove_grant(actor_of(member), grant_id=given.pk)
    assert newest() == ("grant.remove", "user", grant.pk)
    change_space(actor_of(member), space_id=space.pk, name="Others")
    assert newest() == ("space.rename", "user", grant.pk)
    change_space(actor_of(member), space_id=space.pk, is_archived=True)
    assert newest() == ("space.archive", "user", grant.pk)
    link = record(Actor(Principal(PrincipalKind.LINK, 7)), "test")
    assert (link.principal, link.link_id, link.actor_id) == ("link", 7, None)
