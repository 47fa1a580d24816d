"""A session for two learners, and everybody who could touch it."""

import datetime as dt
from dataclasses import dataclass

from backend.accounts.models import Person
from backend.agenda.models import Occupancy
from backend.common.clock import cell_at, told_at
from backend.needs.domain.requests import ask_for_help
from backend.networks.models import Network
from backend.tutoring.domain.answers import accept_session, cancel_session, decline_session
from backend.tutoring.domain.attendance import confirm_presence, record_attendance
from backend.tutoring.domain.proposals import Draft, propose_sessions
from backend.tutoring.enums import Modality
from backend.tutoring.models import Participation, Session
from backend.tutoring.rules import SILENCE
from tests.support.factories import CapacityFactory, NotionFactory

START = dt.datetime(2026, 12, 3, 11, tzinfo=dt.UTC)
END = START + dt.timedelta(minutes=45)
BEFORE, DURING, AFTER = START - dt.timedelta(days=2), START + dt.timedelta(minutes=20), END + dt.timedelta(hours=1)
WEEK_LATER = END + SILENCE
REASON = "Je suis de garde"


@dataclass
class Scene:
    session: Session
    tutor: Person
    first: Person
    second: Person
    coordinator: Person
    stranger: Person

    def play(self, role: str) -> Person:
        person: Person = getattr(self, role)
        return person

    def state(self) -> str:
        return Session.objects.get(pk=self.session.pk).state

    def requests(self) -> list[str]:
        """States of the learners' requests."""
        parts = Participation.objects.filter(session=self.session).order_by("pk")
        return [part.request.state for part in parts.select_related("request")]

    def attendance(self) -> list[str]:
        return [part.attendance.value for part in self.session.participations.order_by("pk")]

    def cells(self, person: Person) -> list[int]:
        """Cells the session holds of a person, counted from its start."""
        cells = Occupancy.objects.filter(person=person, source=self.session.source).order_by("cell")
        return [cell - cell_at(START) for cell in cells.values_list("cell", flat=True)]

    def bring_to(self, state: str) -> None:
        """Move the session on through the same doors as everybody."""
        key = self.session.pk
        if state in {"confirmed", "held", "missed"}:
            accept_session(session_id=key, author=self.tutor)
        if state in {"held", "missed"}:
            with told_at(AFTER):
                self.settle(present=state == "held")
        if state == "declined":
            decline_session(session_id=key, author=self.tutor, reason=REASON)
        if state == "cancelled":
            for learner in (self.first, self.second):
                cancel_session(session_id=key, author=learner, reason=REASON)

    def settle(self, *, present: bool) -> None:
        """Everybody says the same of everybody."""
        self.mark(*[self.first, self.second] if present else [])
        for person in (self.first, self.second):
            self.confirm(person, present=present)

    def mark(self, *present: Person) -> None:
        """The tutor says who was there; the others were not."""
        record_attendance(
            session_id=self.session.pk,
            author=self.tutor,
            present=[person.pk for person in present],
            absent=[person.pk for person in (self.first, self.second) if person not in present],
        )

    def confirm(self, person: Person, *, present: bool) -> None:
        confirm_presence(session_id=self.session.pk, author=person, present=present)


def make_draft(network: Network, tutor: Person, *learners: Person, start: dt.datetime = START) -> Draft:
    """A draft for learners who ask for the same notion, each in a capacity of their own."""
    notion = NotionFactory.create()
    requests = tuple(
        ask_for_help(person=person, network=network, capacity=CapacityFactory.create(notion=notion), level_wanted=2)
        for person in learners
    )
    return Draft(tutor, notion, requests, start, 45, Modality.REMOTE)


def propose(network: Network, tutor: Person, *learners: Person, start: dt.datetime = START) -> Session:
    draft = make_draft(network, tutor, *learners, start=start)
    return propose_sessions(network=network, drafts=[draft], answer_by=start, author=None).sessions[draft]
