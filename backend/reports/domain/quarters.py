"""The quarters that auditors read: closed, fixed once, never computed again."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from backend.accounts.models import Person
from backend.common.errors import NotFoundError
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import networks_with_role
from backend.referentials.models import Profession
from backend.reports.domain.facts import Attended, Facts, read_facts
from backend.reports.domain.periods import Days, quarter_before, quarter_of, today_in
from backend.reports.domain.suppression import FEWEST, lines_of, measure, suppress, told_measures
from backend.reports.models import QuarterReport
from backend.tutoring.enums import Attendance, SessionState

# Both sides have a week to say who was there, and the coordinator another.
DAYS_BEFORE_FIXING = 15


def closed_quarters(network: Network) -> list[Days]:
    """Newest first: over for long enough, and not wholly before the network was made."""
    created = network.created_at.astimezone(network.zone).date()
    quarter, quarters = quarter_of(today_in(network) - dt.timedelta(days=DAYS_BEFORE_FIXING)), []
    while (quarter := quarter_before(quarter.first)).last >= created:
        quarters.append(quarter)
    return quarters


def access_quarter_for(person: Person, slug: str, first_day: dt.date) -> QuarterReport:
    """A closed quarter of a network the person audits; ``NotFoundError`` for any other days."""
    network = next((row for row in networks_with_role(person, Role.AUDITOR) if row.slug == slug), None)
    if network is None or first_day not in {quarter.first for quarter in closed_quarters(network)}:
        raise NotFoundError
    return fix_quarter(network=network, quarter=quarter_of(first_day))


def last_quarter_of(network: Network) -> QuarterReport | None:
    quarters = closed_quarters(network)
    return fix_quarter(network=network, quarter=quarters[0]) if quarters else None


@transaction.atomic
def fix_quarter(*, network: Network, quarter: Days) -> QuarterReport:
    """The figures of a closed quarter as they were told first; whoever comes second reads the same."""
    found = QuarterReport.objects.filter(network=network, first_day=quarter.first).first()
    if found is not None:
        return found
    professions = Profession.objects.order_by("position").values_list("label", flat=True)
    tables = tell_quarter(read_facts({network: quarter}), professions)
    return QuarterReport.objects.get_or_create(network=network, first_day=quarter.first, defaults={"tables": tables})[0]


def fix_due_quarters() -> None:
    """Fix what has closed since; safe to run at any time."""
    for network in Network.objects.order_by("pk"):
        last_quarter_of(network)


def tell_quarter(facts: Facts, professions: Iterable[str]) -> dict[str, Any]:
    """Only what may be told, ready to be stored."""
    whole = measure(facts.asked)
    told = told_measures(whole)
    tables = {dimension: suppress(facts.asked, dimension, names) for dimension, names in lines_of(professions).items()}
    return {
        "totals": [count if shown else None for count, shown in zip(whole.counts, told, strict=True)],
        "tables": {
            str(dimension): {"lines": [[name, counts] for name, counts in table.lines.items()], "others": table.others}
            for dimension, table in tables.items()
        },
        **_tell_sessions(facts),
    }


def _tell_sessions(facts: Facts) -> dict[str, int | None]:
    """Sessions held and whole hours, where enough people stand on both sides; and how many people those are."""
    held = [fact for fact in facts.attended if _was_helped(fact)]
    tutors, helped = len({fact.tutor for fact in held}), len({fact.person for fact in held})
    sessions = {fact.session for fact in held}
    minutes = sum(facts.given.get(session, 0) for session in sessions)
    enough = min(tutors, helped) >= FEWEST
    return {
        "tutors": tutors if tutors >= FEWEST else None,
        "helped": helped if helped >= FEWEST else None,
        "sessions": len(sessions) if enough else None,
        # Minutes would tell a session of half an hour from one of forty-five.
        "hours": minutes // 60 if enough else None,
    }


def _was_helped(fact: Attended) -> bool:
    return fact.state == SessionState.HELD and fact.attendance == Attendance.PRESENT
