"""Checksums that clients send along with bytes, in the headers that they use for it.

`Content-Digest` and `Repr-Digest` (RFC 9530; one algorithm that we do not know is ignored, as it says),
`Content-MD5` (RFC 1864), `OC-Checksum` (ownCloud and Nextcloud), `X-Content-Hash` (Dropbox's content hash).
"""

import base64
import binascii
import re

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from http_kit.errors import InvalidChecksum

_DIGEST = re.compile(r"\s*([a-z0-9-]+)\s*=\s*:([A-Za-z0-9+/=]*):\s*(?:;[^,]*)?")
_KNOWN_DIGESTS = {"sha-256": "sha256", "sha-512": "sha512", "sha": "sha1", "md5": "md5", "adler": "adler32"}
_KNOWN_OC = frozenset({"sha1", "md5", "sha256", "adler32", "sha512", "crc32"})


def checksums_of(request: HttpRequest, *, of_body_only: bool = False) -> dict[str, str]:
    """Hex by algorithm (files/blobs/checksums.py judges the rest). Raises InvalidChecksum.

    `of_body_only`: without OC-Checksum, where that is of a whole of which the body is a part.
    """
    meta, found = request.META, dict[str, str]()
    for name in ("HTTP_REPR_DIGEST", "HTTP_CONTENT_DIGEST"):
        if name in meta:
            _add(found, _of_digest(meta[name]))
    if "HTTP_CONTENT_MD5" in meta:
        _add(found, {"md5": _hex(meta["HTTP_CONTENT_MD5"].strip(), "md5")})
    if "HTTP_OC_CHECKSUM" in meta and not of_body_only:
        _add(found, of_oc_checksum(meta["HTTP_OC_CHECKSUM"]))
    if "HTTP_X_CONTENT_HASH" in meta:
        _add(found, {"content_hash": meta["HTTP_X_CONTENT_HASH"].strip().lower()})
    return found


def of_oc_checksum(header: str) -> dict[str, str]:
    """`SHA1:<hex>`, several separated by spaces. Raises InvalidChecksum."""
    found = {}
    for word in header.split():
        name, colon, value = word.partition(":")
        algorithm = name.lower().replace("-", "")
        if not colon or algorithm not in _KNOWN_OC:
            raise InvalidChecksum(algorithm=algorithm[:20])
        found[algorithm] = value.lower()
    return found


def _of_digest(header: str) -> dict[str, str]:
    found, position = {}, 0
    while position < len(header):
        match = _DIGEST.match(header, position)
        if match is None or (match.end() < len(header) and header[match.end()] != ","):
            raise InvalidChecksum(algorithm="digest")
        algorithm = _KNOWN_DIGESTS.get(match[1])
        if algorithm is not None:
            found[algorithm] = _hex(match[2], algorithm)
        position = match.end() + 1
    return found


def _hex(text: str, algorithm: str) -> str:
    try:
        return base64.b64decode(text, validate=True).hex()
    except (binascii.Error, ValueError) as error:
        raise InvalidChecksum(algorithm=algorithm) from error


def _add(found: dict[str, str], more: dict[str, str]) -> None:
    for algorithm, value in more.items():
        if found.setdefault(algorithm, value) != value:
            raise InvalidChecksum(_("Two headers give different checksums."), algorithm=algorithm)
