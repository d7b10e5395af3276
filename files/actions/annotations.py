"""What is kept beside a node without changing it: dead properties and times (RFC 4918 section 9.2: all of the changes
or none), favourites (nobody else sees them), and checksums that no client sent, computed by reading the file.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.permissions import require_scope
from accounts.queries import own_id
from accounts.quotas import Charge
from accounts.unit_of_work import Lock, unit_of_work
from files import errors
from files.access.rights import Right
from files.actions.unit_of_work import require_conditions, work_on_nodes
from files.blobs import checksums, reader
from files.models import ChangeKind, Favourite, Node, NodeProperty, Version
from files.queries.locks import in_the_way, refuse
from files.queries.properties import size_of
from files.queries.tree import LocatedNode, locate
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork
from files.tree.writing import keep_checksums

MAXIMUM_PROPERTIES = 100  # of one node
MAXIMUM_BYTES = 64 * 1024  # of all values of one node
MAXIMUM_NAMESPACE, MAXIMUM_NAME = 500, 255  # characters
ALGORITHMS = ("sha1", "md5", "sha256", "sha512", "adler32", "crc32")


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """`value` is the XML inside the property's element; None removes it, whether it was there or not."""

    namespace: str
    name: str
    value: str | None


def set_properties(
    actor: Actor,
    *,
    node_id: int,
    changes: Sequence[PropertyChange] = (),
    modified_at: datetime | None = None,
    conditions: Mapping[str, str] | None = None,
    also: Sequence[Callable[[LocatedNode], None]] = (),
) -> LocatedNode:
    """In their order. `modified_at`: the client's time of the node; of a file also that of its current version.
    `also` are further changes of the same act, made in its transaction.

    Dead properties are no content: they are not in the journal and no ETag changes. The time of a file is journalled
    as a change that keeps the version. Those of a mount are those of what it stands for. Raises Locked, TooMany,
    TooLarge, PreconditionFailed, LimitReached.
    """
    with work_on_nodes(actor, [node_id], right=Right.EDIT, entering=True) as (unit, (place,)):
        actor, work = unit.actor, unit[place.space.pk]
        require_conditions(place.outer, conditions or {}, "PROPPATCH")
        if work.locks:
            refuse(actor, in_the_way(work.locks.covering(place.node.pk, place.ancestor_ids), actor))
        if changes:
            _write(work, place.node, changes)
        if modified_at is not None:
            _set_time(work, place, modified_at)
        for change in also:
            change(place)
    return place.outer


def _write(work: SpaceUnitOfWork, node: Node, changes: Sequence[PropertyChange]) -> None:
    found = {(row.namespace, row.name): row for row in NodeProperty.objects.filter(node=node)}
    wanted = {key: row.value for key, row in found.items()}
    for change in changes:
        if len(change.namespace) > MAXIMUM_NAMESPACE or len(change.name) > MAXIMUM_NAME:
            raise errors.InvalidRequest(_("The name of a property is too long."))
        if change.value is None:
            wanted.pop((change.namespace, change.name), None)
        else:
            wanted[change.namespace, change.name] = change.value
    if len(wanted) > MAXIMUM_PROPERTIES:
        raise errors.TooMany(limit=MAXIMUM_PROPERTIES)
    if sum(len(value.encode()) for value in wanted.values()) > MAXIMUM_BYTES:
        raise errors.TooLarge(limit=MAXIMUM_BYTES)
    before = sum(size_of(key, row.value) for key, row in found.items())
    work.charge += Charge(properties=sum(size_of(*item) for item in wanted.items()) - before)
    stale = [row.pk for key, row in found.items() if wanted.get(key) != row.value]
    if stale:
        NodeProperty.objects.filter(pk__in=stale).delete()
    fresh = [
        NodeProperty(node=node, namespace=key[0], name=key[1], value=value)
        for key, value in wanted.items()
        if key not in found or found[key].value != value
    ]
    NodeProperty.objects.bulk_create(fresh)


def _set_time(work: SpaceUnitOfWork, place: LocatedNode, modified_at: datetime) -> None:
    node = place.node
    if node.modified_at == modified_at or place.is_root:
        return
    node.modified_at = modified_at
    fields: dict[str, object] = {"modified_at": modified_at}
    if node.version_id:
        location = NodeLocation(place.ancestors[-1].id, node.name, place.path_in_space, node.version_id)
        fields["seq"] = node.seq = work.record(ChangeKind.WRITE, node, before=location, after=location)
        work.touch(place.ancestor_ids)
        Version.objects.filter(pk=node.version_id).update(modified_at=modified_at)
    Node.objects.filter(pk=node.pk).update(**fields)


def set_favourite(actor: Actor, *, node_id: int, wanted: bool) -> None:
    """Twice is the same as once. Raises NotFound, ScopeMissing."""
    require_scope(actor, "write")
    with unit_of_work(actor) as actor:
        place = locate(actor, node_id)
        require_scope(actor, "write")
        if wanted:
            Favourite.objects.get_or_create(user_id=own_id(actor), node_id=place.node.pk)
        else:
            Favourite.objects.filter(user_id=own_id(actor), node_id=place.node.pk).delete()


def record_checksum(actor: Actor, *, place: LocatedNode, algorithm: str) -> str:
    """Hex. Reads the whole file, but once: a checksum that is known is only returned. Raises NotAFile, InvalidChecksum.

    It changes nothing that anybody sees but the checksum itself, which is true of the bytes: so whoever may read may.
    """
    version = place.shown.version
    if place.node.is_folder or version is None:
        raise errors.NotAFile(id=place.node.pk)
    if algorithm not in ALGORITHMS:
        raise errors.InvalidChecksum(algorithm=algorithm[:20])
    known = version.known_checksums.get(algorithm)
    if known is not None:
        return known
    digest = checksums.new(algorithm)
    for chunk in reader.read(version.content):
        digest.update(chunk)
    with unit_of_work(actor, Lock(Version, version.pk)) as actor:
        locate(actor, place.shown.pk).require(Right.DOWNLOAD)
        row = Version.objects.select_related("content").filter(pk=version.pk).first()
        if row is not None:
            keep_checksums(row, {algorithm: digest.hexdigest()})
    return digest.hexdigest()
