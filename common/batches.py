"""Lists in pieces of a bounded size: databases and object stores take only so much at once."""

from collections.abc import Iterator, Sequence
from typing import TypeVar, overload

T = TypeVar("T")


@overload
def in_batches(items: list[T], size: int) -> Iterator[list[T]]: ...


@overload
def in_batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]: ...


def in_batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Slices of at most `size` items, in their order; none for no items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
