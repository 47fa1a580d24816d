"""An independent check of every answer: plain loops over the problem's own records, nothing shared with the engines.

The rules, by number:

1. a request gets at most one match;
2. the tutor holds the notion at the level asked or above;
3. nobody tutors himself, and excluded pairs never meet;
4. tutor and request share the modality named;
5. all cells of a session lie inside one availability interval of the tutor's person and one of the learner's;
6. a person is in one place at a time, whatever the role;
7. a tutor keeps to ``max_sessions``, and to ``max_sessions_per_week`` in every week ``start // cells_per_week``;
8. learners share a session only for one notion, in one modality, if all accept, up to ``group_size_max``;
9. every pin is in the answer.

The objective is the sum over matches of weight, quality, ``early`` and stability, less ``balance_step · k(k−1)/2`` for
each tutor with ``k`` sessions.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from matching.problem import Problem
from matching.records import Match, Person, Request, Tutor

_LEVEL_STEPS = 3


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a match's value; ``level`` is ``level_base`` less what a level too high costs."""

    weight: int
    level: int
    profession: int
    territory: int
    prior_tutor: int
    early: int
    stability: int

    @property
    def total(self) -> int:
        """What the match adds to the objective, before the cost of balance."""
        return (
            self.weight + self.level + self.profession + self.territory + self.prior_tutor + self.early + self.stability
        )


