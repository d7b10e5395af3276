"""A person's files, at both of Nextcloud's addresses: the tree view of protocols/dav in Nextcloud's dialect, which
adds properties and response headers to RFC 4918.
"""

from collections.abc import Mapping
from urllib.parse import quote

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from accounts.actor import Actor
from files.models import Node
from files.queries.file_content import FileContent
from protocols.dav.endpoint import serve
from protocols.dav.errors import BadGateway
from protocols.dav.escaping import SAFE
from protocols.dav.headers import destination_of
from protocols.dav.properties.standard import STANDARD
from protocols.dav.resources import AddressRoot, Dialect, own_path
from protocols.nextcloud.methods import patch, report
from protocols.nextcloud.properties import PROPERTIES, checksum_header, oc_id
from protocols.nextcloud.share_properties import SHARE_PROPERTIES
from protocols.nextcloud.user_ids import require_own

ROOT = "/remote.php/dav/"
FILES = ROOT + "files/"
WEBDAV = "/remote.php/webdav/"


def written(node: Node) -> Mapping[str, str]:
    """A client stores these with its own copy, and requests nothing more."""
    headers = {"OC-FileId": oc_id(node.pk)}
    if not node.is_folder:
        headers |= {"OC-ETag": node.etag}
    return headers


def fetched(file: FileContent) -> Mapping[str, str]:
    headers = {"OC-ETag": file.etag, "OC-FileId": oc_id(file.node_id)}
    checksum = checksum_header(file.checksums)
    return headers | {"OC-Checksum": checksum} if checksum else headers


NEXTCLOUD = Dialect(
    STANDARD.extended(PROPERTIES).extended(SHARE_PROPERTIES), written, fetched, {"PATCH": patch, "REPORT": report}
)


def segment(text: str) -> str:
    """A decoded segment as it stands in an href: `@` is left as people type it."""
    return quote(text, safe=SAFE + "@")


def files_root(actor: Actor, user_id: str) -> AddressRoot:
    """The actor's home at /remote.php/dav/files/<id>/. Raises NotFound for somebody else's."""
    require_own(actor, user_id)
    return AddressRoot(f"{FILES}{segment(user_id)}/", NEXTCLOUD)


def destination_in_files(actor: Actor, request: HttpRequest) -> tuple[AddressRoot, str]:
    """The root and the path that the Destination header names, at either address of the files.

    Raises InvalidRequest, NotFound, BadGateway.
    """
    path = own_path(destination_of(request), request)
    if path.startswith(WEBDAV):
        root = AddressRoot(WEBDAV, NEXTCLOUD)
    elif path.startswith(FILES):
        root = files_root(actor, path[len(FILES) :].partition("/")[0])
    else:
        raise BadGateway
    return root, root.path_of(destination_of(request), request)


def require_restore(actor: Actor, request: HttpRequest, collection: str) -> None:
    """The Destination is `<collection>/<id>/restore/<name>` of the actor; the name is ignored.

    Raises InvalidRequest, NotFound, BadGateway.
    """
    path, base = own_path(destination_of(request), request), f"{ROOT}{collection}/"
    user_id, _, name = path.removeprefix(base).partition("/restore/")
    if not path.startswith(base) or not name:
        raise BadGateway(gettext_lazy("What is in there can only be moved to restore/."))
    require_own(actor, user_id)


_WEBDAV = AddressRoot(WEBDAV, NEXTCLOUD)


@csrf_exempt
def home(request: HttpRequest, user_id: str, path: str = "") -> HttpResponseBase:
    """/remote.php/dav/files/<id>/<path>."""
    return serve(request, path, lambda actor: files_root(actor, user_id))


@csrf_exempt
def webdav(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """/remote.php/webdav/<path>: the address of before there were others beside files."""
    return serve(request, path, lambda actor: _WEBDAV)
