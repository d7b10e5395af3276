"""A file that is moved or copied onto a mounted one.

Editors save like that: they write beside a file and rename over it. What has the name is somebody else's file then, so
it gets a new version, by the rights of whoever does it; nothing takes its place, and nothing of it goes to the trash.
"""

from collections.abc import Sequence
from dataclasses import replace

from accounts.actor import Actor
from files import errors
from files.access.rights import Right
from files.actions.regions import require_same_region
from files.actions.versions import put_version
from files.models import Mount, Node, NodeKind, Space
from files.queries.mounts import enter_row, follows, mounts_in
from files.queries.tree import LocatedNode
from files.tree.folders import Chain
from files.tree.trashing import trash
from files.tree.unit_of_work import SpaceUnitOfWork, UnitOfWork


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


def mounted_file(work: SpaceUnitOfWork, taken: Node, chain: Chain, source: Node) -> LocatedNode | None:
    """The mount that has the name in the folder at the end of the chain, where it and what comes are files; None for
    all others, and for one that leads nowhere now: they give way. Raises MountUnavailable.
    """
    if not taken.is_mount or taken.is_folder or source.is_folder:
        return None
    access = work.rules.along([*(step.id for step in chain), taken.pk])
    bare = LocatedNode(work.space, taken, chain, access, mounts=mounts_in(work.actor, work.space))
    return enter_row(bare, work.actor)


def write_over(unit: UnitOfWork, mount: LocatedNode, source: LocatedNode) -> LocatedNode:
    """Makes what `source` holds the next version of the file that the mount stands for. Returns the mount with it.
    Raises Forbidden, Locked, SpaceArchived; NameTaken for the file itself.
    """
    inner, file = mount.entered, source.entered
    if inner.space.pk not in unit:
        raise errors.Busy  # it has come there in this very moment
    if inner.node.pk == file.node.pk:
        raise errors.NameTaken(path=mount.path, id=mount.node.pk)
    inner.require(Right.EDIT)
    file.require(Right.DOWNLOAD)
    require_same_region(file.space, inner.space)
    version = file.node.version
    if version is None:
        raise errors.NotFound(id=file.node.pk)
    put = put_version(unit[inner.space.pk], inner, version)
    assert put.node is not None
    return replace(mount, target=replace(inner, node=put.node))


def move_over(unit: UnitOfWork, mount: LocatedNode, source: LocatedNode) -> LocatedNode:
    """The same, and the source goes to the trash of its space; a mount is hidden, as if it were deleted."""
    source.require(Right.DELETE)
    after = write_over(unit, mount, source)
    trash(unit[source.space.pk], source.node, source.ancestors)
    return after
