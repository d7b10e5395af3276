"""Sending files to a link by a form, without a script, and the receipt. The body is read as it comes: nothing of it is
read for a link that takes no files, and nothing is ever replaced. frontend/src/send.ts sends the same in pieces.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from common.errors import CodedError
from common.ids import id_of
from files import errors
from files.access.rights import Right
from files.actions.write_file import write_file
from files.queries.target import Target
from files.tree.writing import Mode, WriteOptions
from http_kit.body import body_of
from http_kit.errors import TooMany
from http_kit.multipart import FormPart, boundary_of, parse_form
from http_kit.problem_table import TABLE
from sharing.actions.deliveries import note_arrival
from sharing.errors import LinkNotFound
from sharing.naming import clean_sender, name_from_sender, name_on_receipt
from sharing.queries.deliveries import Sender, clean_secret, receipt_of
from sharing.queries.link_access import OpenLink, is_late
from sharing.web.link_pages import kept_by_nobody, link_page, refusal
from sharing.web.public import locate_inside, request_page, request_slug

MAXIMUM_FILES, MAXIMUM_FIELDS = 100, 20  # of one form


@dataclass(slots=True)
class _Form:
    """What has come of a form so far. Its fields stand before its files, as they do on our pages."""

    fields: dict[str, str] = field(default_factory=dict)
    sent: int = 0

    @property
    def sender(self) -> Sender:
        return Sender(clean_sender(self.fields.get("sender", "")), clean_secret(self.fields.get("delivery", "")))


@require_POST
@link_page
def send(request: HttpRequest, opened: OpenLink) -> HttpResponseBase:
    """303 to the receipt. What arrived before something was refused stays, and is on the receipt."""
    if opened.place.node.is_folder:
        opened.place.access.require(Right.CREATE)
    else:
        raise errors.NotAFolder
    boundary = boundary_of(request.META.get("CONTENT_TYPE", ""))
    form = _Form()
    try:
        for name, part in _files_of(parse_form(body_of(request).chunks, boundary), form):
            _store(opened, form, name, part)
        if not form.sent:
            raise errors.InvalidRequest(_("Choose the files first."))
    except CodedError as error:
        return _refused(request, opened, form, error)
    if not form.sender.secret:
        return redirect("public:link", request_slug(request))
    return redirect("public:receipt", request_slug(request), form.sender.secret)


def _files_of(parts: Iterator[FormPart], form: _Form) -> Iterator[tuple[str, FormPart]]:
    """Name and part of each file. Fields go into the form. Raises TooMany."""
    for number, part in enumerate(parts):
        if number >= MAXIMUM_FILES + MAXIMUM_FIELDS or form.sent >= MAXIMUM_FILES:
            raise TooMany(limit=MAXIMUM_FILES)
        if part.filename is None:
            form.fields[part.name] = part.text()
        elif part.filename:
            yield part.filename.rpartition("/")[2], part


def _store(opened: OpenLink, form: _Form, filename: str, part: FormPart) -> None:
    wanted = name_from_sender(opened.link, filename, form.sender.name)
    made = write_file(
        opened.actor,
        target=Target(wanted, parent_id=_folder(opened, form)),
        chunks=part.chunks,
        length=None,
        options=WriteOptions(Mode.CREATE, autorename=True),
    )
    form.sent += 1
    late = opened.link.is_request and is_late(opened.link)
    note_arrival(
        opened.actor,
        sender=form.sender,
        node_id=made.node.pk,
        name=made.node.name,
        sent_as=name_on_receipt(opened.link, wanted, made.node.name),
        size=made.version.size,
        is_late=late,
    )


def _folder(opened: OpenLink, form: _Form) -> int:
    """Of a file request there is one only. Raises NotFound, InvalidRequest."""
    wanted = form.fields.get("folder", "")
    if opened.link.is_request or not wanted:
        return opened.place.node.pk
    node_id = id_of(wanted)
    if node_id is None:
        raise errors.InvalidRequest
    return locate_inside(opened, node_id).node.pk


def _refused(request: HttpRequest, opened: OpenLink, form: _Form, error: CodedError) -> HttpResponseBase:
    """The receipt of what arrived, with what did not and why; or the form again."""
    status = int(TABLE[error.code][0])
    if form.sent and form.sender.secret:
        return _receipt(request, request_slug(request), form.sender.secret, error=error, status=status)
    if opened.link.is_request:
        return request_page(request, opened, error=error, status=status)
    return refusal(request_slug(request), error, request)


@require_safe
def receipt(request: HttpRequest, slug: str, secret: str) -> HttpResponseBase:
    """For whoever has its address, and as often as they like: it changes nothing. Also when the link has ended."""
    return kept_by_nobody(_receipt(request, slug, secret))


def _receipt(
    request: HttpRequest, slug: str, secret: str, *, error: CodedError | None = None, status: int = 200
) -> HttpResponseBase:
    """Renders sharing/public/receipt.html. Context: slug, receipt, link, title, owner, refused."""
    try:
        found = receipt_of(slug, secret)
    except LinkNotFound as missing:
        return refusal(slug, missing, request)
    maker = found.link.created_by
    context: dict[str, Any] = {
        "slug": slug,
        "receipt": found,
        "link": found.link,
        "title": found.link.title,
        "owner": "" if maker is None else maker.get_short_name(),
        "refused": error,
    }
    return render(request, "sharing/public/receipt.html", context, status=status)
