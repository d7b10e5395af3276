"""Writing about a file or folder: comments, and telling whom they mention and who takes part."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.actor import WRITE, Actor
from accounts.audit import record
from accounts.permissions import require_scope
from common.clock import now
from common.ids import is_id
from common.surrogates import has_half_pair
from files.access.rights import Right
from files.actions.unit_of_work import work_on_nodes
from files.errors import SpaceArchived, TooMany
from files.models import SpaceKind
from files.queries.tree import LocatedNode
from sharing.actions.notify import notify
from sharing.errors import Forbidden, InvalidRequest, NotFound
from sharing.mentions import addresses_in, people_in, with_ids
from sharing.models import MAXIMUM_COMMENT, Comment, Mention, NotificationKind
from sharing.queries.audience import members_named, who_sees
from sharing.queries.comments import is_authors, require_person

MAXIMUM_ON_NODE = 2_000
MAXIMUM_OF_AUTHOR = 50_000
MAXIMUM_MENTIONS = 20  # people in one comment
PARTICIPANTS = 30  # who wrote before and is told of another comment: the latest


def add_comment(actor: Actor, *, node_id: int, text: str) -> Comment:
    """For who may comment on the node, of a mount on what it stands for. Whom it mentions is told of it, of those who
    see the node; so are its owner and who has commented before. Raises NotFound, Forbidden, ScopeMissing,
    InvalidRequest, TooMany.
    """
    require_person(actor)
    text = _clean(text)
    with work_on_nodes(actor, [node_id], right=Right.COMMENT, entering=True) as (unit, (place,)):
        actor = unit.actor
        _require_room(actor, place.node.pk)
        text, people = _named(place, text)
        comment = Comment.objects.create(node_id=place.node.pk, author_id=actor.user_id, text=text, created_at=now())
        Mention.objects.bulk_create(Mention(comment=comment, user_id=pk) for pk in people)
        _record(actor, place, "comment.create", comment)
        _tell(actor, place, comment, people)
    return comment


def edit_comment(actor: Actor, *, comment_id: int, text: str) -> Comment:
    """For its author, while they may comment. Who is mentioned newly is told. Raises NotFound, Forbidden, ScopeMissing,
    InvalidRequest, TooMany.
    """
    text = _clean(text)
    with _work_on(actor, comment_id) as (acting, place, comment):
        if not is_authors(acting, comment):
            raise Forbidden
        place.require(Right.COMMENT)
        text, people = _named(place, text)
        if text == comment.text:
            return comment
        comment.text, comment.edited_at = text, now()
        comment.save(update_fields=["text", "edited_at"])
        before = set(comment.mentions.values_list("user_id", flat=True))
        comment.mentions.exclude(user_id__in=people).delete()
        Mention.objects.bulk_create(Mention(comment=comment, user_id=pk) for pk in people if pk not in before)
        _record(acting, place, "comment.edit", comment)
        _tell_mentioned(acting, place, comment, [pk for pk in people if pk not in before])
    return comment


def delete_comment(actor: Actor, *, comment_id: int) -> None:
    """For good. Its author may, and who manages the node. Raises NotFound, Forbidden, ScopeMissing, SpaceArchived."""
    with _work_on(actor, comment_id) as (acting, place, comment):
        require_scope(acting, WRITE)
        if not is_authors(acting, comment):
            place.require(Right.MANAGE)
        elif place.space.archived_at is not None:  # whatever they may still do there
            raise SpaceArchived
        _record(acting, place, "comment.delete", comment)
        comment.delete()


def forget_nodes(node_ids: Sequence[int]) -> None:
    """In the transaction that removes the rows of nodes for good (settings.PURGED_NODES_HOOKS)."""
    rows = Comment.objects.filter(node_id__in=list(node_ids))
    Mention.objects.filter(comment__in=rows.values("pk"))._raw_delete("default")
    rows._raw_delete("default")


@contextmanager
def _work_on(actor: Actor, comment_id: int) -> Iterator[tuple[Actor, LocatedNode, Comment]]:
    """A comment and its node, which the actor sees, under the lock of the space. Raises NotFound with the id of the
    comment, since which node it is on is not told.
    """
    require_person(actor)
    rows = Comment.objects.filter(pk=comment_id if is_id(comment_id) else 0)
    found = rows.first()
    if found is None:
        raise NotFound(id=comment_id)
    try:
        with work_on_nodes(actor, [found.node_id], right=Right.VIEW) as (unit, (place,)):
            comment = rows.first()
            if comment is None:
                raise NotFound(id=comment_id)
            yield unit.actor, place, comment
    except NotFound as error:
        raise NotFound(id=comment_id) from error


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise InvalidRequest(_("Write something first."), parameter="text")
    if any(character < " " and character not in "\n\t" for character in text) or has_half_pair(text):
        raise InvalidRequest(_("A comment is plain text."), parameter="text")
    _require_short(text)
    return text


def _require_short(text: str) -> None:
    if len(text) > MAXIMUM_COMMENT:
        raise InvalidRequest(_("A comment has at most %(limit)d characters."), parameter="text", limit=MAXIMUM_COMMENT)


def _require_room(actor: Actor, node_id: int) -> None:
    if Comment.objects.filter(node_id=node_id).count() >= MAXIMUM_ON_NODE:
        raise TooMany(limit=MAXIMUM_ON_NODE)
    if Comment.objects.filter(author_id=actor.user_id).count() >= MAXIMUM_OF_AUTHOR:
        raise TooMany(limit=MAXIMUM_OF_AUTHOR)


def _named(place: LocatedNode, text: str) -> tuple[str, list[int]]:
    """The text as it is kept, and the people of the team whom it names: they may see the node or not, so that nobody
    learns from a mention who does.
    """
    addresses, user_ids = addresses_in(text), {pk for pk in people_in(text) if is_id(pk)}
    if len(addresses) + len(user_ids) > MAXIMUM_MENTIONS:
        raise TooMany(limit=MAXIMUM_MENTIONS)
    found = members_named(place.space.team_id, addresses=addresses, user_ids=user_ids)
    text = with_ids(text, {email: pk for pk, email in found.items()})
    _require_short(text)
    return text, sorted(found)


def _tell(actor: Actor, place: LocatedNode, comment: Comment, mentioned: Sequence[int]) -> None:
    told = _tell_mentioned(actor, place, comment, mentioned)
    written = Comment.objects.filter(node_id=place.node.pk, author__isnull=False).values("author_id")
    latest = written.annotate(last=Max("pk")).order_by("-last").values_list("author_id", flat=True)
    people = {int(pk) for pk in latest[:PARTICIPANTS] if pk is not None}
    if place.space.kind == SpaceKind.HOME and place.space.owner_id is not None:
        people.add(place.space.owner_id)
    elif place.node.version is not None and place.node.version.author_id is not None:
        people.add(place.node.version.author_id)
    people -= {*told, actor.user_id or 0}
    _notify(actor, place, comment, who_sees(place, people), NotificationKind.COMMENT)


def _tell_mentioned(actor: Actor, place: LocatedNode, comment: Comment, people: Sequence[int]) -> set[int]:
    """Those of them who see the node, once for a comment however often it is edited."""
    seeing = who_sees(place, set(people) - {actor.user_id or 0})
    _notify(actor, place, comment, seeing, NotificationKind.MENTION)
    return seeing


def _notify(actor: Actor, place: LocatedNode, comment: Comment, people: set[int], kind: NotificationKind) -> None:
    if people:
        name = place.node.name or place.space.name
        key = f"{kind.value}-{comment.pk}"
        notify(people, kind=kind, by=actor.user_id, node_id=place.node.pk, key=key, name=name)


def _record(actor: Actor, place: LocatedNode, kind: str, comment: Comment) -> None:
    """Never the text: the audit record is kept longer than a comment."""
    by = place.access.nearest_grant
    author = {} if is_authors(actor, comment) else {"author": comment.author_id}
    record(actor, kind, place.path, by_grant=by, node=place.node.pk, comment=comment.pk, **author)
