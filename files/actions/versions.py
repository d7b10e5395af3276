"""Earlier versions of a file: bringing one back, removing some."""

from collections.abc import Sequence

from accounts.actor import Actor
from accounts.quotas import Charge
from files import errors
from files.actions.give_way import giving_way
from files.actions.opening import editing_nodes
from files.blobs import erasures
from files.models import ChangeKind, Node, Version
from files.queries.tree import Place, locate
from files.queries.versions import get_version
from files.tree.edit import SpaceEdit, Spot
from files.tree.put import Entry, Put, Wish, put_entries


def restore_version(actor: Actor, *, node_id: int, version_id: int) -> Put:
    """A new version with the content and time of an earlier one: nothing in between is lost."""

    def act() -> Put:
        with editing_nodes(actor, [node_id]) as (edits, (place,)):
            if place.node.is_folder:
                raise errors.NotAFile(id=node_id)
            version = get_version(place, version_id)
            return put_version(edits[place.space.pk], place, version)

    return giving_way(actor, locate(actor, node_id).space, act)


def put_version(edit: SpaceEdit, place: Place, version: Version) -> Put:
    """`version` may be any version of which the content is kept."""
    folder = Node.objects.get(pk=place.ancestors[-1].id)
    base = Place(place.space, folder, place.ancestors[:-1])
    wish = Wish(modified_at=version.modified_at)
    entry = Entry((), place.node.name, version.content, wish, checksums=version.known_checksums)
    (put,) = put_entries(edit, base, [entry])
    if put.error:
        raise put.error
    return put


def delete_versions(actor: Actor, *, node_id: int, version_ids: Sequence[int]) -> int:
    """Removes earlier versions for ever; the current one cannot be. Returns how many."""
    with editing_nodes(actor, [node_id]) as (edits, (place,)):
        if place.node.version_id in version_ids:
            raise errors.InvalidRequest("The current version cannot be removed.")
        versions = [get_version(place, pk) for pk in dict.fromkeys(version_ids)]
        remove(edits[place.space.pk], place, versions)
    return len(versions)


def remove(edit: SpaceEdit, place: Place, versions: Sequence[Version]) -> None:
    """Of one node, none of them current. Under the space's lock."""
    if not versions:
        return
    freed = sum(version.size for version in versions)
    spot = Spot(place.ancestors[-1].id, place.node.name, place.path, place.node.version_id)
    edit.record(ChangeKind.EXPIRE, place.node, before=spot, after=spot)
    edit.touch([*place.ancestor_ids, place.node.pk], versions_size=-freed)
    edit.charge += Charge(versions=-freed)
    going = [version.pk for version in versions]
    erasures.note_versions(going)
    Version.objects.filter(pk__in=going).delete()
