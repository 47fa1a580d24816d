"""Who is told what at each step of a session: those it concerns, and nobody else."""

import pytest

from backend.accounts.models import Person
from backend.common.formats import NBSP
from backend.notifications.models import Notification, OutboxMessage
from backend.tutoring.domain.answers import accept_session, cancel_session, decline_session
from tests.support.scene import REASON, Scene

pytestmark = pytest.mark.django_db

WHEN = "jeudi 3~décembre, 12~h~00~–~12~h~45".replace("~", NBSP)


def titles(person: Person) -> list[str]:
    rows = Notification.objects.filter(inbox__person=person).order_by("number")
    return list(rows.values_list("title", flat=True))


def told(scene: Scene) -> dict[str, list[str]]:
    """Titles by role, of those who were told anything; every notification is somebody's of the scene."""
    roles = ("tutor", "first", "second", "coordinator", "stranger")
    by_role = {role: titles(scene.play(role)) for role in roles}
    assert sum(map(len, by_role.values())) == Notification.objects.count()
    return {role: lines for role, lines in by_role.items() if lines}


def test_a_proposal_is_told_to_the_tutor_alone(scene: Scene) -> None:
    assert told(scene) == {"tutor": [f"Une séance vous est proposée {WHEN}"]}
    mail = OutboxMessage.objects.get()
    assert mail.address == scene.tutor.email
    assert scene.first.name in mail.body
    assert scene.second.name in mail.body


def test_a_confirmation_is_told_to_each_learner(scene: Scene) -> None:
    accept_session(session_id=scene.session.pk, author=scene.tutor)
    line = f"Votre séance est confirmée {WHEN}"
    assert told(scene) == {
        "tutor": [f"Une séance vous est proposée {WHEN}"],
        "first": [line],
        "second": [line],
    }
    bodies = [mail.body for mail in OutboxMessage.objects.exclude(person=scene.tutor)]
    assert len(bodies) == 2
    assert all("Fermez tout dossier" in body for body in bodies)


def test_a_refusal_keeps_its_reason_to_itself(scene: Scene) -> None:
    decline_session(session_id=scene.session.pk, author=scene.tutor, reason=REASON)
    line = "Votre séance n’aura pas lieu, votre demande reste en attente"
    assert titles(scene.first) == titles(scene.second) == [line]
    assert not OutboxMessage.objects.filter(body__contains=REASON).exists()


def test_a_cancellation_is_told_to_the_others(scene: Scene) -> None:
    accept_session(session_id=scene.session.pk, author=scene.tutor)
    cancel_session(session_id=scene.session.pk, author=scene.tutor, reason=REASON)
    line = f"La séance prévue {WHEN} est annulée"
    assert titles(scene.first)[-1] == titles(scene.second)[-1] == line
    assert line not in titles(scene.tutor)


def test_a_learner_who_leaves_a_group_is_told_to_the_tutor(scene: Scene) -> None:
    accept_session(session_id=scene.session.pk, author=scene.tutor)
    cancel_session(session_id=scene.session.pk, author=scene.first, reason=REASON)
    assert titles(scene.tutor)[-1] == f"Une personne ne viendra pas {WHEN}, la séance a lieu"
    assert titles(scene.second) == [f"Votre séance est confirmée {WHEN}"]


def test_attendance_asks_learners_once_however_often_it_is_marked(confirmed: Scene) -> None:
    confirmed.mark(confirmed.first, confirmed.second)
    confirmed.mark(confirmed.first)
    question = f"Étiez-vous à la séance {WHEN} ?"
    assert titles(confirmed.first).count(question) == 1
    assert titles(confirmed.second).count(question) == 1


def test_a_difference_is_told_to_the_coordinator(confirmed: Scene) -> None:
    confirmed.mark(confirmed.first, confirmed.second)
    confirmed.confirm(confirmed.first, present=False)
    assert titles(confirmed.coordinator) == [f"Présence à trancher, séance {WHEN}"]
    assert titles(confirmed.stranger) == []


def test_the_tutor_hears_that_the_session_is_settled(confirmed: Scene) -> None:
    confirmed.settle(present=True)
    assert titles(confirmed.tutor)[-1] == f"La séance {WHEN} est tenue"
