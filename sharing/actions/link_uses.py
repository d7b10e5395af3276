"""Counting what visitors do with a link, exactly: its limit of downloads holds however many come at once.

One visitor (a network, as `accounts.throttle` counts them) who takes the same bytes again within an hour continues: a
player asks for hundreds of ranges, and a download that broke is resumed. So the first request counts, and no other.
Each thing that counts is in the audit record.
"""

from datetime import timedelta
from typing import Any

from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from accounts.actor import Actor
from accounts.audit import record
from accounts.throttle import address_key
from accounts.unit_of_work import Lock, unit_of_work
from common.clock import now
from sharing import errors
from sharing.models import Link, LinkUse

WINDOW = timedelta(hours=1)
MAXIMUM_REMEMBERED = 10_000  # uses of one link within the hour; more of them count each time, and visits not at all
VISIT, ZIP = "visit", "zip"


def count_visit(actor: Actor) -> None:
    """Somebody has opened the page of the link: once for each visitor and hour. Raises what opening the link does."""
    with unit_of_work(actor, _lock(actor)) as actor:
        if _is_new(actor, 0, VISIT, beyond=False):
            Link.objects.filter(pk=_id_of(actor)).update(visits=F("visits") + 1)
            _record(actor, "link.visit", {})


def count_download(actor: Actor, *, node_id: int, etag: str) -> None:
    """Before the first byte of a response with content: a file with its ETag, or a folder with ZIP. Not for HEAD, nor
    for a response without content. Raises LinkUsedUp, and what opening the link does.
    """
    with unit_of_work(actor, _lock(actor)) as actor:
        if not _is_new(actor, node_id, etag[:80], beyond=True):
            return
        left = Q(max_downloads=None) | Q(downloads__lt=F("max_downloads"))
        rows = Link.objects.filter(left, pk=_id_of(actor))
        if not rows.update(downloads=F("downloads") + 1):
            raise errors.LinkUsedUp  # which takes the row of the use back
        _record(actor, "link.download", {"node": node_id})


def count_upload(actor: Actor, *, node_id: int, name: str, is_late: bool = False) -> None:
    """Something has arrived through the link: the file, under the name that it has got."""
    with unit_of_work(actor, _lock(actor)) as actor:
        Link.objects.filter(pk=_id_of(actor)).update(uploads=F("uploads") + 1)
        _record(actor, "link.upload", {"node": node_id, "name": name[:200], "late": is_late})


def forget_uses() -> int:
    """Deletes what no longer counts, of links that nobody uses; returns how many rows. For the job."""
    deleted, _ = LinkUse.objects.filter(at__lte=now() - WINDOW).delete()
    return deleted


def _id_of(actor: Actor) -> int:
    """Of the link. Raises LinkNotFound for who comes by none."""
    if actor.link_id is None:
        raise errors.LinkNotFound
    return actor.link_id


def _lock(actor: Actor) -> Lock:
    """Of those who come at once each sees what the one before has counted."""
    return Lock(Link, _id_of(actor))


def _is_new(actor: Actor, node_id: int, what: str, *, beyond: bool) -> bool:
    """Whether this visitor has not done this within the hour, and a row that says that they have now. `beyond`: the
    answer where there are too many rows already.
    """
    moment = now()
    uses = LinkUse.objects.filter(link_id=_id_of(actor))
    uses.filter(at__lte=moment - WINDOW).delete()
    values: dict[str, Any] = {"node_id": node_id, "what": what, "visitor": _visitor(actor)}
    if uses.filter(**values).exists():
        return False
    if uses.count() >= MAXIMUM_REMEMBERED:
        return beyond
    LinkUse.objects.create(link_id=_id_of(actor), at=moment, **values)
    return True


def _visitor(actor: Actor) -> str:
    """Nobody reads an address from it."""
    return salted_hmac("sharing.link_uses", address_key(actor.address or ""), algorithm="sha256").hexdigest()[:40]


def _record(actor: Actor, kind: str, detail: dict[str, Any]) -> None:
    """`by`: who was signed in, of a link that is not for everybody."""
    if actor.behind is not None and actor.behind.user_id is not None:
        detail = {**detail, "by": actor.behind.user_id}
    record(actor, kind, f"{actor.link_id}", **detail)
