"""What every format of a bulk body gives."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.errors import CodedError
from files.errors import InvalidRequest


@dataclass(slots=True)
class Part:
    """One file; `error` says why this one alone is refused."""

    path: str
    data: bytes
    modified_at: datetime | None = None
    checksums: dict[str, str] = field(default_factory=dict)
    error: CodedError | None = None


def broken(reason: Promise) -> InvalidRequest:
    """`reason` is translatable, a part of a sentence."""
    return InvalidRequest(_("The body is not valid: %(reason)s."), reason=reason)
