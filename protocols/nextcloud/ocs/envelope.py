"""The envelope of OCS: `{"ocs": {"meta": {...}, "data": ...}}`, in JSON or XML.

Version 1 always answers with HTTP 200 (but for 401) and says the outcome in `statuscode`, 100 being success; version 2
uses HTTP's own statuses, and 200 for success. Codes of failures that are the same in both: 996 (the server's fault),
997 (not signed in), 998 (not found).
"""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse

OK = {1: 100, 2: 200}
_SHARED = {HTTPStatus.INTERNAL_SERVER_ERROR: 996, HTTPStatus.UNAUTHORIZED: 997, HTTPStatus.NOT_FOUND: 998}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` is HTTP's, `data` plain values; `version` is that of the address. `is_plain`: a failure has the status
    of HTTP as its code, as in Nextcloud's share API.
    """

    data: Any = field(default_factory=list)
    status: int = HTTPStatus.OK
    message: str = "OK"
    headers: dict[str, str] = field(default_factory=dict)
    is_plain: bool = False

    def statuscode(self, version: int) -> int:
        if self.status == HTTPStatus.OK:
            return OK[version]
        if self.is_plain and self.status != HTTPStatus.UNAUTHORIZED:
            return int(self.status)
        return _SHARED.get(HTTPStatus(self.status), int(self.status))

    def http_status(self, version: int) -> int:
        return int(self.status) if version == 2 or self.status == HTTPStatus.UNAUTHORIZED else HTTPStatus.OK


def render(request: HttpRequest, version: int, outcome: Outcome) -> HttpResponse:
    meta = {
        "status": "ok" if outcome.status == HTTPStatus.OK else "failure",
        "statuscode": outcome.statuscode(version),
        "message": outcome.message,
    }
    if version == 1:
        meta |= {"totalitems": "", "itemsperpage": ""}
    content = {"ocs": {"meta": meta, "data": outcome.data}}
    if wants_json(request):
        body, media_type = json.dumps(content), "application/json; charset=utf-8"
    else:
        body, media_type = '<?xml version="1.0"?>\n' + to_xml(content), "application/xml; charset=utf-8"
    headers = {"Cache-Control": "private, no-store", **outcome.headers}
    return HttpResponse(body, status=outcome.http_status(version), content_type=media_type, headers=headers)


def wants_json(request: HttpRequest) -> bool:
    """`format=json` decides; else what stands in Accept; XML is the default."""
    wanted = request.GET.get("format")
    if wanted is not None:
        return wanted == "json"
    accept = str(request.META.get("HTTP_ACCEPT", ""))
    as_json, as_xml = accept.find("application/json"), accept.find("xml")
    return as_json >= 0 and (as_xml < 0 or as_json < as_xml)


def to_xml(value: Any) -> str:
    """A mapping's keys are elements, a list's values `<element>`s; True is 1, False and None are empty."""
    if isinstance(value, dict):
        return "".join(f"<{name}>{to_xml(inner)}</{name}>" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return "".join(f"<element>{to_xml(inner)}</element>" for inner in value)
    if value is None or value is False:
        return ""
    return "1" if value is True else escape(_legal(str(value)))


def _legal(text: str) -> str:
    """Without what XML 1.0 cannot say at all (section 2.2)."""
    return "".join(c if (c >= " " and c not in "\ufffe\uffff") or c in "\t\n\r" else "\ufffd" for c in text)
