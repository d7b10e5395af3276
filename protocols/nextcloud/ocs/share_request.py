"""What clients send about a share: a form, a query or JSON, with the names of Nextcloud's share API.

Clients seen: the desktop client 3.7 and newer (src/gui/ocssharejob.cpp), Android's library (resources/shares), iOS's
NextcloudKit (NextcloudKit+Share.swift). They send forms; browsers and scripts send JSON too.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from files.access.rights import Right, Role
from files.actions.grants import Given
from files.errors import InvalidRequest
from http_kit.json_body import parse_json, read_body
from sharing.days import end_of

LARGEST_BODY = 64 * 1024  # bytes
USER, GROUP, LINK, EMAIL = 0, 1, 3, 4  # types of shares; others (federation, circles, rooms) are not there
READ, UPDATE, CREATE, DELETE, SHARE = 1, 2, 4, 8, 16
ALL_OF_FOLDER = READ | UPDATE | CREATE | DELETE | SHARE
ALL_OF_FILE = READ | UPDATE | SHARE
_BITS = (
    (Right.VIEW, READ),
    (Right.EDIT, UPDATE),
    (Right.CREATE, CREATE),
    (Right.DELETE, DELETE),
    (Right.SHARE, SHARE),
)


def permissions_of(rights: Right, *, is_folder: bool) -> int:
    """As Nextcloud counts them: what makes and deletes files is nothing of a file."""
    bits = sum(bit for right, bit in _BITS if right in rights)
    return bits & (ALL_OF_FOLDER if is_folder else ALL_OF_FILE)


def given_of(permissions: int, *, can_download: bool = True, role: Role | None = None) -> Given:
    """The role that gives this, and never more: who may change files may do so in all ways, or not at all. `role` is
    the one before, which stays where it gives the same to a client that knows fewer (a commenter, a manager).
    """
    if not permissions & UPDATE:
        return Given(role if role is Role.COMMENTER else Role.VIEWER, can_download)
    can_share = bool(permissions & SHARE)
    if role is Role.MANAGER and can_share:
        return Given(Role.MANAGER, can_download)
    return Given(Role.EDITOR, can_download, can_share=can_share)


@dataclass(frozen=True, slots=True)
class Fields:
    """What was sent, by its names; what was not is None."""

    values: Mapping[str, str]

    def text(self, name: str) -> str | None:
        return self.values.get(name)

    def required(self, name: str) -> str:
        found = self.values.get(name)
        if not found:
            raise InvalidRequest(_("%(parameter)s is missing."), parameter=name)
        return found

    def number(self, name: str) -> int | None:
        found = self.values.get(name)
        if found is None or found == "":
            return None
        if not (found.isascii() and found.isdigit() and len(found) <= 9):
            raise InvalidRequest(_("%(parameter)s is not a number."), parameter=name)
        return int(found)

    def is_true(self, name: str) -> bool | None:
        found = self.values.get(name)
        return None if found is None or found == "" else found.lower() in ("true", "1", "yes")

    @property
    def permissions(self) -> int | None:
        """Raises InvalidRequest for bits that do not exist."""
        found = self.number("permissions")
        if found is not None and not 0 < found <= ALL_OF_FOLDER:
            raise InvalidRequest(_("There are no such permissions."), parameter="permissions")
        return found

    @property
    def end(self) -> Any:
        """A time, None for no end, or `...` for what was not sent. Clients send a day, some with a time behind it."""
        day = self.values.get("expireDate")
        return ... if day is None else end_of(day.strip().replace("T", " ").partition(" ")[0])

    @property
    def can_download(self) -> bool | None:
        """Of `attributes`, JSON in a text: `[{"scope": "permissions", "key": "download", "value": false}]`; `enabled`
        in place of `value` before Nextcloud 30. A list without it says that nothing is withheld.
        """
        text = self.values.get("attributes")
        if text is None or text.strip() in ("", "null"):
            return None
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidRequest(_("The attributes are no JSON."), parameter="attributes") from error
        if not isinstance(found, list):
            raise InvalidRequest(_("The attributes are no list."), parameter="attributes")
        for one in found:
            if isinstance(one, dict) and (one.get("scope"), one.get("key")) == ("permissions", "download"):
                return one.get("value", one.get("enabled", True)) not in (False, "false", 0, "0")
        return True


def fields_of(request: HttpRequest) -> Fields:
    """Of the query and the body together; the body goes first. Raises TooLarge, InvalidRequest."""
    values = _plain(request.GET)
    if request.method in ("POST", "PUT"):
        values |= _body_of(request)
    return Fields({name: value for name, value in values.items() if "\0" not in value})


def _body_of(request: HttpRequest) -> dict[str, str]:
    body = read_body(request, LARGEST_BODY)
    if not body:
        return {}
    if (request.content_type or "").partition(";")[0].strip().lower() == "application/json":
        found = parse_json(body)
        if not isinstance(found, dict):
            raise InvalidRequest(_("The body is no object."))
        return {name: _as_text(value) for name, value in found.items() if value is not None}
    try:
        form = QueryDict(body, encoding="utf-8")
    except (UnicodeDecodeError, ValueError) as error:
        raise InvalidRequest(_("The form cannot be read.")) from error
    return _plain(form)


def _plain(data: QueryDict) -> dict[str, str]:
    """The last value of each name."""
    return {name: str(value) for name, value in data.items()}


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)
