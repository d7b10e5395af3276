"""The versions of a file, latest first."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import PrincipalKind
from common.ids import is_id
from files import errors
from files.models import Space, SpaceKind, Version
from files.queries.tree import LocatedNode


def list_versions(place: LocatedNode) -> "QuerySet[Version]":
    """The current one first (its id is `place.node.version_id`); those that are kept from whom the file went to are
    left out.
    """
    if place.node.is_folder:
        raise errors.NotAFile(id=place.node.pk)
    rows = Version.objects.filter(_shown(place), node=place.node)
    return rows.select_related("content", "author").order_by("-pk")


def _shown(place: LocatedNode) -> Q:
    """In the space that they belong to, and to the owner of that home wherever the file is (decision 38)."""
    holder = place.access.holder
    if holder.kind is PrincipalKind.SYSTEM:
        return Q()
    shown = Q(kept_in=None) | Q(kept_in=place.space.pk)
    if holder.kind is PrincipalKind.USER:
        shown |= Q(kept_in__in=Space.objects.filter(owner_id=holder.id, kind=SpaceKind.HOME).values("pk"))
    return shown


def get_version(place: LocatedNode, version_id: int) -> Version:
    """A version of this very node, that its actor is shown."""
    if not is_id(version_id):
        raise errors.NotFound
    rows = Version.objects.filter(_shown(place), pk=version_id, node=place.node)
    version = rows.select_related("content__pool", "author").first()
    if version is None:
        raise errors.NotFound(_("There is no such version."))
    return version
