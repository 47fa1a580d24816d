"""Instance and solution files: what is read, what is refused and how it is said, what is written."""

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from matching import BadInstance, Progress, problem_to_json, read_problem, solution_to_json, solve
from matching.command import main
from matching.json_scan import MOST_BYTES
from matching.live_view import LiveView
from tests.matching.instances import make_problem

DATA = Path(__file__).parent / "data"


def six() -> dict[str, Any]:
    record: dict[str, Any] = json.loads((DATA / "six.json").read_text())
    return record


def flaws_of(data: bytes | dict[str, Any]) -> list[str]:
    """What the reader says is wrong."""
    with pytest.raises(BadInstance) as caught:
        read_problem(data if isinstance(data, bytes) else json.dumps(data).encode())
    return [str(flaw) for flaw in caught.value.problems]


def change(path: str, value: object) -> dict[str, Any]:
    """The example with one value replaced; ``value`` of ``...`` takes the key away."""
    record = six()
    *steps, last = [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path)]
    holder: Any = record
    for step in steps:
        holder = holder[step]
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return record


def test_written_problem_is_read_back_the_same() -> None:
    problem = make_problem(60, 20, group_size_max=3, cell_minutes=15, session_cells=3)
    assert read_problem(problem_to_json(problem).encode()) == problem


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("format", "tandem-matching/2", 'format: "tandem-matching/2", not "tandem-matching/1"'),
        ("horizon", 0, "horizon: 0 is not a positive integer"),
        ("horizon", 10**5 + 1, "horizon: 100001 is above 100000"),
        ("session_cells", 1.0, "session_cells: 1.0 is not an integer"),
        ("group_size_max", True, "group_size_max: true is not an integer"),
        ("cells_per_week", ..., "cells_per_week: missing"),
        ("people", {}, "people: an object is not a list"),
        ("people[0]", [], "people[0]: a list is not an object"),
        ("people[1].id", "ana", 'people[1].id: "ana" again, first at people[0]'),
        ("people[0].available[0]", [3, 3], "people[0].available[0]: [3, 3) is empty"),
        ("people[0].available[0]", [-1, 3], "people[0].available[0]: [-1, 3) is not inside [0, 10)"),
        ("people[0].available[1]", [6, 11], "people[0].available[1]: [6, 11) is not inside [0, 10)"),
        (
            "people[0].available[1]",
            [2, 4],
            "people[0].available[1]: [2, 4) starts before the end of the one before it, 3",
        ),
        ("people[0].available[1]", [2], "people[0].available[1]: a list is not [start, end] in integers"),
        ("people[0].profession", 3, "people[0].profession: 3 is not a string"),
        ("tutors[0].person", "zoe", 'tutors[0].person: no person "zoe"'),
        ("tutors[0].skills.maths", 4, "tutors[0].skills.maths: level 4 is not 1, 2 or 3"),
        ("tutors[0].skills.maths", "3", 'tutors[0].skills.maths: "3" is not an integer'),
        ("tutors[0].max_sessions", -1, "tutors[0].max_sessions: -1 is negative"),
        ("tutors[0].modalities[0]", "phone", 'tutors[0].modalities[0]: "phone" is neither "remote" nor "site:<id>"'),
        ("tutors[1].modalities", "remote", 'tutors[1].modalities: "remote" is not a list'),
        ("requests[0].person", "p77", 'requests[0].person: no person "p77"'),
        ("requests[0].level", 0, "requests[0].level: level 0 is not 1, 2 or 3"),
        ("requests[0].weight", 0, "requests[0].weight: 0 is not in 1 … 1000000000"),
        ("requests[0].weight", 10**9 + 1, "requests[0].weight: 1000000001 is not in 1 … 1000000000"),
        ("requests[0].group_ok", 1, "requests[0].group_ok: 1 is neither true nor false"),
        ("requests[0].notion", None, "requests[0].notion: null is not a string"),
        ("requests[0].notion", "\ud800", 'requests[0].notion: "\\ud800" has half of a surrogate pair'),
        ("excluded[0]", ["r6"], "excluded[0]: a list is not [request, tutor]"),
        ("excluded[0]", ["r9", "t-ben"], 'excluded[0][0]: no request "r9"'),
        ("excluded[0]", ["r6", "t-zoe"], 'excluded[0][1]: no tutor "t-zoe"'),
        ("pinned", [{"request": "r9", "tutor": "t-ana", "start": 1}], 'pinned[0].request: no request "r9"'),
        ("pinned", [{"request": "r1", "tutor": "t-zoe", "start": 1}], 'pinned[0].tutor: no tutor "t-zoe"'),
        ("pinned", [{"request": "r1", "tutor": "t-ana", "start": 1}] * 2, "pinned[1]: the same as pinned[0]"),
        ("previous", [{"request": "r1", "tutor": "t-ana"}], "previous[0].start: missing"),
        ("scoring.early_max", -1, "scoring.early_max: -1 is not in 0 … 1000000000"),
        ("scoring.balance_step", ..., "scoring.balance_step: missing"),
    ],
)
def test_bad_value_is_named_by_its_path(path: str, value: object, message: str) -> None:
    assert flaws_of(change(path, value))[0] == message


