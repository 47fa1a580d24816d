"""Pinned matches: whether they agree with each other, and what they leave to choose from."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from matching.candidates import Candidates
from matching.checker import Checker
from matching.problem import Problem
from matching.records import Match
from matching.result import Conflict
from matching.tables import Flags, Ints, Tables


def find_conflicts(problem: Problem) -> tuple[Conflict, ...]:
    """Pins that break a rule alone or together; without any, some answer holds them all.

    Taking matches away never breaks a rule, so pins that agree are an answer by themselves.
    """
    return tuple(_Conflicts(problem).find()) if problem.pinned else ()


class _Conflicts:
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.checker = Checker(problem)
        self.sessions: dict[tuple[str, int], list[int]] = defaultdict(list)
        for index, pin in enumerate(problem.pinned):
            self.sessions[pin.tutor, pin.start].append(index)

    def find(self) -> Iterator[Conflict]:
        yield from self.alone()
        yield from self.same_request()
        yield from self.shared_sessions()
        yield from self.loads()
        yield from self.people()

    def alone(self) -> Iterator[Conflict]:
        for index, pin in enumerate(self.problem.pinned):
            match = Match(pin.request, pin.tutor, pin.start, self.modality([index]) or "")
            for why in self.checker.find_match_violations(match):
                yield Conflict((index,), why)

    def modality(self, pins: list[int]) -> str | None:
        """A modality that the tutor and all learners of a session share."""
        first = self.problem.pinned[pins[0]]
        names = self.checker.tutors[first.tutor].modalities
        requests = [self.checker.requests[self.problem.pinned[index].request] for index in pins]
        return next((name for name in names if all(name in request.modalities for request in requests)), None)

    def same_request(self) -> Iterator[Conflict]:
        by_request: dict[str, list[int]] = defaultdict(list)
        for index, pin in enumerate(self.problem.pinned):
            by_request[pin.request].append(index)
        for request, pins in by_request.items():
            if len(pins) > 1:
                yield Conflict(tuple(pins), f"rule 1: request {request} is pinned {len(pins)} times")

    def shared_sessions(self) -> Iterator[Conflict]:
        for (tutor, start), pins in self.sessions.items():
            if len(pins) == 1:
                continue
            modality = self.modality(pins)
            if modality is None:
                yield Conflict(tuple(pins), f"rule 8: session of {tutor} at {start}: no modality that all share")
            members = [self.problem.pinned[index] for index in pins]
            for why in self.checker.find_session_violations(
                [Match(pin.request, tutor, start, modality or "") for pin in members]
            ):
                yield Conflict(tuple(pins), why)

    def loads(self) -> Iterator[Conflict]:
        whole: dict[str, list[int]] = defaultdict(list)
        weekly: dict[tuple[str, int], list[int]] = defaultdict(list)
        for (tutor, start), pins in self.sessions.items():
            whole[tutor].append(pins[0])
            weekly[tutor, start // self.problem.cells_per_week].append(pins[0])
        for tutor, sessions in whole.items():
            if len(sessions) > (most := self.checker.tutors[tutor].max_sessions):
                yield Conflict(tuple(sessions), f"rule 7: tutor {tutor} gives at most {most} sessions")
        for (tutor, week), sessions in weekly.items():
            if len(sessions) > (most := self.checker.tutors[tutor].max_sessions_per_week):
                yield Conflict(tuple(sessions), f"rule 7: tutor {tutor} gives at most {most} sessions in week {week}")

    def people(self) -> Iterator[Conflict]:
        busy: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for (tutor, start), pins in self.sessions.items():
            busy[self.checker.tutors[tutor].person].append((start, pins[0]))
            for index in pins:
                request = self.checker.requests[self.problem.pinned[index].request]
                busy[request.person].append((start, index))
        for person, occupied in busy.items():
            for (earlier, one), (later, other) in pairwise(sorted(occupied)):
                if later - earlier < self.problem.session_cells and one != other:
                    yield Conflict((one, other), f"rule 6: person {person} cannot be at both")


def restrict_to_pins(tables: Tables, candidates: Candidates) -> tuple[Ints, Flags]:
    """The candidates that the pins leave, and which of those are pins.

    Gone are other matches of a pinned request, matches at a time when a pin keeps the tutor or the learner (unless they
    may join that session), and matches of tutors who give no session.
    """
    keep = np.minimum(tables.tutor_total, tables.tutor_weekly)[candidates.tutor] > 0
    pinned = np.zeros(len(candidates), dtype=np.bool_)
    pins = [tables.pin_triple(pin) for pin in tables.problem.pinned]
    if pins:
        pinned[[candidates.find(*pin) for pin in pins]] = True
        request, tutor, start = (np.array(part, dtype=np.int64) for part in zip(*pins, strict=True))
        keep &= ~np.isin(candidates.request, request)
        keep &= ~_blocked(tables, candidates, request, tutor, start)
        keep |= pinned
    chosen = np.flatnonzero(keep)
    return chosen, pinned[chosen]


def _blocked(tables: Tables, candidates: Candidates, request: Ints, tutor: Ints, start: Ints) -> Flags:
    """Candidates at a time when a pin keeps one of the two people busy."""
    span = tables.problem.horizon + 2 * tables.problem.session_cells
    reach = np.arange(1 - tables.problem.session_cells, tables.problem.session_cells)
    busy = np.concatenate((tables.request_person[request], tables.tutor_person[tutor])) * span
    taken = np.unique((busy + np.tile(start, 2))[:, None] + reach[None, :])
    learner_busy = np.isin(tables.request_person[candidates.request] * span + candidates.start, taken)
    tutor_busy = np.isin(tables.tutor_person[candidates.tutor] * span + candidates.start, taken)
    if tables.problem.group_size_max > 1:
        tutor_busy &= ~_may_join(tables, candidates, request, tutor, start)
    blocked: Flags = learner_busy | tutor_busy
    return blocked


def _may_join(tables: Tables, candidates: Candidates, request: Ints, tutor: Ints, start: Ints) -> Flags:
    """Candidates for company in a pinned session that accepts it, for the same notion."""
    horizon, notions = tables.problem.horizon, len(tables.notion_index)
    welcoming = tables.request_group_ok[request]
    session = ((tutor * horizon + start) * notions + tables.request_notion[request])[welcoming]
    code = candidates.tutor.astype(np.int64) * horizon + candidates.start
    code = code * notions + tables.request_notion[candidates.request]
    joins: Flags = np.isin(code, session) & tables.request_group_ok[candidates.request]
    return joins
