"""A person's files, at both of Nextcloud's addresses: the tree view of protocols/dav in Nextcloud's dialect."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from protocols.dav.endpoint import serve
from protocols.dav.resources import AddressRoot
from protocols.nextcloud.dialect import NEXTCLOUD
from protocols.nextcloud.roots import WEBDAV, files_root

_WEBDAV = AddressRoot(WEBDAV, NEXTCLOUD)


@csrf_exempt
def home(request: HttpRequest, user_id: str, path: str = "") -> HttpResponseBase:
    """/remote.php/dav/files/<id>/<path>."""
    return serve(request, path, lambda actor: files_root(actor, user_id))


@csrf_exempt
def webdav(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """/remote.php/webdav/<path>: the address of before there were others beside files."""
    return serve(request, path, lambda actor: _WEBDAV)
