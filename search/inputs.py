"""What a person typed, as a haystack input: the same filter works with our engine and with Lucene-like ones. And what
they see, for ours alone.
"""

from dataclasses import dataclass
from typing import Any

from haystack.inputs import BaseInput

from search.syntax import Clause, Typed


class TypedInput(BaseInput):
    """`SearchQuerySet().filter(content=TypedInput(parse(text)))`. Our own engine takes `typed` as it is."""

    input_type_name = "typed"
    post_process = False

    def __init__(self, typed: Typed) -> None:
        super().__init__(str(typed))
        self.typed = typed

    def prepare(self, query_obj: Any) -> str:
        """Lucene's query syntax (Elasticsearch, Solr). Words have no reserved characters in them; in lower case they
        are no operators.
        """
        parts = [_lucene(clause) for clause in self.typed.wanted]
        parts += [f"NOT {_lucene(clause)}" for clause in self.typed.unwanted]
        if len(self.typed.phrase) > 1:
            return f'(({" AND ".join(parts)}) OR ("{" ".join(self.typed.phrase)}"^20 AND {" AND ".join(parts)}))'
        return f"({' AND '.join(parts)})"


def _lucene(clause: Clause) -> str:
    quoted = f'"{" ".join(clause.words)}"'
    if clause.prefix and len(clause.words) == 1:
        quoted = f"({quoted} OR {clause.words[0]}*)"
    return f"name:{quoted}" if clause.in_name else f"({quoted} OR name:{quoted}^8)"


@dataclass(frozen=True, slots=True)
class Part:
    """Of a space what is from `top` on, itself included (None: all), and not from one of `without` on."""

    space_id: int
    top: int | None
    without: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """What of some spaces somebody sees: one of these parts. A value for the index that knows the tree. `less` are
    bytes that folders have more than is shown of them, by their ids.
    """

    parts: tuple[Part, ...]
    less: tuple[tuple[int, int], ...] = ()

    @property
    def closed(self) -> frozenset[int]:
        return frozenset(pk for part in self.parts for pk in part.without)
