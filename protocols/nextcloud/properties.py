"""The properties of Nextcloud's clients: `oc:` from ownCloud, `nc:` from Nextcloud.

What of them is always the same here is constant: clients that ask for it and find nothing guess.
"""

from collections.abc import Callable, Mapping

from accounts.actor import WRITE, Actor
from accounts.queries import name_of
from files.access.rights import Right
from files.actions.set_favourite import set_favourite
from files.models import NodeLock
from files.queries.favourites import favourites_among, favourites_in
from files.queries.locks import Locks, holder_name
from files.queries.tree import LocatedNode
from files.sql_rows import aware, from_json
from protocols.dav.properties.locks import load_locks
from protocols.dav.properties.registry import Context, Entry, Live, Render
from protocols.dav.xml_text import escape
from protocols.nextcloud.constants import INSTANCE, NC, OC
from protocols.nextcloud.user_ids import user_id_of

_CHECKSUMS = (("sha1", "SHA1"), ("md5", "MD5"), ("sha256", "SHA256"), ("adler32", "ADLER32"))


# For each right the letters of a file and of a folder, in the order in which Nextcloud's server writes them.
_LETTERS = (
    (Right.SHARE, "R", "R"),
    (Right.DOWNLOAD, "G", "G"),
    (Right.DELETE, "D", "D"),
    (Right.EDIT, "NVW", "NV"),
    (Right.CREATE, "", "CK"),
)


def oc_id(node_id: int) -> str:
    """Unique among servers, as far as clients care; its digits are `oc:fileid`."""
    return f"{node_id:08d}{INSTANCE}"


def checksum_header(checksums: Mapping[str, str]) -> str:
    """`SHA1:<hex>`: the best of those that were verified or recalculated; "" without any."""
    return next((f"{name}:{checksums[key]}" for key, name in _CHECKSUMS if key in checksums), "")


def _id(entry: Entry, context: Context) -> str:
    return f"{entry.pk:08d}{INSTANCE}"


def _fileid(entry: Entry, context: Context) -> str:
    return str(entry.pk)


def _size(entry: Entry, context: Context) -> str:
    return str(entry.size)


def _permissions(entry: Entry, context: Context) -> str:
    """R share, G read, D delete, N rename, V move; W write a file; C, K make files and folders in a folder."""
    letters = _LETTERS if context.actor.may(WRITE) else _LETTERS[1:2]
    access = context.place.access
    rights = next((there for pk, there in access.elsewhere if pk == entry.pk), access.rights)  # restricted ones
    return "".join(of_file if entry.kind else of_folder for right, of_file, of_folder in letters if right in rights)


def _checksums(entry: Entry, context: Context) -> str | None:
    if not entry.kind or not entry.checksums or entry.checksums == "{}":
        return None
    known = from_json(entry.checksums)
    words = " ".join(f"{name}:{known[key]}" for key, name in _CHECKSUMS if key in known)
    return f"<oc:checksum>{words}</oc:checksum>" if words else None


def load_favourites(context: Context) -> frozenset[int]:
    """One query for a request, whatever the number of pages."""
    key = (load_favourites, context.of_members)
    if key not in context.memory:
        if context.of_members:
            found = favourites_in(context.actor, context.place.node.pk)
        else:
            found = favourites_among(context.actor, [entry.pk for entry in context.entries])
        context.memory[key] = found
    ids: frozenset[int] = context.memory[key]
    return ids


def _favorite(entry: Entry, context: Context) -> str:
    return "1" if entry.pk in context.loaded[load_favourites] else "0"


def _set_favorite(actor: Actor, place: LocatedNode, value: str | None) -> None:
    set_favourite(actor, node_id=place.node.pk, wanted=(value or "").strip() in ("1", "true"))


def _keep_checksums(actor: Actor, place: LocatedNode, value: str | None) -> None:
    """rclone sets them beside a time, since ownCloud forgets them. Here they are verified ones, and stay."""


_WRITERS = {(OC, "favorite"): _set_favorite, (OC, "checksums"): _keep_checksums}


def load_owner(context: Context) -> tuple[str, str]:
    """Id and name of whose home it is, once for a request."""
    if load_owner not in context.memory:
        context.memory[load_owner] = user_id_of(context.actor), escape(name_of(context.actor))
    found: tuple[str, str] = context.memory[load_owner]
    return found


def _owner_id(entry: Entry, context: Context) -> str:
    return str(context.loaded[load_owner][0])


def _owner_name(entry: Entry, context: Context) -> str:
    return str(context.loaded[load_owner][1])


def _created(entry: Entry, context: Context) -> str:
    return str(int(aware(entry.created_at).timestamp()))


def _lock(entry: Entry, context: Context) -> NodeLock | None:
    """The first lock that covers the entry."""
    locks: Locks = context.loaded[load_locks]
    if not locks:
        return None
    place = context.place
    above = [*place.ancestor_ids, place.node.pk] if context.of_members else place.ancestor_ids
    return next(iter(locks.covering(entry.pk, above)), None)


def _is_locked(entry: Entry, context: Context) -> str:
    return "1" if _lock(entry, context) else "0"


def _of_lock(tell: Callable[[NodeLock], str]) -> Render:
    def render(entry: Entry, context: Context) -> str | None:
        lock = _lock(entry, context)
        return None if lock is None else tell(lock)

    return render


def _holder_name(entry: Entry, context: Context) -> str | None:
    """A query for each holder, once for a request: few people hold locks."""
    lock = _lock(entry, context)
    if lock is None:
        return None
    key = (_holder_name, lock.holder_id)
    if key not in context.memory:
        context.memory[key] = escape(holder_name(lock))
    return str(context.memory[key])


def _lock_seconds(lock: NodeLock) -> str:
    return str(max(0, int((lock.expires_at - lock.created_at).total_seconds())))


def _constant(value: str) -> Render:
    return lambda entry, context: value


PROPERTIES = tuple(
    Live(namespace, local, render, loader, in_allprop=False, write=_WRITERS.get((namespace, local)))
    for namespace, local, render, loader in (
        (OC, "id", _id, None),
        (OC, "fileid", _fileid, None),
        (OC, "size", _size, None),
        (OC, "permissions", _permissions, None),
        (OC, "checksums", _checksums, None),
        (OC, "favorite", _favorite, load_favourites),
        (OC, "owner-id", _owner_id, load_owner),
        (OC, "owner-display-name", _owner_name, load_owner),
        (OC, "share-types", _constant(""), None),
        (OC, "comments-unread", _constant("0"), None),
        (OC, "data-fingerprint", _constant(""), None),
        (NC, "sharees", _constant(""), None),
        (NC, "has-preview", _constant("false"), None),
        (NC, "is-encrypted", _constant("0"), None),
        (NC, "is-mount-root", _constant("false"), None),
        (NC, "mount-type", _constant(""), None),
        (NC, "hidden", _constant("false"), None),
        (NC, "lock", _is_locked, load_locks),
        (NC, "lock-owner", _of_lock(lambda lock: str(lock.holder_id)), load_locks),
        (NC, "lock-owner-type", _of_lock(lambda lock: "2"), load_locks),  # by a token of WebDAV
        (NC, "lock-owner-displayname", _holder_name, load_locks),
        (NC, "lock-time", _of_lock(lambda lock: str(int(lock.created_at.timestamp()))), load_locks),
        (NC, "lock-timeout", _of_lock(_lock_seconds), load_locks),
        (NC, "lock-token", _of_lock(lambda lock: escape(lock.token)), load_locks),
        (NC, "creation_time", _created, None),
        (NC, "upload_time", _created, None),
    )
)
