"""Uploads as JSON values."""

from collections.abc import Sequence

from files.actions.write_file import Written
from files.api.outputs.render import Json, place, text_id, time
from files.models import SpaceKind, Upload, UploadPiece
from files.queries.uploads import contiguous, missing_ranges

MAXIMUM_RANGES = 1_000  # of each list; `offset` and `received_bytes` are always whole


def received_ranges(pieces: Sequence[UploadPiece]) -> list[list[int]]:
    """`[offset, length]`, neighbours joined."""
    ranges: list[list[int]] = []
    for piece in pieces:
        if ranges and ranges[-1][0] + ranges[-1][1] == piece.offset:
            ranges[-1][1] += piece.length
        else:
            ranges.append([piece.offset, piece.length])
    return ranges


def upload(row: Upload) -> Json:
    return {
        "id": str(row.pk),
        "space_id": str(row.space_id),
        "parent_id": text_id(row.parent_id),
        "path": row.path,
        "length": row.length,
        "mode": row.mode,
        "created_at": time(row.created_at),
        "expires_at": time(row.expires_at),
        "finished_at": time(row.finished_at),
        "finished_node_id": text_id(row.finished_node_id),
    }


def reservation(row: Upload, *, shown: bool) -> Json:
    """`shown`: it is the person's own; names in the homes of others, and in closed spaces, are theirs. So is how much
    arrives in which closed space.
    """
    of_team = row.space.kind == SpaceKind.TEAM
    is_closed = of_team and not row.space.is_open
    return {
        "id": str(row.pk),
        "space_id": str(row.space_id) if shown or not is_closed else None,
        "kind": row.protocol,
        "user_id": text_id(row.user_id),
        "email": row.user.email if row.user else None,
        "path": row.path if shown or (of_team and not is_closed) else None,
        "client": row.client,
        "length": row.length,
        "reserved_bytes": row.charged,
        "received_bytes": row.received or 0,  # type: ignore[attr-defined]
        "created_at": time(row.created_at),
        "expires_at": time(row.expires_at),
    }


def progress(row: Upload, pieces: list[UploadPiece]) -> Json:
    """What has arrived and what has not. Of a finished upload all has."""
    whole = row.finished_at is not None
    missing = [] if whole or row.length is None else missing_ranges(pieces, row.length)
    received = [[0, row.length or 0]] if whole else received_ranges(pieces)
    return {
        **upload(row),
        "received_bytes": sum(length for _, length in received),
        "offset": (row.length or 0) if whole else contiguous(pieces),
        "received": received[:MAXIMUM_RANGES],
        "missing": missing[:MAXIMUM_RANGES],
    }


def written(result: Written) -> Json:
    return {**place(result.place), "created": result.created, "changed": result.changed}
