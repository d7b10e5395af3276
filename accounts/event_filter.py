"""Which acts of the audit record somebody looks for: the same in pages, over REST and for the export."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import AuditEvent
from accounts.models.audit import STRANGERS
from common import ids


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What is not given does not matter. `until` is the first moment that is too late.

    `kind` is one (`token.create`) or the beginning of several (`token`). `person` is who acted: an address or an id.
    `address`: that of the client, as ipaddress writes it. `target`: a part of it, in any case.
    """

    since: datetime | None = None
    until: datetime | None = None
    kind: str = ""
    person: str = ""
    address: str = ""
    target: str = ""
    team_id: int | None = None

    def apply(self, events: "QuerySet[AuditEvent]") -> "QuerySet[AuditEvent]":
        return events.filter(self._of_the_act(), self._of_who_acted())

    def apply_in_team(self, events: "QuerySet[AuditEvent]") -> "QuerySet[AuditEvent]":
        """Of rows with `of_team` (accounts.queries.team_events_of): of administrators nothing can be found out."""
        who = self._of_who_acted()
        return events.filter(self._of_the_act(), who & (Q(of_team=True) | Q(principal__in=STRANGERS)) if who else Q())

    def _of_the_act(self) -> Q:
        found = Q()
        if self.since is not None:
            found &= Q(at__gte=self.since)
        if self.until is not None:
            found &= Q(at__lt=self.until)
        if self.kind:
            found &= Q(kind=self.kind) | Q(kind__startswith=f"{self.kind}.")
        if self.target:
            found &= Q(target__icontains=self.target)
        if self.team_id is not None:
            found &= Q(team_id=self.team_id)
        return found

    def _of_who_acted(self) -> Q:
        found = Q()
        if ids.is_written_id(self.person):
            found &= Q(actor_id=int(self.person))
        elif self.person:
            found &= Q(actor__email__iexact=self.person)
        if self.address:
            found &= Q(address=self.address)
        return found


ANY = EventFilter()


def filter_of(values: dict[str, Any]) -> EventFilter:
    """Of what a form or an input has cleaned; names that are no part of it are passed over."""
    names = EventFilter.__dataclass_fields__
    return EventFilter(**{name: value for name, value in values.items() if name in names and value not in ("", None)})
