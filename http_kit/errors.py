"""What can be wrong with a request before anybody looks at what it is for."""

from django.utils.translation import gettext_lazy as _

from common.errors import CodedError


class BodyBroken(Exception):
    """The client went away, stalled, or framed its body wrongly: no more of it will come."""


class InvalidRequest(CodedError):
    code = "invalid_request"
    message = _("The request is not valid.")


class InvalidCursor(CodedError):
    code = "invalid_cursor"
    message = _("The cursor is not valid here.")


class InvalidChecksum(CodedError):
    code = "invalid_checksum"
    message = _("That checksum is malformed or of an unknown algorithm.")


class TooLarge(CodedError):
    """`limit` in bytes."""

    code = "too_large"
    message = _("That is larger than allowed.")


class TooMany(CodedError):
    """`limit` is how many."""

    code = "too_many"
    message = _("That is too many at once.")


class BodyTooSlow(CodedError):
    """`seconds` is what a body of its kind may take."""

    code = "body_too_slow"
    message = _("The body did not arrive in time.")


class Overloaded(CodedError):
    code = "overloaded"
    message = _("The server has too many uploads in hand. Try again in a moment.")
