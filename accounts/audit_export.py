"""The audit record as files: CSV (RFC 4180), JSON lines, and lines of syslog (RFC 5424). Streamed, oldest first."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import AuditEvent
from common.csv_lines import csv_line

PAGE = 1_000  # rows
COLUMNS = (
    *("id", "at", "kind", "target", "principal", "actor_id", "actor_email", "link_id", "grant_id", "team_id"),
    *("client", "address", "detail", "position", "digest", "origin"),
)

# RFC 5424, section 6.2.1: facility 13 is "log audit", severity 5 "notice", 4 "warning".
_NOTICE, _WARNING = 13 * 8 + 5, 13 * 8 + 4
# Section 6.3.2: a name with the number of an enterprise. This one is for documentation (RFC 5612): we have none.
SD_ID = "audit@32473"
_SPECIAL = re.compile(r'["\\\]\x00-\x1f\x7f-\x9f]')
LONGEST_LINE = 2_048  # octets that every receiver should take (section 6.1)


def lines(form: str, events: "QuerySet[AuditEvent]") -> Iterator[bytes]:
    """`form` is a key of FORMATS. Memory is bounded, and no statement stays open between two lines."""
    begin, line = FORMATS[form]
    yield begin().encode()
    for event in _in_pages(events):
        yield line(fields(event)).encode()


def fields(event: AuditEvent) -> dict[str, Any]:
    """What an export tells of an act, by COLUMNS. Ids are numbers here, what is not known is None."""
    values = {name: getattr(event, name, None) for name in COLUMNS}
    values["at"] = event.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    values["actor_email"] = event.actor.email if event.actor else None
    return values


def _in_pages(events: "QuerySet[AuditEvent]") -> Iterator[AuditEvent]:
    rows, last = events.select_related("actor").order_by("pk"), 0
    while page := list(rows.filter(pk__gt=last)[:PAGE]):
        yield from page
        last = page[-1].pk


def _csv_header() -> str:
    return csv_line(COLUMNS)


def _csv_line(values: dict[str, Any]) -> str:
    cells = {**values, "detail": json.dumps(values["detail"], sort_keys=True, ensure_ascii=False)}
    return csv_line(cells[name] for name in COLUMNS)


def _json_line(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=True, separators=(",", ":")) + "\n"


def _syslog_line(values: dict[str, Any]) -> str:
    """`<109>1 2026-11-30T12:00:00.000Z files.example.com dropbox_clone - sign_in [audit@32473 id="7" …] sign_in`.

    A line that would be too long loses the end of its detail, then of other values, and says `cut="1"`.
    """
    kind = _printable(values["kind"], 32)
    severity = _WARNING if str(values["kind"]).endswith(".failed") else _NOTICE
    head = f"<{severity}>1 {values['at']} {_host()} dropbox_clone - {kind} [{SD_ID}"
    end = f"] {kind}\n"
    room = LONGEST_LINE - len(head.encode()) - len(end.encode()) - len(' cut="1"')
    text, is_cut = "", False
    for name in (*(column for column in COLUMNS if column not in ("at", "detail")), "detail"):
        value = values[name]
        if value is None or value in ("", {}):
            continue
        said = json.dumps(value, sort_keys=True, ensure_ascii=False) if name == "detail" else str(value)
        fitting = _fit(said, room - len(f' {name}=""'))
        is_cut = is_cut or fitting != _escaped(said)
        if fitting:
            text += f' {name}="{fitting}"'
            room -= len(f' {name}="{fitting}"'.encode())
    return head + text + (' cut="1"' if is_cut else "") + end


def _host() -> str:
    """Section 6.2.4; `-` where nothing is known."""
    return _printable(urlsplit(settings.BASE_URL).hostname or "", 255) if settings.BASE_URL_GIVEN else "-"


def _printable(text: str, longest: int) -> str:
    """PRINTUSASCII, at least one character."""
    return "".join(character for character in text if "!" <= character <= "~")[:longest] or "-"


def _escaped(text: str) -> str:
    """Section 6.3.3: a backslash before quotes, backslashes and brackets. Control characters, which would end a line
    or a terminal's patience, are written as JSON writes them."""
    return _SPECIAL.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return f"\\{character}" if character in '"\\]' else f"\\\\u{ord(character):04x}"


def _fit(text: str, room: int) -> str:
    """Escaped, and cut between characters."""
    escaped = _escaped(text)
    if len(escaped.encode()) <= room:
        return escaped
    fitting = ""
    for character in text:
        escaped = _escaped(character)
        room -= len(escaped.encode())
        if room < 0:
            break
        fitting += escaped
    return fitting


def _nothing() -> str:
    return ""


FORMATS: dict[str, tuple[Callable[[], str], Callable[[dict[str, Any]], str]]] = {
    "csv": (_csv_header, _csv_line),
    "jsonl": (_nothing, _json_line),
    "syslog": (_nothing, _syslog_line),
}