@dataclass(slots=True)
class Checker:
    """Checks answers to one problem."""

    problem: Problem
    people: dict[str, Person] = field(init=False)
    tutors: dict[str, Tutor] = field(init=False)
    requests: dict[str, Request] = field(init=False)
    _excluded: set[tuple[str, str]] = field(init=False)
    _previous: set[tuple[str, str, int]] = field(init=False)
    _previous_pairs: set[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.people = {person.id: person for person in self.problem.people}
        self.tutors = {tutor.id: tutor for tutor in self.problem.tutors}
        self.requests = {request.id: request for request in self.problem.requests}
        self._excluded = set(self.problem.excluded)
        self._previous = {(pin.request, pin.tutor, pin.start) for pin in self.problem.previous}
        self._previous_pairs = {(pin.request, pin.tutor) for pin in self.problem.previous}

    def find_violations(self, matches: Sequence[Match]) -> Iterator[str]:
        """Every rule broken, in words."""
        unknown = [match for match in matches if match.request not in self.requests or match.tutor not in self.tutors]
        if unknown:
            yield from (f"{match.request} with {match.tutor}: not in the problem" for match in unknown)
            return
        for request, count in Counter(match.request for match in matches).items():
            if count > 1:
                yield f"rule 1: request {request} has {count} matches"
        for match in matches:
            yield from self.find_match_violations(match)
        sessions = group_by_session(matches)
        for members in sessions.values():
            yield from self.find_session_violations(members)
        yield from self._check_loads(sessions)
        yield from self._check_people(sessions)
        yield from self._check_pins(matches)

    def find_match_violations(self, match: Match) -> Iterator[str]:
        request, tutor = self.requests[match.request], self.tutors[match.tutor]
        name = f"{match.request} with {match.tutor} at {match.start}"
        if tutor.skills.get(request.notion, 0) < request.level:
            yield f"rule 2: {name}: level too low"
        if tutor.person == request.person:
            yield f"rule 3: {name}: one person"
        if (request.id, tutor.id) in self._excluded:
            yield f"rule 3: {name}: excluded"
        if match.modality not in request.modalities or match.modality not in tutor.modalities:
            yield f"rule 4: {name}: {match.modality} is not shared"
        for person in (request.person, tutor.person):
            if not self._is_available(person, match.start):
                yield f"rule 5: {name}: {person} is not available"

    def _is_available(self, person: str, start: int) -> bool:
        end = start + self.problem.session_cells
        return any(first <= start and end <= last for first, last in self.people[person].available)

    def find_session_violations(self, members: Sequence[Match]) -> Iterator[str]:
        if len(members) == 1:
            return
        name = f"session of {members[0].tutor} at {members[0].start}"
        requests = [self.requests[match.request] for match in members]
        if len(members) > self.problem.group_size_max:
            yield f"rule 8: {name}: {len(members)} learners"
        if len({request.notion for request in requests}) > 1:
            yield f"rule 8: {name}: several notions"
        if len({match.modality for match in members}) > 1:
            yield f"rule 8: {name}: several modalities"
        if not all(request.group_ok for request in requests):
            yield f"rule 8: {name}: somebody accepts no company"

    def _check_loads(self, sessions: Iterable[tuple[str, int]]) -> Iterator[str]:
        starts = list(sessions)
        for tutor, load in Counter(tutor for tutor, _ in starts).items():
            if load > self.tutors[tutor].max_sessions:
                yield f"rule 7: tutor {tutor}: {load} sessions"
        weeks = Counter((tutor, start // self.problem.cells_per_week) for tutor, start in starts)
        for (tutor, week), load in weeks.items():
            if load > self.tutors[tutor].max_sessions_per_week:
                yield f"rule 7: tutor {tutor}: {load} sessions in week {week}"

    def _check_people(self, sessions: dict[tuple[str, int], list[Match]]) -> Iterator[str]:
        busy: dict[str, list[int]] = defaultdict(list)
        for (tutor, start), members in sessions.items():
            busy[self.tutors[tutor].person].append(start)
            for match in members:
                busy[self.requests[match.request].person].append(start)
        for person, starts in busy.items():
            starts.sort()
            for earlier, later in pairwise(starts):
                if later - earlier < self.problem.session_cells:
                    yield f"rule 6: person {person}: sessions from {earlier} and from {later}"

    def _check_pins(self, matches: Iterable[Match]) -> Iterator[str]:
        chosen = {match.pin for match in matches}
        for index, pin in enumerate(self.problem.pinned):
            if pin not in chosen:
                yield f"rule 9: pinned[{index}] is not in the answer"

    def terms(self, match: Match) -> Terms:
        """The value of a match, term by term."""
        problem, scoring = self.problem, self.problem.scoring
        request, tutor = self.requests[match.request], self.tutors[match.tutor]
        learner, helper = self.people[request.person], self.people[tutor.person]
        surplus = min(tutor.skills[request.notion] - request.level, _LEVEL_STEPS)
        profession = 0
        if _equal(learner.profession, helper.profession):
            profession = scoring.same_profession
        elif _equal(learner.profession_group, helper.profession_group):
            profession = scoring.same_group
        stability = 0
        if (match.request, match.tutor, match.start) in self._previous:
            stability = scoring.stability_exact
        elif (match.request, match.tutor) in self._previous_pairs:
            stability = scoring.stability_tutor
        return Terms(
            weight=request.weight,
            level=scoring.level_base - scoring.level_step * surplus,
            profession=profession,
            territory=scoring.same_territory if _equal(learner.territory, helper.territory) else 0,
            prior_tutor=scoring.prior_tutor if request.prior_tutor == tutor.id else 0,
            early=scoring.early_max - scoring.early_max * match.start // problem.horizon,
            stability=stability,
        )

    def objective(self, matches: Sequence[Match]) -> int:
        """What an answer is worth."""
        loads = Counter(tutor for tutor, _ in group_by_session(matches))
        balance = sum(load * (load - 1) // 2 for load in loads.values())
        return sum(self.terms(match).total for match in matches) - self.problem.scoring.balance_step * balance


def group_by_session(matches: Iterable[Match]) -> dict[tuple[str, int], list[Match]]:
    """Matches by tutor and start: one session each."""
    sessions: dict[tuple[str, int], list[Match]] = defaultdict(list)
    for match in matches:
        sessions[match.tutor, match.start].append(match)
    return sessions


def _equal(one: str | None, other: str | None) -> bool:
    return one is not None and one == other
