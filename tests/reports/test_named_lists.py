"""Lists with names leave by one door: who may, with what purpose, and the trace."""

import datetime as dt

import pytest

from backend.accounts.models import Person
from backend.common.clock import told_at
from backend.common.errors import DomainError, NotFoundError, RoleRequiredError
from backend.reports.domain.named_lists import named_lists_of, record_named_list
from backend.reports.domain.periods import Days
from backend.reports.enums import ListKind
from backend.reports.models import NamedListExport
from tests.support.cast import Cast

THEN = dt.datetime(2026, 12, 3, 12, tzinfo=dt.UTC)
DAYS = Days(dt.date(2026, 10, 1), dt.date(2026, 12, 31))
PURPOSE = "Justificatif demandé par la CPAM"
PATIENT_NUMBER = "2 55 08 14 168 025 38"


def record(cast: Cast, role: str = "coordinator", purpose: str = PURPOSE, days: Days = DAYS) -> NamedListExport:
    author = cast.play(role)
    assert isinstance(author, Person)
    return record_named_list(
        network=cast.here.network, author=author, kind=ListKind.ATTENDANCE, purpose=purpose, days=days
    )


def test_the_trace_says_who_what_when_and_why(cast: Cast) -> None:
    with told_at(THEN):
        record(cast, purpose=f"  {PURPOSE}\n")
    [trace] = named_lists_of(cast.here.network)
    assert (trace.author, trace.kind, trace.purpose) == (cast.here.coordinator, ListKind.ATTENDANCE, PURPOSE)
    assert (trace.period_start, trace.period_end, trace.at) == (DAYS.first, DAYS.last, THEN)
    assert not named_lists_of(cast.elsewhere.network)


@pytest.mark.parametrize("role", ["learner", "tutor", "auditor", "stranger", "admin"])
def test_only_the_coordination_takes_names_out(cast: Cast, role: str) -> None:
    with pytest.raises(NotFoundError if role in {"stranger", "admin"} else RoleRequiredError):
        record(cast, role)
    assert not NamedListExport.objects.exists()


@pytest.mark.parametrize("purpose", ["", "   ", "ici", "x" * 201, f"Pour {PATIENT_NUMBER}"])
def test_without_a_purpose_nothing_leaves(cast: Cast, purpose: str) -> None:
    with pytest.raises(DomainError) as refusal:
        record(cast, purpose=purpose)
    assert list(refusal.value.fields) == ["purpose"]
    assert not NamedListExport.objects.exists()


def test_days_come_in_order(cast: Cast) -> None:
    with pytest.raises(DomainError) as refusal:
        record(cast, days=Days(DAYS.last, DAYS.first))
    assert refusal.value.code == "period"
