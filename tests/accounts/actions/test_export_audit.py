"""Taking the record out: for administrators, in pages, and recorded before the first line."""

import json
from typing import Any

import pytest

from accounts import audit_export
from accounts.actions.export_audit import export_audit
from accounts.audit import record
from accounts.errors import NotAllowed, ScopeMissing
from accounts.models import AuditEvent
from tests.support.people import actor_of, make_administrator, make_user

pytestmark = pytest.mark.django_db


def test_everything_up_to_the_export_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    actor = actor_of(make_administrator())
    monkeypatch.setattr(audit_export, "PAGE", 2)
    pieces = export_audit(actor, form="jsonl")
    record(actor, "later")
    rows = [json.loads(line) for line in b"".join(pieces).splitlines()]
    assert [row["id"] for row in rows] == list(
        AuditEvent.objects.exclude(kind="later").order_by("pk").values_list("pk", flat=True)
    )
    assert (rows[-1]["kind"], rows[-1]["target"], rows[-1]["actor_id"]) == ("audit.export", "jsonl", actor.user_id)


def test_only_what_is_chosen() -> None:
    actor = actor_of(make_administrator())
    record(actor, "one"), record(actor, "two")
    [line] = b"".join(export_audit(actor, form="jsonl", events=AuditEvent.objects.filter(kind="two"))).splitlines()
    assert json.loads(line)["kind"] == "two"


def test_for_administrators_alone() -> None:
    with pytest.raises(NotAllowed):
        export_audit(actor_of(make_user()), form="csv")
    with pytest.raises(ScopeMissing):
        export_audit(actor_of(make_administrator(), scopes=frozenset({"read"})), form="csv")
    assert not AuditEvent.objects.filter(kind="audit.export").exists()


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any) -> None:
    actor = actor_of(make_administrator())
    AuditEvent.objects.all().delete()
    for _ in range(5):
        record(actor, "test")
    monkeypatch.setattr(audit_export, "PAGE", 2)
    with django_assert_num_queries(4):
        assert len(list(audit_export.lines("jsonl", AuditEvent.objects.all()))) == 6