def test_every_flaw_is_listed() -> None:
    record = change("tutors[0].person", "zoe")
    record["requests"][0]["level"] = "one"
    record["requests"][1]["person"] = "max"
    assert flaws_of(record) == [
        'requests[0].level: "one" is not an integer',
        'tutors[0].person: no person "zoe"',
        'requests[1].person: no person "max"',
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "$: not JSON: line 1 column 1: Expecting value"),
        (b'{"format":\n  tandem}', "$: not JSON: line 2 column 3: Expecting value"),
        (b'{"format": "tandem', "$: not JSON: line 1 column 12: Unterminated string starting at"),
        (b"[]", "$: a list is not an object"),
        (b'{"a": NaN}', "$: not JSON: NaN is not a number in JSON"),
        (b'{"a": -Infinity}', "$: not JSON: -Infinity is not a number in JSON"),
        (b'{"a": "\xff"}', "$: not UTF-8: byte 7: invalid start byte"),
        (b"[" * 33 + b"]" * 33, "$: nested more than 32 deep"),
        (b"[" * 10**6, "$: nested more than 32 deep"),
        (b'{"a": 1, "a": 2}', '$: not JSON: key "a" twice in one object'),
        (b" " * (MOST_BYTES + 1), f"$: {MOST_BYTES + 1} bytes, at most {MOST_BYTES}"),
    ],
    ids=range(11),
)
def test_hostile_file_is_refused_in_one_line(data: bytes, message: str) -> None:
    assert flaws_of(data) == [message]


def test_brackets_and_quotes_inside_strings_do_not_count() -> None:
    record = six()
    record["people"][0]["profession"] = '\\"' + "[" * 40 + '"\\'
    assert len(read_problem(json.dumps(record).encode()).people) == 6


def test_huge_numbers_are_refused() -> None:
    assert flaws_of(b'{"a": ' + b"9" * 5000 + b"}")[0].startswith("$: not JSON: Exceeds the limit")


def test_short_file_that_unfolds_beyond_memory_is_refused() -> None:
    record = six()
    record["horizon"] = 10**5
    record["people"] = [
        {**record["people"][0], "id": f"p{index}", "available": [[0, 10**5]]} for index in range(50_000)
    ]
    record["tutors"] = [{**record["tutors"][0], "id": f"t{index}", "person": "p0"} for index in range(5_000)]
    notion = next(iter(record["tutors"][0]["skills"]))
    remote = {"notion": notion, "person": "p1", "modalities": record["tutors"][0]["modalities"][:1]}
    record["requests"] = [{**record["requests"][0], **remote, "id": f"r{index}"} for index in range(5_000)]
    record["excluded"] = record["pinned"] = record["previous"] = []
    starts = 50_000 * (10**5 - record["session_cells"] + 1)
    assert flaws_of(record) == [
        f"people: {starts} possible starts of sessions in all, at most 50000000",
        "horizon: 5000000000 cells for all people together, at most 4000000000",
        "requests: 25000000 pairs of request and tutor of one notion, at most 20000000",
    ]


