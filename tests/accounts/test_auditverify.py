"""manage.py auditverify: exit codes, what it says, and anchors that were kept outside."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.chain.sealing import anchor_line
from accounts.models import AuditAnchor, AuditEvent, AuditHead
from tests.accounts.chain.record import make_record, sql

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _record() -> None:
    make_record(16)


def run(*options: str) -> tuple[int, str]:
    """The exit code, and what it says."""
    out = io.StringIO()
    try:
        call_command("auditverify", *options, stdout=out, stderr=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def lines_of_log() -> list[str]:
    chain = AuditHead.objects.get().chain
    head = '{"time": "2026-11-30T12:00:00.000Z", "message": "'
    return [f'{head}{anchor_line(anchor, chain)}"}}' for anchor in AuditAnchor.objects.order_by("number")]


def test_a_sound_record() -> None:
    waiting = AuditEvent.objects.filter(position=None).count()
    code, said = run()
    assert (code, said) == (
        0,
        f"{AuditHead.objects.get().position} acts checked, {waiting} not sealed yet, 0 findings\n",
    )


def test_it_says_which_act_was_changed() -> None:
    event = AuditEvent.objects.get(position=7)
    sql("UPDATE accounts_auditevent SET target = 'nobody' WHERE id = %s", event.pk)
    code, said = run()
    assert code == 1
    assert said.splitlines()[0].startswith(f"row.changed position 7: event {event.pk}, '{event.kind}' at ")
    assert said.splitlines()[-1].endswith("1 findings")


def test_anchors_that_were_kept_outside(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(["another line", *lines_of_log()]))
    assert run("--anchor", str(log))[0] == 0
    assert run("--anchor", lines_of_log()[0])[0] == 0
    position = AuditHead.objects.get().position
    AuditEvent.objects.filter(position=position).delete()
    AuditAnchor.objects.filter(position=position).delete()
    code, said = run("--anchor", str(log))
    assert code == 1
    assert f"anchor.differs given anchor {len(lines_of_log()) + 1}: position {position} is gone" in said


def test_a_file_without_an_anchor_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("nothing\n")
    assert run("--anchor", str(tmp_path / "empty")) == (
        2,
        f"auditverify could not run: no anchor in {tmp_path / 'empty'}\n",
    )
    assert run("--anchor", str(tmp_path / "missing"))[0] == 2
