"""Restricted folders that leave their space, are purged, or are made again.

The journal of the space goes on telling what happened in them, and where a node that is not there any more has been is
not known. So that is for those from whom nothing is hidden (decision 40), which must stay true of the space when no
other folder of it is restricted. The restriction of a folder outlives it, and where one has gone to another space a
restriction of a number that no node has keeps it so.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Exists, OuterRef, QuerySet

from common.ids import new_id
from files import errors
from files.models import Grant, Node, Restriction, Space
from files.queries.whereabouts import whereabouts
from files.tree.folders import Chain
from files.tree.unit_of_work import SpaceUnitOfWork

MAXIMUM_OF_SPACE = 1_000  # each of them is read with the rules of its space
MAXIMUM_EVER = 10 * MAXIMUM_OF_SPACE  # with those that are purged
UNKNOWN = 0  # the restricted folder that something may have been in


def restricted_folders(space_id: int) -> "QuerySet[Restriction]":
    """Those that are there, in the trash too."""
    return Restriction.objects.filter(Exists(Node.objects.filter(pk=OuterRef("node_id"))), space_id=space_id)


def require_room(space_id: int, *, more: int = 0) -> None:
    """Raises TooMany unless the space may have so many more than it has."""
    if restricted_folders(space_id).count() + more > MAXIMUM_OF_SPACE:
        raise errors.TooMany(limit=MAXIMUM_OF_SPACE)
    if Restriction.objects.filter(space_id=space_id).count() + more > MAXIMUM_EVER:
        raise errors.TooMany(limit=MAXIMUM_EVER)


@contextmanager
def leaving(space_id: int, to_space_id: int) -> Iterator[None]:
    """Around a move of rows from one space to another one. Raises TooMany when that has too many of them then."""
    before = restricted_folders(space_id).count()
    yield
    if before and restricted_folders(space_id).count() < before:
        have_left(space_id)
        require_room(to_space_id)


def have_left(space_id: int) -> None:
    """What the journal says of some is kept from whom something is hidden. One of these rows is enough for a space."""
    rows = Restriction.objects.filter(space_id=space_id)
    if not rows.exclude(pk__in=restricted_folders(space_id).values("pk")).exists():
        Restriction.objects.create(node_id=new_id(), space_id=space_id)


def restricted_above(space: Space, folder_id: int) -> int | None:
    """Of a folder that was deleted the nearest restricted one of those that it lay in, or itself; None when there was
    none, UNKNOWN when it is purged and there may have been one.
    """
    if not Restriction.objects.filter(space=space).exists():
        return None
    chain = whereabouts(space, [folder_id]).get(folder_id)
    return UNKNOWN if chain is None else _nearest(chain)


def is_in_restricted(chain: Chain) -> bool:
    return _nearest(chain) is not None


def _nearest(chain: Chain) -> int | None:
    ids = [step.id for step in chain]
    found = set(Restriction.objects.filter(node_id__in=ids).values_list("node_id", flat=True))
    return next((pk for pk in reversed(ids) if pk in found), None)


def restrict_like(work: SpaceUnitOfWork, folder_id: int, before: int) -> None:
    """A folder that was made again in place of one that was restricted, `before` (or UNKNOWN): for the same people, as
    far as it is known who they were, and the managers of the space. Raises TooMany.
    """
    require_room(work.space.pk, more=1)
    Restriction.objects.create(node_id=folder_id, space_id=work.space.pk, created_by_id=work.actor.user_id)
    grants = list(Grant.objects.filter(node_id=before, link_id=None))  # a link leads to one node, and to no copy of it
    for grant in grants:
        grant.pk, grant.node_id = new_id(), folder_id
    Grant.objects.bulk_create(grants)
    work.forget_rules()
