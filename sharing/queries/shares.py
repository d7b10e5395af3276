"""Shares as somebody sees them: those of a node, what they have shared, and what is shared with them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from accounts.actor import READ, Actor
from accounts.models import User
from accounts.permissions import require_scope
from common.clock import now
from common.ids import is_id
from files import errors
from files.access.compute import NO_ACCESS
from files.access.explain import SubjectKind, is_shown_with
from files.access.rights import Right, Role, rights_of
from files.access.spaces import grants_of, manages_team
from files.models import Grant, Space, SpaceKind
from files.queries.tree import LocatedNode, locate, locate_folder
from http_kit import cursors
from sharing.models import WaitingShare
from sharing.queries.places import places_of

LOOKED_AT = 100  # of the latest shares, for whom one shares with


@dataclass(frozen=True, slots=True)
class SharedNode:
    """One share. `place` is where the actor finds it. `kind`, `subject_id` and `name` say with whom; with an address
    that waits for somebody (`is_waiting`) the kind is None and `name` the address.
    """

    id: int
    place: LocatedNode
    kind: SubjectKind | None
    subject_id: int | None
    name: str
    email: str
    role: Role
    can_download: bool
    can_share: bool
    expires_at: datetime | None
    message: str
    created_at: datetime
    created_by: User | None

    @property
    def is_waiting(self) -> bool:
        return self.kind is None

    @property
    def rights(self) -> Right:
        return rights_of(self.role, can_download=self.can_download, can_share=self.can_share)


@dataclass(frozen=True, slots=True)
class SharePage:
    """The latest first. A page may have fewer than were asked for, though there are more: `next_cursor` says that."""

    items: list[SharedNode]
    next_cursor: str | None


def shares_on(actor: Actor, *, node_id: int, cursor: str | None = None, limit: int = 200) -> SharePage:
    """Those of the very node, of a mount those of what it stands for: all for who may share or manage it, their own for
    others. Raises NotFound, ScopeMissing, InvalidCursor.
    """
    place = locate(actor, node_id).entered
    node_id = place.node.pk
    grants, waiting = _grants().filter(node_id=node_id), _waiting().filter(node_id=node_id)
    if not is_shown_with(place.access):
        grants = grants.filter(Q(pk__in=grants_of(actor).values("pk")) | Q(created_by_id=actor.user_id or 0))
        waiting = waiting.filter(created_by_id=actor.user_id or 0)
    return _page(actor, grants, waiting, f"shares:{node_id}", cursor, limit)


def shares_by(actor: Actor, *, cursor: str | None = None, limit: int = 200) -> SharePage:
    """What the actor has shared, and what others have shared of their home. Raises ScopeMissing, InvalidCursor."""
    require_scope(actor, READ)
    user_id = actor.user_id or 0
    of_home = Q(space__owner_id=user_id, space__kind=SpaceKind.HOME)
    grants = _grants().filter(Q(created_by_id=user_id) | of_home).exclude(node_id=F("space__root_id"))
    grants = grants.exclude(Q(user_id=user_id, user__isnull=False))
    waiting = _waiting().filter(
        Q(created_by_id=user_id) | Q(node__space__owner_id=user_id, node__space__kind=SpaceKind.HOME)
    )
    return _page(actor, grants, waiting, f"shares-by:{user_id}", cursor, limit)


def shares_with(actor: Actor, *, cursor: str | None = None, limit: int = 200) -> SharePage:
    """What is shared with the actor, a group of theirs or their team; of a space of the team only what is granted in
    it. Raises ScopeMissing, InvalidCursor.
    """
    require_scope(actor, READ)
    mine = grants_of(actor).values("pk")
    grants = _grants().filter(pk__in=mine, space__team_id=actor.team_id).exclude(node_id=F("space__root_id"))
    grants = grants.exclude(Q(space__owner_id=actor.user_id or 0, space__kind=SpaceKind.HOME))
    return _page(actor, grants, WaitingShare.objects.none(), f"shares-with:{actor.user_id}", cursor, limit)


def share_of(actor: Actor, *, share_id: int) -> SharedNode:
    """One that the actor has made or received, or on a node that they may share; of a space of their team also for who
    manages the team. Raises NotFound, ScopeMissing.
    """
    share_id = share_id if is_id(share_id) else 0
    row: Grant | WaitingShare | None = _grants().filter(pk=share_id).first() or _waiting().filter(pk=share_id).first()
    place = None if row is None else places_of(actor, [row.node_id]).get(row.node_id)
    if row is None or place is None or not _is_shown(actor, row, place):
        place = None if row is None else _unseen_space(actor, row.node_id)
    if row is None or place is None:
        require_scope(actor, READ)
        raise errors.NotFound(id=share_id)
    return _shared(row, place)


def _unseen_space(actor: Actor, root_id: int) -> LocatedNode | None:
    """The top of a team's space, with no access to it: who manages the team says who is in it (`work_on_grants`)."""
    spaces = Space.objects.filter(root_id=root_id, kind=SpaceKind.TEAM, deleted_at=None)
    space = spaces.select_related("root", "team").first()
    if space is None or space.root is None or not manages_team(actor, space.team_id):
        return None
    return LocatedNode(space, space.root, (), NO_ACCESS)


