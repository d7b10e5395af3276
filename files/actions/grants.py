"""Giving people, groups and teams rights on a node, changing and taking them away; members of a team's space."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import EllipsisType
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy

from accounts.actor import SHARE, WRITE, Actor, system
from accounts.audit import record
from accounts.models import Group, Membership
from accounts.permissions import require_scope
from accounts.unit_of_work import unit_of_work
from common.clock import now
from common.ids import is_id
from files import errors
from files.access.compute import IMPLICIT, Access, facts_of, implicit
from files.access.explain import SubjectKind
from files.access.rights import ALL_RIGHTS, NO_RIGHTS, Right, Role, rights_of
from files.access.spaces import manages_team
from files.actions.mounts import ask_for_mounts
from files.actions.space_states import set_archived, set_limit
from files.actions.spaces import take_name
from files.models import Grant, Node, Space, SpaceKind
from files.queries.tree import LocatedNode, locate
from files.tree.unit_of_work import SpaceUnitOfWork, space_unit_of_work

MAXIMUM_ON_NODE = 1_000
_GRANTED = (SubjectKind.USER, SubjectKind.GROUP, SubjectKind.TEAM, SubjectKind.LINK)


@dataclass(frozen=True, slots=True)
class Subject:
    """To whom something is granted: a user, a group or a team."""

    kind: SubjectKind
    id: int

    @property
    def column(self) -> str:
        return f"{self.kind}_id"


@dataclass(frozen=True, slots=True)
class Given:
    """What a grant gives. `expires_at` None is without an end. `can_share` takes away that an editor gives others what
    they have; other roles have it, or not, anyway.
    """

    role: Role
    can_download: bool = True
    expires_at: datetime | None = None
    can_share: bool = True

    @property
    def rights(self) -> Right:
        return rights_of(self.role, can_download=self.can_download, can_share=self.keeps_share)

    @property
    def keeps_share(self) -> bool:
        return self.can_share or self.role is not Role.EDITOR


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
    with work_on_grants(actor, node_id) as (work, place):
        return give(work, place, subject, Given(role, can_download, expires_at))


def require_may_give(work: SpaceUnitOfWork, place: LocatedNode, given: Given) -> None:
    """Raises NotFound, Forbidden, ScopeMissing; InvalidRequest for an end that has passed, and for one after that of
    the rights that the actor has themselves.
    """
    if given.expires_at is not None and given.expires_at <= now():
        raise errors.InvalidRequest(gettext_lazy("The grant would have ended already."), parameter="expires_at")
    _require_may_give(work.actor, place, given.rights)
    _require_lasting(work, place, given)


def require_room(node_id: int, *, more: int = 0) -> None:
    """Raises TooMany where there are as many grants on the node as there may be. `more`: that are on their way."""
    if Grant.objects.filter(node_id=node_id).count() + more >= MAXIMUM_ON_NODE:
        raise errors.TooMany(limit=MAXIMUM_ON_NODE)


def give(
    work: SpaceUnitOfWork, place: LocatedNode, subject: Subject, given: Given, *, grant_id: int | None = None
) -> Grant:
    """In a unit of work on grants: makes the grant (by the id `grant_id`, if that is given), or changes the one that
    the subject has. Raises SubjectNotFound, TooMany, LastManager, and like `require_may_give`.
    """
    require_may_give(work, place, given)
    _require_subject(place.space, subject)
    node_id = place.node.pk
    before = Grant.objects.filter(node_id=node_id, **{subject.column: subject.id}).first()
    if before is not None:
        _require_may_change(work.actor, place, before)
    else:
        require_room(node_id)
    values: dict[str, Any] = {"role": given.role, "can_download": given.can_download, "can_share": given.keeps_share}
    values |= {"expires_at": given.expires_at, "space_id": place.space.pk}
    own_id = {} if grant_id is None else {"pk": grant_id}
    grant, _ = Grant.objects.update_or_create(
        node_id=node_id,
        **{subject.column: subject.id},
        defaults=values,
        create_defaults={**values, **own_id, "created_by_id": work.actor.user_id},
    )
    mark_shared(place.space)
    _require_manager(place)
    detail: dict[str, Any] = {"node": node_id, "subject": subject.kind.value, "id": subject.id}
    by = place.access.nearest_grant
    was = before.role if before else None
    record(work.actor, "grant.set", place.path, by_grant=by, **detail, role=given.role.value, before=was)
    ask_for_mounts(subject.id if subject.kind is SubjectKind.USER else None)
    return grant


def mark_shared(space: Space) -> None:
    """Under the lock of the space. No query where it is known already."""
    if not space.is_shared:
        space.is_shared = True
        Space.objects.filter(pk=space.pk).update(is_shared=True)


def mark_shared_spaces() -> int:
    """For the job: those that became so in another way, by a move, or by the release before. Returns how many."""
    unmarked = Space.objects.filter(is_shared=False, pk__in=Grant.objects.values("space_id"))
    with unit_of_work(system("shared spaces")):
        return unmarked.update(is_shared=True)


def remove_grant(actor: Actor, *, grant_id: int) -> None:
    """Raises NotFound, Forbidden, ScopeMissing, LastManager. A member may always leave by themselves."""
    with work_on_grant(actor, grant_id) as (work, place, grant):
        take(work, place, grant)


@contextmanager
def work_on_grant(actor: Actor, grant_id: int) -> Iterator[tuple[SpaceUnitOfWork, LocatedNode, Grant]]:
    """A grant and the node that it is on, under the lock of the space. Raises like `work_on_grants`, NotFound with the
    id of the grant, since which node it is on is not told.
    """
    require_scope(actor, SHARE)
    found = Grant.objects.filter(pk=grant_id if is_id(grant_id) else 0).first()
    if found is None:
        raise errors.NotFound(id=grant_id)
    try:
        with work_on_grants(actor, found.node_id) as (work, place):
            grant = Grant.objects.filter(pk=grant_id).first()
            if grant is None:
                raise errors.NotFound(id=grant_id)
            yield work, place, grant
    except errors.NotFound as error:
        raise errors.NotFound(id=grant_id) from error


def take(work: SpaceUnitOfWork, place: LocatedNode, grant: Grant) -> None:
    """In a unit of work on grants. Raises Forbidden, ScopeMissing, LastManager."""
    grant_id = grant.pk
    if grant.user_id is None or grant.user_id != work.actor.user_id:
        _require_may_change(work.actor, place, grant)
    grant.delete()
    _require_manager(place)
    ask_for_mounts(grant.user_id)
    by = place.access.nearest_grant
    kind = next(kind for kind in _GRANTED if getattr(grant, f"{kind}_id") is not None)
    detail: dict[str, Any] = {"node": place.node.pk, "subject": kind.value, "id": getattr(grant, f"{kind}_id")}
    record(work.actor, "grant.remove", place.path, by_grant=by, **detail, role=grant.role, grant=grant_id)


def change_space(
    actor: Actor,
    *,
    space_id: int,
    name: str | None = None,
    is_open: bool | None = None,
    is_archived: bool | None = None,
    limit_bytes: "int | EllipsisType | None" = ...,
) -> Space:
    """A new name for a space of a team, whether the whole team edits it, whether it is archived: None leaves it as it
    is. `limit_bytes` is for who manages the team; None is no limit, and `...` leaves it as it is.

    Who closes it manages it from then on, and chooses its members. Raises NotFound, Forbidden, ScopeMissing, NameTaken,
    InvalidName, InvalidQuota, Busy.
    """
    require_scope(actor, WRITE)
    with space_unit_of_work(actor, space_id if is_id(space_id) else 0) as unit:
        actor, work = unit.actor, unit[space_id]
        require_scope(actor, WRITE)
        _require_may_manage(work)
        if name is not None:
            take_name(work.space, name)
            record(actor, "space.rename", work.space.name, by_grant=work.grant_id, space=space_id)
        if is_open is not None and is_open != work.space.is_open:
            _set_open(work, is_open=is_open)
            ask_for_mounts()
            kind = "space.open" if is_open else "space.close"
            record(actor, kind, work.space.name, by_grant=work.grant_id, space=space_id)
        if is_archived is not None:
            set_archived(work, archived=is_archived)
        if not isinstance(limit_bytes, EllipsisType):
            set_limit(work, limit_bytes)
    return Space.objects.select_related("root", "quota").get(pk=space_id)


def _set_open(work: SpaceUnitOfWork, *, is_open: bool) -> None:
    space, manager_id = work.space, work.actor.user_id
    if not is_open and space.root_id is not None and manager_id is not None:
        values = {
            "role": Role.MANAGER,
            "space_id": space.pk,
            "expires_at": None,
            "can_download": True,
            "can_share": True,
        }
        Grant.objects.update_or_create(node_id=space.root_id, user_id=manager_id, defaults=values)
    space.is_open = is_open
    Space.objects.filter(pk=space.pk).update(is_open=is_open)


@contextmanager
def work_on_grants(actor: Actor, node_id: int) -> Iterator[tuple[SpaceUnitOfWork, LocatedNode]]:
    """The node under the lock of its space; of a mount what it stands for. The top of a team's space is also for who
    manages the team, whether they are members of it or not. Raises NotFound, ScopeMissing, RootIsFixed (a whole home).
    """
    require_scope(actor, SHARE)
    space_id, target_id = _space_of(node_id)
    if target_id is not None:
        inner = locate(actor, node_id).entered
        space_id, node_id = inner.space.pk, inner.node.pk
    with space_unit_of_work(actor, space_id) as unit:
        actor, work = unit.actor, unit[space_id]
        place = _top_for_managers_of_team(work, node_id) or locate(actor, node_id)
        if place.space.pk != space_id:
            raise errors.NotFound(id=node_id)
        if place.is_root and place.space.kind == SpaceKind.HOME:
            raise errors.RootIsFixed
        require_scope(actor, SHARE)
        yield work, place


def _space_of(node_id: int) -> tuple[int, int | None]:
    """And the target of a mount."""
    found = Node.objects.filter(pk=node_id if is_id(node_id) else 0).values_list("space_id", "target_id").first()
    if found is None:
        raise errors.NotFound(id=node_id)
    return found


def _top_for_managers_of_team(work: SpaceUnitOfWork, node_id: int) -> LocatedNode | None:
    if work.space.root_id != node_id or not _manages_team(work):
        return None
    root = Node.objects.get(pk=node_id)
    access = Access(work.actor.principal, ALL_RIGHTS, node_id, scopes=work.actor.scopes)
    return LocatedNode(work.space, root, (), access)


def _manages_team(work: SpaceUnitOfWork) -> bool:
    """Owners and admins of a team say who is in its spaces; each time that they do is in the audit record."""
    there = work.space.kind == SpaceKind.TEAM and work.space.deleted_at is None
    return there and manages_team(work.actor, work.space.team_id)


def _require_may_manage(work: SpaceUnitOfWork) -> None:
    """Who manages the space (while it is archived, too), or its team. Raises NotFound, Forbidden, ScopeMissing."""
    if work.space.kind != SpaceKind.TEAM or work.space.deleted_at is not None:
        raise errors.NotFound
    if not _manages_team(work):
        access = work.rules.along([work.space.root_id or 0])
        if Right.MANAGE not in access.withheld:
            access.require(Right.MANAGE)
        work.acts_by(access)


def _require_may_give(actor: Actor, place: LocatedNode, rights: Right) -> None:
    place.require(Right.SHARE)
    require_scope(actor, SHARE)
    if Right.MANAGE in rights:
        place.require(Right.MANAGE)
    if rights & ~place.access.rights:
        raise errors.Forbidden


def _require_lasting(work: SpaceUnitOfWork, place: LocatedNode, given: Given) -> None:
    """Nobody gives for longer than they have: what they give, and the right to, must hold until its end. A query more
    for whose own access ends.
    """
    own_end, end = place.access.expires_at, given.expires_at
    if own_end is None or (end is not None and end <= own_end):
        return
    lasting = Q(expires_at=None) if end is None else Q(expires_at=None) | Q(expires_at__gte=end)
    rights = NO_RIGHTS
    for held in Grant.objects.filter(lasting, pk__in=place.access.grants):
        rights |= rights_of(held.role, can_download=held.can_download, can_share=held.can_share)
    if IMPLICIT in place.access.grants:  # it does not hold in a restricted folder
        for implied in implicit(work.actor, facts_of(place.space), place.chain_ids[0]):
            rights |= implied.rights
    if (given.rights | Right.SHARE) & ~rights:
        raise errors.InvalidRequest(gettext_lazy("Your own access ends before that."), parameter="expires_at")


def _require_may_change(actor: Actor, place: LocatedNode, grant: Grant) -> None:
    """Who gave it may take it back; what others gave is for managers."""
    if grant.created_by_id is None or grant.created_by_id != actor.user_id:
        place.require(Right.MANAGE)
    _require_may_give(actor, place, rights_of(grant.role))


def _require_subject(space: Space, subject: Subject) -> None:
    """Of the team of the space. Raises SubjectNotFound."""
    if subject.kind is SubjectKind.USER:
        there = Membership.objects.filter(user_id=subject.id, team_id=space.team_id, user__is_active=True).exists()
    elif subject.kind is SubjectKind.GROUP:
        there = Group.objects.filter(pk=subject.id, team_id=space.team_id).exists()
    else:
        there = subject.kind is SubjectKind.TEAM and subject.id == space.team_id
    if not there:
        raise errors.SubjectNotFound


def _require_manager(place: LocatedNode) -> None:
    """A space that is not open to its team keeps somebody who manages it, and who does so without an end."""
    if not place.is_root or place.space.is_open:
        return
    managers = Grant.objects.filter(node_id=place.node.pk, role=Role.MANAGER, expires_at=None)
    if not managers.exists():
        raise errors.LastManager
