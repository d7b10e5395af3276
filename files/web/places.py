"""How places are named on pages."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.actor import Actor
from files.access.rights import Right
from files.models import Space, SpaceKind
from files.queries.tree import LocatedNode, list_spaces


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
    return space_title(place.space) if place.is_root else place.node.name


def breadcrumbs(place: LocatedNode) -> list[Crumb]:
    """The folders above that one sees, the root by the name of its space."""
    seen = [step for step in place.ancestors if place.path_of_ancestor(step.id) is not None]
    return [Crumb(step.id, step.name or space_title(place.space)) for step in seen]


def section(space: Space) -> str:
    """Which entry of the side bar is marked."""
    return "files" if space.kind == SpaceKind.HOME else "team"


def space_tabs(actor: Actor) -> list[SpaceTab]:
    return [SpaceTab(space.pk, space.root_id or 0, space_title(space)) for space in list_spaces(actor)]


def may_write(place: LocatedNode) -> bool:
    """Which buttons to show; the actions check for themselves."""
    return place.access.allows(Right.EDIT)
