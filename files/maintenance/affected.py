"""Which files suffer when bytes are damaged: their paths, current and earlier versions, in the trash too."""

from collections.abc import Iterator

from common.paths import join_path
from files.maintenance.ranges import rows_in_batches
from files.models import Extent, Space, TrashItem, UploadPiece, Version
from files.queries.tree import ancestors_of


def affected_by_blob(blob_id: int) -> Iterator[str]:
    """One line for each version and each upload that needs the blob."""
    for extents in rows_in_batches(Extent.objects.filter(blob_id=blob_id)):
        for extent in extents:
            yield from affected_by_content(extent.content_id)
    for pieces in rows_in_batches(UploadPiece.objects.filter(blob_id=blob_id).select_related("upload")):
        for piece in pieces:
            yield f"upload {piece.upload_id} of space {piece.upload.space_id}: {piece.upload.path!r}"


def affected_by_content(content_id: int) -> Iterator[str]:
    """One line for each version with this content."""
    rows = Version.objects.filter(content_id=content_id).select_related("node")
    for versions in rows_in_batches(rows):
        chains = ancestors_of({version.node_id for version in versions})
        tops = {chain[0].id if chain else node_id for node_id, chain in chains.items()}
        trash = dict(TrashItem.objects.filter(node_id__in=tops).values_list("node_id", "path"))
        roots = set(Space.objects.filter(root_id__in=tops).values_list("root_id", flat=True))
        for version in versions:
            chain = chains[version.node_id]
            names = [step.name for step in chain] + [version.node.name]
            top = chain[0].id if chain else version.node_id
            deleted = "/".join([trash.get(top, "?"), *names[1:]]) + " (deleted)"
            where = join_path(names[1:]) if top in roots else deleted
            state = "current" if version.node.version_id == version.pk else "earlier"
            yield f"space {version.node.space_id} {where!r}, {state} version {version.pk}"
