"""Paths as an actor sees them: none begins above the root of their access (files.access).

Whatever tells somebody a path asks here, or is a LocatedNode: errors too. The journal and the trash keep paths in the
space, which only those see as they are who see all of it.
"""

from collections.abc import Sequence

from common.paths import join_path
from files.access.compute import SpaceAccess
from files.models import NodeKind
from files.queries.tree import PathStep


def path_shown(rules: SpaceAccess, chain: Sequence[PathStep], *names: str) -> str:
    """Of the last step of a chain from the root of a space, or of `names` below it. Of a place above all that the actor
    sees it is `/`.
    """
    ids = [step.id for step in chain]
    top = rules.along(ids).root_id
    start = ids.index(top) + 1 if top is not None else len(ids)
    below = [*(step.name for step in chain[start:]), *names]
    if not below and top == ids[-1] and len(ids) > 1 and chain[-1].kind != NodeKind.FOLDER:
        below = [chain[-1].name]  # a file that was shared alone
    return join_path(below) if below else "/"
