"""files.actions.spaces: a home for everybody, shared spaces for teams."""

import pytest

from accounts.actor import Actor
from accounts.errors import LimitReached, QuotaExceeded
from accounts.models import AuditEvent, QuotaAccount, Role, User
from files import errors
from files.actions import spaces
from files.actions.space_states import delete_space, restore_space
from files.actions.spaces import create_team_space, ensure_home
from files.models import Space, SpaceKind
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import home_of, put


def test_a_home_is_made_once(user: User) -> None:
    home = home_of(user)
    assert ensure_home(user).pk == home.pk
    assert (home.kind, home.quota.user, home.team) == (SpaceKind.HOME, user, user.membership.team)
    assert home.root is not None
    assert (home.root.parent, home.root.is_folder, home.seq) == (None, True, 0)


def test_a_shared_space_is_charged_to_the_team(user: User, actor: Actor) -> None:
    space = create_team_space(actor, name=" Plans ")
    colleague = actor_of(make_member(user))
    assert (space.kind, space.owner, space.quota.space_id) == (SpaceKind.TEAM, None, space.pk)
    QuotaAccount.objects.filter(team=user.membership.team).update(limit_bytes=5)
    put(colleague, "a", b"12345", space_id=space.pk)
    with pytest.raises(QuotaExceeded):
        put(colleague, "b", b"1", space_id=space.pk)
    assert QuotaAccount.objects.get(team=user.membership.team).live_bytes == 5
    assert not QuotaAccount.objects.filter(live_bytes__gt=0, user__isnull=False).exists()


def test_who_may(user: User, actor: Actor) -> None:
    with pytest.raises(errors.Forbidden):
        create_team_space(actor_of(make_member(user)), name="Plans")
    with pytest.raises(errors.ScopeMissing):
        create_team_space(actor_of(user, scopes=frozenset({"read", "write"})), name="Plans")
    with pytest.raises(errors.NotFound):
        create_team_space(actor_of(make_user()), name="Plans", team_id=user.membership.team_id)
    assert not Space.objects.filter(kind=SpaceKind.TEAM).exists()
    create_team_space(actor_of(make_member(user, Role.ADMIN)), name="Plans")


@pytest.mark.parametrize("name", ["", "a/b", "a\0b", "x" * 256, ".."])
def test_names(actor: Actor, name: str) -> None:
    with pytest.raises(errors.InvalidName):
        create_team_space(actor, name=name)


def test_one_name_in_a_team_whatever_its_case(actor: Actor) -> None:
    create_team_space(actor, name="Plans")
    with pytest.raises(errors.NameTaken):
        create_team_space(actor, name="PLANS")
    create_team_space(actor_of(make_user()), name="Plans")


def test_the_log_of_the_team_tells_who_made_it(user: User, actor: Actor) -> None:
    space = create_team_space(actor, name="Plans")
    event = AuditEvent.objects.get(kind="space.create")
    assert (event.actor, event.team, event.target) == (user, user.membership.team, "Plans")
    assert event.detail == {"space": space.pk}


def test_a_team_has_so_many(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that can be restored count: deleting is no way to more, and restoring needs no room."""
    monkeypatch.setattr(spaces, "MAXIMUM_OF_TEAM", 2)
    first = create_team_space(actor, name="first")
    create_team_space(actor, name="second")
    delete_space(actor, space_id=first.pk, name="first")
    with pytest.raises(LimitReached) as refused:
        create_team_space(actor, name="third")
    assert refused.value.detail == {"whose": "team", "what": "spaces", "limit": 2}
    restore_space(actor, space_id=first.pk)
    create_team_space(actor_of(make_user()), name="of another team")
    Space.objects.filter(pk=first.pk).update(purged_at="2026-01-01T00:00:00Z")
    create_team_space(actor, name="third")
