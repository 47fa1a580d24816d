"""Every (request, tutor, start) that the rules on one match allow, with its value: vectorised.

Pairs are joined through (notion, modality), so that networks far apart never meet, then their free times are
intersected as bit masks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matching.errors import BadInstance
from matching.expansion import check_matches
from matching.tables import Ints, Tables

_CHUNK_BYTES = 2**24
_BIT_POSITIONS = np.array([[bool(byte >> bit & 1) for bit in range(8)] for byte in range(256)])
_LEVEL_STEPS = 3


@dataclass(frozen=True, slots=True)
class Pairs:
    """Request and tutor who may meet (rules 2 to 4), sorted; ``value`` is weight and quality, without time.

    Those of request ``r`` are from ``request_from[r]`` to ``request_from[r + 1]``.
    """

    request: Ints
    tutor: Ints
    value: Ints
    request_from: Ints = field(repr=False)

    def __len__(self) -> int:
        return len(self.request)

    def tutors_of(self, request: int) -> Ints:
        """Tutors who may meet a request."""
        return self.tutor[self.request_from[request] : self.request_from[request + 1]]

    def tutors_and_values_of(self, request: int) -> list[tuple[int, int]]:
        """Tutors who may meet a request, with what it is worth before time counts."""
        rows = slice(self.request_from[request], self.request_from[request + 1])
        return list(zip(self.tutor[rows].tolist(), self.value[rows].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Possible matches, sorted by request, tutor and start; ``value`` is their part of the objective.

    Those of request ``r`` are from ``request_from[r]`` to ``request_from[r + 1]``.
    """

    request: NDArray[np.int32]
    tutor: NDArray[np.int32]
    start: NDArray[np.int32]
    value: Ints
    request_from: Ints = field(repr=False)
    pairs: Pairs = field(repr=False)

    def __len__(self) -> int:
        return len(self.request)

    def find(self, request: int, tutor: int, start: int) -> int:
        """Index of a triple, or −1."""
        rows = self.of_request(request)
        inside = rows.start + np.flatnonzero((self.tutor[rows] == tutor) & (self.start[rows] == start))
        return int(inside[0]) if len(inside) else -1

    def of_request(self, request: int) -> slice:
        """Where the triples of a request are."""
        return slice(int(self.request_from[request]), int(self.request_from[request + 1]))


def enumerate_candidates(tables: Tables) -> Candidates:
    """List all triples."""
    pairs = list_pairs(tables)
    index, start = _common_starts(tables, pairs)
    request, tutor = pairs.request[index], pairs.tutor[index]
    value = pairs.value[index] + early(tables, start)
    if tables.problem.previous:
        value += _stability(tables, request, tutor, start)
    return Candidates(
        request.astype(np.int32),
        tutor.astype(np.int32),
        start.astype(np.int32),
        value.astype(np.int64),
        _request_borders(tables, request),
        pairs,
    )


def _request_borders(tables: Tables, request: Ints) -> Ints:
    """Where each request begins in a sorted column of requests, and the end."""
    borders: Ints = np.searchsorted(request, np.arange(len(tables.request_person) + 1))
    return borders


def early(tables: Tables, start: Ints) -> Ints:
    """What an early session is worth."""
    most = tables.problem.scoring.early_max
    worth: Ints = most - most * start // tables.problem.horizon
    return worth


def list_pairs(tables: Tables) -> Pairs:
    """Pairs that share notion, level and modality, and are neither one person nor excluded."""
    codes = [request * len(tables.tutor_person) + tutor for request, tutor in _join_offers(tables)]
    code = np.unique(np.concatenate(codes)) if codes else np.zeros(0, dtype=np.int64)
    request, tutor = np.divmod(code, max(1, len(tables.tutor_person)))
    keep = tables.request_person[request] != tables.tutor_person[tutor]
    keep &= ~np.isin(code, _excluded_codes(tables))
    request, tutor = request[keep], tutor[keep]
    return Pairs(request, tutor, pair_values(tables, request, tutor), _request_borders(tables, request))


def _join_offers(tables: Tables) -> Iterator[tuple[Ints, Ints]]:
    """Per notion and modality, all requests with all tutors at a sufficient level."""
    seeking = _group_requests(tables)
    offers: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for index, tutor in enumerate(tables.problem.tutors):
        places = [tables.modality_index[name] for name in dict.fromkeys(tutor.modalities)]
        for name, level in tutor.skills.items():
            if (notion := tables.notion_index.get(name)) is not None:
                for place in places:
                    offers.setdefault((notion, place), []).append((index, level))
    for key, requests in seeking.items():
        if key in offers:
            request = np.array(requests, dtype=np.int64)
            tutor, level = np.array(offers[key], dtype=np.int64).T
            left, right = np.nonzero(tables.request_level[request][:, None] <= level[None, :])
            yield request[left], tutor[right]


def _group_requests(tables: Tables) -> dict[tuple[int, int], list[int]]:
    seeking: dict[tuple[int, int], list[int]] = {}
    for index, request in enumerate(tables.problem.requests):
        notion = tables.notion_index[request.notion]
        for name in dict.fromkeys(request.modalities):
            seeking.setdefault((notion, tables.modality_index[name]), []).append(index)
    return seeking


