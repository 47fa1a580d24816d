"""A session as one reader sees it: what to call it, who is there, how to join, what may be done."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.formats import NBSP, format_count, format_day
from backend.tutoring.enums import STANDING_STATES, JoinKind, SessionState
from backend.tutoring.models import Participation, Session
from backend.tutoring.rules import Action, allowed_actions, awaits_decision, has_started
from backend.web.shared.wording import SESSION_TAGS, Tag

ANSWERS = {Action.ACCEPT, Action.AGREE, Action.CONFIRM}


@dataclass(frozen=True, slots=True)
class Join:
    """The way in: a link or a number to press, or words alone."""

    label: str
    icon: str
    address: str = ""


@dataclass(frozen=True)
class SessionCard:
    """``coordinates`` says whether the reader coordinates the session's network."""

    session: Session
    reader: Person
    coordinates: bool = False

    @cached_property
    def actions(self) -> list[Action]:
        return allowed_actions(self.session, self.reader, coordinates=self.coordinates)

    @cached_property
    def participations(self) -> list[Participation]:
        return list(self.session.participations.all())

    @cached_property
    def mine(self) -> Participation | None:
        return next((part for part in self.participations if part.person_id == self.reader.pk), None)

    @property
    def tag(self) -> Tag:
        if self.is_standing and has_started(self.session) and self.session.state == SessionState.CONFIRMED:
            return Tag("présences à confirmer", "warm", "clock")
        return SESSION_TAGS[SessionState(self.session.state)]

    @property
    def is_tutor(self) -> bool:
        return self.session.tutor_id == self.reader.pk

    @property
    def takes_part(self) -> bool:
        return self.is_tutor or self.mine is not None

    @property
    def is_standing(self) -> bool:
        return self.session.state in STANDING_STATES

    @property
    def is_over(self) -> bool:
        return self.session.ends_at <= now()

    @property
    def people(self) -> str:
        """« avec … »: whom the reader meets."""
        learners = ", ".join(part.person.name for part in self.participations)
        if self.is_tutor:
            return f"avec {learners}" if learners else "sans personne aidée"
        if self.mine is None:
            return f"{self.session.tutor.name} avec {learners}" if learners else self.session.tutor.name
        others = len(self.participations) - 1
        company = f" et {format_count(others, 'autre personne', 'autres personnes')}" if others else ""
        return f"avec {self.session.tutor.name}{company}"

    @property
    def others(self) -> list[Person]:
        """Those whom the reader meets, the tutor first."""
        everybody = [self.session.tutor, *(part.person for part in self.participations)]
        return [person for person in everybody if person.pk != self.reader.pk]

    @property
    def place(self) -> str:
        """« à distance », « par téléphone » or the name of the site."""
        if self.session.site is not None:
            return self.session.site.name
        return f"par{NBSP}téléphone" if self.session.join_kind == JoinKind.PHONE else f"à{NBSP}distance"

    @property
    def join(self) -> Join | None:
        """Nothing for those who do not take part, nor before the session is confirmed or once it is over."""
        if not self.takes_part or self.session.state != SessionState.CONFIRMED or self.is_over:
            return None
        value = self.session.join_value
        if self.session.join_kind == JoinKind.PLACE:
            return Join(value or self.place, "place")
        if self.session.join_kind == JoinKind.LINK:
            # Saved by a tutor: nothing but a web address may become a link.
            return Join("Rejoindre", "video", value) if value.startswith(("https://", "http://")) else None
        if self.is_tutor:
            return Join(f"On vous appelle au {value}", "phone")
        return Join(f"Appeler le {value}", "phone", f"tel:{quote(value.replace(' ', ''), safe='+')}")

    @property
    def asks_reader(self) -> bool:
        """Whether something waits for this very reader."""
        return bool(ANSWERS.intersection(self.actions)) or self.awaits_attendance

    @property
    def awaits_attendance(self) -> bool:
        return Action.ATTENDANCE in self.actions and any(part.by_tutor is None for part in self.participations)

    @property
    def to_decide(self) -> list[Participation]:
        """Learners whose presence the coordination settles."""
        return [part for part in self.participations if awaits_decision(self.session, part)]

    @property
    def answer_limit(self) -> str:
        """« avant la séance », or the last whole day: a deadline is the midnight after it."""
        if self.session.answer_by >= self.session.starts_at:
            return "avant la séance"
        last = self.session.answer_by.astimezone(self.session.network.zone) - dt.timedelta(seconds=1)
        return f"au plus tard le {format_day(last.date())}"

    @property
    def status(self) -> str:
        """What the state means to the reader, in one sentence or two."""
        match self.session.state:
            case SessionState.PROPOSED:
                return self._status_of_proposal()
            case SessionState.CONFIRMED:
                return self._status_of_confirmed()
            case SessionState.HELD:
                return "Les présences sont confirmées : heures et points sont inscrits au registre."
            case SessionState.MISSED:
                return "Rien n’est crédité. La demande attend une nouvelle proposition."
            case _:
                return "La séance n’aura pas lieu. La demande attend une nouvelle proposition."

    def _status_of_proposal(self) -> str:
        if self.session.answer_by <= now():
            return "Le délai de réponse est passé ; la réponse reste possible tant que tout le monde est libre."
        if self.is_tutor:
            return f"Répondez {self.answer_limit}."
        return f"{self.session.tutor.name} doit répondre {self.answer_limit}."

    def _status_of_confirmed(self) -> str:
        if not has_started(self.session):
            return "Tout le monde est prévenu, la séance aura lieu."
        if self.to_decide:
            return "Les réponses diffèrent, ou il en manque depuis une semaine : la coordination tranche."
        if self.awaits_attendance or Action.CONFIRM in self.actions:
            return "La présence compte quand les deux côtés l’ont confirmée."
        return "Il manque encore une réponse pour que la séance soit comptée."


def cards_of(sessions: Iterable[Session], reader: Person, coordinated: Iterable[int] = ()) -> list[SessionCard]:
    """One card a session; ``coordinated`` holds the primary keys of the networks the reader coordinates."""
    networks = frozenset(coordinated)
    return [SessionCard(session, reader, session.network_id in networks) for session in sessions]
