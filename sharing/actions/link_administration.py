"""What administrators of the installation do with links of others: revoke them, and take the list out."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from accounts.actor import Actor
from accounts.audit import record
from accounts.permissions import require_administrator
from accounts.unit_of_work import unit_of_work
from common.csv_lines import csv_line
from common.ids import is_id
from files.tree.unit_of_work import space_unit_of_work
from sharing.actions.links import end_link
from sharing.errors import LinkNotFound
from sharing.models import Link
from sharing.queries.link_administration import LinksAsked, all_links, standing_of

PAGE = 1_000  # rows that are read at once
COLUMNS = (
    *("id", "created_at", "owner", "team", "space_id", "node_id", "kind", "name", "role", "audience", "password"),
    *("expires_at", "deadline", "revoked_at", "standing", "visits", "downloads", "uploads"),
)


def revoke_any_link(actor: Actor, *, link_id: int) -> None:
    """For administrators of the installation, whoever has made it. What comes through it ends. The team's log and the
    record say who did it. Raises LinkNotFound, NotAllowed, ScopeMissing.
    """
    require_administrator(actor)
    found = _row(link_id)
    with space_unit_of_work(actor, found.node.space_id) as unit:
        work = unit[found.node.space_id]
        require_administrator(work.actor)
        link = _row(link_id)
        if link.node.space_id != work.space.pk:
            raise LinkNotFound
        end_link(link)
        detail = {"link": link.pk, "node": link.node_id, "of": link.created_by_id}
        record(work.actor, "link.revoke", link.node.name, of_team=work.space.team_id, **detail)


def _row(link_id: int) -> Link:
    rows = Link.objects.select_related("node").filter(revoked_at=None)
    link = rows.filter(pk=link_id).first() if is_id(link_id) else None
    if link is None:
        raise LinkNotFound
    return link


def export_links(actor: Actor, *, chosen: "QuerySet[Link] | None" = None) -> Iterator[bytes]:
    """For administrators: all links, or those that are chosen, as CSV, the oldest first; no address of one is in it.
    That it was taken is recorded. Raises NotAllowed, ScopeMissing.
    """
    require_administrator(actor)
    with unit_of_work(actor) as actor:
        rows = all_links(actor, LinksAsked())
        record(actor, "link.export", "csv")
    return _lines(rows if chosen is None else rows.filter(pk__in=chosen.order_by().values("pk")))


def _lines(rows: "QuerySet[Link]") -> Iterator[bytes]:
    yield csv_line(COLUMNS).encode()
    last = 0
    while page := list(rows.order_by("pk").filter(pk__gt=last)[:PAGE]):
        for link in page:
            yield csv_line(_cells(link)).encode()
        last = page[-1].pk


def _cells(link: Link) -> list[object]:
    node, space = link.node, link.node.space
    return [
        link.pk,
        _time(link.created_at),
        None if link.created_by is None else link.created_by.email,
        None if space.team is None else space.team.name,
        space.pk,
        node.pk,
        "folder" if node.is_folder else "file",
        node.name,
        link.role,
        link.audience,
        "yes" if link.has_password else "no",
        _time(link.expires_at),
        _time(link.deadline),
        _time(link.revoked_at),
        standing_of(link).value,
        link.visits,
        link.downloads,
        link.uploads,
    ]


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")
