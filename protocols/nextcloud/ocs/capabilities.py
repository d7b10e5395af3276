"""What this server can do, as its clients learn it. What is not built is not advertised."""

import re
from typing import Any

from django.conf import settings

from accounts.actor import Actor
from accounts.models import TeamPolicy
from accounts.policies import may_link_outside, policy_for
from protocols.nextcloud.constants import (
    CHECKSUMS,
    POLL_SECONDS,
    PREFERRED_CHECKSUM,
    PRODUCT,
    VERSION,
    VERSION_STRING,
)
from protocols.nextcloud.ocs.share_request import ALL_OF_FOLDER

_DESKTOP = re.compile(r"\bmirall/(\d+)\.(\d+)")
# The desktop client before 3.10 sends an empty file of a batch without its checksum, and leaves it out of the next run
# (nextcloud/desktop#5871).
FIRST_DESKTOP_WITH_BULK = (3, 10)


def capabilities(user_agent: str, actor: Actor | None) -> dict[str, Any]:
    """The `data` of /cloud/capabilities; without a sign-in (None) only the least by which a client can sign in."""
    version = {
        "major": VERSION[0],
        "minor": VERSION[1],
        "micro": VERSION[2],
        "string": VERSION_STRING,
        "edition": "",
        "extendedSupport": False,
    }
    return {"version": version, "capabilities": _public() | (_all(user_agent, actor) if actor is not None else {})}


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


def _all(user_agent: str, actor: Actor) -> dict[str, Any]:
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
        "files_sharing": _sharing(policy_for(actor.team_id), actor.role),
        "sharebymail": {
            "enabled": True,
            "send_password_by_mail": False,
            "upload_files_drop": {"enabled": False},
            "password": {"enabled": False, "enforced": False},
            "expire_date": {"enabled": True, "enforced": False},
        },
    }


def _sharing(policy: TeamPolicy, role: str) -> dict[str, Any]:
    """What policies of the team ask of links, so that clients ask for it first; it is enforced where links are made."""
    end = {"enabled": False, "enforced": False}
    days = policy.link_default_days if policy.link_default_days is not None else policy.link_longest_days
    of_links: dict[str, Any] = end
    if days is not None:
        enforced = policy.link_expiry_required or policy.link_longest_days is not None
        of_links = {"enabled": True, "days": str(days), "enforced": enforced}
    return {
        "api_enabled": True,
        "public": {
            "enabled": may_link_outside(policy, role),
            "password": {"enforced": policy.link_password_required, "askForOptionalPassword": False},
            "expire_date": of_links,
            "expire_date_internal": end,
            "expire_date_remote": end,
            "multiple_links": True,
            "send_mail": False,
            "upload": True,
            "upload_files_drop": True,
            "supports_upload_only": True,
            "custom_tokens": False,
        },
        "user": {"send_mail": False, "expire_date": {"enabled": True}},
        "resharing": True,
        "group_sharing": True,
        "group": {"enabled": True, "expire_date": {"enabled": True}},
        "default_permissions": ALL_OF_FOLDER,
        "federation": {
            "outgoing": False,
            "incoming": False,
            "expire_date": {"enabled": False},
            "expire_date_supported": {"enabled": False},
        },
        "sharee": {"minSearchStringLength": 0, "query_lookup_default": False, "always_show_unique": True},
    }


def handles_bulk(user_agent: str) -> bool:
    found = _DESKTOP.search(user_agent)
    return found is not None and (int(found[1]), int(found[2])) >= FIRST_DESKTOP_WITH_BULK
