"""Which mounted files an act would write to, because it puts something in their place."""

from collections.abc import Sequence

from accounts.actor import Actor
from files.models import Mount, Node, NodeKind, Space
from files.queries.mounts import follows


def spaces_written(
    actor: Actor, space: Space, folder_id: int | None, node_ids: Sequence[int], name: str | None
) -> list[Space]:
    """To be locked by who puts these nodes into a folder of the space, and overwrites: those of the mounted files that
    have one of their names there. No query where nothing is mounted.
    """
    if folder_id is None or not follows(actor, space):
        return []
    mounts = Mount.objects.filter(user_id=space.owner_id or 0, node__kind=NodeKind.FILE, node__parent_id=folder_id)
    if name is None:
        mounts = mounts.filter(node__name__in=Node.objects.filter(pk__in=node_ids).values("name"))
    else:
        mounts = mounts.filter(node__name=name)
    spaces = Space.objects.filter(pk__in=mounts.values("target__space_id")).select_related("team", "quota")
    return list(spaces.order_by("pk"))
