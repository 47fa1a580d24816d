"""Figures of some facts, whole and broken down; a page, a file and an auditor's table read the same ones."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from backend.networks.models import Network, Site
from backend.referentials.enums import Area
from backend.reports.domain.facts import Asked, Attended, Facts, read_facts
from backend.reports.domain.periods import Days
from backend.reports.enums import Dimension
from backend.tutoring.enums import Attendance, SessionState

NAMES: dict[Dimension, Callable[[Asked | Attended], str]] = {
    Dimension.PROFESSION: lambda fact: fact.traits.profession,
    Dimension.MODE: lambda fact: fact.traits.mode,
    Dimension.KIND: lambda fact: fact.traits.kind,
    Dimension.SITE: lambda fact: fact.traits.site,
    Dimension.TERRITORY: lambda fact: fact.traits.territory,
    Dimension.NOTION: lambda fact: fact.notion,
    Dimension.AREA: lambda fact: fact.area,
}
STAGES = 5
OVER = (SessionState.HELD, SessionState.MISSED)


@dataclass(frozen=True, slots=True)
class Figures:
    """Requests asked, and how many of those were proposed a session, saw one confirmed, received help, were withdrawn.

    Then places in sessions: minutes received, absences among those settled, and settled by the coordinator's decision.
    """

    people: int
    asked: int
    proposed: int
    confirmed: int
    held: int
    withdrawn: int
    # Each request once: received, confirmed, proposed, waiting for a first proposal, withdrawn.
    stages: tuple[int, ...]
    median_days: int | None
    minutes: int
    settled: int
    absences: int
    decided: int

    @property
    def served_percent(self) -> int | None:
        """Help received, of what was asked: rounded down, so that 100 means everybody."""
        return 100 * self.held // self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Report:
    """One network, or several, over some days."""

    whole: Figures
    tables: Mapping[Dimension, Sequence[Row]]
    sessions_held: int
    sessions_missed: int
    minutes_given: int
    tutors: int
    sites_without_request: Sequence[Site]


def read_report(periods: Mapping[Network, Days]) -> Report:
    return report_on(read_facts(periods))


def report_on(facts: Facts) -> Report:
    held = [fact for fact in facts.attended if fact.state == SessionState.HELD]
    return Report(
        whole=count(facts.asked, facts.attended),
        tables={dimension: _break_down(facts, dimension) for dimension in Dimension},
        sessions_held=len({fact.session for fact in held}),
        sessions_missed=len({fact.session for fact in facts.attended if fact.state == SessionState.MISSED}),
        minutes_given=sum(facts.given.get(session, 0) for session in {fact.session for fact in facts.attended}),
        tutors=len({fact.tutor for fact in held}),
        sites_without_request=_silent_sites(facts),
    )


def count(asked: Sequence[Asked], attended: Sequence[Attended]) -> Figures:
    waits = [fact.days for fact in asked if fact.days is not None]
    settled = [fact for fact in attended if fact.attendance in {Attendance.PRESENT, Attendance.ABSENT}]
    settled = [fact for fact in settled if fact.state in OVER]
    return Figures(
        people=len({fact.person for fact in asked}),
        asked=len(asked),
        proposed=sum(fact.proposed for fact in asked),
        confirmed=sum(fact.confirmed for fact in asked),
        held=sum(fact.held for fact in asked),
        withdrawn=sum(fact.withdrawn for fact in asked),
        stages=_count_stages(asked),
        median_days=round(median(waits)) if waits else None,
        minutes=sum(fact.minutes for fact in attended),
        settled=len(settled),
        absences=sum(fact.attendance == Attendance.ABSENT for fact in settled),
        decided=sum(fact.decided for fact in settled),
    )


def _count_stages(asked: Sequence[Asked]) -> tuple[int, ...]:
    stages = [_stage_of(fact) for fact in asked]
    return tuple(stages.count(stage) for stage in range(STAGES))


def _stage_of(fact: Asked) -> int:
    """Where a request stands: its rank in ``Figures.stages``."""
    if fact.held:
        return 0
    if fact.withdrawn:
        return 4
    if fact.confirmed:
        return 1
    return 2 if fact.proposed else 3


def _break_down(facts: Facts, dimension: Dimension) -> list[Row]:
    """The most asked first; every domain and every site has its line, were it empty."""
    name = NAMES[dimension]
    asked, attended = _grouped(facts.asked, name), _grouped(facts.attended, name)
    names = {*asked, *attended, *_expected(facts, dimension)}
    rows = [Row(words, count(asked.get(words, []), attended.get(words, []))) for words in names]
    return sorted(rows, key=lambda row: (-row.figures.asked, row.name))


def _grouped[Fact](facts: Iterable[Fact], name: Callable[[Fact], str]) -> dict[str, list[Fact]]:
    groups: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[name(fact)].append(fact)
    return groups


def _expected(facts: Facts, dimension: Dimension) -> list[str]:
    if dimension == Dimension.AREA:
        return [str(label) for label in Area.labels]
    return [site.name for site in facts.sites] if dimension == Dimension.SITE else []


def _silent_sites(facts: Facts) -> list[Site]:
    heard = {fact.traits.site_id for fact in facts.asked}
    return [site for site in facts.sites if site.pk not in heard]
