"""What the two databases do each in their own way. Everything else is in backend.py and selection.py."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from search.syntax import Typed


class Sql(NamedTuple):
    """A piece of SQL and its parameters."""

    text: str
    parameters: tuple[Any, ...] = ()


class Dialect(Protocol):
    """The index is the table `search_fts`; its entries are made of the rows of search_document and
    search_contenttext, and can be taken out only while those rows say what they said when it was put in.
    """

    def condition(self, typed: Typed) -> Sql:
        """Whether the document `d` matches."""

    def ranked(self, typed: Typed, spaces: Sequence[int]) -> tuple[Sql, Sql, Sql]:
        """A source `f(node_id, ...)` of the matches, a condition that they must also meet, and their relevance:
        about 0 to 20, higher is better. May refer to `d` (the document), `n` (its node) and `t` (the text of its
        content), and to nothing else: how good a match is must not depend on what others have.

        `spaces` (none: all) narrow what is looked at; whoever asks checks them once more.
        """

    def has_phrase(self, words: Sequence[str], spaces: Sequence[int]) -> Sql:
        """Whether the text of `d` has the words one after the other; the last may be the start of a longer one."""

    def write(self, node_ids: Sequence[int]) -> None:
        """Entries for documents that have none."""

    def erase(self, node_ids: Sequence[int]) -> None:
        """Takes the entries of documents out."""

    def clear(self) -> None: ...


MOST_SPACES = 200  # to look up in the index; more are only checked afterwards


def marks(values: Sequence[object]) -> str:
    """`%s, %s, %s` for an IN list."""
    return ", ".join(["%s"] * len(values))
