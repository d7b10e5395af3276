"""Putting tags on files and folders."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common.clock import now
from files.access.rights import Right
from files.actions.unit_of_work import work_on_nodes
from sharing.errors import InvalidRequest, TooMany
from sharing.models import MAXIMUM_TAG, NodeTag
from sharing.queries.comments import require_person
from sharing.queries.tags import clean, folded, tags_on

MAXIMUM_ON_NODE = 20


def set_tags(actor: Actor, *, node_id: int, names: Sequence[str]) -> list[str]:
    """Those of a node from now on, of a mount those of what it stands for; for who may edit it. Raises NotFound,
    Forbidden, ScopeMissing, InvalidRequest, TooMany.
    """
    return _change(actor, node_id, names, keep=False)


def add_tag(actor: Actor, *, node_id: int, name: str) -> list[str]:
    """One more; one that is there already changes nothing. Raises like `set_tags`."""
    return _change(actor, node_id, [name], keep=True)


def remove_tag(actor: Actor, *, node_id: int, name: str) -> list[str]:
    """One that is not there changes nothing. Raises like `set_tags`."""
    require_person(actor)
    with work_on_nodes(actor, [node_id], right=Right.EDIT, entering=True) as (_unit, (place,)):
        NodeTag.objects.filter(node_id=place.node.pk, folded=folded(name)).delete()
        return tags_on([place.node.pk])[place.node.pk]


def forget_nodes(node_ids: Sequence[int]) -> None:
    """In the transaction that removes the rows of nodes for good (settings.PURGED_NODES_HOOKS)."""
    NodeTag.objects.filter(node_id__in=list(node_ids)).delete()


def _change(actor: Actor, node_id: int, names: Sequence[str], *, keep: bool) -> list[str]:
    require_person(actor)
    wanted = {folded(name): name for name in map(_clean, names)}
    with work_on_nodes(actor, [node_id], right=Right.EDIT, entering=True) as (unit, (place,)):
        rows = NodeTag.objects.filter(node_id=place.node.pk)
        if not keep:
            rows.exclude(folded__in=wanted).delete()
        there = set(rows.values_list("folded", flat=True))
        new = {key: name for key, name in wanted.items() if key not in there}
        if new and len(there) + len(new) > MAXIMUM_ON_NODE:
            raise TooMany(limit=MAXIMUM_ON_NODE)
        values = {"node_id": place.node.pk, "created_by_id": unit.actor.user_id, "created_at": now()}
        NodeTag.objects.bulk_create(NodeTag(**values, name=name, folded=key) for key, name in new.items())
        return tags_on([place.node.pk])[place.node.pk]


def _clean(name: str) -> str:
    name = clean(name)
    if not 0 < len(name) <= MAXIMUM_TAG or not name.isprintable() or "," in name:
        text = _("A tag is a word or a few, without a comma, of at most %(limit)d characters.")
        raise InvalidRequest(text, parameter="tags", limit=MAXIMUM_TAG)
    return name
