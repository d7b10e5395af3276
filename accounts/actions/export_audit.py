"""Taking the audit record out of the installation, which is an act of the record itself."""

from collections.abc import Iterator

from django.db.models import QuerySet

from accounts import audit_export
from accounts.actor import Actor
from accounts.audit import record
from accounts.models import AuditEvent
from accounts.permissions import require_administrator
from accounts.unit_of_work import unit_of_work


def export_audit(actor: Actor, *, form: str, events: "QuerySet[AuditEvent] | None" = None) -> Iterator[bytes]:
    """For administrators: all acts, or `events` of them, oldest first, in pieces of a file of one of FORMATS.

    What is done after this was called is not told. Raises NotAllowed, ScopeMissing.
    """
    require_administrator(actor)
    with unit_of_work(actor) as actor:
        require_administrator(actor)
        newest = record(actor, "audit.export", form).pk
    chosen = AuditEvent.objects.all() if events is None else events
    return audit_export.lines(form, chosen.filter(pk__lte=newest))
