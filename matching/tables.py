"""A problem as arrays: every id becomes its index, every value a number."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from matching.problem import Problem
from matching.records import Pin, Tutor

type Ints = NDArray[np.int64]
type Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tables:
    """Columns by index of person, tutor and request, in the order of the problem.

    ``*_person`` are indexes of people. ``starts`` lists, person by person, the cells from which a session fits inside
    one availability interval; ``starts_of`` reads it.
    """

    problem: Problem
    person_index: dict[str, int]
    tutor_index: dict[str, int]
    request_index: dict[str, int]
    modality_index: dict[str, int]
    notion_index: dict[str, int]
    traits: Ints  # (people, 3): profession, group, territory; −1 equals nothing
    starts: Ints
    starts_from: Ints
    tutor_person: Ints
    tutor_total: Ints
    tutor_weekly: Ints
    request_person: Ints
    request_notion: Ints
    request_level: Ints
    request_weight: Ints
    request_group_ok: Flags
    request_prior: Ints  # tutor index or −1

    def starts_of(self, person: int) -> Ints:
        """Cells from which a session fits for this person."""
        return self.starts[self.starts_from[person] : self.starts_from[person + 1]]

    def pin_triple(self, pin: Pin) -> tuple[int, int, int]:
        """A pin by indexes."""
        return self.request_index[pin.request], self.tutor_index[pin.tutor], pin.start


def index_problem(problem: Problem) -> Tables:
    """Number everything."""
    person_index = {person.id: index for index, person in enumerate(problem.people)}
    tutor_index = {tutor.id: index for index, tutor in enumerate(problem.tutors)}
    starts, starts_from = _list_starts(problem)
    requests = problem.requests
    notions = _number(request.notion for request in requests)
    places = chain((tutor.modalities for tutor in problem.tutors), (request.modalities for request in requests))
    return Tables(
        problem=problem,
        person_index=person_index,
        tutor_index=tutor_index,
        request_index={request.id: index for index, request in enumerate(requests)},
        modality_index=_number(chain.from_iterable(places)),
        notion_index=notions,
        traits=_traits(problem),
        starts=starts,
        starts_from=starts_from,
        tutor_person=_column(person_index[tutor.person] for tutor in problem.tutors),
        tutor_total=_column(_total_sessions(tutor, problem) for tutor in problem.tutors),
        tutor_weekly=_column(min(tutor.max_sessions_per_week, problem.horizon) for tutor in problem.tutors),
        request_person=_column(person_index[request.person] for request in requests),
        request_notion=_column(notions[request.notion] for request in requests),
        request_level=_column(request.level for request in requests),
        request_weight=_column(request.weight for request in requests),
        request_group_ok=np.fromiter((request.group_ok for request in requests), dtype=np.bool_),
        request_prior=_column(tutor_index.get(request.prior_tutor or "", -1) for request in requests),
    )


def _column(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _number(names: Iterable[str]) -> dict[str, int]:
    """Numbers in order of first use."""
    return {name: index for index, name in enumerate(dict.fromkeys(names))}


def _total_sessions(tutor: Tutor, problem: Problem) -> int:
    """No more than there is time, or request, for."""
    return min(tutor.max_sessions, problem.horizon, len(problem.requests))


def _traits(problem: Problem) -> Ints:
    columns = []
    for key in ("profession", "profession_group", "territory"):
        values = [getattr(person, key) for person in problem.people]
        numbers = _number(value for value in values if value is not None)
        columns.append([-1 if value is None else numbers[value] for value in values])
    return np.array(columns, dtype=np.int64).T.reshape(-1, 3)


def _list_starts(problem: Problem) -> tuple[Ints, Ints]:
    owner, first, count = [], [], []
    for index, person in enumerate(problem.people):
        for start, end in person.available:
            if (fits := end - start - problem.session_cells + 1) > 0:
                owner.append(index)
                first.append(start)
                count.append(fits)
    counts = np.array(count, dtype=np.int64)
    starts = np.repeat(np.array(first, dtype=np.int64), counts) + ranges(counts)
    per_person = np.bincount(np.array(owner, dtype=np.int64), weights=counts, minlength=len(problem.people))
    return starts, np.concatenate(([0], np.cumsum(per_person.astype(np.int64))))


def ranges(counts: Ints) -> Ints:
    """``0 … counts[0]−1, 0 … counts[1]−1, …`` in one array."""
    if not len(counts):
        return np.zeros(0, dtype=np.int64)
    ends = np.cumsum(counts)
    return np.arange(ends[-1], dtype=np.int64) - np.repeat(ends - counts, counts)
