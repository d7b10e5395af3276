"""A home of somebody who was removed from the team goes to another member, before the account is deleted."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import F, Sum, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from accounts.actor import ADMIN, Actor, system
from accounts.audit import record
from accounts.errors import NotAllowed
from accounts.members import managing_member
from accounts.models import Membership, User
from accounts.models import Role as TeamRole
from accounts.permissions import is_administrator, require_scope
from accounts.quotas import Charge
from files import errors, sql_rows
from files.access.rights import Role
from files.actions import limits
from files.actions.clear_home import end_uploads
from files.actions.mounts import ask_for_mounts, remove_mounts
from files.actions.spaces import ensure_home, give_root, make_team_space
from files.locking import lock_spaces
from files.models import ChangeKind, Grant, Node, NodeLock, Space, SpaceKind, TrashItem
from files.queries.properties import SIZE, size_below
from files.queries.tree import PathStep, clean_name, refuse_new_names
from files.tree.between import move_rows_to_space, share_versions
from files.tree.folders import Chain, chain_path
from files.tree.keys import free_name
from files.tree.relocating import attach
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork, space_unit_of_work


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The folder that the home has become, in the receiver's home or in a new space that the receiver manages."""

    space: Space
    node: Node
    path: str


def hand_over(
    actor: Actor, *, user_id: int, to_user_id: int, as_space: bool = False, name: str | None = None
) -> HandedOver:
    """All that is in the home, with versions and trash, in one transaction: one row moves, the rows below follow by one
    statement for each table. The receiver is charged, or with `as_space` only the team, which pays already.

    For owners of the team, and administrators of the installation. Raises AccountNotFound, NotAllowed, ScopeMissing,
    MemberNotRemoved, HomeEmpty, SubjectNotFound, QuotaExceeded, TooDeep, InvalidName, NameTaken.
    """
    require_scope(actor, ADMIN)
    with managing_member(actor, user_id) as (acting, member):
        _require_owner(acting, member)
        _require_removed(member)
        home = _home_of(user_id)
    end_uploads(system("handing over a home"), home)  # nobody can finish them any more
    with managing_member(actor, user_id) as (acting, member):
        _require_owner(acting, member)
        _require_removed(member)
        receiver = _receiver(member, to_user_id)
        wanted = _name_for(member.user, name)
        if as_space:
            lock_spaces(acting, [home.pk])  # before the quota, which the name of a new space takes
        space = _space_for(receiver, member, wanted, as_space=as_space)
        with space_unit_of_work(acting, home.pk, space.pk) as unit:
            unit[home.pk].passes_brake = True  # the whole home is what was asked for
            remove_mounts(unit[home.pk])
            handed = _move_home(unit[home.pk], unit[space.pk], wanted)
            ask_for_mounts()
            detail = {"user": user_id, "to": to_user_id, "space": space.pk, "bytes": handed.node.size}
            record(acting, "member.hand_over", member.user.email, of_team=member.team_id, **detail)
    return handed


def _require_owner(actor: Actor, member: Membership) -> None:
    """Whoever hands over a home can read it then: that is more than an administrator of the team may."""
    owns = actor.team_id == member.team_id and actor.role == TeamRole.OWNER
    if not owns and not is_administrator(actor):
        raise NotAllowed


def _require_removed(member: Membership) -> None:
    if member.removed_at is None or member.user.is_active:
        raise errors.MemberNotRemoved


def _home_of(user_id: int) -> Space:
    home = Space.objects.filter(kind=SpaceKind.HOME, owner_id=user_id).first()
    if home is None:
        raise errors.HomeEmpty
    return home


def _receiver(member: Membership, user_id: int) -> User:
    others = Membership.objects.filter(team_id=member.team_id, user__is_active=True).exclude(pk=member.pk)
    found = others.select_related("user").filter(user_id=user_id).first()
    if found is None:
        raise errors.SubjectNotFound
    return found.user


def _name_for(user: User, name: str | None) -> str:
    """Raises InvalidName. People may have names that no folder can have: then it is called by the address."""
    if name is None:
        called = _("Files of %(name)s") % {"name": user.get_full_name().replace("/", "-").strip()[:200]}
        try:
            name = clean_name(called)
            refuse_new_names(name)
        except errors.InvalidName:
            name = user.email
    name = clean_name(name)
    refuse_new_names(name)
    return name


