"""The control by which a folder of a team's space is restricted, and is no longer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from files.access.rights import Right
from files.actions.restrictions import is_restricted, restrict, unrestrict
from files.models import SpaceKind
from files.queries.tree import LocatedNode
from http_kit.page import back, page


def restriction_of(place: LocatedNode) -> bool | None:
    """Whether the folder is restricted; None, without a query, for who has nothing to say about that."""
    if place.space.kind != SpaceKind.TEAM or place.is_root or not place.access.allows(Right.MANAGE):
        return None
    return is_restricted(place)


@require_POST
@page
def change_restriction(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    if request.POST.get("restricted") == "1":
        place = restrict(actor, node_id=node_id)
        message = _("Only the managers of the space, and who is let in, see “%(name)s” now.")
    else:
        place = unrestrict(actor, node_id=node_id)
        message = _("Whoever sees the folder above sees “%(name)s” now.")
    messages.success(request, message % {"name": place.node.name})
    return redirect(back(request))
