"""Which earlier versions go with age: a pure function.

An earlier version's age counts from when it was replaced, since until then it was what people saw. It is kept for
a day in any case, then one an hour for a week, one a day for a month, one a week until the retention ends. Hours,
days and weeks are fixed stretches of time, not counted from now, so that thinning again removes nothing more
than the passing of time asks for; of each the latest is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Dated:
    """A version by id, and when it became current."""

    id: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Tier:
    """Up to this `age`, one version for each stretch of `step` is kept (zero: all)."""

    age: timedelta
    step: timedelta


TIERS = (
    Tier(timedelta(days=1), timedelta(0)),
    Tier(timedelta(days=7), timedelta(hours=1)),
    Tier(timedelta(days=30), timedelta(days=1)),
    Tier(timedelta.max, timedelta(days=7)),
)


def to_remove(versions: Sequence[Dated], current_id: int, *, now: datetime, retention: timedelta) -> list[int]:
    """Ids of the versions of one file that have had their time, in their order. `versions` in order of creation."""
    kept: set[tuple[timedelta, int]] = set()
    removed: list[int] = []
    for version, following in reversed(list(pairwise(versions))):
        age = now - following.created_at
        if version.id == current_id or age <= TIERS[0].age:
            continue
        step = next(tier.step for tier in TIERS if age <= tier.age)
        stretch = (step, int(version.created_at.timestamp() // step.total_seconds()))
        if age > retention or stretch in kept:
            removed.append(version.id)
        kept.add(stretch)
    return removed[::-1]
