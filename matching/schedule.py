"""A partial answer that is built and taken apart match by match, every rule kept at every moment."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from matching.tables import Tables

type Triple = tuple[int, int, int]


class Schedule:
    """Matches by index, with what they occupy.

    Works for single and shared sessions. Matches offered to it are candidates: rules 2 to 5 hold for each alone.
    """

    def __init__(self, tables: Tables) -> None:
        problem = tables.problem
        self.tables = tables
        self.cells = problem.session_cells
        self.per_week = problem.cells_per_week
        self.group_size_max = problem.group_size_max
        self.balance_step = problem.scoring.balance_step
        self.total: list[int] = tables.tutor_total.tolist()
        self.weekly: list[int] = tables.tutor_weekly.tolist()
        self.tutor_person: list[int] = tables.tutor_person.tolist()
        self.group_ok: list[bool] = tables.request_group_ok.tolist()
        self.notion: list[int] = tables.request_notion.tolist()
        self.request_person: list[int] = tables.request_person.tolist()
        self.match_of: dict[int, tuple[int, int]] = {}
        self.members: dict[tuple[int, int], list[int]] = {}
        self.busy: dict[int, set[int]] = defaultdict(set)
        self.load: dict[int, int] = defaultdict(int)
        self.week_load: dict[tuple[int, int], int] = defaultdict(int)

    def is_free(self, person: int, start: int) -> bool:
        """Whether the person has no session that overlaps one from ``start``."""
        taken = self.busy[person]
        if self.cells == 1:
            return start not in taken
        return taken.isdisjoint(range(start - self.cells + 1, start + self.cells))

    def has_room(self, tutor: int, start: int) -> bool:
        """Whether the tutor's limits allow one more session."""
        if self.load[tutor] >= self.total[tutor]:
            return False
        return self.week_load[tutor, start // self.per_week] < self.weekly[tutor]

    @contextmanager
    def one_more_session(self, tutor: int) -> Iterator[None]:
        """For a while, the tutor gives one more session, in all and in any week."""
        self.total[tutor] += 1
        self.weekly[tutor] += 1
        try:
            yield
        finally:
            self.total[tutor] -= 1
            self.weekly[tutor] -= 1

    def can_join(self, request: int, tutor: int, start: int) -> bool:
        """Whether the tutor has a session from ``start`` that the request may join."""
        members = self.members.get((tutor, start))
        if members is None or not 0 < len(members) < self.group_size_max:
            return False
        everyone = [*members, request]
        if not all(self.group_ok[member] for member in everyone):
            return False
        if self.notion[request] != self.notion[members[0]]:
            return False
        return bool(self.shared_modalities(everyone, tutor))

    def shared_modalities(self, requests: Iterable[int], tutor: int) -> list[str]:
        """Modalities that a tutor and all these requests share, in the first request's order."""
        records = [self.tables.problem.requests[request] for request in requests]
        places = self.tables.problem.tutors[tutor].modalities
        return [
            name
            for name in records[0].modalities
            if name in places and all(name in record.modalities for record in records[1:])
        ]

    def place_for(self, request: int, tutor: int, start: int) -> str:
        """The modality that a match would be in: that of the session it joins, or the first shared."""
        members = self.members.get((tutor, start), [])
        return self.shared_modalities(sorted({*members, request}), tutor)[0]

    def cost(self, request: int, tutor: int, start: int) -> int | None:
        """Balance cost of adding this match, or None where it does not fit."""
        if not self.is_free(self.request_person[request], start):
            return None
        if self.can_join(request, tutor, start):
            return 0
        if self.is_free(self.tutor_person[tutor], start) and self.has_room(tutor, start):
            return self.balance_step * self.load[tutor]
        return None

    def add(self, request: int, tutor: int, start: int) -> None:
        """Add a match that fits."""
        self.match_of[request] = tutor, start
        self.busy[self.request_person[request]].add(start)
        members = self.members.setdefault((tutor, start), [])
        if not members:
            self.busy[self.tutor_person[tutor]].add(start)
            self.load[tutor] += 1
            self.week_load[tutor, start // self.per_week] += 1
        members.append(request)

    def remove(self, request: int) -> tuple[int, int]:
        """Take a match away; returns its tutor and start."""
        tutor, start = self.match_of.pop(request)
        self.busy[self.request_person[request]].discard(start)
        members = self.members[tutor, start]
        members.remove(request)
        if not members:
            del self.members[tutor, start]
            self.busy[self.tutor_person[tutor]].discard(start)
            self.load[tutor] -= 1
            self.week_load[tutor, start // self.per_week] -= 1
        return tutor, start

    def triples(self) -> Iterator[Triple]:
        """All matches, by request."""
        for request, (tutor, start) in sorted(self.match_of.items()):
            yield request, tutor, start
