"""Where a person stands on the capacities of a framework. It belongs to the person: nobody else reads it."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.db import transaction
from django.db.models import Count, QuerySet

from backend.accounts.models import Person
from backend.common.errors import DomainError, NotFoundError
from backend.referentials.models import Capacity, Domain, Framework
from backend.skills.enums import PositioningLevel
from backend.skills.models import Positioning

IN_ORDER = ("competency__domain__position", "competency__position", "position")


@transaction.atomic
def record_positioning(*, person: Person, capacity: Capacity, level: int) -> Positioning:
    """Add a dated answer, the history stays; the same answer again adds nothing and gives the one that is there."""
    if level not in PositioningLevel.values:
        message = "Choisissez une des quatre réponses."
        raise DomainError(message, code="level", fields={"level": [message]})
    # Two answers of one person wait for each other: a doubled press must not read the past twice.
    Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    last = answers_of(person).filter(capacity=capacity).select_related(None).first()
    if last is not None and last.level == level:
        return last
    return Positioning.objects.create(person=person, capacity=capacity, level=level)


def current_levels(person: Person, framework: Framework) -> dict[int, int]:
    """Latest level per capacity (primary key) the person has answered; one query."""
    return {key: answers[-1][1] for key, answers in _histories(person, framework).items()}


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a capacity is below the target; ``size`` is ``max(0, target − level)``."""

    capacity: Capacity
    level: int
    size: int


def gaps_of(person: Person, framework: Framework, *, target: int) -> list[Gap]:
    """Answered capacities below the target, widest first, then in the framework's order."""
    levels = current_levels(person, framework)
    capacities = Capacity.objects.filter(pk__in=levels).select_related("competency__domain")
    ordered = capacities.order_by(*IN_ORDER)
    gaps = [Gap(capacity, levels[capacity.pk], max(0, target - levels[capacity.pk])) for capacity in ordered]
    return sorted((gap for gap in gaps if gap.size), key=lambda gap: -gap.size)


def frameworks_to_stand_on() -> QuerySet[Framework]:
    """Frameworks as they are shown, each with ``capacity_count``: without any capacity, nobody can stand on it."""
    return Framework.objects.annotate(capacity_count=Count("domains__competencies__capacities")).order_by("position")


@dataclass(frozen=True, slots=True)
class Step:
    """One capacity, and every answer the person gave to it, oldest first: (when, level)."""

    capacity: Capacity
    answers: list[tuple[dt.datetime, int]]

    @property
    def level(self) -> int | None:
        return self.answers[-1][1] if self.answers else None

    @property
    def first_level(self) -> int | None:
        return self.answers[0][1] if self.answers else None

    @property
    def has_moved(self) -> bool:
        return len(self.answers) > 1


@dataclass(frozen=True)
class Stretch:
    """One domain of the framework."""

    domain: Domain
    steps: list[Step]

    @property
    def answered(self) -> int:
        return sum(bool(step.answers) for step in self.steps)

    def count(self, level: int | None) -> int:
        """How many capacities stand at ``level``; ``None`` counts those without an answer."""
        return sum(step.level == level for step in self.steps)


@dataclass(frozen=True)
class Standing:
    """A person on a framework, domain by domain."""

    framework: Framework
    stretches: list[Stretch]

    @cached_property
    def steps(self) -> list[Step]:
        return [step for stretch in self.stretches for step in stretch.steps]

    @property
    def answered(self) -> int:
        return sum(stretch.answered for stretch in self.stretches)

    @property
    def next_step(self) -> Step | None:
        """The first capacity without an answer: where to resume."""
        return next((step for step in self.steps if not step.answers), None)

    def stretch_at(self, position: int) -> Stretch:
        found = next((stretch for stretch in self.stretches if stretch.domain.position == position), None)
        if found is None:
            raise NotFoundError
        return found

    def stretch_after(self, stretch: Stretch) -> Stretch | None:
        return next((later for later in self.stretches if later.domain.position > stretch.domain.position), None)


def read_standing(person: Person, framework: Framework) -> Standing:
    """Everything the person answered on a framework; two queries."""
    answers = _histories(person, framework)
    capacities = Capacity.objects.filter(competency__domain__framework=framework)
    stretches: dict[int, Stretch] = {}
    for capacity in capacities.select_related("competency__domain").order_by(*IN_ORDER):
        domain = capacity.competency.domain
        stretch = stretches.setdefault(domain.pk, Stretch(domain, []))
        stretch.steps.append(Step(capacity, answers.get(capacity.pk, [])))
    return Standing(framework, list(stretches.values()))


def answers_of(person: Person) -> QuerySet[Positioning]:
    """All answers of the person, last first."""
    answers = Positioning.objects.filter(person=person).select_related("capacity__competency__domain__framework")
    return answers.order_by("-answered_at", "-pk")


def _histories(person: Person, framework: Framework) -> dict[int, list[tuple[dt.datetime, int]]]:
    """Per capacity (primary key), the answers of the person, oldest first."""
    rows = Positioning.objects.filter(person=person, capacity__competency__domain__framework=framework)
    histories: dict[int, list[tuple[dt.datetime, int]]] = {}
    for capacity, at, level in rows.order_by("answered_at", "pk").values_list("capacity_id", "answered_at", "level"):
        histories.setdefault(capacity, []).append((at, level))
    return histories
