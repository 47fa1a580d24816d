"""Arithmetic of half-open intervals ``[start, end)`` of whole numbers (seconds, cells): sorted and disjoint sets."""

from collections.abc import Iterable, Sequence

type Interval = tuple[int, int]


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same moments, sorted, without overlap; intervals that touch become one, empty ones vanish."""
    merged: list[Interval] = []
    for start, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def clip(intervals: Iterable[Interval], window: Interval) -> list[Interval]:
    """What lies inside ``window``."""
    first, last = window
    return merge((max(start, first), min(end, last)) for start, end in intervals)


def subtract(free: Iterable[Interval], busy: Iterable[Interval]) -> list[Interval]:
    """Moments of ``free`` that are not in ``busy``."""
    left: list[Interval] = []
    taken: Sequence[Interval] = merge(busy)
    rank = 0
    for start, end in merge(free):
        while rank < len(taken) and taken[rank][1] <= start:
            rank += 1
        at, here = start, rank
        while here < len(taken) and taken[here][0] < end:
            left.append((at, taken[here][0]))
            at = taken[here][1]
            here += 1
        left.append((at, end))
    return [interval for interval in left if interval[0] < interval[1]]
