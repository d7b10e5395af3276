"""The properties that tell with whom something is shared: for those who may share or manage it. Others are told that it
is shared with themselves, by `oc:permissions` (S), and nothing else.
"""

from files.access.explain import SubjectKind
from files.access.rights import Right
from protocols.dav.escaping import escape
from protocols.dav.properties.registry import Context, Entry, Live
from protocols.nextcloud.constants import NC, OC, OCS
from protocols.nextcloud.ocs.share_data import TYPES, WHOLE_TEAM
from protocols.nextcloud.ocs.share_request import LINK, permissions_of
from sharing.queries.marks import Kind, Sharee, marks_in, marks_on, sharees_on

Marks = dict[int, frozenset[Kind]]


def load_marks(context: Context) -> Marks:
    """One query for a request, for all spaces of a page together, and none where nothing is shared in them; one for
    each page where very much is.
    """
    wanted = {context.entered(entry).space.pk for entry in context.entries if _is_told(entry, context)}
    kept: dict[int, Marks | None] = context.memory.setdefault(load_marks, {})
    missing = sorted(wanted - kept.keys())
    if missing:
        found = marks_in(missing)
        kept |= dict.fromkeys(missing, found)
    if any(kept[pk] is None for pk in wanted):
        return marks_on([context.id_there(entry) for entry in context.entries])
    marks: Marks = {}
    for pk in wanted:
        marks |= kept[pk] or {}
    return marks


def load_sharees(context: Context) -> dict[int, list[Sharee]]:
    marks = load_marks(context)
    return sharees_on(pk for entry in context.entries if (pk := context.id_there(entry)) in marks)


def _is_told(entry: Entry, context: Context) -> bool:
    there = context.entered(entry)
    rights = there.access.rights_at(context.id_there(entry))
    return there.space.is_shared and bool(rights & (Right.SHARE | Right.MANAGE))


def _share_types(entry: Entry, context: Context) -> str:
    kinds = context.loaded[load_marks].get(context.id_there(entry), ())
    if not kinds or not _is_told(entry, context):
        return ""
    types = sorted({LINK if kind is SubjectKind.LINK else TYPES[kind] for kind in kinds})
    return "".join(f"<oc:share-type>{number}</oc:share-type>" for number in types)


def _sharees(entry: Entry, context: Context) -> str:
    if not _is_told(entry, context):
        return ""
    return "".join(_sharee(one) for one in context.loaded[load_sharees].get(context.id_there(entry), ()))


def _sharee(one: Sharee) -> str:
    share_with = WHOLE_TEAM if one.kind is SubjectKind.TEAM else escape(one.id)
    return (
        f"<nc:sharee><nc:id>{share_with}</nc:id><nc:display-name>{escape(one.name)}</nc:display-name>"
        f"<nc:type>{TYPES[one.kind]}</nc:type></nc:sharee>"
    )


def _share_permissions(entry: Entry, context: Context) -> str:
    """The most that one may give others; 0 without the right to share."""
    there = context.entered(entry)
    rights = there.access.rights_at(context.id_there(entry))
    if Right.SHARE not in rights or not context.actor.may("share"):
        return "0"
    return str(permissions_of(rights, is_folder=entry.is_folder))


SHARE_PROPERTIES = (
    Live(OC, "share-types", _share_types, load_marks, in_allprop=False),
    Live(NC, "sharees", _sharees, load_sharees, in_allprop=False),
    Live(OCS, "share-permissions", _share_permissions, in_allprop=False),
)
