"""What each event means for people: who is told, in which words. All in the transaction of what happened."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from django.urls import reverse

from backend.accounts.models import Person
from backend.common.formats import format_span
from backend.events.bus import listen
from backend.events.types import (
    AttendanceDisputed,
    AttendanceRecorded,
    LearnerLeft,
    SessionAnswerDue,
    SessionCancelled,
    SessionConfirmed,
    SessionDeclined,
    SessionMoved,
    SessionSettled,
    SessionsProposed,
    SessionsTakenBack,
    SessionTomorrow,
    TimeDeclined,
    TimeOffered,
)
from backend.notifications.domain.invitations import parts_for
from backend.notifications.domain.notify import News, forget_news, notify, notify_all, tell_coordinators
from backend.notifications.domain.wording import (
    answer_deadline,
    how_to_join,
    moment_of,
    names_of,
)
from backend.notifications.enums import Kind
from backend.tutoring.domain.answer_links import token_for
from backend.tutoring.models import Session, TimeOffer
from calendars.writing import Method

CLOSE_FILES = "Fermez tout dossier : on s’entraîne sans patient."


@listen(SessionsProposed)
def tell_of_proposals(event: SessionsProposed) -> None:
    """The tutor is asked for an answer; each learner is asked whether the time suits, and silence means yes."""
    letters = []
    for session in _sessions(event.session_ids):
        letters.append((session.tutor, _news_for_tutor(session)))
        letters += [(row.person, _news_for_learner(session, row.person)) for row in session.participations.all()]
    notify_all(letters=letters, mail_delay=dt.timedelta(minutes=event.mail_delay))


@listen(SessionsTakenBack)
def forget_proposals(event: SessionsTakenBack) -> None:
    forget_news(keys=[f"session:{key}:proposed" for key in event.session_ids])


def _news_for_tutor(session: Session) -> News:
    return News(
        key=f"session:{session.pk}:proposed",
        kind=Kind.SESSION,
        title=f"Une séance vous est proposée {moment_of(session)}",
        url=url_of(session),
        mail_url=_answer_url(session, session.tutor),
        body=(
            f"{names_of(session)} souhaite votre aide : {session.notion.title}.\n"
            f"{_when_and_where(session)}\n\n{CLOSE_FILES}\n\n"
            f"Acceptez, déclinez ou proposez un autre moment {answer_deadline(session)}, sans vous connecter :"
        ),
    )


def _news_for_learner(session: Session, person: Person) -> News:
    return News(
        key=f"session:{session.pk}:proposed",
        kind=Kind.SESSION,
        title=f"Une séance est prévue pour vous {moment_of(session)}",
        url=url_of(session),
        mail_url=_answer_url(session, person),
        body=(
            f"{session.tutor.name} pourrait vous aider : {session.notion.title}.\n"
            f"{moment_of(session).capitalize()}. "
            f"Il reste à {session.tutor.name} à accepter, {answer_deadline(session)}."
            "\n\nDites « Ça me va », ou proposez un autre moment, sans vous connecter. "
            "Sans réponse, on comprend que ce moment vous va :"
        ),
    )


@listen(SessionConfirmed)
def tell_learners_of_confirmation(event: SessionConfirmed) -> None:
    session = session_of(event.session_id)
    learners = [row.person for row in session.participations.all()]
    parts = parts_for(session, learners, Method.REQUEST)
    notify_all(
        letters=[
            (
                person,
                News(
                    key=f"session:{session.pk}:confirmed",
                    kind=Kind.SESSION,
                    title=f"Votre séance est confirmée {moment_of(session)}",
                    url=url_of(session),
                    mail_url=_answer_url(session, person),
                    part=parts.get(person.pk),
                    body=(
                        f"{session.tutor.name} vous aide : {session.notion.title}.\n{_when_and_where(session)}\n\n"
                        f"{CLOSE_FILES}\nDites si ce moment vous va, ou proposez-en un autre :"
                    ),
                ),
            )
            for person in learners
        ]
    )


@listen(SessionMoved)
def tell_others_of_move(event: SessionMoved) -> None:
    session = session_of(event.session_id)
    news = News(
        key=f"session:{session.pk}:moved:{session.sequence}",
        kind=Kind.SESSION,
        title=f"Votre séance est confirmée {moment_of(session)}",
        url=url_of(session),
        body=(
            f"Tout le monde a accepté ce nouveau moment : {session.notion.title}.\n{_when_and_where(session)}"
            f"\n\n{CLOSE_FILES}"
        ),
    )
    _tell_all_but(session, event.author_id, news, Method.REQUEST)


@listen(TimeOffered)
def ask_others_about_time(event: TimeOffered) -> None:
    offer = TimeOffer.objects.select_related("author").get(pk=event.offer_id)
    session = session_of(offer.session_id)
    ends_at = offer.starts_at + (session.ends_at - session.starts_at)
    moment = format_span(offer.starts_at, ends_at, session.network.zone)
    letters = [
        (
            person,
            News(
                key=f"session:{session.pk}:offer:{offer.pk}",
                kind=Kind.SESSION,
                title=f"{offer.author.name} propose un autre moment : {moment}",
                url=url_of(session),
                mail_url=_answer_url(session, person),
                body=(
                    f"Pour votre séance, {session.notion.title}, au lieu de {moment_of(session)}.\n"
                    "Rien ne change tant que tout le monde n’a pas accepté :"
                ),
            ),
        )
        for person in people_of(session)
        if person.pk != offer.author_id
    ]
    notify_all(letters=letters)


@listen(TimeDeclined)
def tell_others_time_stays(event: TimeDeclined) -> None:
    offer = TimeOffer.objects.get(pk=event.offer_id)
    session = session_of(offer.session_id)
    news = News(
        key=f"session:{session.pk}:offer:{offer.pk}:declined",
        kind=Kind.SESSION,
        title=f"L’autre moment n’est pas retenu : la séance reste {moment_of(session)}",
        url=url_of(session),
    )
    _tell_all_but(session, offer.closed_by_id, news)


@listen(SessionAnswerDue)
def remind_tutor_to_answer(event: SessionAnswerDue) -> None:
    session = session_of(event.session_id)
    news = News(
        key=f"session:{session.pk}:answer-due",
        kind=Kind.SESSION,
        title=f"Dernier jour pour répondre : séance proposée {moment_of(session)}",
        url=url_of(session),
        mail_url=_answer_url(session, session.tutor),
        body=(
            f"{names_of(session)} attend votre réponse : {session.notion.title}.\n{_when_and_where(session)}\n\n"
            "Sans réponse ce soir, la demande repart vers quelqu’un d’autre. Répondez sans vous connecter :"
        ),
    )
    notify(person=session.tutor, news=news)


@listen(SessionTomorrow)
def remind_of_session(event: SessionTomorrow) -> None:
    session = session_of(event.session_id)
    news = News(
        key=f"session:{session.pk}:eve:{session.sequence}",
        kind=Kind.SESSION,
        title=f"Rappel : votre séance {moment_of(session)}",
        url=url_of(session),
        body=f"{session.notion.title}.\n{_when_and_where(session)}\n\n{CLOSE_FILES}",
    )
    _tell_all_but(session, None, news)


@listen(SessionDeclined)
def tell_of_refusal(event: SessionDeclined) -> None:
    """Each learner; and the tutor, when it is silence that declined."""
    session = session_of(event.session_id)
    key = f"session:{session.pk}:declined:{session.sequence}"
    news = News(
        key=key,
        kind=Kind.SESSION,
        title="Votre séance n’aura pas lieu, votre demande reste en attente",
        url=reverse("welcome"),
        body=(
            "La personne proposée n’est pas disponible. "
            "Votre demande attend une autre proposition, vous n’avez rien à refaire."
        ),
    )
    _tell_learners(session, news)
    if session.no_answer:
        late = News(
            key=key,
            kind=Kind.SESSION,
            title=f"Sans réponse de votre part, la séance du {moment_of(session)} n’est plus prévue",
            url=url_of(session),
            mail_url=_answer_url(session, session.tutor),
            body="Vous pouvez encore l’accepter, tant que tout le monde est libre :",
        )
        notify(person=session.tutor, news=late)


@listen(SessionCancelled)
def tell_others_of_cancellation(event: SessionCancelled) -> None:
    session = session_of(event.session_id)
    news = News(
        key=f"session:{session.pk}:cancelled",
        kind=Kind.SESSION,
        title=f"La séance prévue {moment_of(session)} est annulée",
        url=url_of(session),
    )
    _tell_all_but(session, event.author_id, news, Method.CANCEL)


@listen(LearnerLeft)
def tell_tutor_of_departure(event: LearnerLeft) -> None:
    session = session_of(event.session_id)
    news = News(
        key=f"session:{session.pk}:left:{event.learner_id}",
        kind=Kind.SESSION,
        title=f"Une personne ne viendra pas {moment_of(session)}, la séance a lieu",
        url=url_of(session),
    )
    notify(person=session.tutor, news=news)


@listen(AttendanceRecorded)
def ask_learners_to_confirm(event: AttendanceRecorded) -> None:
    session = session_of(event.session_id)
    for participation in session.participations.all():
        if participation.by_learner is None:
            news = News(
                key=f"session:{session.pk}:attendance",
                kind=Kind.ATTENDANCE,
                title=f"Étiez-vous à la séance {moment_of(session)} ?",
                url=url_of(session),
                mail_url=_answer_url(session, participation.person),
                body="Un seul appui suffit, sans vous connecter : oui ou non.",
            )
            notify(person=participation.person, news=news)


@listen(AttendanceDisputed)
def ask_coordinators_to_decide(event: AttendanceDisputed) -> None:
    session = session_of(event.session_id)
    news = News(
        key=f"session:{session.pk}:disputed",
        kind=Kind.ATTENDANCE,
        title=f"Présence à trancher, séance {moment_of(session)}",
        url=url_of(session),
    )
    tell_coordinators(network=session.network, news=news)


@listen(SessionSettled)
def tell_tutor_of_credit(event: SessionSettled) -> None:
    session = session_of(event.session_id)
    news = News(
        key=f"session:{session.pk}:settled",
        kind=Kind.ATTENDANCE,
        title=f"La séance {moment_of(session)} est {session.get_state_display()}",
        url=url_of(session),
    )
    notify(person=session.tutor, news=news)


def session_of(session_id: int) -> Session:
    return _sessions([session_id])[0]


def _sessions(keys: Iterable[int]) -> list[Session]:
    sessions = Session.objects.select_related("network", "tutor", "notion", "site").filter(pk__in=keys)
    return list(sessions.prefetch_related("participations__person").order_by("pk"))


def url_of(session: Session) -> str:
    return reverse("session", args=[session.pk])


def _answer_url(session: Session, person: Person) -> str:
    return reverse("answer", args=[token_for(session, person)])


def _when_and_where(session: Session) -> str:
    return f"{moment_of(session).capitalize()}, {how_to_join(session)}."


def people_of(session: Session) -> list[Person]:
    return [session.tutor, *(row.person for row in session.participations.all())]


def _tell_learners(session: Session, news: News) -> None:
    notify_all(letters=[(row.person, news) for row in session.participations.all()])


def _tell_all_but(session: Session, author_id: int | None, news: News, method: Method | None = None) -> None:
    """With ``method``, their calendars are told in the same mails."""
    people = [person for person in people_of(session) if person.pk != author_id]
    parts = parts_for(session, people, method) if method else {}
    notify_all(letters=[(person, replace(news, part=parts.get(person.pk))) for person in people])
