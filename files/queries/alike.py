"""Names that only their case sets apart from others: for warning people, and for protocols that fold case."""

from collections.abc import Collection

from accounts.actor import Actor
from common.paths import folded
from files.models import Node
from files.queries.tree import locate_folder
from files.tree import keys


def alike(actor: Actor, *, parent_id: int, names: Collection[str], but: int | None = None) -> dict[str, Node]:
    """By clean name what the folder holds under another spelling of it, if nothing in it has the very name.

    `but` is a node that does not count. `Maße` is another spelling of `MASSE`, too: as common.paths.folded has it.
    """
    folder = locate_folder(actor, parent_id)
    hidden, mounts = folder.access.hidden, folder.mounts
    there = [node for node in keys.alike(folder.node.pk, names) if node.pk != but and node.pk not in hidden]
    # What is mounted there by somebody else, or leads nowhere now, is nothing that the actor knows of.
    found = [node for node in there if not node.is_mount or (mounts is not None and mounts.get(node.pk) is not None)]
    taken = {node.name for node in found}
    by_key: dict[str, Node] = {}
    for node in sorted(found, key=lambda node: node.pk):
        by_key.setdefault(folded(node.name), node)
    return {name: by_key[folded(name)] for name in names if name not in taken and folded(name) in by_key}
