"""/dav/: the home of the person who signs in."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

import http_kit.parameters  # noqa: F401 (registers the converter)
from protocols.dav.endpoint import serve
from protocols.dav.properties.standard import STANDARD
from protocols.dav.resources import AddressRoot, Dialect

PREFIX = "/dav/"
_ROOT = AddressRoot(PREFIX, Dialect(STANDARD))


@csrf_exempt
def home(request: HttpRequest, path: str = "") -> HttpResponseBase:
    return serve(request, path, lambda actor: _ROOT)


urlpatterns = [
    path("dav", home),
    path("dav/<anypath:path>", home),
]
