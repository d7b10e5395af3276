"""The policy by which earlier versions go, as properties."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from files.maintenance.thinning import TIERS, Dated, to_remove

NOW = datetime(2026, 6, 15, 12, 34, tzinfo=UTC)
RETENTION = timedelta(days=180)
minutes = st.integers(min_value=0, max_value=300 * 24 * 60)
histories = st.lists(st.one_of(minutes, st.integers(0, 3 * 24 * 60)), min_size=1, max_size=40).map(
    lambda ages: [Dated(number, NOW - timedelta(minutes=age)) for number, age in enumerate(sorted(ages, reverse=True))]
)


def thin(history: list[Dated], moment: datetime = NOW) -> list[Dated]:
    going = to_remove(history, history[-1].id, now=moment, retention=RETENTION)
    return [version for version in history if version.id not in going]


def replaced(history: list[Dated], index: int) -> datetime:
    return history[index + 1].created_at


@given(histories)
def test_the_current_version_stays(history: list[Dated]) -> None:
    assert thin(history)[-1] == history[-1]
    assert thin(history, NOW + timedelta(days=10_000)) == [history[-1]]


@given(histories)
def test_nothing_that_was_current_within_a_day_goes(history: list[Dated]) -> None:
    kept = thin(history)
    for index, version in enumerate(history[:-1]):
        if NOW - replaced(history, index) <= timedelta(days=1):
            assert version in kept


@given(histories)
def test_nothing_stays_that_was_replaced_before_the_retention(history: list[Dated]) -> None:
    kept = thin(history)
    for index, version in enumerate(history[:-1]):
        if NOW - replaced(history, index) > RETENTION:
            assert version not in kept


@given(histories)
def test_what_goes_has_a_later_version_of_the_same_stretch(history: list[Dated]) -> None:
    kept = thin(history)
    for index, version in enumerate(history[:-1]):
        age = NOW - replaced(history, index)
        if version in kept or age > RETENTION:
            continue
        step = next(tier.step for tier in TIERS if age <= tier.age).total_seconds()
        stretch = version.created_at.timestamp() // step
        assert any(v.created_at.timestamp() // step == stretch and v.id > version.id for v in kept)


@given(histories, st.lists(st.integers(1, 24 * 20), max_size=20))
def test_thinning_day_by_day_leaves_one_for_each_stretch(history: list[Dated], hours: list[int]) -> None:
    """However often it runs, each week within the retention keeps a version if it had one."""
    kept, moment = history, NOW
    for step in hours:
        moment += timedelta(hours=step)
        kept = thin(kept, moment)
    week = timedelta(days=7).total_seconds()
    for index, version in enumerate(history[:-1]):
        if moment - replaced(history, index) <= RETENTION:
            stretch = version.created_at.timestamp() // week
            assert any(v.created_at.timestamp() // week == stretch for v in kept)


def test_an_example() -> None:
    """Every ten minutes for forty days: all of a day, one an hour for a week, one a day for a month, one a week."""
    history = [Dated(n, NOW - timedelta(minutes=10 * n)) for n in range(40 * 24 * 6, -1, -1)]
    kept = thin(history)
    days = [(NOW - version.created_at) / timedelta(days=1) for version in kept]
    assert sum(age <= 1 for age in days) == 145
    assert sum(1 < age <= 7 for age in days) in range(143, 148)
    assert sum(7 < age <= 30 for age in days) in range(22, 26)
    assert sum(age > 30 for age in days) in range(1, 4)


def test_a_version_that_was_current_for_long_is_kept_for_a_day_after_it_was_replaced() -> None:
    history = [Dated(1, NOW - timedelta(days=400)), Dated(2, NOW - timedelta(hours=3))]
    assert thin(history) == history
    assert thin(history, NOW + timedelta(days=170)) == history
    assert thin(history, NOW + timedelta(days=181)) == history[1:]
