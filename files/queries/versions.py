"""The versions of a file, latest first."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import PrincipalKind
from common.ids import is_id
from files import errors
from files.models import Change, ChangeKind, Space, SpaceKind, Version
from files.queries.tree import LocatedNode
from files.queries.whereabouts import whereabouts


def list_versions(place: LocatedNode) -> "QuerySet[Version]":
    """The current one first (its id is `place.shown.version_id`); those that are kept from whom the file went to, and
    those that were made where the actor sees nothing, are left out.
    """
    place = place.entered
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
    elsewhere = _made_where_hidden(place)
    return shown & (~Q(pk__in=elsewhere) | Q(pk=place.node.version_id)) if elsewhere else shown


def _made_where_hidden(place: LocatedNode) -> list[int]:
    """Earlier versions from when the file lay in a folder that is hidden from the actor, as far as they were made by
    others (decision 40). No query where nothing is hidden, five otherwise. What lay in a folder that is purged is for
    those from whom nothing is hidden.
    """
    hidden, holder = place.access.hidden, place.access.holder
    if not hidden:
        return []
    rows = Change.objects.filter(
        space=place.space, node_id=place.node.pk, kind__in=(ChangeKind.CREATE, ChangeKind.WRITE)
    )
    if holder.kind is PrincipalKind.USER:
        rows = rows.exclude(actor_id=holder.id)
    made = dict(rows.exclude(after_version_id=None).values_list("after_version_id", "after_parent_id"))
    chains = whereabouts(place.space, {parent_id for parent_id in made.values() if parent_id is not None})
    seen = {pk for pk, chain in chains.items() if hidden.isdisjoint(step.id for step in chain)}
    return [version_id for version_id, parent_id in made.items() if version_id and parent_id not in seen]


def get_version(place: LocatedNode, version_id: int) -> Version:
    """A version of this very node, that its actor is shown."""
    if not is_id(version_id):
        raise errors.NotFound
    place = place.entered
    rows = Version.objects.filter(_shown(place), pk=version_id, node=place.node)
    version = rows.select_related("content__pool", "author").first()
    if version is None:
        raise errors.NotFound(_("There is no such version."))
    return version
