"""Problems to solve: small ones of every kind for hypothesis, and realistic seeded ones of any size."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from matching import Match, Person, Pin, Problem, Request, Scoring, Tutor

NOTIONS = ("law", "maths")
PLACES = ("remote", "site:library", "site:clinic")
SMALL_SCORES = st.integers(0, 12)


@st.composite
def small_problems(
    draw: st.DrawFn, *, groups: bool = False, cells: int = 1, pins: bool = False, most_requests: int = 5
) -> Problem:
    """At most three tutors and a handful of requests, with every rule in play."""
    horizon = 6 if cells == 1 else 9
    people = tuple(draw(_person(f"p{index}", horizon)) for index in range(draw(st.integers(2, 5))))
    names = [person.id for person in people]
    tutors = tuple(draw(_tutor(f"t{index}", names)) for index in range(draw(st.integers(1, 3))))
    requests = tuple(
        draw(_request(f"r{index}", names, len(tutors))) for index in range(draw(st.integers(1, most_requests)))
    )
    pair = st.tuples(st.sampled_from([r.id for r in requests]), st.sampled_from([t.id for t in tutors]))
    triple = st.builds(lambda who, start: Pin(who[0], who[1], start), pair, st.integers(0, horizon - 1))
    return Problem(
        cell_minutes=15,
        session_cells=cells,
        cells_per_week=draw(st.integers(2, horizon)),
        horizon=horizon,
        group_size_max=draw(st.integers(2, 3)) if groups else 1,
        people=people,
        tutors=tutors,
        requests=requests,
        excluded=tuple(draw(st.lists(pair, max_size=1))),
        pinned=tuple(draw(st.lists(triple, max_size=2, unique=True))) if pins else (),
        previous=tuple(draw(st.lists(triple, max_size=2))),
        scoring=draw(st.builds(Scoring, *[SMALL_SCORES] * 10)),
    )


@st.composite
def _person(draw: st.DrawFn, name: str, horizon: int) -> Person:
    edges = sorted(draw(st.sets(st.integers(0, horizon), min_size=2, max_size=4)))
    touching = draw(st.booleans())
    pairs = list(pairwise(edges))
    return Person(
        id=name,
        available=tuple(pairs if touching else pairs[::2]),
        profession=draw(st.sampled_from([None, "nurse", "midwife"])),
        profession_group=draw(st.sampled_from([None, "care"])),
        territory=draw(st.sampled_from([None, "north"])),
    )


@st.composite
def _tutor(draw: st.DrawFn, name: str, people: Sequence[str]) -> Tutor:
    return Tutor(
        id=name,
        person=draw(st.sampled_from(people)),
        skills=draw(st.dictionaries(st.sampled_from(NOTIONS), st.integers(1, 3), min_size=1)),
        max_sessions=draw(st.integers(0, 3)),
        max_sessions_per_week=draw(st.integers(0, 2)),
        modalities=tuple(draw(st.lists(st.sampled_from(PLACES), unique=True, min_size=1))),
    )


@st.composite
def _request(draw: st.DrawFn, name: str, people: Sequence[str], tutors: int) -> Request:
    return Request(
        id=name,
        person=draw(st.sampled_from(people)),
        notion=draw(st.sampled_from(NOTIONS)),
        level=draw(st.integers(1, 2)),
        weight=draw(st.integers(1, 30)),
        modalities=tuple(draw(st.lists(st.sampled_from(PLACES), unique=True, min_size=1))),
        group_ok=draw(st.booleans()),
        prior_tutor=draw(st.sampled_from([None, *(f"t{index}" for index in range(tutors))])),
    )


def pin_some(problem: Problem, matches: Sequence[Match], count: int) -> Problem:
    """The problem with the first matches of an answer pinned."""
    return replace(problem, pinned=tuple(match.pin for match in matches[:count]))


def make_problem(
    requests: int,
    tutors: int,
    *,
    seed: int = 0,
    scarcity: float = 1.0,
    cell_minutes: int = 60,
    session_cells: int = 1,
    group_size_max: int = 1,
    networks: int = 1,
) -> Problem:
    """Three weeks of a service: popular notions, habits by weekday and hour, tutors who learn, a few exclusions.

    ``scarcity`` is requests per session on offer. With several ``networks`` everybody meets on site only.
    """
    town = _Town(requests, tutors, seed=seed, cell_minutes=cell_minutes, session_cells=session_cells, networks=networks)
    return town.build(scarcity, group_size_max)


class _Town:
    """Draws people, tutors and requests in a fixed order from one generator."""

    def __init__(
        self, requests: int, tutors: int, *, seed: int, cell_minutes: int, session_cells: int, networks: int
    ) -> None:
        self.count, self.tutor_count, self.networks = requests, tutors, networks
        self.cell_minutes, self.session_cells = cell_minutes, session_cells
        self.week = 7 * 24 * 60 // cell_minutes
        self.rng = np.random.default_rng([seed, requests, tutors])
        demand = self.rng.permutation(1 / np.arange(1, 121) ** 0.85)
        supply = demand**0.45 * self.rng.lognormal(0, 0.5, 120)
        self.demand, self.supply = demand / demand.sum(), supply / supply.sum()
        hours = np.outer([1, 1.3, 0.8, 1.3, 0.9], [0.6, 0.5, 0.4, 0.4, 3.5, 3, 0.5, 0.5, 0.6, 1.2, 3.5, 2.5]).ravel()
        self.hours = hours / hours.sum()
        professions = 1 / np.arange(1, 36) ** 0.9
        self.professions = professions / professions.sum()
        self.people: list[Person] = []
        self.homes: list[int] = []

    def build(self, scarcity: float, group_size_max: int) -> Problem:
        tutors = self.draw_tutors(scarcity)
        requests = self.draw_requests(tutors)
        excluded = self.draw_excluded(requests, tutors)
        return Problem(
            cell_minutes=self.cell_minutes,
            session_cells=self.session_cells,
            cells_per_week=self.week,
            horizon=3 * self.week,
            group_size_max=group_size_max,
            people=tuple(self.people),
            tutors=tutors,
            requests=requests,
            excluded=excluded,
        )

    def draw_person(self, fewest: int, most: int, kept: float) -> int:
        home = int(self.rng.integers(self.networks if self.networks > 1 else max(1, self.count // 294)))
        profession = int(self.rng.choice(35, p=self.professions))
        index = len(self.people)
        self.homes.append(home)
        self.people.append(
            Person(
                id=f"p{index}",
                available=self.draw_available(int(self.rng.integers(fewest, most + 1)), kept),
                profession=f"profession-{profession}",
                profession_group=f"group-{profession % 7}",
                territory=f"territory-{home}",
            )
        )
        return index

    def draw_available(self, habits: int, kept: float) -> tuple[tuple[int, int], ...]:
        free = np.zeros(3 * self.week + 1, dtype=np.int8)
        for hour in self.rng.choice(60, size=habits, replace=False, p=self.hours):
            first = (int(hour) // 12 * 24 * 60 + (8 + int(hour) % 12) * 60) // self.cell_minutes
            length = self.session_cells
            if self.session_cells * self.cell_minutes != 60:
                length = int(self.rng.integers(self.session_cells, 180 // self.cell_minutes + 1))
            for week in np.flatnonzero(self.rng.random(3) < kept):
                free[first + int(week) * self.week : first + int(week) * self.week + length] = 1
        free[-1] = 0
        edges = np.flatnonzero(np.diff(free, prepend=0)).tolist()
        return tuple(zip(edges[::2], edges[1::2], strict=True))

    def draw_places(self, home: int, remote: float, site: float) -> tuple[str, ...]:
        if self.networks > 1:
            return (f"site:{home}",)
        names = (("remote", remote), (f"site:{home}", site))
        return tuple(name for name, share in names if self.rng.random() < share) or ("remote",)

    def draw_tutors(self, scarcity: float) -> tuple[Tutor, ...]:
        wish = self.rng.choice([1, 2, 3, 4, 6, 8], self.tutor_count, p=[0.15, 0.25, 0.2, 0.2, 0.12, 0.08])
        exact = wish * self.count / scarcity / wish.sum()
        loads = np.maximum(1, np.floor(exact)).astype(int)
        missing = max(0, round(self.count / scarcity) - int(loads.sum()))
        loads[np.argsort(loads - exact, kind="stable")[:missing]] += 1
        return tuple(self.draw_tutor(index, load) for index, load in enumerate(loads.tolist()))

    def draw_tutor(self, index: int, load: int) -> Tutor:
        person = self.draw_person(3, 8, 0.8)
        notions = self.rng.choice(120, size=self.rng.integers(4, 16), replace=False, p=self.supply)
        levels = self.rng.choice([1, 2, 3], size=len(notions), p=[0.2, 0.4, 0.4])
        return Tutor(
            id=f"t{index}",
            person=f"p{person}",
            skills={f"n{notion}": int(level) for notion, level in zip(notions, levels, strict=True)},
            max_sessions=load,
            max_sessions_per_week=-(-load // 2),
            modalities=self.draw_places(self.homes[person], 0.85, 0.6),
        )

    def draw_requests(self, tutors: Sequence[Tutor]) -> tuple[Request, ...]:
        requests: list[Request] = []
        tutoring = self.rng.permutation(self.tutor_count)[: max(1, self.tutor_count // 20)].tolist()
        while len(requests) < self.count:
            is_tutor = tutoring and self.rng.random() < 0.2
            person = tutoring.pop() if is_tutor else self.draw_person(2, 7, 0.75)
            wanted = min(int(self.rng.choice([1, 2, 3], p=[0.7, 0.2, 0.1])), self.count - len(requests))
            hardship = int(self.rng.choice(3, p=[0.5, 0.3, 0.2]) + self.rng.choice(4, p=[0.7, 0.18, 0.08, 0.04]))
            for notion in self.rng.choice(120, size=wanted, replace=False, p=self.demand).tolist():
                requests.append(self.draw_request(len(requests), person, notion, hardship))
        holders: dict[str, list[str]] = {}
        for tutor in tutors:
            for name in tutor.skills:
                holders.setdefault(name, []).append(tutor.id)
        return tuple(self.draw_prior_tutor(request, holders.get(request.notion, [])) for request in requests)

    def draw_request(self, index: int, person: int, notion: int, hardship: int) -> Request:
        return Request(
            id=f"r{index}",
            person=f"p{person}",
            notion=f"n{notion}",
            level=int(self.rng.choice([1, 2, 3], p=[0.5, 0.35, 0.15])),
            weight=1000 * int(self.rng.choice([1, 2, 3], p=[0.5, 0.35, 0.15])) + 500 * hardship,
            modalities=self.draw_places(self.homes[person], 0.8, 0.5),
            group_ok=bool(self.rng.random() < 0.6),
        )

    def draw_prior_tutor(self, request: Request, holders: Sequence[str]) -> Request:
        if not holders or self.rng.random() >= 0.1:
            return request
        return replace(request, prior_tutor=holders[int(self.rng.integers(len(holders)))])

    def draw_excluded(self, requests: Sequence[Request], tutors: Sequence[Tutor]) -> tuple[tuple[str, str], ...]:
        return tuple(
            (request.id, tutors[int(self.rng.integers(len(tutors)))].id)
            for request in requests
            if self.rng.random() < 0.1
        )
