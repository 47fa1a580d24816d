"""What people already give in some weeks, and what is left of their time."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from backend.agenda.domain.availability import Interval, Period
from backend.common.clock import cell_at
from backend.networks.models import Network
from backend.tutoring.enums import STANDING_STATES
from backend.tutoring.models import Session


def standing_starts(network: Network, period: Period, tutors: Collection[int]) -> dict[str, list[int]]:
    """Per tutor, the first cells of the sessions they already give in these weeks."""
    first, end = period.start_of(0), period.start_of(period.horizon)
    rows = Session.objects.filter(
        network=network, tutor__in=tutors, state__in=STANDING_STATES, starts_at__gte=first, starts_at__lt=end
    )
    starts: dict[str, list[int]] = defaultdict(list)
    for tutor, starts_at in rows.values_list("tutor_id", "starts_at"):
        starts[str(tutor)].append(cell_at(starts_at) - period.first_cell)
    return starts


def cut_intervals(intervals: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """What is left of intervals outside all that is taken."""
    left = list(intervals)
    for first, end in taken:
        parts = [part for start, stop in left for part in ((start, min(stop, first)), (max(start, end), stop))]
        left = [(start, stop) for start, stop in parts if start < stop]
    return left
