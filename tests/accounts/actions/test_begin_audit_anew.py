"""Another chain, when the old one cannot go on; whoever has kept an anchor sees it."""

import io
from typing import Any

import pytest
from django.core.management import call_command

from accounts.actions.begin_audit_anew import begin_audit_anew
from accounts.chain import sealing
from accounts.errors import NotAllowed
from accounts.models import AuditEvent, AuditHead
from tests.accounts.chain.record import findings, kept_outside, make_record, sql
from tests.support.people import actor_of, make_administrator, make_user

pytestmark = pytest.mark.django_db


def test_after_a_lost_key(settings: Any) -> None:
    make_record(16)
    sealing.seal_pending()
    kept, sealed = kept_outside(), AuditEvent.objects.count()
    settings.SECRET_KEY = "another key of more than 32 characters, and the old one is lost"
    actor = actor_of(make_administrator())
    with pytest.raises(sealing.ChainBroken):
        sealing.seal_pending()
    assert begin_audit_anew(actor) == sealed
    sealing.seal_pending()
    assert findings() == []
    assert {finding.code for finding in findings(kept)} == {"anchor.foreign"}
    event = AuditEvent.objects.get(kind="audit.begin_anew")
    assert (event.actor_id, event.target, event.detail) == (actor.user_id, kept[0].chain, {"removed": sealed})


def test_after_the_end_was_cut_off() -> None:
    make_record(16)
    sql("DELETE FROM accounts_auditevent WHERE position = %s", AuditHead.objects.get().position)
    out = io.StringIO()
    call_command("auditbegin", "--yes", stdout=out)
    assert "acts were removed; the next one" in out.getvalue()
    sealing.seal_pending()
    assert findings() == []


def test_for_administrators_alone() -> None:
    make_record(16)
    with pytest.raises(NotAllowed):
        begin_audit_anew(actor_of(make_user()))
    assert findings() == []
