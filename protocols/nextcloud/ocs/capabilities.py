"""What this server can do, as its clients learn it. What is not built is not advertised."""

import re
from typing import Any

from django.conf import settings

from protocols.nextcloud.constants import (
    CHECKSUMS,
    POLL_SECONDS,
    PREFERRED_CHECKSUM,
    PRODUCT,
    VERSION,
    VERSION_STRING,
)

_DESKTOP = re.compile(r"\bmirall/(\d+)\.(\d+)")
# The desktop client before 3.10 sends an empty file of a batch without its checksum, and leaves it out of the next run
# (nextcloud/desktop#5871).
FIRST_DESKTOP_WITH_BULK = (3, 10)


def capabilities(user_agent: str, *, signed_in: bool) -> dict[str, Any]:
    """The `data` of /cloud/capabilities; without a sign-in only the least by which a client can sign in."""
    version = {
        "major": VERSION[0],
        "minor": VERSION[1],
        "micro": VERSION[2],
        "string": VERSION_STRING,
        "edition": "",
        "extendedSupport": False,
    }
    return {"version": version, "capabilities": _public() | (_all(user_agent) if signed_in else {})}


def _public() -> dict[str, Any]:
    return {
        "core": {
            "pollinterval": POLL_SECONDS,
            "webdav-root": "remote.php/webdav",
            "reference-api": False,
            "reference-regex": "",
            "mod-rewrite-working": True,
        },
        "theming": {"name": PRODUCT, "slogan": "", "url": settings.BASE_URL},
    }


def _all(user_agent: str) -> dict[str, Any]:
    return {
        "dav": {"chunking": "1.0"} | ({"bulkupload": "1.0"} if handles_bulk(user_agent) else {}),
        "files": {
            "bigfilechunking": True,
            "undelete": True,
            "versioning": True,
            "version_labeling": False,
            "version_deletion": False,
            "blacklisted_files": [],
            "comments": False,
            "directEditing": {},
        },
        "notifications": {"ocs-endpoints": ["list", "get", "delete", "delete-all", "icons"]},
        "checksums": {"supportedTypes": list(CHECKSUMS), "preferredUploadType": PREFERRED_CHECKSUM},
        "files_sharing": {
            "api_enabled": False,
            "public": {"enabled": False},
            "resharing": False,
            "group_sharing": False,
            "federation": {"outgoing": False, "incoming": False},
        },
    }


def handles_bulk(user_agent: str) -> bool:
    found = _DESKTOP.search(user_agent)
    return found is not None and (int(found[1]), int(found[2])) >= FIRST_DESKTOP_WITH_BULK
