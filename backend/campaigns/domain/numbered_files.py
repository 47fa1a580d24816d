"""The files of a run for others to read: every id is a number in order of appearance, which says nothing of anybody."""

from typing import Any

from backend.campaigns.models import Run

type Record = dict[str, Any]


class Numbers:
    """One row of numbers per kind of thing."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, str]] = {}

    def of(self, kind: str, key: str | None) -> str | None:
        """The same thing always has the same number; nothing stays nothing."""
        if key is None:
            return None
        known = self._known.setdefault(kind, {})
        return known.setdefault(key, f"{kind}{len(known) + 1}")


def number_files(run: Run) -> tuple[Record, Record]:
    """Instance and solution of a run, in the matching format, that mean the same and name nobody."""
    numbers = Numbers()
    return _number_instance(run.instance, numbers), _number_solution(run.solution or {}, numbers)


def _number_instance(instance: Record, numbers: Numbers) -> Record:
    return {
        **instance,
        "people": [
            {
                **row,
                "id": numbers.of("p", row["id"]),
                "profession": numbers.of("m", row["profession"]),
                "profession_group": numbers.of("g", row["profession_group"]),
                "territory": numbers.of("z", row["territory"]),
            }
            for row in instance["people"]
        ],
        "tutors": [
            {
                **row,
                "id": numbers.of("t", row["id"]),
                "person": numbers.of("p", row["person"]),
                "skills": {numbers.of("n", notion): level for notion, level in row["skills"].items()},
                "modalities": _places(row["modalities"], numbers),
            }
            for row in instance["tutors"]
        ],
        "requests": [
            {
                **row,
                "id": numbers.of("r", row["id"]),
                "person": numbers.of("p", row["person"]),
                "notion": numbers.of("n", row["notion"]),
                "modalities": _places(row["modalities"], numbers),
                "prior_tutor": numbers.of("t", row["prior_tutor"]),
            }
            for row in instance["requests"]
        ],
        "excluded": [[numbers.of("r", request), numbers.of("t", tutor)] for request, tutor in instance["excluded"]],
        **{name: [_pair(row, numbers) for row in instance[name]] for name in ("pinned", "previous")},
    }


def _number_solution(solution: Record, numbers: Numbers) -> Record:
    return {
        **solution,
        "matches": [
            {**_pair(row, numbers), "modality": _places([row["modality"]], numbers)[0]}
            for row in solution.get("matches", ())
        ],
        "unserved": [
            {
                **row,
                "request": numbers.of("r", row["request"]),
                # The engine's sentence may name an id.
                "detail": "",
                "unblock": [_change(change, numbers) for change in row["unblock"]],
            }
            for row in solution.get("unserved", ())
        ],
    }


def _pair(row: Record, numbers: Numbers) -> Record:
    return {**row, "request": numbers.of("r", row["request"]), "tutor": numbers.of("t", row["tutor"])}


def _change(change: Record, numbers: Numbers) -> Record:
    kinds = {"tutor": "t", "learner": "p", "notion": "n"}
    return {name: numbers.of(kinds[name], value) if name in kinds else value for name, value in change.items()}


def _places(modalities: list[str], numbers: Numbers) -> list[str]:
    named = (place.partition(":") for place in modalities)
    return [f"{kind}:{numbers.of('s', site)}" if site else kind for kind, _, site in named]
