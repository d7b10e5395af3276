"""Where a node hangs in the tree: one row, by SQL of our own; the ORM takes longer to say it than SQLite to do it."""

from django.db import connection

from common.paths import name_key
from files.models import Node


def hang(node: Node, parent_id: int, name: str) -> None:
    """Below another parent, by another name, in the space that the instance names, with the number that it has got."""
    node.parent_id, node.name, node.name_key = parent_id, name, name_key(name)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE files_node SET parent_id = %s, name = %s, name_key = %s, seq = %s, space_id = %s WHERE id = %s",
            [parent_id, name, node.name_key, node.seq, node.space_id, node.pk],
        )
