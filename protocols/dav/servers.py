"""Whether an address names this server (RFC 4918 section 8.3): by the Host of the request, or by BASE_URL.

A proxy may end TLS, change the port, and pass a Host of its own; a client knows the address that people type. So
schemes are not compared, nor ports that say no more than a scheme does.
"""

from functools import lru_cache
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest

_OF_A_SCHEME = ("", "80", "443")  # ports


def is_this_server(server: str, request: HttpRequest) -> bool:
    """`server`: host and port of an address, as sent."""
    meta = request.META
    own = meta.get("HTTP_HOST") or f"{meta.get('SERVER_NAME', '')}:{meta.get('SERVER_PORT', '')}"
    host, port = _split(server)
    if (host, port) == _split(own):
        return True
    base, base_port = _split(urlsplit(settings.BASE_URL).netloc)
    return settings.LINKS_KNOWN and host == base and (port == base_port or (port == "" and settings.BASE_URL_GIVEN))


@lru_cache(1024)
def _split(server: str) -> tuple[str, str]:
    """Host and port as they are compared: a name in lower case and ASCII, a port that a scheme implies as ""."""
    host, colon, port = server.strip().rpartition(":")
    if not colon or not (port.isascii() and (port.isdigit() or not port)) or (host.startswith("[") and host[-1] != "]"):
        host, port = server.strip(), ""
    return _name(host), "" if port in _OF_A_SCHEME else port.lstrip("0")


def _name(host: str) -> str:
    """An international name may come as UTF-8, which a header's bytes hide as Latin-1, or percent-encoded."""
    try:
        text = unquote(host.encode("latin-1").decode())
    except UnicodeError:
        text = host
    text = text.lower().rstrip(".")
    try:
        return text if text.isascii() else text.encode("idna").decode()
    except UnicodeError:
        return text
