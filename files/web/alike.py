"""Before a name is made that only its case sets apart from a neighbour: people mostly mean the one that is there."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from common.errors import CodedError
from files import errors
from files.models import Node
from files.queries.alike import alike
from files.queries.tree import clean_name
from files.web import places
from http_kit import forms
from http_kit.page import back, page

ALL_THE_SAME = "all_the_same"  # the field by which a person says so
MAXIMUM_NAMES = 1_000


def warning(request: HttpRequest, actor: Actor, parent_id: int, name: str, *, itself: int | None = None) -> Node | None:
    """What to warn of. `itself` is the node that gets the name: changing its own case is no reason."""
    if forms.text(request.POST, ALL_THE_SAME):
        return None
    return alike(actor, parent_id=parent_id, names=[name], but=itself).get(name)


def ask(request: HttpRequest, other: Node, name: str, *, node_id: int | None = None) -> HttpResponse:
    """The page that asks, and whose button sends the same form again. Context: section, other, name, node_id, next."""
    context = {
        "section": places.section(other.space),
        "other": other,
        "name": name,
        "node_id": node_id,
        "next": back(request),
        "field": ALL_THE_SAME,
    }
    return render(request, "files/alike.html", context)


@require_POST
@page
def names_alike(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    """For the uploads: `{"names": [...]}` is answered by `{"alike": {name: neighbour}}`. What is no name has none."""
    try:
        names = json.loads(request.body)["names"]
    except (ValueError, KeyError, TypeError) as error:
        raise errors.InvalidRequest from error
    if not isinstance(names, list) or len(names) > MAXIMUM_NAMES:
        raise errors.InvalidRequest
    cleaned = {name: clean for name in names if isinstance(name, str) and (clean := _clean(name))}
    found = alike(actor, parent_id=node_id, names=set(cleaned.values()))
    answer = {name: found[clean].name for name, clean in cleaned.items() if clean in found}
    return JsonResponse({"alike": answer}, headers={"Cache-Control": "private, no-store"})


def _clean(name: str) -> str:
    try:
        return clean_name(name)
    except CodedError:
        return ""