def shares_in(actor: Actor, *, folder_id: int, limit: int = 1_000) -> list[SharedNode]:
    """Of what lies directly in a folder that the actor may share: the latest. Raises NotFound, Forbidden, NotAFolder,
    ScopeMissing.
    """
    place = locate_folder(actor, folder_id)
    place.require(Right.SHARE)
    grants, waiting = _grants().filter(node__parent_id=place.node.pk), _waiting().filter(node__parent_id=place.node.pk)
    return _page(actor, grants, waiting, f"shares-in:{place.node.pk}", None, limit).items


def latest_sharees(actor: Actor, *, limit: int = 5) -> list[SharedNode]:
    """With whom the actor has shared something last, each once. Raises ScopeMissing."""
    require_scope(actor, READ)
    rows = _grants().filter(created_by_id=actor.user_id or 0, team=None).exclude(user_id=actor.user_id or 0)
    found: dict[tuple[SubjectKind | None, int | None], SharedNode] = {}
    for one in seen_by(actor, list(rows.order_by("-pk")[:LOOKED_AT])):
        found.setdefault((one.kind, one.subject_id), one)
    return list(found.values())[:limit]


def may_change(actor: Actor, found: SharedNode) -> bool:
    """Which controls to show; the actions check for themselves."""
    access = found.place.access
    is_own = found.created_by is not None and found.created_by.pk == actor.user_id
    return access.allows(Right.SHARE) and (is_own or access.allows(Right.MANAGE))


def _is_shown(actor: Actor, row: Grant | WaitingShare, place: LocatedNode) -> bool:
    if is_shown_with(place.access) or (row.created_by_id is not None and row.created_by_id == actor.user_id):
        return True
    return isinstance(row, Grant) and grants_of(actor).filter(pk=row.pk).exists()


def _grants() -> "QuerySet[Grant]":
    """Those of people, groups and teams that hold."""
    there = Q(user=None) | Q(user__membership__team_id=F("space__team_id"), user__is_active=True)
    holds = Q(expires_at=None) | Q(expires_at__gt=now())
    rows = Grant.objects.filter(there, holds, link_id=None)
    return rows.select_related("user", "group", "team", "created_by", "share")


def _waiting() -> "QuerySet[WaitingShare]":
    holds = Q(expires_at=None) | Q(expires_at__gt=now())
    return WaitingShare.objects.filter(holds).select_related("created_by")


def _page(
    actor: Actor,
    grants: "QuerySet[Grant]",
    waiting: "QuerySet[WaitingShare]",
    purpose: str,
    cursor: str | None,
    limit: int,
) -> SharePage:
    """Of both together, by their ids, which come from one series."""
    position = cursors.unseal(cursor, purpose=purpose, length=1)
    if position is not None:
        grants, waiting = grants.filter(pk__lt=position[0]), waiting.filter(pk__lt=position[0])
    rows: list[Grant | WaitingShare] = [*grants.order_by("-pk")[: limit + 1], *waiting.order_by("-pk")[: limit + 1]]
    rows.sort(key=lambda row: -row.pk)
    last = [rows[limit - 1].pk] if len(rows) > limit else None
    seen = seen_by(actor, rows[:limit])
    return SharePage(seen, cursors.seal(last, purpose=purpose, hide=len(seen) < limit))


def seen_by(actor: Actor, rows: Sequence[Grant | WaitingShare]) -> list[SharedNode]:
    """Those whose node the actor sees."""
    places = places_of(actor, _node_ids(rows))
    return [_shared(row, places[row.node_id]) for row in rows if row.node_id in places]


def _node_ids(rows: Iterable[Grant | WaitingShare]) -> set[int]:
    return {row.node_id for row in rows}


def _shared(row: Grant | WaitingShare, place: LocatedNode) -> SharedNode:
    kind, subject_id, name, email = _subject(row)
    message = row.message if isinstance(row, WaitingShare) else _message(row)
    return SharedNode(
        row.pk,
        place,
        kind,
        subject_id,
        name,
        email,
        Role(row.role),
        row.can_download,
        row.can_share,
        row.expires_at,
        message,
        row.created_at,
        row.created_by,
    )


def _subject(row: Grant | WaitingShare) -> tuple[SubjectKind | None, int | None, str, str]:
    if isinstance(row, WaitingShare):
        return None, None, row.email, row.email
    if row.user is not None:
        return SubjectKind.USER, row.user.pk, row.user.get_full_name(), row.user.email
    if row.group is not None:
        return SubjectKind.GROUP, row.group.pk, row.group.name, ""
    team = row.team
    return SubjectKind.TEAM, row.team_id, "" if team is None else team.name, ""


def _message(grant: Grant) -> str:
    beside = getattr(grant, "share", None)  # there is none beside a grant that was made as one
    return "" if beside is None else beside.message
