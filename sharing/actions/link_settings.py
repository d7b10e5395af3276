"""What can be chosen for a link, and what of it is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import EllipsisType
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import CommonPasswordValidator, MinimumLengthValidator, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.errors import PasswordRefused
from common import paths
from common.clock import now
from files.errors import InvalidRequest
from sharing.actions.link_passwords import MAXIMUM_PASSWORD
from sharing.models import Audience, Link, LinkRole, Naming
from sharing.models.link import MAXIMUM_GRACE, MAXIMUM_LABEL, MAXIMUM_MESSAGE, MAXIMUM_TITLE

MINIMUM_PASSWORD = 8  # characters: many networks together may guess some thousand times an hour
MAXIMUM_DOWNLOADS = 1_000_000_000
_VALIDATORS: list[Any] = [MinimumLengthValidator(MINIMUM_PASSWORD), CommonPasswordValidator()]
_ADDRESS = re.compile(r"[a-z0-9](?:[a-z0-9]|-(?!-)){4,62}[a-z0-9]", re.ASCII)
_OF_REQUESTS = ("deadline", "grace", "naming")


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """`password`: `...` leaves it as it is, None takes it away. `address` in any case; `expires_at`, `deadline` and
    `max_downloads` None: no end. `deadline`, `grace` and `naming` are those of file requests.
    """

    role: str = LinkRole.VIEWER
    password: "str | EllipsisType | None" = ...
    expires_at: datetime | None = None
    max_downloads: int | None = None
    allow_download: bool = True
    audience: str = Audience.ANYONE
    address: str | None = None
    title: str = ""
    message: str = ""
    label: str = ""
    deadline: datetime | None = None
    grace: timedelta = timedelta(0)
    naming: str = Naming.KEEP

    def changed(self, changes: Mapping[str, Any]) -> "LinkSettings":
        return replace(self, **changes)


def settings_of(link: Link) -> LinkSettings:
    """As they are."""
    kept = {name: getattr(link, name) for name in LinkSettings.__dataclass_fields__ if name != "password"}
    return LinkSettings(**kept)


def apply(settings: LinkSettings, link: Link, before: LinkSettings | None = None) -> None:
    """Puts them into the row, which is not saved. An end that is the same as `before` may have passed. Raises
    InvalidRequest, PasswordRefused.
    """
    _require_choices(settings)
    _require_ends(settings, before)
    _require_text("title", settings.title, MAXIMUM_TITLE)
    _require_text("message", settings.message, MAXIMUM_MESSAGE, lines=True)
    _require_text("label", settings.label, MAXIMUM_LABEL)
    address = None if settings.address is None else settings.address.lower()
    if address is not None and _ADDRESS.fullmatch(address) is None:
        text = _("An address has 6 to 64 letters, digits and single hyphens between them.")
        raise InvalidRequest(text, parameter="address")
    for name in LinkSettings.__dataclass_fields__:
        if name not in ("password", "address"):
            setattr(link, name, getattr(settings, name))
    link.address = address
    if not isinstance(settings.password, EllipsisType):
        link.password = "" if settings.password is None else _hash_of(settings.password)


def _require_choices(settings: LinkSettings) -> None:
    chosen = {"role": LinkRole, "audience": Audience, "naming": Naming}
    for name, choices in chosen.items():
        if getattr(settings, name) not in choices.values:
            raise InvalidRequest(_("There is no such %(parameter)s."), parameter=name)
    if settings.role != LinkRole.UPLOADER:
        default = LinkSettings()
        for name in _OF_REQUESTS:
            if getattr(settings, name) != getattr(default, name):
                raise InvalidRequest(_("%(parameter)s is for links that only upload."), parameter=name)
    elif settings.max_downloads is not None:
        raise InvalidRequest(_("Nothing is downloaded through a link that only uploads."), parameter="max_downloads")
    if settings.max_downloads is not None and not 1 <= settings.max_downloads <= MAXIMUM_DOWNLOADS:
        raise InvalidRequest(_("Downloads are limited to 1 to 1000000000, or not at all."), parameter="max_downloads")


def _require_ends(settings: LinkSettings, before: LinkSettings | None) -> None:
    for name in ("expires_at", "deadline"):
        end = getattr(settings, name)
        is_new = before is None or end != getattr(before, name)
        if end is not None and is_new and end <= now():
            raise InvalidRequest(_("%(parameter)s has passed already."), parameter=name)
    if not timedelta(0) <= settings.grace <= MAXIMUM_GRACE:
        raise InvalidRequest(_("Files are accepted late for 31 days at most."), parameter="grace")


def _require_text(name: str, text: str, maximum: int, *, lines: bool = False) -> None:
    """Visitors read it: nothing in it may make it look like something else."""
    allowed = "\n" if lines else ""
    is_odd = any(ord(character) < 32 and character not in allowed for character in text) or paths.turns_text(text)
    if len(text) > maximum or is_odd or any("\ud800" <= character <= "\udfff" for character in text):
        text_of = _("%(parameter)s has more than %(limit)d characters, or some that texts do not have.")
        raise InvalidRequest(text_of, parameter=name, limit=maximum)


def _hash_of(password: str) -> str:
    """Raises PasswordRefused, which says why."""
    if len(password) > MAXIMUM_PASSWORD or any("\ud800" <= character <= "\udfff" for character in password):
        raise PasswordRefused(reasons=[])
    try:
        validate_password(password, password_validators=_VALIDATORS)
    except ValidationError as error:
        raise PasswordRefused(" ".join(error.messages), reasons=list(error.messages)) from error
    return make_password(password)
