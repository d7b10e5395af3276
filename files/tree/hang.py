"""Where a node hangs in the tree: one row."""

from django.db import connection

from common.paths import folded
from files.models import Node
from files.tree import keys


def hang(node: Node, parent_id: int, name: str) -> None:
    """Below another parent, by another name, in the space that the instance names, with the number that it has got."""
    before = (node.parent_id, node.name_key)
    node.parent_id, node.name, node.name_key = parent_id, name, folded(name)
    key, parameters = keys.free_key(parent_id, name, node.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE files_node SET parent_id = %s, name = %s, name_key = {key}, seq = %s, space_id = %s WHERE id = %s",
            [parent_id, name, *parameters, node.seq, node.space_id, node.pk],
        )
    parent_before, key_before = before
    if parent_before is not None and before != (parent_id, node.name_key):
        keys.hand_on(parent_before, key_before)
