"""Downloads: a file, one of its versions, a zip of the selection. Never shown in our origin: always saved."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from files.downloads.response import download as answer_download
from files.downloads.zip_response import zip_download
from files.queries.file_content import file_of_node
from files.queries.tree import locate_many
from http_kit import forms
from http_kit.page import page


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
