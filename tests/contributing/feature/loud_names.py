"""What in a folder is not in lower case. In the product: files/queries/loud_names.py."""

from accounts.actor import Actor
from files.models import Node
from files.queries.listing import list_folder
from files.queries.tree import locate_folder


def loud_names(actor: Actor, *, folder_id: int, limit: int = 200) -> list[Node]:
    """Among the first `limit` entries by name: a constant number of queries, whatever the folder holds.

    Raises NotFound, NotAFolder, ScopeMissing.
    """
    page = list_folder(actor, locate_folder(actor, folder_id), limit=limit)
    return [node for node in page.entries if node.name != node.name.lower()]