def _excluded_codes(tables: Tables) -> Ints:
    count = len(tables.tutor_person)
    excluded = tables.problem.excluded
    return np.fromiter(
        (tables.request_index[request] * count + tables.tutor_index[tutor] for request, tutor in excluded),
        dtype=np.int64,
        count=len(excluded),
    )


def pair_values(tables: Tables, request: Ints, tutor: Ints) -> Ints:
    """Weight and quality of each pair."""
    scoring = tables.problem.scoring
    learner, helper = tables.traits[tables.request_person[request]], tables.traits[tables.tutor_person[tutor]]
    same = (learner == helper) & (learner >= 0)
    surplus = np.minimum(_held_levels(tables, request, tutor) - tables.request_level[request], _LEVEL_STEPS)
    value: Ints = tables.request_weight[request] + scoring.level_base - scoring.level_step * surplus
    value += np.where(same[:, 0], scoring.same_profession, np.where(same[:, 1], scoring.same_group, 0))
    value += scoring.same_territory * same[:, 2]
    value += scoring.prior_tutor * (tables.request_prior[request] == tutor)
    return value


def _held_levels(tables: Tables, request: Ints, tutor: Ints) -> Ints:
    """Level of each tutor in the notion of the request beside it."""
    notions = len(tables.notion_index)
    codes, levels = [], []
    for index, holder in enumerate(tables.problem.tutors):
        for name, level in holder.skills.items():
            if (notion := tables.notion_index.get(name)) is not None:
                codes.append(index * notions + notion)
                levels.append(level)
    if not codes:
        return np.zeros(len(request), dtype=np.int64)
    held, by_code = np.array(levels, dtype=np.int64), np.array(codes, dtype=np.int64)
    order = np.argsort(by_code)
    wanted = tutor * notions + tables.request_notion[request]
    levels_held: Ints = held[order][np.searchsorted(by_code[order], wanted)]
    return levels_held


def _stability(tables: Tables, request: Ints, tutor: Ints, start: Ints) -> Ints:
    """Keeping to the previous answer; what names somebody gone is ignored."""
    scoring, problem = tables.problem.scoring, tables.problem
    tutors, horizon = len(tables.tutor_person), problem.horizon
    kept = [
        tables.pin_triple(pin)
        for pin in problem.previous
        if pin.request in tables.request_index and pin.tutor in tables.tutor_index and 0 <= pin.start < horizon
    ]
    same = [
        (tables.request_index[pin.request], tables.tutor_index[pin.tutor])
        for pin in problem.previous
        if pin.request in tables.request_index and pin.tutor in tables.tutor_index
    ]
    pair = request * tutors + tutor
    exact = np.isin(pair * horizon + start, _codes([(r * tutors + t) * horizon + s for r, t, s in kept]))
    tutor_kept = np.isin(pair, _codes([r * tutors + t for r, t in same]))
    return np.where(exact, scoring.stability_exact, np.where(tutor_kept, scoring.stability_tutor, 0))


def _codes(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _common_starts(tables: Tables, pairs: Pairs) -> tuple[Ints, Ints]:
    """Pair index and start of every common time, in order; raises ``BadInstance`` rather than list too many."""
    masks, cells = _start_masks(tables, pairs)
    learner, helper = tables.request_person[pairs.request], tables.tutor_person[pairs.tutor]
    chunk = max(1, _CHUNK_BYTES // max(1, masks.shape[1]))
    found, count = [], 0
    for first in range(0, len(pairs), chunk):
        common = masks[learner[first : first + chunk]] & masks[helper[first : first + chunk]]
        count += int(np.bitwise_count(common).sum(dtype=np.int64))
        if flaws := tuple(check_matches(count)):
            raise BadInstance(flaws)
        found.append(_expand_bits(common, first))
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    index = np.concatenate([part[0] for part in found])
    return index, cells[np.concatenate([part[1] for part in found])]


def _start_masks(tables: Tables, pairs: Pairs) -> tuple[NDArray[np.uint8], Ints]:
    """One bit per person and cell from which some tutor in a pair can start; also those cells."""
    count = len(tables.traits)
    tutoring, involved = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
    tutoring[tables.tutor_person[pairs.tutor]] = True
    involved[tables.request_person[pairs.request]] = True
    owner = np.repeat(np.arange(count), np.diff(tables.starts_from))
    cells = np.unique(tables.starts[tutoring[owner]])
    keep = (involved | tutoring)[owner] & np.isin(tables.starts, cells)
    column = np.searchsorted(cells, tables.starts[keep])
    masks = np.zeros((count, -(-len(cells) // 8)), dtype=np.uint8)
    np.bitwise_or.at(masks, (owner[keep], column >> 3), np.left_shift(1, column & 7).astype(np.uint8))
    return masks, cells


def _expand_bits(masks: NDArray[np.uint8], first: int) -> tuple[Ints, Ints]:
    """Row (counted from ``first``) and position of every bit set."""
    row, byte = np.nonzero(masks)
    which, bit = np.nonzero(_BIT_POSITIONS[masks[row, byte]])
    return first + row[which], byte[which] * 8 + bit


def choose_modalities(tables: Tables, request: Ints, tutor: Ints) -> list[str]:
    """The first modality of each request that its tutor shares."""
    requests, tutors = tables.problem.requests, tables.problem.tutors
    return [
        next(name for name in requests[r].modalities if name in tutors[t].modalities)
        for r, t in zip(request.tolist(), tutor.tolist(), strict=True)
    ]
