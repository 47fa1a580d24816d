"""What if: whether a request fits into an answer, if need be after one other match moves or goes.

Every question is asked of the real schedule, which is put back as it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from matching.candidates import Candidates
from matching.schedule import Schedule


class Rearrangement:
    """Asks such questions of one schedule."""

    def __init__(self, candidates: Candidates, schedule: Schedule) -> None:
        self.candidates, self.schedule = candidates, schedule
        self.requests_of = _group(schedule.request_person)
        self.tutors_of = _group(schedule.tutor_person)
        self.pinned = {schedule.tables.request_index[pin.request] for pin in schedule.tables.problem.pinned}

    def fits(self, request: int, tutor: int, start: int, value: int) -> bool:
        """Whether the match can be added as things are, without loss."""
        cost = self.schedule.cost(request, tutor, start)
        return cost is not None and value >= cost

    def fits_with_one_move(self, request: int, tutor: int, start: int, value: int) -> bool:
        """Whether it can be added, without loss, once one other match has moved elsewhere or is given up."""
        if self.fits(request, tutor, start, value):
            return True
        return any(
            self._gain_without(blocker, request, tutor, start, value) >= 0
            for blocker in self._blockers(request, tutor, start)
        )

    def can_clear(self, person: int, start: int, worth: int) -> bool:
        """Whether the learner's own sessions around this start can move, losing no more than ``worth``."""
        blockers = [request for request in self._learning(person) if self._overlaps(request, start)]
        if len(blockers) != 1 or blockers[0] in self.pinned:
            return False
        tutor, when = self.schedule.remove(blockers[0])
        is_clear = self.schedule.is_free(person, start)
        self.schedule.busy[person].add(start)
        loss = self._marginal(blockers[0], tutor, when) - self._best_place(blockers[0])
        self.schedule.busy[person].discard(start)
        self.schedule.add(blockers[0], tutor, when)
        return is_clear and worth >= loss

    def _learning(self, person: int) -> list[int]:
        """Matched requests of a person."""
        return [request for request in self.requests_of.get(person, ()) if request in self.schedule.match_of]

    def _teaching(self, person: int) -> list[int]:
        """Requests matched with a person as tutor."""
        members = self.schedule.members
        return [
            request
            for start in sorted(self.schedule.busy[person])
            for tutor in self.tutors_of.get(person, ())
            for request in members.get((tutor, start), ())
        ]

    def _overlaps(self, request: int, start: int) -> bool:
        return abs(self.schedule.match_of[request][1] - start) < self.schedule.cells

    def _blockers(self, request: int, tutor: int, start: int) -> Iterator[int]:
        """Matches one of which has to go: at that time, of these people; or of the tutor, if the limits are reached."""
        schedule = self.schedule
        full = not schedule.has_room(tutor, start)
        learner, helper = schedule.request_person[request], schedule.tutor_person[tutor]
        nearby = [*self._learning(learner), *self._teaching(learner), *self._learning(helper), *self._teaching(helper)]
        for other in dict.fromkeys(nearby):
            in_the_way = self._overlaps(other, start) or (full and schedule.match_of[other][0] == tutor)
            if in_the_way and other not in self.pinned:
                yield other

    def _gain_without(self, blocker: int, request: int, tutor: int, start: int, value: int) -> int:
        """What the total gains if ``blocker`` makes way for the match; −1 if the match does not fit even then."""
        schedule = self.schedule
        old_tutor, old_start = schedule.remove(blocker)
        before = self._marginal(blocker, old_tutor, old_start)
        cost = schedule.cost(request, tutor, start)
        gain = -1
        if cost is not None:
            schedule.add(request, tutor, start)
            gain = value - cost - before + self._best_place(blocker)
            schedule.remove(request)
        schedule.add(blocker, old_tutor, old_start)
        return gain

    def _marginal(self, request: int, tutor: int, start: int) -> int:
        """What a match that was just taken away was worth, balance included."""
        value = int(self.candidates.value[self.candidates.find(request, tutor, start)])
        return value - (self.schedule.cost(request, tutor, start) or 0)

    def _best_place(self, request: int) -> int:
        """What the best free match of a request adds now; 0 if none does."""
        rows = self.candidates.of_request(request)
        best = 0
        for value, tutor, start in zip(
            self.candidates.value[rows].tolist(),
            self.candidates.tutor[rows].tolist(),
            self.candidates.start[rows].tolist(),
            strict=True,
        ):
            cost = self.schedule.cost(request, tutor, start)
            if cost is not None:
                best = max(best, value - cost)
        return best


def _group(people: Iterable[int]) -> dict[int, list[int]]:
    """Indexes by person."""
    groups: dict[int, list[int]] = defaultdict(list)
    for index, person in enumerate(people):
        groups[person].append(index)
    return dict(groups)
