"""The base of every error that a client is told of."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class CodedError(Exception):
    """`code` is stable; `detail` holds plain values for a machine: never a secret, never a path of the server.

    Nothing here knows HTTP: each protocol has one table from codes to its own responses, and a test fails when a code
    is missing from one. A message is translatable, and `%(name)s` in it stands for a member of `detail`. It becomes
    text when somebody reads it: in the language that is active then, which is that of the response.
    """

    code = "operation_failed"
    message: "str | Promise" = _("The operation failed.")

    def __init__(self, message: "str | Promise | None" = None, **detail: Any) -> None:
        self.message = message or self.message
        super().__init__(self.message)
        self.detail = detail

    def __str__(self) -> str:
        text = str(self.message)
        # A text that somebody else made may have any characters in it; ours are translatable.
        return text % self.detail if "%(" in text and isinstance(self.message, Promise) else text
