"""Spaces: an account's home, a team's shared spaces."""

from typing import Any

from accounts.actor import Actor, system
from accounts.audit import record
from accounts.errors import LimitReached
from accounts.models import QuotaAccount, User
from accounts.unit_of_work import unit_of_work
from common.clock import now
from common.ids import new_id
from common.paths import folded
from files import errors
from files.access.spaces import require_manage_team
from files.actions.mounts import ask_for_mounts
from files.models import Node, NodeKind, Space, SpaceKind
from files.queries.tree import clean_name, refuse_new_names

MAXIMUM_OF_TEAM = 1_000  # deleted ones count until they are purged


def ensure_home(user: User) -> Space:
    """The home of an account, made if missing. Part of making an account; harmless to repeat."""
    with unit_of_work(system("new account")):
        home = Space.objects.filter(kind=SpaceKind.HOME, owner=user).first()
        if home is not None:
            return home
        quota, _ = QuotaAccount.objects.get_or_create(user=user)
        return _make_space(
            kind=SpaceKind.HOME,
            team_id=user.membership.team_id,
            owner=user,
            name=user.get_full_name(),
            quota=quota,
        )


def create_team_space(actor: Actor, *, name: str, team_id: int | None = None) -> Space:
    """A shared space of the actor's team, for all its members. Owner and administrators only. Raises as
    make_team_space does.
    """
    team = team_id or actor.team_id
    if team is None:
        raise errors.NotFound
    require_manage_team(actor, team)
    _clean_name(name)
    with unit_of_work(actor) as actor:
        require_manage_team(actor, team)
        ask_for_mounts()
        space = make_team_space(team, name)
        record(actor, "space.create", space.name, of_team=team, space=space.pk)
    return space


def make_team_space(team_id: int, name: str) -> Space:
    """In the caller's transaction, whose actor may. It has an account of its own besides the team's, without a limit.
    Raises InvalidName, NameTaken, LimitReached.
    """
    name = _clean_name(name)
    QuotaAccount.objects.select_for_update().get_or_create(team_id=team_id)  # one name at a time
    _require_free_name(team_id, name)
    if Space.objects.filter(team_id=team_id, kind=SpaceKind.TEAM, purged_at=None).count() >= MAXIMUM_OF_TEAM:
        raise LimitReached(whose="team", what="spaces", limit=MAXIMUM_OF_TEAM)
    space_id = new_id()
    quota = QuotaAccount.objects.create(space_id=space_id)
    return _make_space(pk=space_id, kind=SpaceKind.TEAM, team_id=team_id, owner=None, name=name, quota=quota)


def take_name(space: Space, name: str) -> None:
    """Under its lock, by who may. Raises InvalidName, NameTaken."""
    name = _clean_name(name)
    require_free_name(space, name)
    space.name = name
    Space.objects.filter(pk=space.pk).update(name=name)


def require_free_name(space: Space, name: str) -> None:
    """That no other space of the team has it, until the end of the transaction."""
    list(QuotaAccount.objects.select_for_update().filter(team_id=space.team_id))  # one name at a time
    _require_free_name(space.team_id, name, but=space.pk)


def _clean_name(name: str) -> str:
    """Without blanks around it: nobody tells `Team` from `Team `. Raises InvalidName."""
    name = clean_name(name.strip())
    refuse_new_names(name)
    return name


def _require_free_name(team_id: int, name: str, *, but: int = 0) -> None:
    spaces = Space.objects.filter(team_id=team_id, kind=SpaceKind.TEAM, deleted_at=None).exclude(pk=but)
    taken = spaces.values_list("name", flat=True)
    if folded(name) in {folded(other) for other in taken}:
        raise errors.NameTaken(name=name)


def _make_space(*, name: str, **fields: Any) -> Space:
    space = Space.objects.create(name=name[:255], **fields)
    give_root(space)
    return space


def give_root(space: Space) -> None:
    """An empty top folder."""
    at = now()
    space.root = Node.objects.create(
        space=space, kind=NodeKind.FOLDER, name="", name_key="", created_at=at, modified_at=at
    )
    space.save(update_fields=["root"])
