"""« Où j’en suis »: the reader's own answers, one domain a page, saved one by one. Nobody else has a page on them."""

import datetime as dt
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from backend.accounts.models import Person
from backend.common.errors import NotFoundError
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from backend.networks.rules import networks_for
from backend.referentials.models import Capacity, Framework
from backend.skills.domain.positioning import (
    Gap,
    Standing,
    Step,
    Stretch,
    answers_of,
    frameworks_to_stand_on,
    gaps_of,
    read_standing,
    record_positioning,
)
from backend.skills.enums import PositioningLevel
from backend.web.learner.bars import bar_of
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, page_of, reading

TARGET_LEVEL = 2
ANSWERS_A_PAGE = 20


class DomainForm(forms.Form):
    """The questions of one domain, none of them required: what is left out can be answered another day."""

    def __init__(self, stretch: Stretch, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.stretch = stretch
        for step in stretch.steps:
            self.fields[field_name(step.capacity)] = forms.TypedChoiceField(
                label=step.capacity.text[:1].upper() + step.capacity.text[1:],
                choices=PositioningLevel.choices,
                coerce=int,
                empty_value=None,
                required=False,
                initial=step.level,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": "Choisissez une des quatre réponses."},
            )

    def save(self, person: Person) -> int:
        """Record what was answered; how many answers there were."""
        given = [(step.capacity, self.cleaned_data[field_name(step.capacity)]) for step in self.stretch.steps]
        answers = [(capacity, level) for capacity, level in given if level is not None]
        for capacity, level in answers:
            record_positioning(person=person, capacity=capacity, level=level)
        return len(answers)


@dataclass(frozen=True, slots=True)
class Choice:
    """A framework on offer."""

    framework: Framework
    is_own: bool
    answered: int


def field_name(capacity: Capacity) -> str:
    return f"q{capacity.pk}"


@never_cache
@reading
def choose_framework(request: PersonRequest) -> HttpResponse:
    """Own framework first, then all others, and what was answered last."""
    person, rows = request.user, list(frameworks_to_stand_on())
    own = person.profession.framework_id if person.profession else None
    answered = _answered_by_framework(person)
    choices = [Choice(row, row.pk == own, answered.get(row.pk, 0)) for row in rows]
    context = {
        "own": [choice for choice in choices if choice.is_own],
        "others": [choice for choice in choices if not choice.is_own and choice.framework.capacity_count],  # type: ignore[attr-defined]  # annotated
        "without": [choice.framework for choice in choices if not choice.framework.capacity_count],  # type: ignore[attr-defined]
        "page": page_of(request, answers_of(person), ANSWERS_A_PAGE),
        "zone": zone_of(person),
    }
    return render(request, "positioning/choose.html", context)


@never_cache
@reading
def show_standing(request: PersonRequest, slug: str) -> HttpResponse:
    """Bars, gaps in order, what changed."""
    framework = access_framework(slug)
    standing = read_standing(request.user, framework)
    context = {
        "framework": framework,
        "standing": standing,
        "resume": resume_address(standing),
        "bars": [(stretch, bar_of(stretch)) for stretch in standing.stretches],
        "levels": PositioningLevel,
        "gaps": tell_gaps(gaps_of(request.user, framework, target=target_of(request.user))),
        "moved": [(step, tell_change(step)) for step in standing.steps if step.has_moved],
        "can_ask": bool(learner_networks(request.user)),
        "zone": zone_of(request.user),
    }
    return render(request, "positioning/standing.html", context)


@never_cache
@acting
def answer_domain(request: PersonRequest, slug: str, position: int) -> HttpResponse:
    """One domain: each answer is saved at once by a live page, all together by « Enregistrer et continuer »."""
    standing = read_standing(request.user, access_framework(slug))
    stretch = standing.stretch_at(position)
    if request.method != "POST":
        return _draw(request, standing, DomainForm(stretch))
    form = DomainForm(stretch, request.POST)
    if not form.is_valid():
        return _draw(request, standing, form, UNPROCESSABLE)
    saved = form.save(request.user)
    if request.headers.get("HX-Request"):
        return render(request, "positioning/saved.html")
    if saved:
        messages.success(request, "Vos réponses sont enregistrées.")
    later = standing.stretch_after(stretch)
    if later is None:
        return redirect("standing", slug=slug)
    return redirect("positioning_domain", slug=slug, position=later.domain.position)


def access_framework(slug: str) -> Framework:
    framework = frameworks_to_stand_on().filter(slug=slug).first()
    if framework is None:
        raise NotFoundError
    return framework


def resume_address(standing: Standing) -> str:
    """The first question without an answer; nothing once all have one."""
    step = standing.next_step
    if step is None:
        return ""
    place = step.capacity.competency.domain.position
    address = reverse("positioning_domain", args=[standing.framework.slug, place])
    return f"{address}#{field_name(step.capacity)}" if standing.answered else address


def learner_networks(person: Person) -> list[Network]:
    """Where the person may ask for help, by name."""
    rows = Membership.objects.active().with_role(Role.LEARNER).filter(person=person).select_related("network")
    return [row.network for row in rows.order_by("network__name")]


def target_of(person: Person) -> int:
    """The level their networks aim at; the highest, where they differ."""
    return max((network.target_level for network in networks_for(person)), default=TARGET_LEVEL)


def zone_of(person: Person) -> dt.tzinfo:
    """The clocks of the person's first network; those of a new network, for whoever has none."""
    return next((network.zone for network in networks_for(person)), Network().zone)


def tell_gaps(gaps: list[Gap]) -> list[tuple[Gap, str]]:
    return [(gap, str(PositioningLevel(gap.level).label)) for gap in gaps]


def tell_change(step: Step) -> tuple[str, str]:
    """(before, after) in words."""
    first, last = step.answers[0][1], step.answers[-1][1]
    return str(PositioningLevel(first).label), str(PositioningLevel(last).label)


def _answered_by_framework(person: Person) -> dict[int, int]:
    """How many capacities have an answer, by framework."""
    keys = answers_of(person).order_by().values_list("capacity__competency__domain__framework", "capacity").distinct()
    counted: dict[int, int] = {}
    for framework, _ in keys:
        counted[framework] = counted.get(framework, 0) + 1
    return counted


def _draw(request: PersonRequest, standing: Standing, form: DomainForm, status: int = 200) -> HttpResponse:
    stretch = form.stretch
    context = {
        "framework": standing.framework,
        "stretch": stretch,
        "form": form,
        "rank": standing.stretches.index(stretch) + 1,
        "total": len(standing.stretches),
        "questions": [form[field_name(step.capacity)] for step in stretch.steps],
        "is_last": standing.stretch_after(stretch) is None,
    }
    return render(request, "positioning/domain.html", context, status=status)
