"""The catalogue of what can go wrong with accounts. Codes are stable; nothing here knows HTTP."""

from typing import Any


class AccountError(Exception):
    code = "account_error"
    message = "The account operation failed."

    def __init__(self, message: str | None = None, **detail: Any) -> None:
        super().__init__(message or self.message)
        self.detail = detail


class QuotaExceeded(AccountError):
    """`needed` and `free` are bytes; `whose` is "account" or "team"."""

    code = "quota_exceeded"
    message = "There is not enough space left in the quota."
