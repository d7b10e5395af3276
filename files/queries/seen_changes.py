"""Lines of a journal as somebody sees them who does not see all of its space."""

import hashlib
from collections.abc import Iterable, Sequence

from accounts.actor import Actor
from common.paths import join_path
from files.access.compute import Access, SpaceAccess, facts_of
from files.access.rights import Right
from files.models import Change, NodeKind, Restriction, Space
from files.queries.shown import path_shown
from files.queries.tree import PathStep
from files.queries.whereabouts import Chain, whereabouts


def seen_changes(
    actor: Actor,
    space: Space,
    access: Access,
    changes: Sequence[Change],
    *,
    top_id: int | None = None,
    rules: SpaceAccess | None = None,
) -> list[Change]:
    """What lay, or lies, where the actor sees nothing counts as not there: `before` and `after` of it are null, and a
    line with neither is left out, as is what tells of somebody's mounts in their home. Paths are those of the folders
    as they are called now, from the root of the actor's access on: older names could be those of folders that were
    above it. Folders have no size.

    `access` is that to the root of the space, or to the node that all lines are about. `top_id`: of the folder that the
    actor comes from, such as the root. Only what is below it is there, and not what they see in something hidden; paths
    begin there. No query for who sees all of the space and comes from its root. The instances are changed, and not the
    rows. `rules` are those of the space, where they have been read.
    """
    if not changes or (access.sees_all(space.root_id) and top_id in (None, space.root_id)):
        return list(changes)
    rules = rules or SpaceAccess(actor, facts_of(space))
    sides = [(change.before_parent_id, change.after_parent_id) for change in changes]
    chains = whereabouts(space, {pk for pair in sides for pk in pair if pk is not None})
    gone, shown = _restricted_elsewhere(space, changes), []
    for change in changes:
        if change.target_id is not None:
            continue
        there = {} if change.node_id in gone else chains
        before, after = (_path(rules, change, side, there, top_id) for side in ("before", "after"))
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


def _path(rules: SpaceAccess, change: Change, side: str, chains: dict[int, Chain], top_id: int | None) -> str | None:
    """Of the node at one side of the line; None where the actor would not see it."""
    parent = chains.get(getattr(change, f"{side}_parent_id") or 0)
    if parent is None:
        return None
    chain = (*parent, PathStep(change.node_id, getattr(change, f"{side}_name"), change.node_kind))
    ids = [step.id for step in chain]
    access = rules.along(ids)
    if Right.VIEW not in access.rights:
        return None
    if top_id is None:
        return path_shown(rules, chain)
    if top_id not in ids[:-1] or access.root_id not in ids[: ids.index(top_id) + 1]:
        return None
    return join_path([step.name for step in chain[ids.index(top_id) + 1 :]])


def sight(access: Access) -> str:
    """For a cursor: what it was that the actor did not see. When that has changed, no list of changes tells what has
    come into sight or gone out of it. Empty for who sees everything.
    """
    return _digest(access.hidden) if access.hidden else ""


def sight_below(space: Space, top_id: int, hidden: Iterable[int], known: dict[int, Chain]) -> str:
    """The same of a folder that is not the root: of what is hidden somewhere else nothing is told. The space is part of
    it, since numbers of changes are those of one space, and a folder may move to another one. No query where nothing is
    hidden, or for what is `known`, which is filled.
    """
    missing = [pk for pk in hidden if pk not in known]
    known |= dict.fromkeys(missing, ()) | whereabouts(space, missing)
    return _digest([space.pk, *(pk for pk in hidden if any(step.id == top_id for step in known[pk]))])


def _digest(ids: Iterable[int]) -> str:
    return hashlib.sha256(repr(sorted(ids)).encode()).hexdigest()[:8]