def test_too_many_matches_are_refused_before_they_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record, free = six(), [[0, 4_000]]
    record |= {"horizon": 4_000, "excluded": [], "pinned": [], "previous": []}
    for person in record["people"]:
        person["available"] = free
    tutor = {**record["tutors"][0], "person": record["people"][0]["id"]}
    request = {**record["requests"][0], "notion": next(iter(tutor["skills"])), "level": 1}
    request |= {"person": record["people"][1]["id"], "modalities": tutor["modalities"]}
    record["tutors"] = [{**tutor, "id": f"t{index}"} for index in range(100)]
    record["requests"] = [{**request, "id": f"r{index}", "prior_tutor": None} for index in range(100)]
    instance = tmp_path / "wide.json"
    instance.write_text(json.dumps(record))
    assert main([str(instance), "-o", str(tmp_path / "solution.json")]) == 2
    message = "requests: more than 30000000 possible matches of request, tutor and start\n"
    assert capsys.readouterr().err == message
    assert [path.name for path in tmp_path.iterdir()] == ["wide.json"]


def test_previous_and_prior_tutor_may_name_who_is_gone() -> None:
    record = change("previous", [{"request": "gone", "tutor": "t-gone", "start": 99}])
    record["requests"][0]["prior_tutor"] = "t-gone"
    assert len(read_problem(json.dumps(record).encode()).previous) == 1


def test_command_writes_what_the_library_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "solution.json"
    assert main([str(DATA / "six.json"), "-o", str(output)]) == 0
    written = json.loads(output.read_text())
    expected = json.loads(solution_to_json(solve(read_problem(DATA / "six.json"))))
    assert {**written, "seconds": None} == {**expected, "seconds": None}
    assert set(written["seconds"]) == {"read", "enumerate", "build", "solve", "explain", "total"}
    assert capsys.readouterr().out.startswith("optimal: 3 of 6 requests served, objective 407")


def test_quiet_command_prints_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(DATA / "six.json"), "-o", str(tmp_path / "solution.json"), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_bad_file_ends_with_status_two_and_no_solution(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    instance = tmp_path / "bad.json"
    record = six()
    record["requests"] = [{**record["requests"][0], "id": f"x{index}", "person": "a\nb"} for index in range(120)]
    record["excluded"] = record["previous"] = []
    instance.write_text(json.dumps(record))
    assert main([str(instance), "-o", str(tmp_path / "solution.json")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == 'requests[0].person: no person "a\\nb"'
    assert (len(lines), lines[-1]) == (101, "and 20 more")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.json"]


def test_missing_file_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.json"), "-o", str(tmp_path / "solution.json")]) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'none.json'}: No such file or directory\n"


def test_unwritable_target_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    assert main([str(DATA / "six.json"), "-o", str(target), "--quiet"]) == 1
    assert capsys.readouterr().err == f"{target}: Is a directory\n"
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize(
    "option", [["--time-limit", "0"], ["--workers", "0"], ["--seed", "-1"], ["--time-limit", "nan"]]
)
def test_senseless_option_ends_with_status_two(tmp_path: Path, option: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([str(DATA / "six.json"), "-o", str(tmp_path / "solution.json"), *option])
    assert caught.value.code == 2


def test_live_view_shows_objective_and_bound_closing_in() -> None:
    screen = StringIO()
    with LiveView(Console(file=screen, force_terminal=True, width=80)) as view:
        view(Progress(0.1, 1_900, None, 3))
        view(Progress(0.4, 1_990, 2_000, 4))
    shown = screen.getvalue()
    assert "1,990" in shown
    assert "2,000" in shown
    assert "0.5000%" in shown
