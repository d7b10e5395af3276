"""Restricted folders of a team's space: what is granted above ends there, except for the managers of the space."""

from django.utils.translation import gettext_lazy as _

from accounts.actor import SHARE, Actor
from accounts.audit import record
from accounts.permissions import require_scope
from files import errors
from files.access.rights import Right, Role
from files.actions.mounts import ask_for_mounts
from files.actions.unit_of_work import work_on_nodes
from files.models import Grant, Restriction, SpaceKind
from files.queries.tree import LocatedNode
from files.tree.restricted import require_room
from files.tree.unit_of_work import SpaceUnitOfWork


def restrict(actor: Actor, *, node_id: int) -> LocatedNode:
    """From then on only the managers of the space and those who are granted something on the folder itself, or below,
    get there. Whoever does it without managing the space manages the folder. Twice is the same as once.

    Raises NotFound, Forbidden, ScopeMissing, NotAFolder, RootIsFixed, InvalidRequest for a folder of a home, TooMany.
    """
    require_scope(actor, SHARE)
    with work_on_nodes(actor, [node_id], right=Right.MANAGE, entering=True) as (unit, (place,)):
        work = unit[place.space.pk]
        _require_folder(work, place)
        if Restriction.objects.filter(node_id=place.node.pk).exists():
            return place
        require_room(place.space.pk, more=1)
        _keep_manager(work, place)
        Restriction.objects.create(node_id=place.node.pk, space_id=place.space.pk, created_by_id=work.actor.user_id)
        ask_for_mounts()
        record(work.actor, "folder.restrict", place.path, by_grant=place.access.nearest_grant, node=place.node.pk)
    return place


def unrestrict(actor: Actor, *, node_id: int) -> LocatedNode:
    """What is granted above holds there again. Raises NotFound, Forbidden, ScopeMissing."""
    require_scope(actor, SHARE)
    with work_on_nodes(actor, [node_id], right=Right.MANAGE, entering=True) as (unit, (place,)):
        work = unit[place.space.pk]
        require_scope(work.actor, SHARE)
        removed, _deleted = Restriction.objects.filter(node_id=place.node.pk).delete()
        if removed:
            ask_for_mounts()
            record(work.actor, "folder.unrestrict", place.path, by_grant=place.access.nearest_grant, node=place.node.pk)
    return place


def is_restricted(place: LocatedNode) -> bool:
    """One query, none for what can never be. Also in a home, where those are that have been moved there."""
    if place.is_root or not place.node.is_folder:
        return False
    return Restriction.objects.filter(node_id=place.node.pk).exists()


def _require_folder(work: SpaceUnitOfWork, place: LocatedNode) -> None:
    require_scope(work.actor, SHARE)
    if not place.node.is_folder:
        raise errors.NotAFolder(id=place.node.pk)
    if place.space.kind != SpaceKind.TEAM:
        raise errors.InvalidRequest(_("Only folders of a team's space can be restricted."))
    if place.is_root:
        raise errors.RootIsFixed


def _keep_manager(work: SpaceUnitOfWork, place: LocatedNode) -> None:
    """Who manages a folder only would lock themselves out."""
    manager_id = work.actor.user_id
    if manager_id is None or Right.MANAGE in work.rules.along([place.space.root_id or 0]).rights:
        return
    values = {
        "role": Role.MANAGER,
        "space_id": place.space.pk,
        "expires_at": None,
        "can_download": True,
        "can_share": True,
    }
    Grant.objects.update_or_create(node_id=place.node.pk, user_id=manager_id, defaults=values)
