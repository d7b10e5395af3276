"""Dead properties and the time of a node (RFC 4918 section 9.2): all of the changes or none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.quotas import Charge
from files import errors
from files.access.rights import Right
from files.actions.unit_of_work import require_conditions, work_on_nodes
from files.models import ChangeKind, Node, NodeProperty, Version
from files.queries.locks import in_the_way, refuse
from files.queries.properties import size_of
from files.queries.tree import LocatedNode
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork

MAXIMUM_PROPERTIES = 100  # of one node
MAXIMUM_BYTES = 64 * 1024  # of all values of one node
MAXIMUM_NAMESPACE, MAXIMUM_NAME = 500, 255  # characters


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
