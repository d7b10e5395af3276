"""The export loads: CSV and JSON lines by Python's own modules, syslog by a strict parser of RFC 5424."""

import csv
import io
import json
import re
from typing import Any

import pytest
from django.core.management import call_command

from accounts.actor import Actor, principal_of
from accounts.audit import record
from accounts.audit_export import COLUMNS, FORMATS, LONGEST_LINE, lines
from accounts.chain import sealing
from accounts.models import AuditEvent
from tests.support.people import make_user

pytestmark = pytest.mark.django_db
HOSTILE = (
    '=HYPERLINK("http://example.com","x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    'a "quoted", text',
    "two\nlines and\r\nthree",
    r"back\slash ] bracket [",
    "ünïcödé 😀 \u2028 \x1b[31m",
    "",
)

# RFC 5424, section 6. SD-NAME and PRINTUSASCII exclude what would end them.
_NAME = r"[!#-<>-\\^-~]{1,32}"
_VALUE = r'(?:[^"\\\]]|\\["\\\]])*'
_ELEMENT = rf'\[(?P<id>{_NAME})(?P<params>(?: {_NAME}="{_VALUE}")*)\]'
_MESSAGE = re.compile(
    r"<(?P<pri>0|[1-9][0-9]{0,2})>(?P<version>[1-9][0-9]{0,2}) "
    r"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) "
    r"(?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<process>[!-~]{1,128}) (?P<message_id>[!-~]{1,32}) "
    rf"{_ELEMENT}(?: (?P<message>[ -~]*))?",
    re.DOTALL,
)


def parse_syslog(line: str) -> dict[str, Any]:
    """Head and structured data; fails for anything that the grammar does not allow."""
    found = _MESSAGE.fullmatch(line)
    assert found is not None, line
    assert int(found["pri"]) <= 191
    assert not re.search(r"[\x00-\x1f\x7f]", line), "a line ends where it should"
    params = re.findall(rf' ({_NAME})="({_VALUE})"', found["params"])
    return {**found.groupdict(), "data": {name: re.sub(r'\\(["\\\]])', r"\1", value) for name, value in params}}


def as_told(text: str) -> str:
    """With control characters as syslog's lines have them."""
    return "".join(f"\\u{ord(c):04x}" if ord(c) < 32 or 127 <= ord(c) < 160 else c for c in text)


def exported(form: str) -> str:
    return b"".join(lines(form, AuditEvent.objects.all())).decode()


@pytest.fixture
def events() -> list[AuditEvent]:
    """Of somebody, about everything that is hard to write down; half of it sealed."""
    user = make_user("ada@example.com")
    AuditEvent.objects.all().delete()
    actor = Actor(principal_of(user.pk), team_id=user.membership.team_id, client="a [browser]", address="2001:db8::1")
    for number, text in enumerate(HOSTILE):
        record(actor, "sign_in.failed" if number else "test", text, note=text, number=number)
        if number == 5:
            sealing.seal_pending()
    return list(AuditEvent.objects.order_by("pk"))


def test_csv(events: list[AuditEvent]) -> None:
    rows = list(csv.DictReader(io.StringIO(exported("csv"), newline="")))
    assert list(rows[0]) == list(COLUMNS)
    assert [int(row["id"]) for row in rows] == [event.pk for event in events]
    for row, text in zip(rows, HOSTILE, strict=True):
        assert row["target"].removeprefix("'") == text
        assert json.loads(row["detail"])["note"] == text
        assert row["actor_email"] == "ada@example.com"
        for cell in row.values():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), "a spreadsheet would compute it"
    assert [bool(row["position"]) for row in rows] == [True] * 6 + [False] * 5


def test_json_lines(events: list[AuditEvent]) -> None:
    found = [json.loads(line) for line in exported("jsonl").split("\n")[:-1]]
    assert [(row["id"], row["target"], row["detail"]["note"]) for row in found] == [
        (event.pk, event.target, event.target) for event in events
    ]
    assert set(found[0]) == set(COLUMNS)
    assert (found[0]["position"], found[-1]["position"], found[0]["address"]) == (1, None, "2001:db8::1")


def test_syslog(events: list[AuditEvent], settings: Any) -> None:
    settings.BASE_URL, settings.BASE_URL_GIVEN = "https://files.example.com:8443", True
    found = [parse_syslog(line) for line in exported("syslog").split("\n")[:-1]]
    assert [row["data"].get("target", "") for row in found] == [as_told(text) for text in HOSTILE]
    assert [row["data"]["id"] for row in found] == [str(event.pk) for event in events]
    first, second = found[:2]
    assert (first["pri"], second["pri"]) == ("109", "108"), "log audit: notice, and warning for a failure"
    assert (first["host"], first["app"], first["message_id"]) == ("files.example.com", "dropbox_clone", "test")
    assert json.loads(second["data"]["detail"]) == {"note": HOSTILE[1], "number": 1}
    assert second["id"] == "audit@32473"


def test_a_line_of_syslog_has_an_end(events: list[AuditEvent]) -> None:
    long = record(Actor(client="x" * 200), "k" * 50, "\x01😀]" * 66, note="]\\😀" * 1_000)
    line = exported("syslog").split("\n")[-2]
    parsed = parse_syslog(line)
    assert len(line.encode()) < LONGEST_LINE
    assert (parsed["data"]["id"], parsed["data"]["cut"]) == (str(long.pk), "1")
    assert len(parsed["message_id"]) == 32
    assert "cut" not in parse_syslog(exported("syslog").split("\n")[0])["data"]


def test_the_command_writes_what_is_looked_for(events: list[AuditEvent]) -> None:
    out = io.StringIO()
    call_command("auditexport", "--format", "jsonl", "--kind", "sign_in", "--person", "Ada@example.com", stdout=out)
    assert len(out.getvalue().splitlines()) == len(HOSTILE) - 1
    for options, number in (
        (["--since", "2026-01-01", "--address", "2001:DB8:0::1"], len(HOSTILE)),
        (["--until", "2026-01-01T00:00:00Z"], 0),
        (["--target", "QUOTED"], 1),
        (["--kind", "sign"], 0),
        (["--team", "0"], 0),
    ):
        out = io.StringIO()
        call_command("auditexport", "--format", "jsonl", *options, stdout=out)
        found = [json.loads(line) for line in out.getvalue().splitlines()]
        assert len([row for row in found if row["kind"] != "audit.export"]) == number, options
    assert AuditEvent.objects.filter(kind="audit.export", principal="system:auditexport").count() == 6


def test_the_formats() -> None:
    assert set(FORMATS) == {"csv", "jsonl", "syslog"}
