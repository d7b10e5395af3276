"""The folder chooser of "Move" and "Copy"."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from files.queries.listing import MAXIMUM_PAGE, list_folder
from files.queries.tree import locate
from files.web import places
from http_kit.page import page


@require_safe
@page
def picker(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    """A fragment.

    Context: purpose, folder, space, title, breadcrumbs, folders, mounted, next_url, spaces, may_write.
    """
    place = places.seen(actor, locate(actor, node_id))
    found = list_folder(actor, place, limit=MAXIMUM_PAGE)
    folders = [node for node in found.entries if node.is_folder]  # they come first
    context = {
        "purpose": "copy" if request.GET.get("purpose") == "copy" else "move",
        "folder": place.entered.node,
        "space": place.entered.space,
        "title": places.place_title(place),
        "breadcrumbs": places.breadcrumbs(place),
        "folders": folders,
        "mounted": places.mounted_in(place, folders),
        "next_url": found.after is not None and len(folders) == len(found.entries),
        "spaces": places.space_tabs(actor),
        "may_write": places.may_write(place),
    }
    return render(request, "files/picker.html", context)
