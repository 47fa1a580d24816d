"""From parsed JSON to a problem: the shape of every value, each flaw with its path."""

from collections.abc import Callable, Iterator
from typing import Any

from matching.errors import BadInstance, Flaw
from matching.problem import Problem
from matching.records import SCORING_KEYS, Interval, Person, Pin, Request, Scoring, Tutor
from matching.validation import (
    CLOCK_KEYS,
    MOST_ITEMS,
    Names,
    Parts,
    check_clock_value,
    check_parts,
    check_scoring,
)


def read_parts(data: object, expected_format: str) -> Problem:
    """Build a problem from the value of an instance file, or raise ``BadInstance`` with every flaw."""
    reader = _Reader()
    problem = reader.read_instance(data, expected_format)
    if problem is None:
        raise BadInstance(reader.flaws)
    return problem


class _Reader:
    """Reads typed values out of JSON and collects what is wrong on the way."""

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []

    def read_instance(self, data: object, expected_format: str) -> Problem | None:
        record = self.read_object(data, "$")
        if record is None:
            return None
        if record.get("format") != expected_format:
            self.flaws.append(Flaw("format", f"{_show(record.get('format'))}, not {_show(expected_format)}"))
        clock = {key: self.read_integer(record, key, "") for key in CLOCK_KEYS}
        scoring = self.read_scoring(record)
        parts = Parts(
            people=self.read_list(record, "people", self.read_person),
            tutors=self.read_list(record, "tutors", self.read_tutor),
            requests=self.read_list(record, "requests", self.read_request),
            excluded=self.read_list(record, "excluded", self.read_pair),
            pinned=self.read_list(record, "pinned", self.read_pin),
            previous=self.read_list(record, "previous", self.read_pin),
        )
        if self.flaws:
            self.flaws += _check_readable(record, clock, scoring, parts)
            return None
        return Problem(**clock, **_lists(parts), scoring=scoring)  # type: ignore[arg-type]

    def read_object(self, value: object, path: str) -> dict[str, Any] | None:
        if isinstance(value, dict):
            return value
        self.flaws.append(Flaw(path, f"{_show(value)} is not an object"))
        return None

    def read_list[Item](
        self, record: dict[str, Any], key: str, read_item: Callable[[Any, str], Item | None]
    ) -> tuple[Item | None, ...]:
        value = self.get(record, key, "")
        if not isinstance(value, list):
            if key in record:
                self.flaws.append(Flaw(key, f"{_show(value)} is not a list"))
            return ()
        if len(value) > MOST_ITEMS:
            self.flaws.append(Flaw(key, f"{len(value)} items, at most {MOST_ITEMS}"))
            return ()
        return tuple([read_item(item, f"{key}[{index}]") for index, item in enumerate(value)])

    def get(self, record: dict[str, Any], key: str, path: str) -> Any:
        if key not in record:
            self.flaws.append(Flaw(_join(path, key), "missing"))
        return record.get(key)

    def read_integer(self, record: dict[str, Any], key: str, path: str) -> int | None:
        value = self.get(record, key, path)
        if type(value) is int:
            return value
        if key in record:
            self.flaws.append(Flaw(_join(path, key), f"{_show(value)} is not an integer"))
        return None

    def read_string(self, record: dict[str, Any], key: str, path: str) -> str | None:
        value = self.get(record, key, path)
        if isinstance(value, str):
            return self.check_text(value, _join(path, key))
        if key in record:
            self.flaws.append(Flaw(_join(path, key), f"{_show(value)} is not a string"))
        return None

    def read_optional_string(self, record: dict[str, Any], key: str, path: str) -> str | None:
        if key in record and record[key] is None:
            return None
        return self.read_string(record, key, path)

    def check_text(self, value: str, path: str) -> str | None:
        if value.isascii():
            return value
        try:
            value.encode()
        except UnicodeEncodeError:
            self.flaws.append(Flaw(path, f"{_show(value)} has half of a surrogate pair"))
            return None
        return value

    def read_flag(self, record: dict[str, Any], key: str, path: str) -> bool | None:
        value = self.get(record, key, path)
        if isinstance(value, bool):
            return value
        if key in record:
            self.flaws.append(Flaw(_join(path, key), f"{_show(value)} is neither true nor false"))
        return None

    def read_scoring(self, record: dict[str, Any]) -> Scoring | None:
        value = self.get(record, "scoring", "")
        if "scoring" not in record or (scores := self.read_object(value, "scoring")) is None:
            return None
        before = len(self.flaws)
        values = {key: self.read_integer(scores, key, "scoring") for key in SCORING_KEYS}
        return Scoring(**values) if len(self.flaws) == before else None  # type: ignore[arg-type]

    def read_person(self, value: object, path: str) -> Person | None:
        if (record := self.read_object(value, path)) is None:
            return None
        before = len(self.flaws)
        name = self.read_string(record, "id", path)
        available = self.read_intervals(record, path)
        profession = self.read_optional_string(record, "profession", path)
        group = self.read_optional_string(record, "profession_group", path)
        territory = self.read_optional_string(record, "territory", path)
        if len(self.flaws) > before or name is None:
            return None
        return Person(name, available, profession, group, territory)

    def read_intervals(self, record: dict[str, Any], path: str) -> tuple[Interval, ...]:
        value = self.get(record, "available", path)
        if not isinstance(value, list):
            if "available" in record:
                self.flaws.append(Flaw(f"{path}.available", f"{_show(value)} is not a list"))
            return ()
        return tuple([(item[0], item[1]) for rank, item in enumerate(value) if self.is_interval(item, path, rank)])

    def is_interval(self, item: object, path: str, rank: int) -> bool:
        if isinstance(item, list) and len(item) == 2 and type(item[0]) is int and type(item[1]) is int:
            return True
        self.flaws.append(Flaw(f"{path}.available[{rank}]", f"{_show(item)} is not [start, end] in integers"))
        return False

    def read_tutor(self, value: object, path: str) -> Tutor | None:
        if (record := self.read_object(value, path)) is None:
            return None
        before = len(self.flaws)
        name, person = self.read_string(record, "id", path), self.read_string(record, "person", path)
        skills = self.read_skills(record, path)
        total = self.read_integer(record, "max_sessions", path)
        weekly = self.read_integer(record, "max_sessions_per_week", path)
        modalities = self.read_strings(record, "modalities", path)
        if len(self.flaws) > before or name is None or person is None or total is None or weekly is None:
            return None
        return Tutor(name, person, skills, total, weekly, modalities)

    def read_skills(self, record: dict[str, Any], path: str) -> dict[str, int]:
        value = self.get(record, "skills", path)
        if "skills" not in record or (skills := self.read_object(value, f"{path}.skills")) is None:
            return {}
        for notion, level in skills.items():
            self.check_text(notion, f"{path}.skills")
            if type(level) is not int:
                self.flaws.append(Flaw(f"{path}.skills.{notion}", f"{_show(level)} is not an integer"))
        return skills

    def read_strings(self, record: dict[str, Any], key: str, path: str) -> tuple[str, ...]:
        value = self.get(record, key, path)
        if not isinstance(value, list):
            if key in record:
                self.flaws.append(Flaw(_join(path, key), f"{_show(value)} is not a list"))
            return ()
        for rank, item in enumerate(value):
            if isinstance(item, str):
                self.check_text(item, f"{path}.{key}[{rank}]")
            else:
                self.flaws.append(Flaw(f"{path}.{key}[{rank}]", f"{_show(item)} is not a string"))
        return tuple(value)

    def read_request(self, value: object, path: str) -> Request | None:
        if (record := self.read_object(value, path)) is None:
            return None
        before = len(self.flaws)
        request = Request(
            id=self.read_string(record, "id", path) or "",
            person=self.read_string(record, "person", path) or "",
            notion=self.read_string(record, "notion", path) or "",
            level=self.read_integer(record, "level", path) or 0,
            weight=self.read_integer(record, "weight", path) or 0,
            modalities=self.read_strings(record, "modalities", path),
            group_ok=self.read_flag(record, "group_ok", path) or False,
            prior_tutor=self.read_optional_string(record, "prior_tutor", path),
        )
        return request if len(self.flaws) == before else None

    def read_pair(self, value: object, path: str) -> tuple[str, str] | None:
        if isinstance(value, list) and len(value) == 2 and all(isinstance(item, str) for item in value):
            return value[0], value[1]
        self.flaws.append(Flaw(path, f"{_show(value)} is not [request, tutor]"))
        return None

    def read_pin(self, value: object, path: str) -> Pin | None:
        if (record := self.read_object(value, path)) is None:
            return None
        request, tutor = self.read_string(record, "request", path), self.read_string(record, "tutor", path)
        start = self.read_integer(record, "start", path)
        return None if request is None or tutor is None or start is None else Pin(request, tutor, start)


def _check_readable(
    record: dict[str, Any], clock: dict[str, int | None], scoring: Scoring | None, parts: Parts
) -> Iterator[Flaw]:
    """The rules on whatever could be read, so that one pass lists every flaw."""
    for key, value in clock.items():
        if value is not None:
            yield from check_clock_value(key, value)
    if scoring is not None:
        yield from check_scoring(scoring)
    names = Names(*(_ids(record.get(key)) for key in ("people", "tutors", "requests")))
    yield from check_parts(parts, names, clock["horizon"])


def _ids(records: object) -> frozenset[str]:
    """Ids of all records, also of those that are wrong elsewhere."""
    if not isinstance(records, list):
        return frozenset()
    names = (record.get("id") for record in records if isinstance(record, dict))
    return frozenset(name for name in names if isinstance(name, str))


def _lists(parts: Parts) -> dict[str, Any]:
    return {key: getattr(parts, key) for key in ("people", "tutors", "requests", "excluded", "pinned", "previous")}


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _show(value: object) -> str:
    """A value as it would read in the file, cut short."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            text = value if len(value) <= 40 else value[:40] + "…"
            return f'"{text.encode("utf-8", "backslashreplace").decode()}"'
        case _:
            return str(value)[:40]
