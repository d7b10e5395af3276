"""Restricted folders that leave their space, or are purged.

The journal of the space goes on telling what happened in them, and where a node that is not there any more has been is
not known. So that is for those from whom nothing is hidden (decision 40), which must stay true of the space when no
other folder of it is restricted: a restriction of a number that no node has keeps it so.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db.models import Exists, OuterRef, QuerySet

from common.ids import new_id
from files import errors
from files.models import Node, Restriction

MAXIMUM_OF_SPACE = 1_000  # each of them is read with the rules of its space


def restricted_folders(space_id: int) -> "QuerySet[Restriction]":
    """Those that are there, in the trash too."""
    return Restriction.objects.filter(Exists(Node.objects.filter(pk=OuterRef("node_id"))), space_id=space_id)


def require_room(space_id: int, *, more: int = 0) -> None:
    """Raises TooMany unless the space may have so many more than it has."""
    if restricted_folders(space_id).count() + more > MAXIMUM_OF_SPACE:
        raise errors.TooMany(limit=MAXIMUM_OF_SPACE)


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


def are_purged(node_ids: Iterable[int]) -> None:
    """The rows of these nodes are gone, those of restrictions among them go with them."""
    rows = Restriction.objects.filter(node_id__in=list(node_ids))
    spaces = set(rows.values_list("space_id", flat=True))
    if spaces:
        rows._raw_delete("default")
        for space_id in spaces:
            have_left(space_id)
