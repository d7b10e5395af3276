"""Downloads: the bytes come from the REST door, which knows ranges and conditional requests."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from files.queries.tree import locate
from files.web import forms
from files.web.door import page


@require_safe
@page
def download(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    place = locate(actor, node_id)
    return HttpResponseRedirect(f"/api/v1/nodes/{place.node.pk}/content")


@require_safe
@page
def download_version(request: HttpRequest, actor: Actor, node_id: int, version_id: int) -> HttpResponse:
    place = locate(actor, node_id)
    return HttpResponseRedirect(f"/api/v1/nodes/{place.node.pk}/versions/{version_id}/content")


@require_POST
@page
def zip_selection(request: HttpRequest, actor: Actor) -> HttpResponse:
    forms.ids(request.POST, "node")
    raise NotImplementedError
