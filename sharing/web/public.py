"""What visitors of a link see: a folder, a file, a file request; downloads of them, and the question for the password.

Everything works without scripts. Nothing that people uploaded is shown in our origin; it is always saved.
"""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import CodedError
from files import errors
from files.access.rights import Right
from files.downloads.response import download as answer_download
from files.downloads.zip_response import zip_download
from files.models import SpaceKind
from files.queries.file_content import file_of_node
from files.queries.listing import ORDERS, list_folder
from files.queries.tree import LocatedNode, locate, locate_many
from http_kit import forms
from http_kit.columns import columns
from sharing.actions.link_passwords import try_password
from sharing.actions.link_uses import ZIP, count_download, count_visit
from sharing.errors import LinkPasswordRequired
from sharing.guesses import open_for
from sharing.queries.deliveries import new_secret
from sharing.queries.link_access import OpenLink, ends_at, is_late
from sharing.visitors import COOKIE, refuse_other_sites, visitor
from sharing.web.link_pages import kept_by_nobody, link_page, refusal
from sharing.web.strings import ui_strings

DONE = {
    "made": gettext_lazy("The folder was made."),
    "renamed": gettext_lazy("Renamed."),
    "deleted": gettext_lazy("Moved to the trash of its owner."),
}


@require_safe
@link_page
def link(request: HttpRequest, opened: OpenLink) -> HttpResponse:
    """The page behind the address itself. A visit counts when somebody looks, and not when they turn the page."""
    if request.method == "GET" and "cursor" not in request.GET:
        count_visit(opened.actor)
    return page_of(request, opened, opened.place)


@require_safe
@link_page
def inside(request: HttpRequest, opened: OpenLink, node_id: int) -> HttpResponse:
    return page_of(request, opened, locate_inside(opened, node_id))


def locate_inside(opened: OpenLink, node_id: int) -> LocatedNode:
    """Something that the link shows. Raises NotFound."""
    if opened.link.is_request:
        raise errors.NotFound(id=node_id)
    return locate(opened.actor, node_id)


def page_of(request: HttpRequest, opened: OpenLink, place: LocatedNode) -> HttpResponse:
    if opened.link.is_request:
        return request_page(request, opened)
    if place.node.is_folder:
        return _folder_page(request, opened, place)
    return render(request, "sharing/public/file.html", frame_of(request, opened, place))


def frame_of(request: HttpRequest, opened: OpenLink, place: LocatedNode | None) -> dict[str, Any]:
    """What all pages of a link show. `place` None: what a file request tells of its folder is nothing."""
    link = opened.link
    access = opened.place.access if place is None else place.access
    is_top = place is None or place.node.pk == opened.place.node.pk
    return {
        "link": link,
        "slug": request.resolver_match.kwargs["slug"] if request.resolver_match else link.slug,
        "owner": "" if link.created_by is None else link.created_by.get_short_name(),
        "ends": ends_at(link),
        "place": place,
        "node": None if place is None else place.node,
        "is_top": is_top,
        "title": link.title if is_top and link.title else "" if place is None else name_of(place),
        "breadcrumbs": [] if place is None else crumbs_of(opened, place),
        "may_download": access.allows(Right.DOWNLOAD),
        "may_send": access.allows(Right.CREATE) and (place is None or place.node.is_folder),
        "may_change": access.allows(Right.EDIT) and not is_top,
        "delivery": new_secret(),
        "done": DONE.get(request.GET.get("done", "")),
        "ui_strings": ui_strings,
    }


def name_of(place: LocatedNode) -> str:
    """A home has no name that anybody but its owner uses."""
    if not place.is_root:
        return place.node.name
    return _("Files") if place.space.kind == SpaceKind.HOME else place.space.name


def crumbs_of(opened: OpenLink, place: LocatedNode) -> list[dict[str, Any]]:
    """The folders above, from the one that the link leads to: nothing above that is told."""
    ids = place.ancestor_ids
    if opened.place.node.pk not in ids:
        return []
    steps = place.ancestors[ids.index(opened.place.node.pk) :]
    top = {"id": None, "name": opened.link.title or name_of(opened.place)}
    return [top, *({"id": step.id, "name": step.name} for step in steps[1:])]


def _folder_page(request: HttpRequest, opened: OpenLink, place: LocatedNode) -> HttpResponse:
    """Renders sharing/public/folder.html. Context: that of `frame_of`, rows, columns, order, next_url."""
    order = request.GET.get("order", "name")
    order = order if order in ORDERS else "name"
    purpose = f"link:{opened.link.pk}:{place.node.pk}:{order}"
    after = forms.cursor(request, purpose=purpose)
    found = list_folder(opened.actor, place, order=order, after=after, limit=forms.PAGE_SIZE)
    context = {
        "rows": found.entries,
        "columns": columns(order),
        "order": order,
        "is_first": after is None,
        "next_url": forms.next_url(request, found.after, purpose=purpose),
    }
    return render(request, "sharing/public/folder.html", frame_of(request, opened, place) | context)


def request_page(
    request: HttpRequest, opened: OpenLink, *, error: CodedError | None = None, status: int = 200
) -> HttpResponse:
    """Renders sharing/public/request.html, the form of a file request. Context: as `frame_of`, is_late, refused."""
    context = frame_of(request, opened, None) | {"is_late": is_late(opened.link), "refused": error}
    return render(request, "sharing/public/request.html", context, status=status)


@require_safe
@link_page
def download(request: HttpRequest, opened: OpenLink, node_id: int) -> HttpResponseBase:
    if opened.link.is_request:
        raise errors.NotFound(id=node_id)
    file = file_of_node(opened.actor, node_id)
    count = partial(count_download, opened.actor, node_id=node_id, etag=file.etag)
    return answer_download(request, file, before=count)


@require_http_methods(["GET", "POST"])
@link_page
def zip_files(request: HttpRequest, opened: OpenLink, node_id: int | None = None) -> HttpResponseBase:
    """GET: a folder of the link (or all of it); POST: what was selected. A single file is sent as it is."""
    folder = opened.place if node_id is None else locate_inside(opened, node_id)
    places = [folder]
    if request.method == "POST":
        places = locate_many(opened.actor, forms.ids(request.POST, "node"))
    for place in (folder, *places):
        place.require(Right.DOWNLOAD)
    if len(places) == 1 and not places[0].node.is_folder:
        return redirect("public:download", request_slug(request), places[0].node.pk)
    count_download(opened.actor, node_id=folder.node.pk, etag=ZIP)
    return zip_download(opened.actor, places, name=name_of(folder) if places == [folder] else None)


def request_slug(request: HttpRequest) -> str:
    """As it stands in the address, which is where the cookie of its password is sent to."""
    assert request.resolver_match is not None
    return str(request.resolver_match.kwargs["slug"])


@csrf_exempt
@sensitive_post_parameters("password")
@require_http_methods(["POST"])
def password(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A right one opens the link in this browser for some hours."""
    try:
        refuse_other_sites(request)
        proof = _proof(request, slug)
    except CodedError as error:
        return kept_by_nobody(refusal(slug, error, request))
    response = redirect("public:link", slug)
    if proof:
        path, secure = response.headers["Location"], settings.SESSION_COOKIE_SECURE
        response.set_cookie(COOKIE, proof, path=path, httponly=True, samesite="Lax", secure=secure)
    return kept_by_nobody(response)


def _proof(request: HttpRequest, slug: str) -> str:
    """Empty for a link that asks for none."""
    person = visitor(request)
    try:
        open_for(person, slug)
    except LinkPasswordRequired:
        return try_password(slug, person, password=request.POST.get("password", ""))
    return ""
