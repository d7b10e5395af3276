"""Earlier versions of a file: bringing one back, removing some."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.quotas import Charge
from files import errors
from files.access.rights import Right
from files.actions.give_way import giving_way
from files.actions.unit_of_work import work_on_nodes
from files.actions.write_file import Written
from files.blobs import erasures
from files.models import ChangeKind, Node, Version
from files.queries.tree import LocatedNode, locate
from files.queries.versions import get_version
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork
from files.tree.writing import FileWrite, WriteOptions, WriteOutcome, put_entries


def restore_version(actor: Actor, *, node_id: int, version_id: int) -> Written:
    """A new version with the content and time of an earlier one: nothing in between is lost."""

    def act() -> Written:
        with work_on_nodes(actor, [node_id], right=Right.EDIT, entering=True) as (unit, (place,)):
            if place.node.is_folder:
                raise errors.NotAFile(id=node_id)
            version = get_version(place, version_id)
            unit[place.space.pk].passes_brake = True
            put = put_version(unit[place.space.pk], place, version)
        assert put.node is not None
        assert put.version is not None
        return Written(replace(place, node=put.node).outer, put.version, put.created, put.changed)

    return giving_way(actor, locate(actor, node_id).entered.space, act)


def put_version(work: SpaceUnitOfWork, place: LocatedNode, version: Version) -> WriteOutcome:
    """`version` may be any version of which the content is kept."""
    folder = Node.objects.get(pk=place.ancestors[-1].id)
    base = LocatedNode(place.space, folder, place.ancestors[:-1], place.access)
    options = WriteOptions(modified_at=version.modified_at)
    entry = FileWrite((), place.node.name, version.content, options, checksums=version.known_checksums)
    (put,) = put_entries(work, base, [entry])
    if put.error:
        raise put.error
    return put


def delete_versions(actor: Actor, *, node_id: int, version_ids: Sequence[int]) -> int:
    """Permanently removes earlier versions; the current one cannot be. Returns how many."""
    with work_on_nodes(actor, [node_id], right=Right.MANAGE, entering=True) as (unit, (place,)):
        if place.node.version_id in version_ids:
            raise errors.InvalidRequest(_("The current version cannot be removed."))
        versions = [get_version(place, pk) for pk in dict.fromkeys(version_ids)]
        remove(unit[place.space.pk], place, versions)
    return len(versions)


def remove(work: SpaceUnitOfWork, place: LocatedNode, versions: Sequence[Version]) -> None:
    """Of one node, none of them current. Under the space's lock."""
    if not versions:
        return
    freed = sum(version.size for version in versions)
    location = NodeLocation(place.ancestors[-1].id, place.node.name, place.path_in_space, place.node.version_id)
    work.record(ChangeKind.EXPIRE, place.node, before=location, after=location)
    work.touch([*place.ancestor_ids, place.node.pk], versions_size=-freed)
    work.charge += Charge(versions=-freed)
    going = [version.pk for version in versions]
    erasures.note_versions(going)
    Version.objects.filter(pk__in=going).delete()
