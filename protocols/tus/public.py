"""tus for visitors of a link: at /s/<token>/send/tus/, which its page uses, so that what breaks off goes on.

Who may send, and where it goes, says the link. Metadata are `filename`, `lastModified`, `sender`, `delivery` (the
secret of the receipt) and, for editors, `folder`. Nothing is ever replaced, nor told of what is there already.
"""

from functools import partial

from django.http import HttpRequest, HttpResponse

from accounts.actor import Actor
from files import errors
from files.access.rights import Right
from files.actions.uploads import UploadOptions
from files.actions.write_file import Written
from files.models import Upload
from files.queries.target import Target
from files.queries.tree import locate
from http_kit.parameters import parse_id
from protocols.tus.parse import Creation, metadata, modified_of
from protocols.tus.views import Collection, create, serve_upload, tus_endpoint
from sharing.actions.deliveries import note_arrival
from sharing.models import Link
from sharing.naming import clean_sender, name_from_sender, name_on_receipt
from sharing.queries.deliveries import Sender, clean_secret
from sharing.queries.link_access import find_link, is_late
from sharing.visitors import opened

PROTOCOL = "link"  # uploads of this endpoint are not those of people


def _visitor(request: HttpRequest) -> Actor:
    """Who sends to a link that takes files; nothing of a body is read before that. Raises Forbidden, NotAFolder."""
    found = opened(request, _slug(request))
    if not found.place.node.is_folder:
        raise errors.NotAFolder
    found.place.access.require(Right.CREATE)
    return found.actor


def _slug(request: HttpRequest) -> str:
    assert request.resolver_match is not None
    return str(request.resolver_match.kwargs["slug"])


@tus_endpoint(authenticate=_visitor)
def uploads(request: HttpRequest, actor: Actor, slug: str) -> HttpResponse:
    """POST: creation, with or without a first piece."""
    return create(request, actor, _collection(request, actor, slug))


@tus_endpoint(authenticate=_visitor)
def upload(request: HttpRequest, actor: Actor, slug: str, upload_id: str) -> HttpResponse:
    """HEAD, PATCH and DELETE of one upload that a visitor of this link has begun."""
    return serve_upload(request, actor, upload_id, _collection(request, actor, slug))


def _collection(request: HttpRequest, actor: Actor, slug: str) -> Collection:
    link = find_link(slug)
    prefix = f"/s/{slug}/send/tus/"
    return Collection(prefix, PROTOCOL, partial(_options, actor, link), partial(_arrived, link))


def _options(actor: Actor, link: Link, wanted: Creation) -> UploadOptions:
    if wanted.concatenation.header or wanted.concatenation.is_partial:
        raise errors.Forbidden
    filename = wanted.metadata.get("filename", "")
    if "/" in filename:
        raise errors.InvalidName(reason="slash")
    return UploadOptions(
        target=Target(
            name_from_sender(link, filename, wanted.metadata.get("sender", "")),
            parent_id=_folder(actor, link, wanted.metadata.get("folder", "")),
        ),
        length=wanted.length,
        autorename=True,
        modified_at=modified_of(wanted.metadata),
        metadata={"raw": wanted.raw_metadata},
        protocol=PROTOCOL,
    )


def _folder(actor: Actor, link: Link, wanted: str) -> int:
    """Of a file request there is one only. Raises NotFound, InvalidRequest."""
    if link.is_request or not wanted:
        return link.node_id
    return locate(actor, parse_id(wanted, "folder")).node.pk


def _arrived(link: Link, actor: Actor, upload: Upload, written: Written) -> None:
    said = metadata(upload.metadata.get("raw", ""))
    sender = Sender(clean_sender(said.get("sender", "")), clean_secret(said.get("delivery", "")))
    node = written.node
    wanted = name_from_sender(link, said.get("filename", ""), sender.name)
    note_arrival(
        actor,
        sender=sender,
        node_id=node.pk,
        name=node.name,
        sent_as=name_on_receipt(link, wanted, node.name),
        size=written.version.size,
        is_late=link.is_request and is_late(link),
    )
