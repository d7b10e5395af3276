"""accounts.actions.members.change_role: a team keeps an active owner."""

import pytest

from accounts.actions.members import change_role
from accounts.errors import AccountError, AccountNotFound, LastOwner, NotAllowed, ScopeMissing, UnknownRole
from accounts.models import AuditEvent, Membership, Role, User
from tests.support.people import SYSTEM, actor_of, make_member, make_user
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db


def role_of(user: User) -> str:
    return Membership.objects.get(user=user).role


def test_another_role() -> None:
    owner = make_user()
    member = make_member(owner)
    assert change_role(actor_of(owner), user_id=member.pk, role=Role.ADMIN).role == role_of(member) == Role.ADMIN
    change_role(actor_of(owner), user_id=member.pk, role=Role.ADMIN)
    event = AuditEvent.objects.get(kind="member.role")  # the second time nothing changed
    assert (event.detail["before"], event.detail["after"]) == (Role.MEMBER, Role.ADMIN)


def test_only_an_owner_makes_or_unmakes_an_owner() -> None:
    owner = make_user()
    second, manager = make_member(owner, Role.OWNER), make_member(owner, Role.ADMIN)
    for user, role in ((manager, Role.OWNER), (second, Role.MEMBER)):
        with pytest.raises(NotAllowed):
            change_role(actor_of(manager), user_id=user.pk, role=role)
    change_role(actor_of(owner), user_id=manager.pk, role=Role.OWNER)
    assert role_of(manager) == Role.OWNER


def test_the_last_owner_stays_one() -> None:
    owner = make_user()
    make_member(owner, Role.ADMIN)
    stopped = make_member(owner, Role.OWNER)
    User.objects.filter(pk=stopped.pk).update(is_active=False)  # does not count
    for actor in (actor_of(owner), SYSTEM):
        with pytest.raises(LastOwner):
            change_role(actor, user_id=owner.pk, role=Role.MEMBER)
    assert role_of(owner) == Role.OWNER


def test_who_may() -> None:
    owner = make_user()
    member = make_member(owner)
    with pytest.raises(NotAllowed):
        change_role(actor_of(member), user_id=member.pk, role=Role.OWNER)
    with pytest.raises(ScopeMissing):
        change_role(actor_of(owner, scopes=frozenset({"write"})), user_id=member.pk, role=Role.ADMIN)
    with pytest.raises(AccountNotFound):
        change_role(actor_of(make_user()), user_id=member.pk, role=Role.ADMIN)
    with pytest.raises(UnknownRole):
        change_role(actor_of(owner), user_id=member.pk, role="king")
    assert role_of(member) == Role.MEMBER


@pytest.mark.django_db(transaction=True)
def test_two_owners_unmake_each_other() -> None:
    first = make_user()
    second = make_member(first, Role.OWNER)
    one, two = actor_of(first), actor_of(second)
    results = at_once(
        lambda: change_role(one, user_id=second.pk, role=Role.MEMBER),
        lambda: change_role(two, user_id=first.pk, role=Role.MEMBER),
        expected=AccountError,
    )
    assert sum(isinstance(result, NotAllowed) for result in results) == 1
    assert Membership.objects.filter(role=Role.OWNER).count() == 1
