"""The person who asks, as OCS shows them."""

from typing import Any

from accounts.queries import Account
from protocols.nextcloud.user_ids import user_id_of

UNLIMITED = -3  # bytes; what Nextcloud itself says where there is no limit


def user_of(account: Account) -> dict[str, Any]:
    """`id` is the segment of /remote.php/dav/files/<id>/."""
    name = account.user.get_full_name()
    return {
        "enabled": True,
        "id": user_id_of(account.actor),
        "lastLogin": 0,
        "backend": "Database",
        "subadmin": [],
        "quota": quota_of(account),
        "email": account.user.email,
        "displayname": name,
        "display-name": name,
        "phone": "",
        "address": "",
        "website": "",
        "twitter": "",
        "groups": [],
        "language": "en",
        "locale": "",
        "backendCapabilities": {"setDisplayName": False, "setPassword": False},
    }


def quota_of(account: Account) -> dict[str, Any]:
    """Bytes; the tighter of the person's and the team's limits, as everywhere."""
    used, free = account.quota.used_bytes, account.free_bytes
    if free is None:
        return {"free": UNLIMITED, "used": used, "total": UNLIMITED, "relative": 0, "quota": UNLIMITED}
    total = free + used
    relative = round(used * 100 / total, 2) if total else 100.0
    return {"free": free, "used": used, "total": total, "relative": relative, "quota": total}
