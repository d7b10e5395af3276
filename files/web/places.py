"""How places are named on pages."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from accounts.actor import Actor
from files.access.rights import Right
from files.models import Node, Space, SpaceKind
from files.queries.mounts import mounts_in, owns
from files.queries.tree import LocatedNode, get_space, list_spaces


@dataclass(frozen=True, slots=True)
class Crumb:
    """A folder on the way to what a page shows."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class SpaceTab:
    """A space that one can go to."""

    pk: int
    root_id: int
    title: str


def space_title(space: Space) -> str:
    return _("Files") if space.kind == SpaceKind.HOME else space.name


def place_title(place: LocatedNode) -> str:
    if place.mount is not None and place.node.pk == place.mount.node.target_id:
        return place.mount.node.name
    return space_title(place.space) if place.is_root else place.node.name


def breadcrumbs(place: LocatedNode) -> list[Crumb]:
    """The folders above that one sees, the root by the name of its space. What was found through a mount lies below
    that.
    """
    if place.mount is None or not place.way_is_seen:
        above = [step for step in place.ancestors if place.path_of_ancestor(step.id) is not None]
        return [Crumb(step.id, step.name or space_title(place.space)) for step in above]
    mount, ids = place.mount, place.chain_ids
    inner = place.chain[ids.index(mount.node.target_id or 0) + 1 : -1]
    if place.node.pk == mount.node.target_id:
        return breadcrumbs(mount)
    crumbs = [*breadcrumbs(mount), Crumb(mount.node.pk, mount.node.name)]
    return crumbs + [Crumb(step.id, step.name) for step in inner]


def seen(actor: Actor, place: LocatedNode) -> LocatedNode:
    """What lies in another space, as it is seen through the mount of it in one's own files, if there is one."""
    if place.mount is not None or owns(actor, place.space):
        return place
    mounts = mounts_in(actor, get_space(actor, None))
    return place if mounts is None else mounts.seen(place)


@dataclass(frozen=True, slots=True)
class Mounted:
    """Of a mount in a listing: whose it is, and whether one may put something into it."""

    whose: str
    may_create: bool


def mounted_in(place: LocatedNode, rows: Iterable[Node]) -> dict[int, Mounted]:
    """The mounts among the rows of a folder, by their ids. No query where there are none, else two for their owners."""
    mounts = place.mounts
    if mounts is None:
        return {}
    found = {row.pk: mount for row in rows if row.is_mount and (mount := mounts.get(row.pk)) is not None}
    prefetch_related_objects([mount.entered.space for mount in found.values()], "team", "owner")
    return {
        pk: Mounted(whose(mount.entered.space), mount.entered.access.allows(Right.CREATE))
        for pk, mount in found.items()
    }


def whose(space: Space) -> str:
    """What a mount that leads to this space is called beside its name. Its team and owner are loaded."""
    if space.owner is not None:
        return _("Shared by %(name)s") % {"name": space.owner.get_full_name()}
    return _("Team space of %(team)s") % {"team": space.team.name}


def section(space: Space) -> str:
    """Which entry of the side bar is marked."""
    return "files" if space.kind == SpaceKind.HOME else "team"


def space_tabs(actor: Actor) -> list[SpaceTab]:
    return [SpaceTab(space.pk, space.root_id or 0, space_title(space)) for space in list_spaces(actor)]


def may_share(place: LocatedNode) -> bool:
    """A whole home is not shared."""
    there = place.entered
    return there.access.allows(Right.SHARE) and not (there.is_root and there.space.kind == SpaceKind.HOME)


def may_write(place: LocatedNode) -> bool:
    """Which buttons to show; the actions check for themselves."""
    return place.entered.access.allows(Right.EDIT)
