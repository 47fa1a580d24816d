"""The rules that a problem must keep to be a problem at all, each with the JSON path of what breaks it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from matching.errors import Flaw
from matching.expansion import Unfolding, check_expansion
from matching.records import REMOTE, SCORING_KEYS, SITE_PREFIX, Person, Pin, Request, Scoring, Tutor

MOST_ITEMS = 10**6
MOST_HORIZON = 10**5
MOST_SCORE = 10**9
LEVELS = range(1, 4)


@dataclass(frozen=True, slots=True)
class Parts:
    """The lists of an instance, with None in the place of every record that could not be read."""

    people: Sequence[Person | None]
    tutors: Sequence[Tutor | None]
    requests: Sequence[Request | None]
    excluded: Sequence[tuple[str, str] | None]
    pinned: Sequence[Pin | None]
    previous: Sequence[Pin | None]


@dataclass(frozen=True, slots=True)
class Names:
    """Every id that the instance makes known."""

    people: frozenset[str]
    tutors: frozenset[str]
    requests: frozenset[str]


class Instance(Unfolding, Protocol):
    """The attributes of a problem that are checked, besides those that say how far it unfolds."""

    @property
    def cell_minutes(self) -> int: ...
    @property
    def cells_per_week(self) -> int: ...
    @property
    def group_size_max(self) -> int: ...
    @property
    def excluded(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def pinned(self) -> tuple[Pin, ...]: ...
    @property
    def previous(self) -> tuple[Pin, ...]: ...
    @property
    def scoring(self) -> Scoring: ...


CLOCK_KEYS = ("cell_minutes", "session_cells", "cells_per_week", "horizon", "group_size_max")


def find_flaws(problem: Instance) -> Iterator[Flaw]:
    """Everything wrong with a problem."""
    for key in CLOCK_KEYS:
        yield from check_clock_value(key, getattr(problem, key))
    yield from check_scoring(problem.scoring)
    names = Names(
        frozenset(person.id for person in problem.people),
        frozenset(tutor.id for tutor in problem.tutors),
        frozenset(request.id for request in problem.requests),
    )
    parts = Parts(problem.people, problem.tutors, problem.requests, problem.excluded, problem.pinned, problem.previous)
    yield from check_parts(parts, names, problem.horizon)
    yield from check_expansion(problem)


def check_clock_value(key: str, value: int) -> Iterator[Flaw]:
    """A positive integer; the horizon is bounded."""
    if value < 1:
        yield Flaw(key, f"{value} is not a positive integer")
    elif key == "horizon" and value > MOST_HORIZON:
        yield Flaw(key, f"{value} is above {MOST_HORIZON}")


def check_scoring(scoring: Scoring) -> Iterator[Flaw]:
    """Every score in 0 … 10⁹."""
    for key in SCORING_KEYS:
        value = getattr(scoring, key)
        if not 0 <= value <= MOST_SCORE:
            yield Flaw(f"scoring.{key}", f"{value} is not in 0 … {MOST_SCORE}")


def check_parts(parts: Parts, names: Names, horizon: int | None) -> Iterator[Flaw]:
    """Ids, ranges and references of everything listed; without a readable horizon nothing is compared with it."""
    yield from _check_sizes(parts)
    for name in ("people", "tutors", "requests"):
        yield from _check_unique_ids(name, getattr(parts, name))
    yield from _check_people(parts.people, horizon)
    yield from _check_tutors(parts.tutors, names)
    yield from _check_requests(parts.requests, names)
    yield from _check_excluded(parts.excluded, names)
    yield from _check_pinned(parts.pinned, names)


def _check_sizes(parts: Parts) -> Iterator[Flaw]:
    for name in ("people", "tutors", "requests", "excluded", "pinned", "previous"):
        if (count := len(getattr(parts, name))) > MOST_ITEMS:
            yield Flaw(name, f"{count} items, at most {MOST_ITEMS}")
    intervals = sum(len(person.available) for person in parts.people if person)
    if intervals > MOST_ITEMS:
        yield Flaw("people", f"{intervals} availability intervals in all, at most {MOST_ITEMS}")
    skills = sum(len(tutor.skills) for tutor in parts.tutors if tutor)
    if skills > MOST_ITEMS:
        yield Flaw("tutors", f"{skills} skills in all, at most {MOST_ITEMS}")


def _check_unique_ids(name: str, records: Iterable[Person | Tutor | Request | None]) -> Iterator[Flaw]:
    first: dict[str, int] = {}
    for index, record in enumerate(records):
        if record is not None and first.setdefault(record.id, index) != index:
            yield Flaw(f"{name}[{index}].id", f'"{record.id}" again, first at {name}[{first[record.id]}]')


def _check_people(people: Iterable[Person | None], horizon: int | None) -> Iterator[Flaw]:
    for index, person in enumerate(people):
        if person is None:
            continue
        before = 0
        for rank, (start, end) in enumerate(person.available):
            if start < before or start >= end or (horizon is not None and end > horizon):
                yield Flaw(
                    f"people[{index}].available[{rank}]",
                    _interval_message(start, end, before if rank else None, horizon),
                )
            before = max(before, end)


def _interval_message(start: int, end: int, before: int | None, horizon: int | None) -> str:
    interval = f"[{start}, {end})"
    if start >= end:
        return f"{interval} is empty"
    if start < 0 or (horizon is not None and end > horizon):
        return f"{interval} is not inside [0, {'horizon' if horizon is None else horizon})"
    return f"{interval} starts before the end of the one before it, {before}"


def _check_tutors(tutors: Iterable[Tutor | None], names: Names) -> Iterator[Flaw]:
    for index, tutor in enumerate(tutors):
        if tutor is None:
            continue
        path = f"tutors[{index}]"
        if tutor.person not in names.people:
            yield Flaw(f"{path}.person", f'no person "{tutor.person}"')
        for notion, level in tutor.skills.items():
            if level not in LEVELS:
                yield Flaw(f"{path}.skills.{notion}", f"level {level} is not 1, 2 or 3")
        for key in ("max_sessions", "max_sessions_per_week"):
            if getattr(tutor, key) < 0:
                yield Flaw(f"{path}.{key}", f"{getattr(tutor, key)} is negative")
        yield from _check_modalities(path, tutor.modalities)


def _check_requests(requests: Iterable[Request | None], names: Names) -> Iterator[Flaw]:
    for index, request in enumerate(requests):
        if request is None:
            continue
        path = f"requests[{index}]"
        if request.person not in names.people:
            yield Flaw(f"{path}.person", f'no person "{request.person}"')
        if request.level not in LEVELS:
            yield Flaw(f"{path}.level", f"level {request.level} is not 1, 2 or 3")
        if not 1 <= request.weight <= MOST_SCORE:
            yield Flaw(f"{path}.weight", f"{request.weight} is not in 1 … {MOST_SCORE}")
        yield from _check_modalities(path, request.modalities)


def _check_modalities(path: str, modalities: Iterable[str]) -> Iterator[Flaw]:
    for rank, modality in enumerate(modalities):
        if modality != REMOTE and not modality.startswith(SITE_PREFIX):
            yield Flaw(f"{path}.modalities[{rank}]", f'"{modality}" is neither "{REMOTE}" nor "{SITE_PREFIX}<id>"')


def _check_excluded(excluded: Iterable[tuple[str, str] | None], names: Names) -> Iterator[Flaw]:
    for index, pair in enumerate(excluded):
        if pair is None:
            continue
        if pair[0] not in names.requests:
            yield Flaw(f"excluded[{index}][0]", f'no request "{pair[0]}"')
        if pair[1] not in names.tutors:
            yield Flaw(f"excluded[{index}][1]", f'no tutor "{pair[1]}"')


def _check_pinned(pinned: Iterable[Pin | None], names: Names) -> Iterator[Flaw]:
    first: dict[Pin, int] = {}
    for index, pin in enumerate(pinned):
        if pin is None:
            continue
        path = f"pinned[{index}]"
        if pin.request not in names.requests:
            yield Flaw(f"{path}.request", f'no request "{pin.request}"')
        if pin.tutor not in names.tutors:
            yield Flaw(f"{path}.tutor", f'no tutor "{pin.tutor}"')
        if first.setdefault(pin, index) != index:
            yield Flaw(path, f"the same as pinned[{first[pin]}]")
