"""What visitors of a link may do whose role is that of an editor: folders, names, and into the trash of the owner. And
the report of a link, for everybody.

What the link itself leads to keeps its name and its place.
"""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import Actor
from common.errors import CodedError
from files import errors
from files.access.rights import Right
from files.actions.create_folder import create_folder
from files.actions.move import rename_node
from files.actions.trash import trash_nodes
from files.queries.target import Target
from files.queries.tree import LocatedNode, clean_name
from http_kit import forms
from sharing.actions.reports import MAXIMUM_TEXT, Reason, report_link
from sharing.guesses import open_for
from sharing.queries.link_access import OpenLink
from sharing.visitors import refuse_other_sites, visitor
from sharing.web.link_pages import kept_by_nobody, link_page, refusal
from sharing.web.public import locate_inside, request_slug

_REPORTABLE = frozenset({"link_password_required", "link_sign_in_required", "link_not_for_you", "link_used_up"})


@require_POST
@link_page
def make_folder(request: HttpRequest, opened: OpenLink, node_id: int) -> HttpResponse:
    name = clean_name(forms.text(request.POST, "name"))
    place = locate_inside(opened, node_id)
    place.require(Right.CREATE)
    made, _ = create_folder(opened.actor, target=Target(name, parent_id=place.node.pk))
    return _to(request, opened, made.node.pk, "made")


@require_POST
@link_page
def rename(request: HttpRequest, opened: OpenLink, node_id: int) -> HttpResponse:
    place = _below(opened, node_id)
    rename_node(opened.actor, node_id=place.node.pk, name=clean_name(forms.text(request.POST, "name")))
    return _to(request, opened, node_id, "renamed")


@require_POST
@link_page
def delete(request: HttpRequest, opened: OpenLink, node_id: int) -> HttpResponse:
    """Into the trash, from which its owner can restore it."""
    place = _below(opened, node_id)
    trash_nodes(opened.actor, node_ids=[place.node.pk])
    return _to(request, opened, place.ancestors[-1].id, "deleted")


def _below(opened: OpenLink, node_id: int) -> LocatedNode:
    """Raises NotFound, RootIsFixed."""
    place = locate_inside(opened, node_id)
    if place.node.pk == opened.place.node.pk:
        raise errors.RootIsFixed
    return place


def _to(request: HttpRequest, opened: OpenLink, node_id: int, done: str) -> HttpResponse:
    slug = request_slug(request)
    if node_id == opened.place.node.pk:
        return redirect(f"{reverse('public:link', args=[slug])}?done={done}")
    return redirect(f"{reverse('public:inside', args=[slug, node_id])}?done={done}")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Also of a link that this visitor cannot open.

    Renders sharing/public/report.html. Context: slug, reasons, maximum, sent.
    """
    sent = request.method == "POST"
    try:
        refuse_other_sites(request)
        person = visitor(request)
        _require_there(person, slug)
        if sent:
            text = forms.text(request.POST, "text")
            report_link(person, slug=slug, reason=forms.text(request.POST, "reason"), text=text)
    except CodedError as error:
        return kept_by_nobody(refusal(slug, error, request))
    context = {"slug": slug, "reasons": Reason.choices, "maximum": MAXIMUM_TEXT, "sent": sent}
    return kept_by_nobody(render(request, "sharing/public/report.html", context))


def _require_there(person: Actor, slug: str) -> None:
    try:
        open_for(person, slug)
    except CodedError as error:
        if error.code not in _REPORTABLE:
            raise
