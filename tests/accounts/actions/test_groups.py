"""accounts.actions.groups: names in one form, people of the team only, for its owners and administrators."""

import pytest

from accounts.actions.groups import (
    add_to_group,
    create_group,
    delete_group,
    remove_from_group,
    rename_group,
)
from accounts.actions.members import deactivate_account
from accounts.errors import (
    AccountError,
    AccountNotFound,
    GroupExists,
    GroupNotFound,
    InvalidName,
    LimitReached,
    NotAllowed,
    ScopeMissing,
    TeamNotFound,
)
from accounts.models import AuditEvent, Group, GroupMember, Role
from accounts.queries import groups_of, people_in
from tests.support.people import SYSTEM, actor_of, make_administrator, make_member, make_user
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db


def test_a_group_and_its_people() -> None:
    owner = make_user()
    actor, member = actor_of(owner), make_member(owner)
    group = create_group(actor, name=" Cafe\u0301 ")
    assert group.name == "Café"
    for user in (owner, member, member):
        add_to_group(actor, group_id=group.pk, user_id=user.pk)
    assert [row.user_id for row in people_in(actor, group.pk)] == [owner.pk, member.pk]
    assert groups_of(actor).get().people == 2  # type: ignore[attr-defined]
    for _ in range(2):
        remove_from_group(actor, group_id=group.pk, user_id=owner.pk)
    assert rename_group(actor, group_id=group.pk, name="Friends").name == "Friends"
    delete_group(actor, group_id=group.pk)
    assert not GroupMember.objects.exists()
    events = AuditEvent.objects.filter(kind__startswith="group.").order_by("pk")
    assert list(events.values_list("kind", "target", "team_id")) == [
        (kind, name, owner.membership.team_id)
        for kind, name in (
            ("group.create", "Café"),
            ("group.add", "Café"),
            ("group.add", "Café"),
            ("group.remove", "Café"),
            ("group.rename", "Friends"),
            ("group.delete", "Friends"),
        )
    ]


def test_names_are_unique_in_the_team_when_they_are_equal() -> None:
    owner = make_user()
    actor = actor_of(owner)
    group = create_group(actor, name="Café")
    create_group(actor, name="café")
    other = Group.objects.exclude(pk=group.pk).get()
    for act in (
        lambda: create_group(actor, name="Cafe\u0301 "),
        lambda: rename_group(actor, group_id=other.pk, name="Café"),
    ):
        with pytest.raises(GroupExists):
            act()
    assert rename_group(actor, group_id=group.pk, name="Café").name == "Café"
    assert create_group(actor_of(make_user()), name="Café").pk
    with pytest.raises(InvalidName):
        create_group(actor, name="\u202e")


def test_nobody_of_another_team() -> None:
    actor, stranger = actor_of(make_user()), make_user()
    group, other = create_group(actor, name="Mine"), create_group(actor_of(stranger), name="Theirs")
    for who in (actor, actor_of(make_administrator())):  # a group has people of its own team, whoever asks
        with pytest.raises((AccountNotFound, GroupNotFound)):
            add_to_group(who, group_id=group.pk, user_id=stranger.pk)
    for act in (
        lambda: add_to_group(actor, group_id=other.pk, user_id=actor.user_id or 0),
        lambda: rename_group(actor, group_id=other.pk, name="x"),
        lambda: delete_group(actor, group_id=other.pk),
        lambda: remove_from_group(actor, group_id=other.pk, user_id=stranger.pk),
        lambda: people_in(actor, other.pk),
    ):
        with pytest.raises(GroupNotFound):
            act()


def test_an_administrator_of_the_installation_keeps_those_of_any_team() -> None:
    owner, administrator = make_user(), actor_of(make_administrator())
    team_id = owner.membership.team_id
    group = create_group(administrator, name="Theirs", team_id=team_id)
    assert group.team_id == team_id
    rename_group(administrator, group_id=group.pk, name="Ours")
    add_to_group(administrator, group_id=group.pk, user_id=owner.pk)
    assert [row.user for row in people_in(actor_of(owner), group.pk)] == [owner]
    remove_from_group(administrator, group_id=group.pk, user_id=owner.pk)
    delete_group(administrator, group_id=group.pk)
    for actor, other, error in ((actor_of(make_user()), team_id, NotAllowed), (administrator, 10**9, TeamNotFound)):
        with pytest.raises(error):
            create_group(actor, name="x", team_id=other)
    assert not Group.objects.exists()


def test_who_may() -> None:
    owner = make_user()
    group = create_group(actor_of(make_member(owner, Role.ADMIN)), name="Of an admin")
    for actor, error in (
        (actor_of(make_member(owner)), NotAllowed),
        (actor_of(owner, scopes=frozenset({"read", "write"})), ScopeMissing),
        (SYSTEM, AccountNotFound),
    ):
        for act in (
            lambda actor=actor: create_group(actor, name="x"),
            lambda actor=actor: rename_group(actor, group_id=group.pk, name="x"),
            lambda actor=actor: delete_group(actor, group_id=group.pk),
            lambda actor=actor: add_to_group(actor, group_id=group.pk, user_id=owner.pk),
            lambda actor=actor: remove_from_group(actor, group_id=group.pk, user_id=owner.pk),
            lambda actor=actor: groups_of(actor),
        ):
            with pytest.raises(error):
                act()
    assert Group.objects.get().name == "Of an admin"


def test_who_is_stopped_stays_in_the_group() -> None:
    owner = make_user()
    member = make_member(owner)
    group = create_group(actor_of(owner), name="All")
    add_to_group(actor_of(owner), group_id=group.pk, user_id=member.pk)
    deactivate_account(actor_of(owner), user_id=member.pk)
    assert people_in(actor_of(owner), group.pk).count() == 1


def test_a_team_has_so_many_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.actions.groups.MAXIMUM_GROUPS", 1)
    actor = actor_of(make_user())
    create_group(actor, name="One")
    with pytest.raises(LimitReached):
        create_group(actor, name="Two")


@pytest.mark.django_db(transaction=True)
def test_the_same_name_at_once() -> None:
    actor = actor_of(make_user())
    results = at_once(*[lambda: create_group(actor, name="All")] * 3, expected=AccountError)
    assert sum(isinstance(result, Group) for result in results) == 1
