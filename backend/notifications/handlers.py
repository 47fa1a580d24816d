"""What each event means for people: who is told, in which words. All in the transaction of what happened."""

from django.urls import reverse

from backend.events.bus import listen
from backend.events.types import (
    AttendanceDisputed,
    AttendanceRecorded,
    LearnerLeft,
    SessionCancelled,
    SessionConfirmed,
    SessionDeclined,
    SessionProposed,
    SessionSettled,
)
from backend.notifications.domain.notify import News, notify, tell_coordinators
from backend.notifications.domain.wording import (
    answer_deadline,
    how_to_join,
    moment_of,
    names_of,
)
from backend.notifications.enums import Kind
from backend.tutoring.models import Session


@listen(SessionProposed)
def tell_tutor_of_proposal(event: SessionProposed) -> None:
    session = _session(event.session_id)
    learners = names_of(session)
    news = News(
        key=f"session:{session.pk}:proposed",
        kind=Kind.SESSION,
        title=f"Une séance vous est proposée {moment_of(session)}",
        url=_url(session),
        body=(
            f"{learners} souhaite votre aide : {session.notion.title}.\n{moment_of(session).capitalize()}, "
            f"{how_to_join(session)}.\n\nAcceptez ou déclinez {answer_deadline(session)} :"
        ),
    )
    notify(person=session.tutor, news=news)


@listen(SessionConfirmed)
def tell_learners_of_confirmation(event: SessionConfirmed) -> None:
    session = _session(event.session_id)
    news = News(
        key=f"session:{session.pk}:confirmed",
        kind=Kind.SESSION,
        title=f"Votre séance est confirmée {moment_of(session)}",
        url=_url(session),
        body=(
            f"{session.tutor.name} vous aide : {session.notion.title}.\n{moment_of(session).capitalize()}, "
            f"{how_to_join(session)}.\n\nFermez tout dossier : on s’entraîne sans patient.\n"
            "Dites si ce moment vous va, ou annulez :"
        ),
    )
    _tell_learners(session, news)


@listen(SessionDeclined)
def tell_learners_of_refusal(event: SessionDeclined) -> None:
    session = _session(event.session_id)
    news = News(
        key=f"session:{session.pk}:declined",
        kind=Kind.SESSION,
        title="Votre séance n’aura pas lieu, votre demande reste en attente",
        url=reverse("welcome"),
        body=(
            "La personne proposée n’est pas disponible. "
            "Votre demande attend une autre proposition, vous n’avez rien à refaire."
        ),
    )
    _tell_learners(session, news)


@listen(SessionCancelled)
def tell_others_of_cancellation(event: SessionCancelled) -> None:
    session = _session(event.session_id)
    news = News(
        key=f"session:{session.pk}:cancelled",
        kind=Kind.SESSION,
        title=f"La séance prévue {moment_of(session)} est annulée",
        url=_url(session),
    )
    for person in [session.tutor, *(row.person for row in session.participations.all())]:
        if person.pk != event.author_id:
            notify(person=person, news=news)


@listen(LearnerLeft)
def tell_tutor_of_departure(event: LearnerLeft) -> None:
    session = _session(event.session_id)
    news = News(
        key=f"session:{session.pk}:left:{event.learner_id}",
        kind=Kind.SESSION,
        title=f"Une personne ne viendra pas {moment_of(session)}, la séance a lieu",
        url=_url(session),
    )
    notify(person=session.tutor, news=news)


@listen(AttendanceRecorded)
def ask_learners_to_confirm(event: AttendanceRecorded) -> None:
    session = _session(event.session_id)
    for participation in session.participations.all():
        if participation.by_learner is None:
            news = News(
                key=f"session:{session.pk}:attendance",
                kind=Kind.ATTENDANCE,
                title=f"Étiez-vous à la séance {moment_of(session)} ?",
                url=_url(session),
                body="Un seul appui suffit : oui ou non.",
            )
            notify(person=participation.person, news=news)


@listen(AttendanceDisputed)
def ask_coordinators_to_decide(event: AttendanceDisputed) -> None:
    session = _session(event.session_id)
    news = News(
        key=f"session:{session.pk}:disputed",
        kind=Kind.ATTENDANCE,
        title=f"Présence à trancher, séance {moment_of(session)}",
        url=_url(session),
    )
    tell_coordinators(network=session.network, news=news)


@listen(SessionSettled)
def tell_tutor_of_credit(event: SessionSettled) -> None:
    session = _session(event.session_id)
    news = News(
        key=f"session:{session.pk}:settled",
        kind=Kind.ATTENDANCE,
        title=f"La séance {moment_of(session)} est {session.get_state_display()}",
        url=_url(session),
    )
    notify(person=session.tutor, news=news)


def _session(session_id: int) -> Session:
    sessions = Session.objects.select_related("network", "tutor", "notion", "site")
    return sessions.prefetch_related("participations__person").get(pk=session_id)


def _url(session: Session) -> str:
    return reverse("session", args=[session.pk])


def _tell_learners(session: Session, news: News) -> None:
    for participation in session.participations.all():
        notify(person=participation.person, news=news)
