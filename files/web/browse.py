"""Folders (the home page, a folder with its pages of rows), and downloads: a file, one of its versions, a zip of the
selection. Nothing that people uploaded is shown in our origin; it is always saved.
"""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from files.access.rights import Right
from files.actions.lock import may_unlock
from files.downloads.response import download as answer_download
from files.downloads.zip_response import zip_download
from files.queries.file_content import file_of_node
from files.queries.listing import ORDERS, list_folder
from files.queries.locks import lock_on, locked_children
from files.queries.tree import LocatedNode, get_space, locate, locate_many
from files.web import places
from files.web.details import file_page
from files.web.spaces import restriction_of
from http_kit import forms
from http_kit.columns import columns
from http_kit.page import page


@require_safe
@page
def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    root_id = get_space(actor, None).root_id
    assert root_id is not None
    return folder_page(request, actor, locate(actor, root_id))


@require_safe
@page
def browse(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    place = places.seen(actor, locate(actor, node_id))
    return folder_page(request, actor, place) if place.node.is_folder else file_page(request, actor, place.outer)


def folder_page(request: HttpRequest, actor: Actor, place: LocatedNode) -> HttpResponse:
    """Renders files/browse.html, or only its next rows (files/rows.html).

    Context: section, space, folder, title, breadcrumbs, may_write, columns, rows, next_url, locked, mounted (files.web.
    places.Mounted by the id of a row); of the folder's own lock lock and may_unlock; restriction (see restriction_of);
    may_share (what is in it) and may_share_folder (itself).
    Of a mount it is the folder that it stands for, by the name of the mount.
    """
    there = place.entered
    order = request.GET.get("order", "name")
    order = order if order in ORDERS else "name"
    purpose = f"folder:{place.node.pk}:{order}"
    found = list_folder(actor, place, order=order, after=forms.cursor(request, purpose=purpose), limit=forms.PAGE_SIZE)
    context = {
        "folder": there.node,
        "space": there.space,
        "rows": found.entries,
        "next_url": forms.next_url(request, found.after, purpose=purpose),
        "may_write": places.may_write(place),
        "locked": locked_children(there),
        "mounted": places.mounted_in(place, found.entries),
    }
    if forms.is_next_page(request):
        return render(request, "files/rows.html", context)
    lock = lock_on(there)
    context |= {
        "section": places.section(there.space),
        "title": places.place_title(place),
        "breadcrumbs": places.breadcrumbs(place),
        "columns": columns(order),
        "node": there.node,
        "lock": lock,
        "restriction": restriction_of(there),
        "may_share": there.access.allows(Right.SHARE),
        "may_share_folder": places.may_share(there),
        "may_unlock": lock is not None and lock.node_id == there.node.pk and may_unlock(actor, there, lock),
    }
    return render(request, "files/browse.html", context)


@require_safe
@page
def download(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponseBase:
    return answer_download(request, file_of_node(actor, node_id))


@require_safe
@page
def download_version(request: HttpRequest, actor: Actor, node_id: int, version_id: int) -> HttpResponseBase:
    return answer_download(request, file_of_node(actor, node_id, version_id=version_id))


@require_POST
@page
def zip_selection(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A single file as it is, everything else as one zip."""
    places = locate_many(actor, forms.ids(request.POST, "node"))
    if len(places) == 1 and not places[0].node.is_folder:
        return redirect("files:download", places[0].node.pk)
    return zip_download(actor, places)
