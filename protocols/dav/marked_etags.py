"""Entity tags of folders as this endpoint tells them: with a mark of what one may do there, where that is not all.

A sync client keeps `oc:permissions` beside each entry, and lists a folder again only when its entity tag has changed.
So whoever becomes an editor of a space, or its viewer, must find other tags on all of its folders and above the mount.
likewise of a restricted folder in it. To the core the mark is nothing: conditions are compared without it.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence

from common.etags import folder_etag
from files.access.compute import Access
from files.access.rights import ALL_RIGHTS
from files.queries.tree import LocatedNode

_MARK = re.compile(r'-r[0-9a-f]{1,16}(?=")')


def etag_of(place: LocatedNode) -> str:
    """Of what is at the place."""
    if not place.node.is_folder:
        return place.etag
    if place.is_mount or place.mounts is None:
        return _marked(place.etag, mark_in(place.entered.access))
    return _marked(place.etag, mark_of(place, place.node.pk))


def member_etag(folder: LocatedNode, folder_id: int, seq: int | str) -> str:
    """Of a folder in the folder, which is no mount. `seq`: see Node.state."""
    if folder.mounts is None:
        return _marked(folder_etag(folder_id, seq), mark_in(folder.access, folder_id))
    return _marked(folder.mounts.etag(folder_id, seq), mark_of(folder, folder_id))


def mark_in(access: Access, folder_id: int | None = None) -> str:
    """What one may do there, and in the restricted folders of the space that one sees. None where that is everything,
    as in one's own home. `folder_id`: of this folder in the one that the access is to.
    """
    rights = access.rights if folder_id is None else access.rights_at(folder_id)
    if rights == ALL_RIGHTS and not access.elsewhere:
        return ""
    others = [(pk, int(held)) for pk, held in access.elsewhere.seen if pk != folder_id]
    return f"-r{int(rights):x}{_digest(others) if others else ''}"


def mark_of(place: LocatedNode, folder_id: int) -> str:
    """Of a folder of one's own home: what one may do in what is mounted below it."""
    if place.mounts is None or not place.mounts.has_below(folder_id):
        return ""
    parts = sorted((found.node.pk, mark_in(found.entered.access)) for found in place.mounts.below(folder_id))
    return f"-r{_digest(parts)}"


def _digest(parts: Sequence[object]) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:8]


def without_marks(conditions: Mapping[str, str]) -> dict[str, str]:
    """`If-*` headers as the core compares them."""
    return {name: _MARK.sub("", value) for name, value in conditions.items()}


def _marked(etag: str, mark: str) -> str:
    return f'{etag[:-1]}{mark}"'
