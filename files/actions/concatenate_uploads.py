"""Joining complete partial uploads into one (tus concatenation): rows move, no byte does."""

import uuid
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts import quotas
from accounts.actor import Actor
from accounts.quotas import Charge
from accounts.unit_of_work import Lock, unit_of_work
from common.content_hash import BLOCK_SIZE
from files import errors
from files.models import SpaceKind, Upload, UploadPiece
from files.queries.uploads import get_upload, id_of_upload, missing_ranges, pieces_of
from files.tree.unit_of_work import quota_accounts

MAXIMUM_PARTS = 1_000


def concatenate_uploads(
    actor: Actor, *, upload_id: uuid.UUID | str, part_ids: Sequence[uuid.UUID], protocol: str
) -> Upload:
    """Moves the pieces of the parts, in order, into the upload, which must be empty and of no known length. The parts
    are gone afterwards, and the upload holds the bytes that were reserved for them.

    Raises UploadNotFound, UploadIncomplete, InvalidRequest (another space; the same part twice), TooMany.
    """
    if len(part_ids) > MAXIMUM_PARTS:
        raise errors.TooMany(limit=MAXIMUM_PARTS)
    if not part_ids or len(set(part_ids)) != len(part_ids):
        raise errors.InvalidRequest(_("Name at least one partial upload, and none of them twice."))
    with unit_of_work(actor, Lock(Upload, id_of_upload(upload_id), *part_ids)) as actor:
        whole = get_upload(actor, upload_id, protocol=protocol)
        locked = {part_id: get_upload(actor, part_id, protocol=protocol) for part_id in sorted(part_ids)}
        offset, freed = 0, dict[int, int]()
        for part in (locked[part_id] for part_id in part_ids):
            _check(whole, part)
            offset += _take(whole, part, offset)
            for account_id in quota_accounts(part.space):
                freed[account_id] = freed.get(account_id, 0) + part.charged
            part.delete()
        grown = dict.fromkeys(quota_accounts(whole.space), offset - whole.charged)
        for account_id in sorted({*freed, *grown}):
            quotas.charge([account_id], Charge(uploads=grown.get(account_id, 0) - freed.get(account_id, 0)))
        whole.length = whole.charged = offset
        whole.save(update_fields=["length", "charged"])
    return whole


def _check(whole: Upload, part: Upload) -> None:
    # Where a part goes, nobody says: it is begun in the home, and the whole may go into what is mounted there.
    begun_there = part.space_id == whole.space_id or part.space.kind == SpaceKind.HOME
    if not part.is_partial or not begun_there or part.space.team_id != whole.space.team_id:
        raise errors.InvalidRequest(_("Only partial uploads of one space can be concatenated."))
    missing = [[0, 0]] if part.length is None else missing_ranges(pieces_of(part), part.length)
    if missing:
        raise errors.UploadIncomplete(missing=missing[:100], upload=str(part.pk))


def _take(whole: Upload, part: Upload, offset: int) -> int:
    """Digests of blocks stay true where the part begins at the edge of a block, but for a short last one."""
    assert part.length is not None
    pieces = pieces_of(part)
    first_block, aligned = offset // BLOCK_SIZE, offset % BLOCK_SIZE == 0
    for piece in pieces:
        kept = piece.digests.items() if aligned else ()
        piece.digests = {
            str(first_block + int(index)): digest
            for index, digest in kept
            if (int(index) + 1) * BLOCK_SIZE <= part.length
        }
        piece.upload = whole
        piece.offset += offset
    UploadPiece.objects.bulk_update(pieces, ["upload", "offset", "digests"], batch_size=500)
    return part.length
