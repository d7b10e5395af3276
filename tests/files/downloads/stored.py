"""A file as a query would tell of it, its object in a storage that the test names. No database."""

import uuid
from datetime import UTC, datetime
from typing import Any

from common.content_hash import hash_bytes
from files.blobs.pools import storage_at
from files.queries.file_content import FileContent

WHEN = datetime(2020, 2, 29, 12, 30, 41, 500000, tzinfo=UTC)
LAST_MODIFIED = "Sat, 29 Feb 2020 12:30:41 GMT"
BEFORE, AFTER = b"before", b"after"  # what else is in the same object


def stored(data: bytes, *, name: str = "a.txt", url: str = "memory://downloads", **changes: Any) -> FileContent:
    """Its bytes are in the middle of an object."""
    key = f"aa/bb/{uuid.uuid4().hex}"
    whole = BEFORE + data + AFTER
    storage_at(url).put(key, [whole], size=len(whole))
    values: dict[str, Any] = {
        "node_id": 7,
        "name": name,
        "version_id": 8,
        "modified_at": WHEN,
        "content_id": 9,
        "size": len(data),
        "content_hash": hash_bytes(data),
        "checksums": {},
        "pool_url": url,
        "redirect_downloads": False,
        "key": key,
        "blob_offset": len(BEFORE),
        "blob_size": len(whole),
    }
    return FileContent(**{**values, **changes})
