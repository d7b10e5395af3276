"""The base of every error that a client is told of."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class CodedError(Exception):
    """`code` is stable; `detail` holds plain values for a machine: never a secret, never a path of the server.

    Nothing here knows HTTP: each protocol has one table from codes to its own responses, and a test fails when a code
    is missing from one.
    """

    code = "operation_failed"
    message: "str | Promise" = _("The operation failed.")

    def __init__(self, message: "str | Promise | None" = None, **detail: Any) -> None:
        super().__init__(message or self.message)
        self.detail = detail
