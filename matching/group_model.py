"""The model with shared sessions: rule 8 on top of the others.

A *shared session* is a column (tutor, start, notion, modality). A match of somebody who accepts company needs one of
the shared sessions at its tutor and start whose modality suits. A match of somebody who does not is a session by
itself, and so is a match that nobody else could join.
"""

from dataclasses import dataclass

import numpy as np

from matching.candidates import Candidates
from matching.linear import LinearModel
from matching.model import Activities, RowBuilder, add_load_rows, add_person_rows, add_request_rows, add_week_rows
from matching.tables import Flags, Ints, Tables


@dataclass(frozen=True, slots=True)
class SharedSessions:
    """Shared sessions and who may sit in them.

    ``match`` and ``session`` are parallel: a match (its position among the chosen) and a shared session it may
    sit in.
    """

    tutor: Ints
    start: Ints
    place: Ints  # number of (tutor, start, notion)
    match: Ints
    session: Ints


def build_group_model(tables: Tables, candidates: Candidates, chosen: Ints, fixed: Flags) -> LinearModel:
    """Shared sessions allowed, over the ``chosen`` candidates; ``fixed`` marks the pinned ones among them."""
    rows = RowBuilder()
    request, tutor = candidates.request[chosen].astype(np.int64), candidates.tutor[chosen].astype(np.int64)
    start, count = candidates.start[chosen].astype(np.int64), len(chosen)
    shared = list_shared_sessions(tables, request, tutor, start)
    alone = np.ones(count, dtype=np.bool_)
    alone[shared.match] = False
    first = count + np.arange(len(shared.tutor))
    add_request_rows(rows, request)
    add_seat_rows(rows, shared, count, tables.problem.group_size_max)
    sessions = Activities(
        np.concatenate((tutor[alone], shared.tutor)),
        np.concatenate((start[alone], shared.start)),
        np.concatenate((np.flatnonzero(alone), first)),
    )
    add_person_rows(
        rows,
        tables,
        person=np.concatenate((tables.tutor_person[sessions.tutor], tables.request_person[request])),
        start=np.concatenate((sessions.start, start)),
        column=np.concatenate((sessions.column, np.arange(count))),
        request=np.concatenate((request[alone], len(tables.request_person) + np.arange(len(first)), request)),
    )
    add_week_rows(rows, tables, sessions)
    extra = add_load_rows(rows, tables, sessions, first_column=count + len(first))
    cost = np.concatenate((candidates.value[chosen], np.zeros(len(first), dtype=np.int64), extra))
    return rows.build(cost, np.concatenate((fixed, np.zeros(len(first) + len(extra), dtype=np.bool_))))


def list_shared_sessions(tables: Tables, request: Ints, tutor: Ints, start: Ints) -> SharedSessions:
    """Every (tutor, start, notion) that two or more could share, in each modality that is not beaten by another."""
    willing = np.flatnonzero(tables.request_group_ok[request])
    notion = tables.request_notion[request[willing]]
    code = (tutor[willing] * tables.problem.horizon + start[willing]) * len(tables.notion_index) + notion
    _, place, sizes = np.unique(code, return_inverse=True, return_counts=True)
    company = sizes[place] > 1
    willing, place = willing[company], place[company]
    match, modality = _spread_modalities(tables, request[willing], tutor[willing])
    seat_place, seat_match = place[match], willing[match]
    key = seat_place * max(1, len(tables.modality_index)) + modality
    kinds, first, session, seats = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    keep = _unbeaten(seat_place[first], seats, np.bincount(place, minlength=int(place.max(initial=0)) + 1))
    renumber = np.cumsum(keep) - 1
    kept = keep[session]
    return SharedSessions(
        tutor=tutor[seat_match[first[keep]]],
        start=start[seat_match[first[keep]]],
        place=seat_place[first[keep]],
        match=seat_match[kept],
        session=renumber[session[kept]] if len(kinds) else session,
    )


def _spread_modalities(tables: Tables, request: Ints, tutor: Ints) -> tuple[Ints, Ints]:
    """One entry per match and modality that both accept."""
    accepted = _modality_sets([record.modalities for record in tables.problem.requests], tables)
    offered = _modality_sets([record.modalities for record in tables.problem.tutors], tables)
    match, modality = [], []
    for index, (r, t) in enumerate(zip(request.tolist(), tutor.tolist(), strict=True)):
        for name in accepted[r] & offered[t]:
            match.append(index)
            modality.append(name)
    order = np.lexsort((modality, match))
    return np.array(match, dtype=np.int64)[order], np.array(modality, dtype=np.int64)[order]


def _modality_sets(holders: list[tuple[str, ...]], tables: Tables) -> list[frozenset[int]]:
    known: dict[tuple[str, ...], frozenset[int]] = {}
    for names in holders:
        if names not in known:
            known[names] = frozenset(tables.modality_index[name] for name in names)
    return [known[names] for names in holders]


def _unbeaten(place: Ints, seats: Ints, everyone: Ints) -> Flags:
    """Where a modality suits everyone at a place, the first such one is enough there."""
    complete = seats == everyone[place]
    keep = np.ones(len(place), dtype=np.bool_)
    best: dict[int, int] = {}
    for index in np.flatnonzero(complete).tolist():
        best.setdefault(int(place[index]), index)
    winners = np.full(len(everyone), -1, dtype=np.int64)
    for where, index in best.items():
        winners[where] = index
    covered = winners[place] >= 0
    keep[covered] = winners[place[covered]] == np.flatnonzero(covered)
    return keep


def add_seat_rows(rows: RowBuilder, shared: SharedSessions, matches: int, group_size_max: int) -> None:
    """Rule 8: a seat needs a session in a modality that suits, and a session has ``group_size_max`` seats."""
    seated, row = np.unique(shared.match, return_inverse=True)
    ones = np.ones(len(seated), dtype=np.int64)
    rows.add(
        np.zeros(len(seated), dtype=np.int64),
        np.concatenate((np.arange(len(seated)), row)),
        np.concatenate((seated, matches + shared.session)),
        np.concatenate((ones, -np.ones(len(row), dtype=np.int64))),
    )
    place_of_match = np.zeros(matches, dtype=np.int64)
    place_of_match[shared.match] = shared.place[shared.session]
    places, sizes = np.unique(place_of_match[seated], return_counts=True)
    crowded = places[sizes > group_size_max]
    number = np.full(int(shared.place.max(initial=0)) + 1, -1, dtype=np.int64)
    number[crowded] = np.arange(len(crowded))
    sitting = seated[number[place_of_match[seated]] >= 0]
    sessions = np.flatnonzero(number[shared.place] >= 0)
    rows.add(
        np.zeros(len(crowded), dtype=np.int64),
        np.concatenate((number[place_of_match[sitting]], number[shared.place[sessions]])),
        np.concatenate((sitting, matches + sessions)),
        np.concatenate(
            (np.ones(len(sitting), dtype=np.int64), np.full(len(sessions), -group_size_max, dtype=np.int64))
        ),
    )
