"""What Nextcloud's clients are told beyond RFC 4918: properties, and headers of answers."""

from collections.abc import Mapping

from files.models import Node
from files.queries.file_content import FileContent
from protocols.dav.properties.standard import STANDARD
from protocols.dav.resources import Dialect
from protocols.nextcloud.methods import patch, report
from protocols.nextcloud.properties import PROPERTIES, checksum_header, oc_id


def written(node: Node) -> Mapping[str, str]:
    """A client stores these with its own copy, and asks nothing more."""
    headers = {"OC-FileId": oc_id(node.pk)}
    if not node.is_folder:
        headers |= {"OC-ETag": node.etag}
    return headers


def fetched(file: FileContent) -> Mapping[str, str]:
    headers = {"OC-ETag": file.etag, "OC-FileId": oc_id(file.node_id)}
    checksum = checksum_header(file.checksums)
    return headers | {"OC-Checksum": checksum} if checksum else headers


NEXTCLOUD = Dialect(STANDARD.extended(PROPERTIES), written, fetched, {"PATCH": patch, "REPORT": report})
