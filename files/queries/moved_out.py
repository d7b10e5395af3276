"""What has been moved out of a team's space, and whether it can be taken back."""

from collections.abc import Iterable
from enum import StrEnum

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.permissions import require_scope
from common.ids import is_id
from files import errors
from files.access.compute import access_along
from files.access.rights import SCOPES, Right
from files.models import Change, ChangeKind, Node, Space, SpaceKind, TrashItem
from files.queries.tree import ancestors_of


class Whereabouts(StrEnum):
    """Of what was moved out. Where it is else is not told."""

    ELSEWHERE = "elsewhere"  # and can be taken back
    BACK = "back"
    GONE = "gone"  # purged, or no longer the team's


def moved_out(actor: Actor, space_id: int) -> "QuerySet[Change]":
    """The lines of the journal, latest first: for who manages the space. Raises NotFound, Forbidden, ScopeMissing."""
    require_scope(actor, SCOPES[Right.MANAGE])
    rows = Space.objects.filter(pk=space_id if is_id(space_id) else 0, kind=SpaceKind.TEAM)
    space = rows.first()
    if space is None:
        raise errors.NotFound(_("There is no such space."))
    access = access_along(actor, space, [space.root_id or 0])
    if Right.MANAGE not in access.withheld:  # of an archived space it can be seen, and not taken back
        access.require(Right.MANAGE)
    lines = Change.objects.filter(space=space, kind=ChangeKind.MOVE_OUT).select_related("actor", "space")
    return lines.order_by("-seq")


def whereabouts(lines: Iterable[Change]) -> dict[int, Whereabouts]:
    """By number of the line, of lines of one space. Three queries."""
    rows = list(lines)
    nodes = Node.objects.filter(pk__in=[line.node_id for line in rows]).select_related("space")
    found = {node.pk: node for node in nodes}
    above = ancestors_of(found)
    tops = {pk: chain[0].id if chain else pk for pk, chain in above.items()}
    going = set(TrashItem.objects.filter(node_id__in=tops.values(), purging=True).values_list("node_id", flat=True))
    states: dict[int, Whereabouts] = {}
    for line in rows:
        node = found.get(line.node_id)
        if node is None or tops[node.pk] in going or node.space.team_id != line.space.team_id:
            states[line.seq] = Whereabouts.GONE
        else:
            back = node.space_id == line.space_id
            states[line.seq] = Whereabouts.BACK if back else Whereabouts.ELSEWHERE
    return states
