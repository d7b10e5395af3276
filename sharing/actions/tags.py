"""Putting tags on files and folders."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import record
from common.clock import now
from files.access.rights import Right
from files.actions.unit_of_work import work_on_nodes
from files.queries.tree import LocatedNode
from sharing.errors import InvalidRequest, TooMany
from sharing.models import MAXIMUM_TAG, NodeTag
from sharing.queries.comments import require_person
from sharing.queries.tags import clean, folded, tags_on

MAXIMUM_ON_NODE = 20
MAXIMUM_OF_PERSON = 50_000  # that somebody has put, on whatever


def set_tags(actor: Actor, *, node_id: int, names: Sequence[str]) -> list[str]:
    """Those of a node from now on, of a mount those of what it stands for; for who may edit it. Raises NotFound,
    Forbidden, ScopeMissing, InvalidRequest, TooMany.
    """
    return _change(actor, node_id, names, keep=False)


def add_tag(actor: Actor, *, node_id: int, name: str) -> list[str]:
    """One more; one that is there already changes nothing. Raises like `set_tags`."""
    return _change(actor, node_id, [name], keep=True)


def remove_tag(actor: Actor, *, node_id: int, name: str) -> list[str]:
    """One that is not there changes nothing. Raises NotFound, Forbidden, ScopeMissing."""
    require_person(actor)
    key = folded(name)
    with work_on_nodes(actor, [node_id], right=Right.EDIT, entering=True) as (unit, (place,)):
        there = tags_on([place.node.pk])[place.node.pk]
        left = [one for one in there if folded(one) != key]
        if len(left) < len(there):
            NodeTag.objects.filter(node_id=place.node.pk, folded=key).delete()
            _record(unit.actor, place, added=0, removed=1)
        return left


def forget_nodes(node_ids: Sequence[int]) -> None:
    """In the transaction that removes the rows of nodes for good (settings.PURGED_NODES_HOOKS)."""
    NodeTag.objects.filter(node_id__in=list(node_ids))._raw_delete("default")


def change_team(user_id: int, left: int, joined: int) -> None:
    """In the transaction in which a home goes from one team to another, under its lock (settings.TEAM_CHANGE_HOOKS)."""
    NodeTag.objects.filter(team_id=left, node__space__owner_id=user_id).update(team_id=joined)


def _change(actor: Actor, node_id: int, names: Sequence[str], *, keep: bool) -> list[str]:
    require_person(actor)
    wanted = {folded(name): name for name in map(_clean, names)}
    with work_on_nodes(actor, [node_id], right=Right.EDIT, entering=True) as (unit, (place,)):
        rows = NodeTag.objects.filter(node_id=place.node.pk)
        removed = 0 if keep else rows.exclude(folded__in=wanted).delete()[0]
        there = set(rows.values_list("folded", flat=True))
        new = {key: name for key, name in wanted.items() if key not in there}
        if new:
            _require_room(unit.actor, len(there), len(new))
        values = {"node_id": place.node.pk, "team_id": place.space.team_id, "created_by_id": unit.actor.user_id}
        at = now()
        NodeTag.objects.bulk_create(
            NodeTag(**values, name=name, folded=key, created_at=at) for key, name in new.items()
        )
        if new or removed:
            _record(unit.actor, place, added=len(new), removed=removed)
        return tags_on([place.node.pk])[place.node.pk]


def _require_room(actor: Actor, there: int, new: int) -> None:
    if there + new > MAXIMUM_ON_NODE:
        raise TooMany(limit=MAXIMUM_ON_NODE)
    if NodeTag.objects.filter(created_by_id=actor.user_id).count() + new > MAXIMUM_OF_PERSON:
        raise TooMany(limit=MAXIMUM_OF_PERSON)


def _record(actor: Actor, place: LocatedNode, *, added: int, removed: int) -> None:
    """Never the words: the audit record is kept longer than a tag."""
    by = place.access.nearest_grant
    record(actor, "tags.set", place.path, by_grant=by, node=place.node.pk, added=added, removed=removed)


def _clean(name: str) -> str:
    name = clean(name)
    if not 0 < len(name) <= MAXIMUM_TAG or not name.isprintable() or "," in name:
        text = _("A tag is a word or a few, without a comma, of at most %(limit)d characters.")
        raise InvalidRequest(text, parameter="tags", limit=MAXIMUM_TAG)
    return name
