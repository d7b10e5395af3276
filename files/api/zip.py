"""GET and POST /api/v1/zip: a selection as one zip, streamed."""

from collections.abc import Sequence

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from files import errors
from files.api.content import other_method, rest_endpoint
from files.downloads.zip_response import zip_download
from files.queries import tree
from files.queries.tree import LocatedNode
from http_kit.json_body import MAXIMUM_JSON, parse_json, read_body
from http_kit.known_keys import unknown_among
from http_kit.parameters import parse_id

METHODS = "GET, POST, OPTIONS"
MAXIMUM_SELECTED = 1_000
FORM = "application/x-www-form-urlencoded"


@rest_endpoint
def zip_of_selection(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """`ids` and `paths` (of `space`, else the home), in the query, a form or JSON; `name` is what it is called."""
    if request.method not in ("GET", "POST"):
        return other_method(request, METHODS)
    fields = _fields(request)
    places = _places(actor, _texts(fields, "ids"), _texts(fields, "paths"), _one(fields, "space"))
    return zip_download(actor, places, name=_one(fields, "name"))


def _fields(request: HttpRequest) -> dict[str, list[object]]:
    """Values by name, whichever way they came."""
    if request.method == "GET":
        return _of_form(request.GET)
    body = read_body(request, MAXIMUM_JSON)
    if request.content_type == FORM:
        return _of_form(QueryDict(body))
    values = parse_json(body)
    if not isinstance(values, dict):
        raise errors.InvalidRequest(_("The body is an object with ids, paths, space and name."))
    for key in unknown_among(("ids", "paths", "space", "name"), values):
        raise errors.InvalidRequest(_("%(name)s is not known here."), name=key, parameter=key)
    return {key: value if isinstance(value, list) else [value] for key, value in values.items()}


def _of_form(form: QueryDict) -> dict[str, list[object]]:
    """In a form `ids=1,2` and `ids=1&ids=2` are the same; a path may hold a comma."""
    values: dict[str, list[object]] = {key: list(form.getlist(key)) for key in form}
    if "ids" in values:
        values["ids"] = [word for text in form.getlist("ids") for word in text.split(",")]
    return values


def _texts(fields: dict[str, list[object]], name: str) -> list[str]:
    values = fields.get(name, [])
    texts = [str(value) for value in values if isinstance(value, str | int) and not isinstance(value, bool)]
    if len(texts) != len(values):
        raise errors.InvalidRequest(_("%(parameter)s is a list of strings."), parameter=name)
    return texts


def _one(fields: dict[str, list[object]], name: str) -> str | None:
    texts = _texts({name: [value for value in fields.get(name, []) if value is not None]}, name)
    if len(texts) > 1:
        raise errors.InvalidRequest(_("%(parameter)s is given twice."), parameter=name)
    return texts[0] if texts else None


def _places(actor: Actor, ids: Sequence[str], paths: Sequence[str], space: str | None) -> list[LocatedNode]:
    """In the order asked for, each once."""
    if not ids and not paths:
        raise errors.InvalidRequest(_("Give ids or paths."))
    if len(ids) + len(paths) > MAXIMUM_SELECTED:
        raise errors.TooMany(limit=MAXIMUM_SELECTED)
    places = tree.locate_many(actor, [parse_id(text, "ids") for text in ids])
    space_id = None if space in (None, "home") else parse_id(space or "", "space")
    places += [tree.locate_path(actor, path, space_id=space_id) for path in paths]
    return list({place.node.pk: place for place in places}.values())
