"""Giving a file or folder its own name in lower case. In the product: files/actions/lower_name.py."""

from accounts.actor import Actor
from files.access.rights import Right
from files.actions.unit_of_work import work_on_nodes
from files.errors import RootIsFixed
from files.queries.tree import LocatedNode, clean_name, refuse_new_names
from files.tree.relocating import relocate
from tests.contributing.feature.errors import AlreadyLowerCase


def lower_name(actor: Actor, *, node_id: int) -> LocatedNode:
    """The node under its new name, or under a numbered form of it when something else has that name.

    Raises NotFound, ScopeMissing, RootIsFixed, Locked, InvalidName, AlreadyLowerCase.
    """
    with work_on_nodes(actor, [node_id], right=Right.EDIT) as (unit, (place,)):
        if place.is_root:
            raise RootIsFixed
        name = clean_name(place.node.name.lower())
        if name == place.node.name:
            raise AlreadyLowerCase(path=place.path)
        refuse_new_names(name)
        return relocate(unit[place.space.pk], place, place.ancestors, name)
