"""The versions of a file, latest first."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from common.ids import is_id
from files import errors
from files.models import Version
from files.queries.tree import LocatedNode


def list_versions(place: LocatedNode) -> "QuerySet[Version]":
    """The current one first (its id is `place.node.version_id`)."""
    if place.node.is_folder:
        raise errors.NotAFile(id=place.node.pk)
    return Version.objects.filter(node=place.node).select_related("content", "author").order_by("-pk")


def get_version(place: LocatedNode, version_id: int) -> Version:
    """A version of this very node."""
    if not is_id(version_id):
        raise errors.NotFound
    version = Version.objects.select_related("content__pool", "author").filter(pk=version_id, node=place.node).first()
    if version is None:
        raise errors.NotFound(_("There is no such version."))
    return version
