"""Reading instances and writing solutions, as the format page says."""

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from matching.errors import BadInstance, Flaw
from matching.json_scan import MOST_BYTES, find_scan_flaws
from matching.problem import Problem
from matching.reader import read_parts
from matching.records import Pin
from matching.result import Conflict, MoreSessions, MoreTime, Result, Unblock, Unserved

PROBLEM_FORMAT = "tandem-matching/1"
SOLUTION_FORMAT = "tandem-solution/1"


def read_problem(source: Path | str | bytes) -> Problem:
    """Read an instance from a path or from the bytes of a file.

    Raises
    ------
    BadInstance
        With every flaw found, each with its JSON path.
    OSError
        If the file cannot be read.
    """
    data = source if isinstance(source, bytes) else _read_bytes(Path(source))
    if flaws := tuple(find_scan_flaws(data)):
        raise BadInstance(flaws)
    return read_parts(_parse_json(data), PROBLEM_FORMAT)


def _read_bytes(path: Path) -> bytes:
    """At most one byte more than allowed, so that an endless file ends."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _parse_json(data: bytes) -> object:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInstance([Flaw("$", f"not UTF-8: byte {error.start}: {error.reason}")]) from error
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise BadInstance([Flaw("$", f"not JSON: {where}: {error.msg}")]) from error
    except (ValueError, RecursionError) as error:
        raise BadInstance([Flaw("$", f"not JSON: {error}")]) from error


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not a number in JSON"
    raise ValueError(message)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        message = f'key "{repeated}" twice in one object'
        raise ValueError(message)
    return record


def problem_to_json(problem: Problem) -> str:
    """The instance file of a problem, one record per line."""
    return _to_lines(
        {
            "format": PROBLEM_FORMAT,
            "cell_minutes": problem.cell_minutes,
            "session_cells": problem.session_cells,
            "cells_per_week": problem.cells_per_week,
            "horizon": problem.horizon,
            "group_size_max": problem.group_size_max,
            "scoring": asdict(problem.scoring),
            "people": [asdict(person) for person in problem.people],
            "tutors": [{**asdict(tutor), "skills": dict(tutor.skills)} for tutor in problem.tutors],
            "requests": [asdict(request) for request in problem.requests],
            "excluded": [list(pair) for pair in problem.excluded],
            "pinned": [_pin_record(pin) for pin in problem.pinned],
            "previous": [_pin_record(pin) for pin in problem.previous],
        }
    )


def _pin_record(pin: Pin) -> dict[str, Any]:
    return {"request": pin.request, "tutor": pin.tutor, "start": pin.start}


def solution_to_json(result: Result) -> str:
    """The solution file of a result, one record per line."""
    record: dict[str, Any] = {
        "format": SOLUTION_FORMAT,
        "status": str(result.status),
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "served": result.served,
        "engine": result.engine,
        "seed": result.seed,
    }
    if result.stopped is not None:
        record["stopped"] = str(result.stopped)
    record["seconds"] = {name: round(value, 4) for name, value in asdict(result.seconds).items()}
    record["matches"] = [asdict(match) for match in result.matches]
    record["unserved"] = [_unserved_record(row) for row in result.unserved]
    if result.conflicts:
        record["conflicts"] = [_conflict_record(conflict) for conflict in result.conflicts]
    return _to_lines(record)


def _unserved_record(row: Unserved) -> dict[str, Any]:
    return {
        "request": row.request,
        "reason": str(row.reason),
        "detail": row.detail,
        "unblock": [_unblock_record(change) for change in row.unblock],
    }


def _unblock_record(change: Unblock) -> dict[str, Any]:
    match change:
        case MoreSessions(tutor=tutor):
            return {"change": "session", "tutor": tutor}
        case MoreTime(start=start, end=end, tutor=tutor, learner=learner):
            whose = {"tutor": tutor} if learner is None else {"learner": learner}
            return {"change": "interval", **whose, "start": start, "end": end}
        case _:
            return {"change": "tutor", "notion": change.notion, "level": change.level}


def _conflict_record(conflict: Conflict) -> dict[str, Any]:
    return {"pins": list(conflict.pins), "why": conflict.why}


def _to_lines(record: Mapping[str, Any]) -> str:
    lines = []
    for key, value in record.items():
        if isinstance(value, list) and value:
            rows = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in value)
            text = f"[\n  {rows}\n ]"
        else:
            text = json.dumps(value, ensure_ascii=False)
        lines.append(f' "{key}": {text}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def write_solution(result: Result, path: Path | str) -> None:
    """Write a solution file whole, or not at all."""
    write_whole(Path(path), solution_to_json(result).encode())


def write_whole(path: Path, data: bytes) -> None:
    """Write beside the target, then move into place; the file keeps the permissions a new file would get."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
