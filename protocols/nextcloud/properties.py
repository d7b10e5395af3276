"""The properties of Nextcloud's clients: `oc:` from ownCloud, `nc:` from Nextcloud.

What of them is always the same here is constant: clients that ask for it and find nothing guess.
"""

from collections.abc import Callable, Mapping, Sequence

from django.db.models import prefetch_related_objects

from accounts.actor import WRITE, Actor
from accounts.queries import name_of
from files.access.rights import NO_RIGHTS, Right
from files.actions.annotations import set_favourite
from files.models import NodeLock, Space, SpaceKind
from files.queries.favourites import favourites_among, favourites_in
from files.queries.locks import holder_name
from files.queries.mounts import owns
from files.queries.tree import LocatedNode
from files.sql_rows import aware, from_json
from protocols.dav.escaping import escape
from protocols.dav.properties.locks import locks_covering
from protocols.dav.properties.registry import Context, Entry, Live, Render
from protocols.nextcloud.constants import INSTANCE, NC, OC
from protocols.nextcloud.user_ids import user_id_of

_CHECKSUMS = (("sha1", "SHA1"), ("md5", "MD5"), ("sha256", "SHA256"), ("adler32", "ADLER32"))


# For each right the letters of a file and of a folder, in the order in which Nextcloud's server writes them.
_LETTERS = (
    (Right.SHARE, "R", "R"),
    (Right.DOWNLOAD, "G", "G"),
    (Right.DELETE, "D", "D"),
    (Right.EDIT, "NV", "NV"),
    (Right.EDIT, "W", ""),
    (Right.CREATE, "", "CK"),
)
# Not M, by which Nextcloud marks mounts: desktop clients take that for external storage, which they neither sync before
# a person has confirmed it nor, the newer ones, rename or move.
_OF_OTHERS = "S"


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
    """S: not one's own. R share, G read, D delete, N rename, V move; W write a file; C, K make files and folders in a
    folder.
    """
    there = context.entered(entry)
    rights = there.access.rights_at(entry.pk)  # restricted folders have their own
    key = (_permissions, entry.kind, there.space.pk, rights, context.is_mount(entry))
    if key not in context.memory:
        is_mount = context.is_mount(entry)
        letters = permissions_of(context.actor, there, rights, is_folder=entry.is_folder, is_mount=is_mount)
        context.memory[key] = letters
    return str(context.memory[key])


def permissions_of(actor: Actor, there: LocatedNode, rights: Right, *, is_folder: bool, is_mount: bool = False) -> str:
    """Of what is at the place or in it, by the rights there."""
    letters: Sequence[tuple[Right, str, str]] = _LETTERS if actor.may(WRITE) else _LETTERS[1:2]
    if actor.link_id is not None:  # whose visitors give nobody anything
        letters = [letter for letter in letters if letter[0] is not Right.SHARE]
    # A mount is its receiver's to rename, to move and to remove, whatever they may do in it.
    own = Right.DELETE | Right.EDIT if is_mount else NO_RIGHTS
    found = "" if owns(actor, there.space) else _OF_OTHERS
    for right, of_file, of_folder in letters:
        if right in (rights if of_file == "W" else rights | own):
            found += of_folder if is_folder else of_file
    return found


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
            found = favourites_among(context.actor, [context.own_id(entry) for entry in context.entries])
        context.memory[key] = found
    ids: frozenset[int] = context.memory[key]
    return ids


def _favorite(entry: Entry, context: Context) -> str:
    return "1" if context.own_id(entry) in context.loaded[load_favourites] else "0"


def _set_favorite(actor: Actor, place: LocatedNode, value: str | None) -> None:
    set_favourite(actor, node_id=place.node.pk, wanted=(value or "").strip() in ("1", "true"))


def _keep_checksums(actor: Actor, place: LocatedNode, value: str | None) -> None:
    """rclone sets them beside a time, since ownCloud forgets them. Here they are verified ones, and stay."""


_WRITERS = {(OC, "favorite"): _set_favorite, (OC, "checksums"): _keep_checksums}


def _owner(entry: Entry, context: Context) -> tuple[str, str]:
    """Id and name of whose it is, once for a space. A team has a name only: an id would be that of a person."""
    space = context.entered(entry).space
    key = (_owner, space.pk)
    if key not in context.memory:
        others = {place.entered.space.pk: place.entered.space for place in context.elsewhere.values()}
        others |= {space.pk: space}
        prefetch_related_objects([one for one in others.values() if not owns(context.actor, one)], "owner", "team")
        for one in others.values():
            context.memory[_owner, one.pk] = _owner_of(context.actor, one)
    found: tuple[str, str] = context.memory[key]
    return found


def _owner_of(actor: Actor, space: Space) -> tuple[str, str]:
    if owns(actor, space):
        return user_id_of(actor), escape(name_of(actor))
    if space.owner is not None:
        return str(space.owner.pk), escape(space.owner.get_full_name())
    return "", escape(space.team.name)


def _owner_id(entry: Entry, context: Context) -> str:
    return _owner(entry, context)[0]


def _owner_name(entry: Entry, context: Context) -> str:
    return _owner(entry, context)[1]


def _mount_type(entry: Entry, context: Context) -> str:
    """`group`: what Nextcloud calls a folder of a team. Also of what lies in it."""
    space = context.entered(entry).space
    if owns(context.actor, space):
        return ""
    return "group" if space.kind == SpaceKind.TEAM else "shared"


def _is_mount_root(entry: Entry, context: Context) -> str:
    return "true" if context.is_mount(entry) else "false"


def _created(entry: Entry, context: Context) -> str:
    return str(int(aware(entry.created_at).timestamp()))


def _lock(entry: Entry, context: Context) -> NodeLock | None:
    """The first lock that covers the entry."""
    return next(iter(locks_covering(entry, context)), None)


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
        (OC, "owner-id", _owner_id, None),
        (OC, "owner-display-name", _owner_name, None),
        (OC, "comments-unread", _constant("0"), None),
        (OC, "data-fingerprint", _constant(""), None),
        (NC, "has-preview", _constant("false"), None),
        (NC, "is-encrypted", _constant("0"), None),
        (NC, "is-mount-root", _is_mount_root, None),
        (NC, "mount-type", _mount_type, None),
        (NC, "hidden", _constant("false"), None),
        (NC, "lock", _is_locked, None),
        (NC, "lock-owner", _of_lock(lambda lock: str(lock.holder_id or "")), None),
        (NC, "lock-owner-type", _of_lock(lambda lock: "0" if lock.is_personal else "2"), None),  # a person, or a token
        (NC, "lock-owner-displayname", _holder_name, None),
        (NC, "lock-time", _of_lock(lambda lock: str(int(lock.created_at.timestamp()))), None),
        (NC, "lock-timeout", _of_lock(_lock_seconds), None),
        (NC, "lock-token", _of_lock(lambda lock: escape(lock.token)), None),
        (NC, "creation_time", _created, None),
        (NC, "upload_time", _created, None),
    )
)
