"""Single changes that would serve a request, each backed by an answer in hand.

A change counts only once a schedule that holds under it has been built: the request is served there and the total is no
less than now.
"""

from matching.candidates import Candidates, early
from matching.rearrangement import Rearrangement
from matching.result import MoreSessions, MoreTime, NewTutor, Unblock
from matching.schedule import Schedule
from matching.tables import Tables

_MOST_TRIES, _TRIES_IN_ALL = 60, 3_000


class UnblockFinder:
    """Looks for ways out around one answer."""

    def __init__(self, tables: Tables, candidates: Candidates, schedule: Schedule) -> None:
        self.tables, self.candidates, self.schedule = tables, candidates, schedule
        self.cells = tables.problem.session_cells
        self.intervals = [person.available for person in tables.problem.people]
        self.rearrangement = Rearrangement(candidates, schedule)
        left_out = len(tables.problem.requests) - len(schedule.match_of)
        self.tries = min(_MOST_TRIES, max(2, _TRIES_IN_ALL // max(1, left_out)))
        self._starts: dict[int, frozenset[int]] = {}

    def find(self, request: int) -> tuple[Unblock, ...]:
        """The changes found, cheapest first; a new tutor only where nothing smaller will do."""
        changes = self._more_sessions(request) + self._more_time(request)
        return tuple(changes or self._new_tutor(request))

    def starts_of(self, person: int) -> frozenset[int]:
        """Cells from which a session fits."""
        if person not in self._starts:
            self._starts[person] = frozenset(self.tables.starts_of(person).tolist())
        return self._starts[person]

    def _more_sessions(self, request: int) -> list[Unblock]:
        """The full tutor whose one more session is worth most; failing that, one that needs another match to move."""
        rows, schedule = self.candidates.of_request(request), self.schedule
        options = zip(
            self.candidates.value[rows].tolist(),
            self.candidates.tutor[rows].tolist(),
            self.candidates.start[rows].tolist(),
            strict=True,
        )
        full = [(value, tutor, start) for value, tutor, start in options if not schedule.has_room(tutor, start)]
        full.sort(key=lambda option: (schedule.balance_step * schedule.load[option[1]] - option[0], option[1:]))
        for attempt in (self.rearrangement.fits, self.rearrangement.fits_with_one_move):
            for value, tutor, start in full[: self.tries]:
                with schedule.one_more_session(tutor):
                    if attempt(request, tutor, start, value):
                        return [MoreSessions(self.tables.problem.tutors[tutor].id)]
        return []

    def _more_time(self, request: int) -> list[Unblock]:
        """The best time at which only the learner, or only the tutor, would have to be free."""
        learner = self.schedule.request_person[request]
        best: dict[bool, tuple[int, Unblock]] = {}
        for tutor, value in self.candidates.pairs.tutors_and_values_of(request):
            worth = value - self.schedule.balance_step * self.schedule.load[tutor]
            for learner_moves, free in self._half_free(learner, tutor):
                start = self._first_open(learner, tutor, free)
                if start is None or worth < 0 or (learner_moves in best and best[learner_moves][0] >= worth):
                    continue
                best[learner_moves] = worth, self._interval(learner if learner_moves else None, tutor, start)
        if not best:
            return self._more_time_with_one_move(request, learner)
        return [best[key][1] for key in (True, False) if key in best]

    def _half_free(self, learner: int, tutor: int) -> tuple[tuple[bool, frozenset[int]], ...]:
        """Starts at which only the tutor is available (the learner moves), then only the learner."""
        mine, theirs = self.starts_of(learner), self.starts_of(self.schedule.tutor_person[tutor])
        return (True, theirs - mine), (False, mine - theirs)

    def _more_time_with_one_move(self, request: int, learner: int) -> list[Unblock]:
        """A time that serves the request once another match makes way."""
        tries = 0
        for tutor, value in self.candidates.pairs.tutors_and_values_of(request):
            for learner_moves, free in self._half_free(learner, tutor):
                for start in sorted(free):
                    tries += 1
                    if tries > self.tries:
                        return []
                    if self.rearrangement.fits_with_one_move(request, tutor, start, value):
                        return [self._interval(learner if learner_moves else None, tutor, start)]
        return []

    def _first_open(self, learner: int, tutor: int, starts: frozenset[int]) -> int | None:
        """The first of these starts at which neither has a session and the tutor has one left."""
        schedule = self.schedule
        if schedule.load[tutor] >= schedule.total[tutor]:
            return None
        helper = schedule.tutor_person[tutor]
        return min(
            (
                start
                for start in starts
                if schedule.has_room(tutor, start)
                and schedule.is_free(learner, start)
                and schedule.is_free(helper, start)
            ),
            default=None,
        )

    def _interval(self, learner: int | None, tutor: int, start: int) -> MoreTime:
        """What is missing around a session from ``start``; touching intervals are joined, so the rest is enough."""
        person = self.schedule.tutor_person[tutor] if learner is None else learner
        first, last = start, start + self.cells
        for begin, end in self.intervals[person]:
            if begin <= start < end:
                first = max(first, end)
            if begin < start + self.cells <= end:
                last = min(last, begin)
        if first >= last:
            first, last = start, start + self.cells
        if learner is None:
            return MoreTime(first, last, tutor=self.tables.problem.tutors[tutor].id)
        return MoreTime(first, last, learner=self.tables.problem.people[learner].id)

    def _new_tutor(self, request: int) -> list[Unblock]:
        """Somebody always free; the learner must have a time, of which another session of theirs may have to move."""
        learner, record = self.schedule.request_person[request], self.tables.problem.requests[request]
        if not record.modalities:
            return []
        for start in self.tables.starts_of(learner).tolist():
            worth = record.weight + self.tables.problem.scoring.level_base + int(early(self.tables, start))
            if self.schedule.is_free(learner, start) or self.rearrangement.can_clear(learner, start, worth):
                return [NewTutor(record.notion, record.level)]
        return []
