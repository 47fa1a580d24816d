"""Why a request is not served, in the order of the reasons."""

from collections import defaultdict
from collections.abc import Iterator

from matching.candidates import Candidates
from matching.result import Reason, Unserved
from matching.schedule import Schedule
from matching.tables import Tables
from matching.unblock import UnblockFinder


def explain_unserved(tables: Tables, candidates: Candidates, schedule: Schedule) -> Iterator[Unserved]:
    """One row per request without a match, in the order of the problem."""
    holders = _best_levels(tables)
    finder = UnblockFinder(tables, candidates, schedule)
    for index, request in enumerate(tables.problem.requests):
        if index in schedule.match_of:
            continue
        reason = _find_reason(candidates, schedule, index, holders.get(request.notion), request.level)
        detail = _DETAILS[reason].format(notion=request.notion, level=request.level, best=holders.get(request.notion))
        yield Unserved(request.id, reason, detail, finder.find(index))


_DETAILS = {
    Reason.NO_TUTOR: "Nobody holds {notion}.",
    Reason.LEVEL: "{notion} is held at level {best} at best, level {level} is asked.",
    Reason.INELIGIBLE: "Every tutor of {notion} is excluded, is the learner, or shares no modality.",
    Reason.NO_COMMON_SLOT: "No tutor of {notion} is free for a whole session when the learner is.",
    Reason.TUTORS_FULL: "At every common time the tutor has no session left, or one of the two is in another session.",
    Reason.OUTWEIGHED: "A tutor and a time are free, but the session would lower the total.",
}


def _best_levels(tables: Tables) -> dict[str, int]:
    """Highest level held, by notion."""
    best: dict[str, int] = defaultdict(int)
    for tutor in tables.problem.tutors:
        for notion, level in tutor.skills.items():
            best[notion] = max(best[notion], level)
    return best


def _find_reason(
    candidates: Candidates, schedule: Schedule, request: int, best_level: int | None, level: int
) -> Reason:
    if best_level is None:
        return Reason.NO_TUTOR
    if best_level < level:
        return Reason.LEVEL
    if not len(candidates.pairs.tutors_of(request)):
        return Reason.INELIGIBLE
    rows = candidates.of_request(request)
    if rows.start == rows.stop:
        return Reason.NO_COMMON_SLOT
    options = zip(candidates.tutor[rows].tolist(), candidates.start[rows].tolist(), strict=True)
    if any(schedule.cost(request, tutor, start) is not None for tutor, start in options):
        return Reason.OUTWEIGHED
    return Reason.TUTORS_FULL
