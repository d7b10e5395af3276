"""Where a person's files begin for Nextcloud's clients, and what these are told beyond the standard."""

from urllib.parse import quote

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from protocols.dav.errors import BadGateway
from protocols.dav.headers import destination_of
from protocols.dav.quoting import SAFE
from protocols.dav.resources import AddressRoot, own_path
from protocols.nextcloud.dialect import NEXTCLOUD
from protocols.nextcloud.user_ids import require_own

ROOT = "/remote.php/dav/"
FILES = ROOT + "files/"
WEBDAV = "/remote.php/webdav/"


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
    """The Destination is `<collection>/<id>/restore/<name>` of the actor; which name, says nothing.

    Raises InvalidRequest, NotFound, BadGateway.
    """
    path, base = own_path(destination_of(request), request), f"{ROOT}{collection}/"
    user_id, _, name = path.removeprefix(base).partition("/restore/")
    if not path.startswith(base) or not name:
        raise BadGateway(gettext_lazy("What is in there can only be moved to restore/."))
    require_own(actor, user_id)
