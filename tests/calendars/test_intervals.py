"""Busy and free time as sets of seconds: whatever the intervals, the same moments."""

from hypothesis import given
from hypothesis import strategies as st

from calendars.intervals import Interval, clip, merge, subtract

INTERVALS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12)


def moments(intervals: list[Interval]) -> set[int]:
    return {moment for start, end in intervals for moment in range(start, end)}


def is_tidy(intervals: list[Interval]) -> bool:
    """Sorted, disjoint, none empty, none touching the next."""
    edges = [edge for interval in intervals for edge in interval]
    return edges == sorted(set(edges))


@given(INTERVALS)
def test_merging_keeps_every_moment(intervals: list[Interval]) -> None:
    merged = merge(intervals)
    assert moments(merged) == moments(intervals)
    assert is_tidy(merged)
    assert merge(merged) == merged


@given(INTERVALS, INTERVALS)
def test_subtracting_leaves_what_is_free_and_not_busy(free: list[Interval], busy: list[Interval]) -> None:
    left = subtract(free, busy)
    assert moments(left) == moments(free) - moments(busy)
    assert is_tidy(left)


@given(INTERVALS, st.tuples(st.integers(0, 40), st.integers(0, 40)))
def test_clipping_keeps_what_is_inside(intervals: list[Interval], window: Interval) -> None:
    assert moments(clip(intervals, window)) == moments(intervals) & moments([window])


def test_intervals_that_touch_do_not_overlap() -> None:
    assert subtract([(0, 10)], [(10, 20)]) == [(0, 10)]
    assert merge([(0, 10), (10, 20)]) == [(0, 20)]
