"""Writing a new version of a file by its id, wherever it is by the time that its bytes have arrived."""

from collections.abc import Iterable

from django.conf import settings

from accounts.actor import Actor
from common.errors import CodedError
from files import errors
from files.actions.reservations import Room, reserving
from files.actions.write_file import WriteOptions, Written, check_target, commit_stored
from files.blobs import checksums, ingest
from files.blobs.pools import writable_pool
from files.queries.target import Target
from files.queries.tree import locate
from files.tree.writing import WriteOutcome


def write_node(
    actor: Actor,
    *,
    node_id: int,
    chunks: Iterable[bytes],
    length: int | None,
    options: WriteOptions | None = None,
    expected: dict[str, str] | None = None,
) -> Written:
    """As write_file, for a file that exists. Raises NotFound, NotAFile too.

    The file may be renamed and moved while the bytes arrive; Busy when that happens in the very moment of the
    commit, so that the bytes never become another file.
    """
    options = options or WriteOptions()
    expected = checksums.clean(expected or {})
    target, file_id = _target(actor, node_id)
    resolved = check_target(actor, target=target, options=options, length=length)
    space, limit = resolved.base.space, settings.MAX_UPLOAD_SIZE
    pool = writable_pool(space)

    def check_node(put: WriteOutcome) -> None:
        if put.node is None or put.node.pk != file_id:
            raise errors.Busy

    with reserving(actor, Room(space, pool, resolved.path), length=length) as room:
        passing = room.passing(chunks)
        stored = ingest.store(pool, passing, team_id=space.team_id, length=length, limit=limit, expected=expected)
        try:
            target, _ = _target(actor, node_id)
        except CodedError:
            ingest.discard(pool, stored.key)
            raise
        return commit_stored(actor, target=target, options=options, stored=stored, check=check_node, reservation=room)


def _target(actor: Actor, node_id: int) -> tuple[Target, int]:
    """And the id of the file, which is another one than that of a mount."""
    place = locate(actor, node_id)
    if place.node.is_folder:
        raise errors.NotAFile(id=node_id)
    return Target(place.node.name, parent_id=place.node.parent_id), place.shown.pk
