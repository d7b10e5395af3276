"""Where a person's files are mounted for Nextcloud's clients, and what these are told beyond the standard."""

from urllib.parse import quote, urlsplit

from django.http import HttpRequest

from accounts.actor import Actor
from files.errors import InvalidRequest
from protocols.dav.errors import BadGateway
from protocols.dav.headers import destination_of
from protocols.dav.quoting import SAFE
from protocols.dav.resources import Mount, decode
from protocols.nextcloud.dialect import NEXTCLOUD
from protocols.nextcloud.user_ids import require_own

ROOT = "/remote.php/dav/"
FILES = ROOT + "files/"
WEBDAV = "/remote.php/webdav/"


def segment(text: str) -> str:
    """A decoded segment as it stands in an href: `@` is left as people type it."""
    return quote(text, safe=SAFE + "@")


def files_mount(actor: Actor, user_id: str) -> Mount:
    """The actor's home at /remote.php/dav/files/<id>/. Raises NotFound for somebody else's."""
    require_own(actor, user_id)
    return Mount(f"{FILES}{segment(user_id)}/", NEXTCLOUD)


def destination_in_files(actor: Actor, request: HttpRequest) -> tuple[Mount, str]:
    """The mount and the path that the Destination header names, at either address of the files.

    Raises InvalidRequest, NotFound, BadGateway.
    """
    address = destination_of(request)
    try:
        path = decode(urlsplit(address).path)
    except ValueError as error:
        raise InvalidRequest("That is not an address.") from error
    if path.startswith(WEBDAV):
        mount = Mount(WEBDAV, NEXTCLOUD)
    elif path.startswith(FILES):
        mount = files_mount(actor, path[len(FILES) :].partition("/")[0])
    else:
        raise BadGateway
    return mount, mount.path_of(address, request)
