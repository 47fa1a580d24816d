"""« Accueil »: what waits for the reader, in one list, then a section for each of their roles."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from backend.accounts.models import Person
from backend.common.formats import format_count
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from backend.tutoring.domain.access import sessions_for
from backend.tutoring.enums import STANDING_STATES
from backend.web.coordinator.audit import Audit, list_audits
from backend.web.coordinator.home import Desk, list_desks
from backend.web.learner.home import RequestLine, coordinators_of, list_requests, to_confirm
from backend.web.shared.access import PersonRequest, reading
from backend.web.shared.availability import asks_without_windows
from backend.web.shared.cards import SessionCard, cards_of
from backend.web.shared.reader import Reader, reader_of
from backend.web.shared.sessions import disputes_in
from backend.web.tutor.home import Expertise, expertise_of

NEXT_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits elsewhere: one line that leads there."""

    words: str
    detail: str
    address: str
    icon: str


@dataclass(frozen=True, slots=True)
class Learning:
    """The learner's part; ``can_ask`` until they leave or are suspended everywhere."""

    can_ask: bool
    requests: list[RequestLine]
    coordinators: list[Membership]


@reading
def welcome(request: PersonRequest) -> HttpResponse:
    person, reader = request.user, reader_of(request)
    memberships = reader.memberships
    coordinated, audited = _with_role(memberships, Role.COORDINATOR), _with_role(memberships, Role.AUDITOR)
    cards = cards_of(sessions_for(person).filter(state__in=STANDING_STATES), person)
    desks = list_desks(coordinated) if coordinated else []
    context = {
        "memberships": memberships,
        "several": len(memberships) > 1,
        "awaiting": [card for card in cards if card.asks_reader],
        "tasks": _tasks(reader, desks),
        "upcoming": _upcoming(cards),
        "learning": _learning(person, memberships),
        "expertise": _expertise(person, memberships),
        "desks": desks,
        "audits": _audits(audited),
    }
    return render(request, "welcome/page.html", context)


def _with_role(memberships: list[Membership], role: Role) -> list[Network]:
    return [row.network for row in memberships if any(held.role == role for held in row.roles.all())]


def _upcoming(cards: list[SessionCard]) -> list[SessionCard]:
    """The next sessions that ask nothing of the reader any more."""
    return [card for card in cards if not card.is_over and not card.asks_reader][:NEXT_SHOWN]


def _learning(person: Person, memberships: list[Membership]) -> Learning | None:
    networks = _with_role(memberships, Role.LEARNER)
    if not networks and not HelpRequest.objects.filter(person=person).exists():
        return None
    requests = list_requests(person)
    coordinators = [] if requests else coordinators_of([network.pk for network in networks])
    return Learning(bool(networks), requests, coordinators)


def _expertise(person: Person, memberships: list[Membership]) -> Expertise | None:
    return expertise_of(person) if _with_role(memberships, Role.TUTOR) else None


def _audits(networks: list[Network]) -> list[Audit]:
    return list_audits(networks) if networks else []


def _tasks(reader: Reader, desks: list[Desk]) -> list[Task]:
    tasks = [*_requests_to_confirm(reader.person), *_hours_to_tell(reader), *_tasks_of_coordination(desks)]
    if reader.unread:
        words = format_count(reader.unread, "message non lu", "messages non lus")
        tasks.append(Task(words, "Dans vos échanges", reverse("conversations"), "message"))
    return tasks


def _requests_to_confirm(person: Person) -> list[Task]:
    return [
        Task(
            "Une demande à confirmer",
            f"Écrite pour vous{f' par {request.entered_by.name}' if request.entered_by else ''}",
            reverse("request", args=[request.pk]),
            "key",
        )
        for request in to_confirm(person)
    ]


def _hours_to_tell(reader: Reader) -> list[Task]:
    """Somebody who asks for help and never said when they could meet anybody."""
    if Role.LEARNER not in reader.roles or not asks_without_windows(reader.person):
        return []
    detail = "Sans créneau, aucune séance ne peut vous être proposée"
    return [Task("Dites quand vous êtes libre", detail, reverse("availability"), "clock")]


def _tasks_of_coordination(desks: list[Desk]) -> list[Task]:
    tasks = []
    if disputes := disputes_in([desk.network.pk for desk in desks]).count() if desks else 0:
        words = format_count(disputes, "présence à trancher", "présences à trancher")
        address = f"{reverse('sessions')}?quand=a-repondre"
        tasks.append(Task(words, "Le tuteur et la personne aidée ne disent pas la même chose", address, "alert"))
    for desk in desks:
        if desk.claims_total:
            words = format_count(desk.claims_total, "compétence à relire", "compétences à relire")
            tasks.append(Task(words, desk.network.name, reverse("claims"), "shield"))
        tasks += [
            Task(line.next_step, f"{line.campaign.title} · {desk.network.name}", line.address, "chart")
            for line in desk.campaigns
            if line.awaits_coordination
        ]
    return tasks
