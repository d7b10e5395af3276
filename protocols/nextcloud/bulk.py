"""Bulk upload: `POST /remote.php/dav/bulk` with many files in one body, over the core's bulk write.

Small files are gathered, so that a few hundred of them are one object and one transaction; a large one is written as
it arrives. The response has the outcome of each, by the path that the client sent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from accounts.actor import Actor
from accounts.errors import InvalidCredentials, ScopeMissing
from common.errors import CodedError
from files import errors
from files.actions.bulk_write import SmallFile, bulk_write, check_bulk
from files.actions.write_file import write_file
from files.models import Node
from files.queries.mounts import owns
from files.queries.target import Target
from files.queries.tree import locate_many
from files.tree.writing import Mode, WriteOptions
from http_kit.body import body_of
from http_kit.body_memory import Share, memory
from http_kit.checksum_headers import of_oc_checksum
from http_kit.errors import BodyBroken
from http_kit.parameters import boundary_of, parse_time
from protocols.dav.errors import MethodNotAllowed, UnsupportedBody
from protocols.nextcloud.endpoint import serve
from protocols.nextcloud.properties import oc_id, permissions_of
from protocols.nextcloud.related import LONGEST_BOUNDARY, Broken, Part, parse_related

MAXIMUM_PARTS = 10_000
LARGE = 4 * 1024 * 1024  # bytes from which on a file is written on its own
GATHERED_FILES, GATHERED_BYTES = 500, 16 * 1024 * 1024
# Not a fault of one file: who sends them may not any more.
OVER: tuple[type[Exception], ...] = (InvalidCredentials, ScopeMissing, errors.ScopeMissing)
FATAL: tuple[type[Exception], ...] = (Broken, *OVER)
Outcome = dict[str, Any]


@csrf_exempt
def bulk(request: HttpRequest) -> HttpResponseBase:
    def handle(actor: Actor) -> HttpResponseBase:
        if request.method != "POST":
            raise MethodNotAllowed
        if (request.content_type or "").lower() != "multipart/related":
            raise UnsupportedBody
        boundary = boundary_of(request.META["CONTENT_TYPE"], longest=LONGEST_BOUNDARY)
        check_bulk(actor, folder=Target(), length=None)
        return _write(actor, parse_related(body_of(request).chunks, boundary))

    return serve(request, handle, "OPTIONS, POST")


@dataclass(frozen=True, slots=True)
class _File:
    """A part's headers. `path` is as the client gave it: what the answer names it by."""

    path: str
    options: WriteOptions
    expected: dict[str, str]


@dataclass(slots=True)
class _Batch:
    """Small files that wait to be written together; `share` is the memory that they take."""

    actor: Actor
    outcomes: dict[str, Outcome]
    share: Share
    waiting: list[tuple[_File, bytes]] = field(default_factory=list)
    size: int = 0

    def add(self, file: _File, data: bytes) -> None:
        self.waiting.append((file, data))
        self.size += len(data)

    @property
    def is_full(self) -> bool:
        return len(self.waiting) >= GATHERED_FILES or self.size >= GATHERED_BYTES

    def write(self) -> None:
        """A full quota refuses all of them."""
        if not self.waiting:
            return
        files = [
            SmallFile(file.path, data, file.options, file.expected, make_folders=False) for file, data in self.waiting
        ]
        try:
            home, puts = bulk_write(self.actor, folder=Target(), files=files)
        except OVER:
            raise
        except CodedError as error:
            self.outcomes.update({file.path: _refused(error) for file, _ in self.waiting})
            return
        elsewhere = [put.node.pk for put in puts if put.node is not None and put.node.space_id != home.space.pk]
        permissions = _permissions_in_mounts(self.actor, elsewhere)
        for (file, _), put in zip(self.waiting, puts, strict=True):
            self.outcomes[file.path] = _refused(put.error) if put.error else _written(put.node, file, permissions)


def _write(actor: Actor, parts: Iterator[Part]) -> JsonResponse:
    """400 when the body breaks off; it still lists what was written by then."""
    outcomes: dict[str, Outcome] = {}
    status, more = HTTPStatus.OK, True
    while more:
        with memory.share() as share:
            batch = _Batch(actor, outcomes, share)
            try:
                more = _gather(batch, parts)
            except (Broken, BodyBroken):
                status, more = HTTPStatus.BAD_REQUEST, False
            batch.write()
    return JsonResponse(outcomes, status=status, headers={"Cache-Control": "private, no-store"})


def _gather(batch: _Batch, parts: Iterator[Part]) -> bool:
    """Whether there may be more."""
    for part in parts:
        if len(batch.outcomes) + len(batch.waiting) >= MAXIMUM_PARTS:
            raise errors.TooMany(limit=MAXIMUM_PARTS)
        path = part.headers.get("x-file-path", "")
        try:
            file = _file(path, part.headers)
            if part.length > LARGE:
                batch.outcomes[path] = _write_large(batch.actor, file, part)
            else:
                batch.share.take(part.length)
                batch.add(file, b"".join(part.chunks))
        except FATAL:
            raise
        except CodedError as error:
            batch.outcomes[path] = _refused(error)
        if batch.is_full:
            return True
    return False


def _write_large(actor: Actor, file: _File, part: Part) -> Outcome:
    target = Target(file.path, make_folders=False)
    written = write_file(
        actor, target=target, chunks=part.chunks, length=part.length, options=file.options, expected=file.expected
    )
    elsewhere = [] if owns(actor, written.place.entered.space) else [written.node.pk]
    return _written(written.node, file, _permissions_in_mounts(actor, elsewhere))


def _permissions_in_mounts(actor: Actor, node_ids: list[int]) -> dict[int, str]:
    """Of files that were written through a mount, what one may do with them: two queries, or none."""
    places = locate_many(actor, node_ids) if node_ids else []
    return {place.node.pk: permissions_of(actor, place, place.access.rights, is_folder=False) for place in places}


def _file(path: str, headers: Mapping[str, str]) -> _File:
    """Raises InvalidRequest, InvalidChecksum."""
    if not path:
        raise errors.InvalidRequest(gettext_lazy("A part has no X-File-Path."))
    modified = headers.get("x-file-mtime") or headers.get("x-oc-mtime")
    conditions = {name: headers[name] for name in ("if-match", "if-none-match") if name in headers}
    expected = of_oc_checksum(headers.get("oc-checksum", ""))
    if "x-file-md5" in headers:
        expected["md5"] = headers["x-file-md5"]
    options = WriteOptions(
        Mode.OVERWRITE, modified_at=parse_time(modified) if modified else None, conditions=conditions
    )
    return _File(path, options, expected)


def _written(node: Node | None, file: _File, permissions: Mapping[int, str]) -> Outcome:
    assert node is not None
    outcome = {
        "error": False,
        "etag": node.etag.strip('"'),
        "fileid": oc_id(node.pk),
        "OC-FileID": oc_id(node.pk),
        "permissions": permissions.get(node.pk, "RGDNVW"),
    }
    return outcome | ({"X-OC-MTime": "accepted"} if file.options.modified_at else {})


def _refused(error: Exception) -> Outcome:
    return {"error": True, "message": str(error)}
