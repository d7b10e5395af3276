"""The answer to "all of this as one zip": listed in pages, streamed, with its length where that is known in time.

Contents never change, so the archive is valid whatever happens to the tree meanwhile; what is moved while a very
large folder is listed may be in it twice or not at all. A file that cannot be read is left out and named in
`_errors.txt`, unless the length was promised: then the download breaks off, which the client sees.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from django.http.response import StreamingHttpResponse

from accounts.actor import Actor
from accounts.at_once import Streamed, zips
from common.clock import now
from common.content_disposition import content_disposition
from common.errors import CodedError
from common.paths import numbered_name
from files import errors
from files.access.rights import Right
from files.downloads.reads import note_read
from files.downloads.response import POLICY, read_file
from files.downloads.zip_archive import Archive, length_of
from files.queries.subtree import Item, walk
from files.queries.tree import LocatedNode
from http_kit.long_requests import release_connection, sends

logger = logging.getLogger(__name__)

MAXIMUM_ENTRIES = 1_000_000
PLANNED = 10_000  # entries that are listed before the first byte, so that the length can be told
NOTED = 20  # of what is asked for, as read by who was let in to it
GATHERED = 256 * 1024  # bytes sent at once: an entry alone is often tiny
ERRORS = "_errors.txt"


def zip_download(actor: Actor, places: Sequence[LocatedNode], *, name: str | None = None) -> StreamingHttpResponse:
    """`name` of the file, with or without .zip. Raises TooMany for more than a million entries, TooManyRequests."""
    if sum(_entries(place) for place in places) > MAXIMUM_ENTRIES:
        raise errors.TooMany(limit=MAXIMUM_ENTRIES)
    for place in places[:NOTED]:
        _note(actor, place.entered)
    zips.enter(actor.counted_as)
    try:
        headers, parts = _begun(actor, places, name)
    except BaseException:
        zips.leave(actor.counted_as)
        raise
    response = StreamingHttpResponse(Streamed(zips, actor, parts), headers=headers, content_type="application/zip")
    tops = [place.entered for place in places]
    sends(response, [top.node.pk for top in tops if Right.DOWNLOAD in top.access.rights])
    return response


def _note(actor: Actor, place: LocatedNode) -> None:
    """As for one file, by the top of what is in it."""
    if place.access.root_id != place.space.root_id or actor.link_id is not None:
        note_read(actor, space_id=place.space.pk, node_id=place.node.pk)


def _entries(place: LocatedNode) -> int:
    below = [] if place.is_mount or place.mounts is None else place.mounts.below(place.node.pk)
    return sum(found.shown.descendants + 1 for found in (place, *below))


def _begun(actor: Actor, places: Sequence[LocatedNode], name: str | None) -> tuple[dict[str, str], Iterator[bytes]]:
    """The headers, and the bytes, of which the first have been made."""
    items = walk(actor, _top_names(places))
    planned = list(islice(items, PLANNED + 1))
    headers = {
        "Content-Disposition": content_disposition(_file_name(places, name)),
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    sized = len(planned) <= PLANNED
    if sized:
        entries = ((_path(item), item.modified_at, item.file.size if item.file else None) for item in planned)
        headers["Content-Length"] = str(length_of(entries))
        release_connection()
    body = _gather(_write(planned if sized else chain(planned, items), skip=not sized))
    first = next(body)  # so that an error of the first file comes while the answer can still say so
    return headers, _behind(first, body)


def _top_names(places: Sequence[LocatedNode]) -> list[tuple[tuple[str, ...], LocatedNode]]:
    """Each with a name of its own, also when they come from different folders. Of a top folder what is in it."""
    taken: set[str] = set()
    named: list[tuple[tuple[str, ...], LocatedNode]] = []
    for place in places:
        if place.is_root and len(places) == 1:
            return [((), place)]
        wanted = name = place.space.name if place.is_root else place.node.name
        number = 2
        while name in taken:
            name, number = numbered_name(wanted, number), number + 1
        taken.add(name)
        named.append(((name,), place))
    return named


def _file_name(places: Sequence[LocatedNode], name: str | None) -> str:
    if not name and len(places) == 1:
        name = places[0].space.name if places[0].is_root else places[0].node.name
    name = name or f"files {now():%Y-%m-%d}"
    return name if name.lower().endswith(".zip") else f"{name}.zip"


def _path(item: Item) -> str:
    """Names hold no slash and are never `..`; a backslash is a separator to some programs, so it is shown as one."""
    return "/".join(item.names).replace("\\", "\N{FULLWIDTH REVERSE SOLIDUS}")


def _write(items: Iterable[Item], *, skip: bool) -> Iterator[bytes]:
    archive, failed = Archive(), list[str]()
    begun = False
    for item in items:
        path, file = _path(item), item.file
        try:
            chunks = None if file is None else read_file(file, 0, file.size, begun=begun)
        except CodedError as error:
            logger.error("zip: content %s cannot be read: %s", file.content_id if file else "", error.code)
            if not skip:
                raise
            failed.append(path)
            begun = False  # what was waited for in vain is not waited for again, file after file
            continue
        if file is not None and file.size > GATHERED:
            release_connection()
        yield from archive.entry(path, item.modified_at, chunks, file.size if file else 0)
        begun = not failed and (begun or chunks is not None)
    if failed:
        text = "These files could not be read and are missing here:\n" + "".join(f"{path}\n" for path in failed)
        yield from archive.entry(ERRORS, now(), [text.encode()], len(text.encode()))
    yield from archive.footer()


def _behind(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _gather(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Headers and small files together, large pieces as they come."""
    gathered, size = list[bytes](), 0
    for part in parts:
        gathered.append(part)
        size += len(part)
        if size >= GATHERED:
            yield b"".join(gathered) if len(gathered) > 1 else part
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)
