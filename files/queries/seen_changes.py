"""Lines of a journal as somebody sees them who does not see all of its space."""

import hashlib
from collections.abc import Sequence

from accounts.actor import Actor
from files.access.compute import Access, SpaceAccess, facts_of
from files.access.rights import Right
from files.models import Change, NodeKind, Restriction, Space
from files.queries.shown import path_shown
from files.queries.tree import PathStep
from files.queries.whereabouts import Chain, whereabouts


def seen_changes(
    actor: Actor, space: Space, access: Access, changes: Sequence[Change], *, from_top: bool = False
) -> list[Change]:
    """What lay, or lies, where the actor sees nothing counts as not there: `before` and `after` of it are null, and a
    line with neither is left out. Paths are those of the folders as they are called now, from the root of the actor's
    access on: older names could be those of folders that were above it. Folders have no size.

    `access` is that to the root of the space, or to the node that all lines are about. `from_top`: what the actor sees
    in something hidden counts as not there either, for whoever comes from the root of the space. No query for who sees
    all of the space. The instances are changed, and not the rows.
    """
    if not changes or (access.root_id == space.root_id and not access.hidden):
        return list(changes)
    rules = SpaceAccess(actor, facts_of(space))
    sides = [(change.before_parent_id, change.after_parent_id) for change in changes]
    chains = whereabouts(space, {pk for pair in sides for pk in pair if pk is not None})
    gone, shown = _restricted_elsewhere(space, changes), []
    for change in changes:
        there = {} if change.node_id in gone else chains
        before, after = (_path(rules, change, side, there, from_top) for side in ("before", "after"))
        if before is None:
            change.before_parent_id = change.before_version_id = None
        if after is None:
            change.after_parent_id = change.after_version_id = None
        change.before_path, change.after_path = before or "", after or ""
        change.size = 0 if change.node_kind == NodeKind.FOLDER else change.size  # what is hidden is part of it
        change.before_name = change.before_name if before else ""
        change.after_name = change.after_name if after else ""
        if before or after:
            shown.append(change)
    return shown


def _restricted_elsewhere(space: Space, changes: Sequence[Change]) -> set[int]:
    """Folders among those of the lines that are restricted in the space to which they have gone."""
    folders = {change.node_id for change in changes if change.node_kind == NodeKind.FOLDER}
    rows = Restriction.objects.filter(node_id__in=folders).exclude(space=space)
    return set(rows.values_list("node_id", flat=True))


def _path(rules: SpaceAccess, change: Change, side: str, chains: dict[int, Chain], from_top: bool) -> str | None:
    """Of the node at one side of the line; None where the actor would not see it."""
    parent = chains.get(getattr(change, f"{side}_parent_id") or 0)
    if parent is None:
        return None
    chain = (*parent, PathStep(change.node_id, getattr(change, f"{side}_name"), change.node_kind))
    access = rules.along([step.id for step in chain])
    seen = Right.VIEW in access.rights and (access.root_id == chain[0].id or not from_top)
    return path_shown(rules, chain) if seen else None


def sight(access: Access) -> str:
    """For a cursor: what it was that the actor did not see. When that has changed, no list of changes tells what has
    come into sight or gone out of it. Empty for who sees everything.
    """
    hidden = access.hidden
    return hashlib.sha256(repr(sorted(hidden)).encode()).hexdigest()[:8] if hidden else ""
