"""Who is asked, after a session, whether it took place; and what became of a certificate."""

from django.urls import reverse

from backend.accounts.models import Person
from backend.credits.models import Certificate
from backend.events.bus import listen
from backend.events.types import AttendanceAwaited, AttendanceUndecided, CertificateRevoked
from backend.notifications.domain.notify import News, notify, tell_coordinators
from backend.notifications.domain.wording import moment_of
from backend.notifications.enums import Kind
from backend.tutoring.domain.answer_links import token_for
from backend.tutoring.models import Session


@listen(AttendanceAwaited)
def ask_who_was_there(event: AttendanceAwaited) -> None:
    """The tutor at once; learners when the tutor answers, or from the second time on."""
    session = _session(event.session_id)
    parts = [part for part in session.participations.all() if part.decided is None]
    key = f"session:{session.pk}:attendance:{event.rank}"
    url = reverse("session", args=[session.pk])
    if any(part.by_tutor is None for part in parts):
        title = f"Qui était là {moment_of(session)} ?"
        body = "« Tout le monde était là » : un seul appui suffit, sans vous connecter."
        mail_url = _answer_url(session, session.tutor)
        notify(person=session.tutor, news=News(key, Kind.ATTENDANCE, title, url, body, mail_url))
    for part in parts if event.rank > 1 else ():
        if part.by_learner is None:
            title = f"Étiez-vous à la séance {moment_of(session)} ?"
            body = "Un seul appui suffit, sans vous connecter : oui ou non."
            mail_url = _answer_url(session, part.person)
            notify(person=part.person, news=News(key, Kind.ATTENDANCE, title, url, body, mail_url))


@listen(AttendanceUndecided)
def ask_coordinators_after_silence(event: AttendanceUndecided) -> None:
    """One line a day, however many sessions came to that."""
    session = _session(event.session_id)
    day = (session.ends_at.astimezone(session.network.zone)).date()
    news = News(
        key=f"network:{session.network_id}:undecided:{day}",
        kind=Kind.ATTENDANCE,
        title="Des présences attendent votre décision, après une semaine sans réponse",
        url=reverse("arbitration"),
    )
    tell_coordinators(network=session.network, news=news)


@listen(CertificateRevoked)
def tell_holder_of_revocation(event: CertificateRevoked) -> None:
    certificate = Certificate.objects.select_related("account__person", "network").get(pk=event.certificate_id)
    person, last = certificate.account.person, certificate.transitions.last()
    if person is not None:
        news = News(
            key=f"certificate:{certificate.pk}:revoked",
            kind=Kind.ATTENDANCE,
            title=f"Votre attestation {certificate.number} est révoquée",
            url=reverse("journey"),
            body=f"{certificate.network.name} l’a retirée. {last.reason if last else ''}".strip(),
        )
        notify(person=person, news=news)


def _answer_url(session: Session, person: Person) -> str:
    """The page with a button that the mail opens, for this person alone."""
    return reverse("answer", args=[token_for(session, person)])


def _session(session_id: int) -> Session:
    sessions = Session.objects.select_related("network", "tutor", "notion")
    return sessions.prefetch_related("participations__person").get(pk=session_id)
