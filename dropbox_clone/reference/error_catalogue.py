"""docs/protocols/errors.md: every error code with its statuses, its message, and what to do about it."""

from collections.abc import Iterator

from accounts import errors as account_errors
from accounts.errors import AccountError
from dropbox_clone.reference.remedies import REMEDIES
from files import errors as file_errors
from files.errors import FileError
from http_kit.problem_table import RETRY_AFTER
from http_kit.problem_table import TABLE as OF_REST
from protocols.dav.errors import TABLE as OF_DAV
from protocols.tus.errors import TABLE as OF_TUS
from sharing import errors as sharing_errors
from sharing.errors import SharingError

INTRODUCTION = """\
# Error codes

<!-- Written by `python -m dropbox_clone.reference` from the code; remedies: dropbox_clone/reference/remedies.py. -->

Every error of REST and tus is a problem document (RFC 9457, `application/problem+json`) whose member `code` is one of
these. Codes are stable: a program may rely on them, but not on the texts. `GET /api/v1/problems` lists codes, statuses
and titles. WebDAV and Nextcloud's endpoints answer with XML and the status of the column *WebDAV*, since their clients
act on the status alone; OCS has the statuses of REST. *After* is the value of `Retry-After`, in seconds. Problem
documents have further members for programs, such as `path`, `id` or `limit`; they are named below where they help.

A request that ends in an error has stored nothing, unless its text says otherwise.
"""


def codes() -> list[str]:
    """Of all catalogues, each once."""
    return sorted(OF_REST)


def messages_of(code: str) -> list[str]:
    """What the classes of this code say by default; the title of REST for a code that no class has."""
    found = {str(kind.message): None for kind in _classes() if kind.code == code}
    return list(found) or [f"{OF_REST[code][1]}."]


def page() -> str:
    sections = [_section(title, table) for title, table in REMEDIES.items()]
    return "\n".join([INTRODUCTION, *sections])


def _classes() -> "Iterator[type[AccountError] | type[FileError] | type[SharingError]]":
    """Of the catalogues; what a protocol derives from them has their codes."""
    catalogues = ((account_errors, AccountError), (file_errors, FileError), (sharing_errors, SharingError))
    for module, base in catalogues:
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, base):
                yield kind


def _section(title: str, remedies: dict[str, str]) -> str:
    head = "| code | REST | WebDAV | tus | After | message | what to do |\n|---|---|---|---|---|---|---|"
    return "\n".join([f"## {title}\n", head, *(_row(code, remedy) for code, remedy in remedies.items()), ""])


def _row(code: str, remedy: str) -> str:
    statuses = (int(OF_REST[code][0]), OF_DAV[code], OF_TUS[code])
    shown = [str(int(status)) for status in statuses]
    message = " / ".join(messages_of(code))
    return f"| `{code}` | {' | '.join(shown)} | {RETRY_AFTER.get(code, '')} | {message} | {remedy} |"