def _space_for(receiver: User, member: Membership, name: str, *, as_space: bool) -> Space:
    if not as_space:
        return ensure_home(receiver)
    space = make_team_space(member.team_id, name)
    Space.objects.filter(pk=space.pk).update(is_open=False)
    Grant.objects.create(node_id=space.root_id or 0, space=space, user=receiver, role=Role.MANAGER)
    return space


def _move_home(source: SpaceUnitOfWork, target: SpaceUnitOfWork, name: str) -> HandedOver:
    """The top folder of the home becomes a folder in the other space, and the home gets a new, empty one."""
    old = Node.objects.get(pk=source.space.root_id or 0)
    trash = TrashItem.objects.filter(space=source.space, purging=False)
    if not old.descendants and not trash.exists():
        raise errors.HomeEmpty
    root = Node.objects.get(pk=target.space.root_id or 0)
    chain: Chain = (PathStep(root.pk, root.name, root.kind),)
    limits.check_depth(old, chain)
    name = free_name(root.pk, name)
    NodeLock.objects.filter(space=source.space).delete()
    target.passes_locks = True
    give_root(source.space)
    _move_trash(source, target, chain_path(chain, name))
    path = chain_path(chain, name)
    _record(source, target, old, chain, NodeLocation(root.pk, name, path))
    move_rows_to_space(old.pk, target.space.pk)
    share_versions(old.pk, source.space.pk)
    old.space = target.space
    attach(old, root.pk, name)
    return HandedOver(target.space, old, path)


def _record(source: SpaceUnitOfWork, target: SpaceUnitOfWork, old: Node, chain: Chain, after: NodeLocation) -> None:
    """Journal, sums and ledger. A top folder counts for nothing in its own space."""
    source.record(ChangeKind.MOVE_OUT, old, before=NodeLocation(0, "", "/"))
    old.seq = target.record(ChangeKind.MOVE_IN, old, after=after)
    charge = Charge(live=old.size, versions=old.versions_size, nodes=old.descendants, properties=size_below(old.pk))
    source.charge += -charge
    target.charge += charge + Charge(nodes=1)
    count = old.descendants + 1
    target.touch(
        [step.id for step in chain],
        size=old.size,
        versions_size=old.versions_size,
        descendants=count,
        height=old.height + 1,
    )


_TRASHED = (
    "WITH RECURSIVE below(id) AS (SELECT t.node_id FROM files_trashitem t WHERE t.space_id = %s AND NOT t.purging "
    "UNION ALL SELECT n.id FROM files_node n JOIN below ON n.parent_id = below.id) "
)


def _move_trash(source: SpaceUnitOfWork, target: SpaceUnitOfWork, prefix: str) -> None:
    """What the person has deleted last goes along: it can be restored below the folder that the home has become."""
    items = TrashItem.objects.filter(space=source.space, purging=False)
    held = items.aggregate(size=Sum("node__size"), versions=Sum("node__versions_size"), below=Sum("node__descendants"))
    count = items.count()
    if not count:
        return
    home, space_id = source.space.pk, target.space.pk
    found = sql_rows.fetch(
        f"{_TRASHED}SELECT COALESCE(SUM({SIZE}), 0) FROM files_nodeproperty p JOIN below ON below.id = p.node_id",
        [home],
    )
    charge = Charge(trash=held["size"] + held["versions"], nodes=held["below"] + count, properties=int(found[0][0]))
    source.charge += -charge
    target.charge += charge
    with connection.cursor() as cursor:
        for table in ("files_grant", "files_restriction"):
            where = "WHERE node_id IN (SELECT id FROM below)"
            cursor.execute(f"{_TRASHED}UPDATE {table} SET space_id = %s {where}", [home, space_id])
        cursor.execute(
            f"{_TRASHED}UPDATE files_version SET kept_in = NULL "
            "WHERE kept_in = %s AND node_id IN (SELECT id FROM below)",
            [home, home],
        )
        cursor.execute(
            f"{_TRASHED}UPDATE files_node SET space_id = %s, seq = %s WHERE id IN (SELECT id FROM below)",
            [home, space_id, target.space.seq + 1],  # stamps are numbers of the old space: the next line is that of now
        )
    items.update(space=target.space, seq=target.space.seq + 1, path=Concat(Value(prefix), F("path")))
