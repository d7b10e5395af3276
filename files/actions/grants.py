"""Giving people, groups and teams rights on a node, changing and taking them away; members of a team's space."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.actor import ADMIN, SHARE, Actor
from accounts.audit import record
from accounts.models import Group, Membership
from accounts.models import Role as TeamRole
from accounts.permissions import require_scope
from common.clock import now
from files import errors
from files.access.explain import SubjectKind
from files.access.rights import Right, Role, rights_of
from files.models import Grant, Space, SpaceKind
from files.queries.tree import LocatedNode, locate
from files.tree.unit_of_work import SpaceUnitOfWork, space_unit_of_work

MAXIMUM_ON_NODE = 1_000


@dataclass(frozen=True, slots=True)
class Subject:
    """To whom something is granted: a user, a group or a team."""

    kind: SubjectKind
    id: int

    @property
    def column(self) -> str:
        return f"{self.kind}_id"


def set_grant(
    actor: Actor,
    *,
    node_id: int,
    subject: Subject,
    role: Role,
    can_download: bool = True,
    expires_at: datetime | None = None,
) -> Grant:
    """One grant for each subject on a node: it is made or changed. Nobody gives more than they have.

    On the root of a team's space it makes a member. Raises NotFound, Forbidden, ScopeMissing, SubjectNotFound,
    RootIsFixed (a whole home), LastManager, TooMany, InvalidRequest for an end that has passed.
    """
    if expires_at is not None and expires_at <= now():
        raise errors.InvalidRequest("The grant would have ended already.", parameter="expires_at")
    with _work_on(actor, node_id) as (work, place):
        _require_may_give(work.actor, place, rights_of(role, can_download=can_download))
        _require_subject(place.space, subject)
        before = Grant.objects.filter(node_id=node_id, **{subject.column: subject.id}).first()
        if before is not None:
            _require_may_give(work.actor, place, rights_of(before.role))
        elif Grant.objects.filter(node_id=node_id).count() >= MAXIMUM_ON_NODE:
            raise errors.TooMany(limit=MAXIMUM_ON_NODE)
        values = {"role": role, "can_download": can_download, "expires_at": expires_at, "space_id": place.space.pk}
        grant, _ = Grant.objects.update_or_create(
            node_id=node_id,
            **{subject.column: subject.id},
            defaults=values,
            create_defaults={**values, "created_by_id": work.actor.user_id},
        )
        _require_manager(place)
        detail = {"node": node_id, "subject": subject.kind.value, "id": subject.id, "role": role.value}
        record(work.actor, "grant.set", place.path, **detail, before=before.role if before else None)
    return grant


def remove_grant(actor: Actor, *, grant_id: int) -> None:
    """Raises NotFound, Forbidden, ScopeMissing, LastManager. A member may always leave by themselves."""
    found = Grant.objects.filter(pk=grant_id if 0 < grant_id < 2**63 else 0).first()
    if found is None:
        raise errors.NotFound(id=grant_id)
    with _work_on(actor, found.node_id) as (work, place):
        grant = Grant.objects.filter(pk=grant_id).first()
        if grant is None:
            raise errors.NotFound(id=grant_id)
        if grant.user_id is None or grant.user_id != work.actor.user_id:
            _require_may_give(work.actor, place, rights_of(grant.role))
        grant.delete()
        _require_manager(place)
        record(work.actor, "grant.remove", place.path, node=place.node.pk, role=grant.role, grant=grant_id)


def set_open(actor: Actor, *, space_id: int, is_open: bool) -> Space:
    """Whether the whole team edits a space. Who closes it manages it from then on, and chooses its members."""
    with space_unit_of_work(actor, space_id) as unit:
        work = unit[space_id]
        space = work.space
        _require_may_manage(work)
        if space.is_open and not is_open:
            Grant.objects.update_or_create(
                node_id=space.root_id,
                user_id=unit.actor.user_id,
                defaults={"role": Role.MANAGER, "space_id": space_id, "expires_at": None, "can_download": True},
            )
        space.is_open = is_open
        Space.objects.filter(pk=space_id).update(is_open=is_open)
        record(unit.actor, "space.open" if is_open else "space.close", space.name, space=space_id)
    return space


@contextmanager
def _work_on(actor: Actor, node_id: int) -> Iterator[tuple[SpaceUnitOfWork, LocatedNode]]:
    """The node under the lock of its space. The root of a team's space is also for who manages the team."""
    space_id = _space_of(node_id)
    with space_unit_of_work(actor, space_id) as unit:
        work = unit[space_id]
        if _manages_team(work) and work.space.root_id == node_id:
            actor = work.managing_team()
        place = locate(actor, node_id)
        if place.space.pk != space_id:
            raise errors.NotFound(id=node_id)
        if place.is_root and place.space.kind == SpaceKind.HOME:
            raise errors.RootIsFixed
        yield work, place
