"""One message: taken back, reported, hidden, or made a request; and what coordinators are shown."""

import uuid
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.conversations.domain.messages import PACE_COUNT, send_message
from backend.conversations.domain.moderation import remove_member, report_message
from backend.conversations.models import Conversation, Message, MessageReport
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.skills.enums import ClaimState
from backend.tutoring.enums import SessionState
from tests.support import factories
from tests.support.cast import Cast
from tests.web.reading import links, words


def page(conversation: Conversation, number: int | str = "") -> str:
    return f"/messages/{conversation.pk}/{number}{'/' if number else ''}"


def act(client: Client, conversation: Conversation, number: int, action: str, **data: Any) -> Any:
    return client.post(page(conversation, number), {"action": action, **data})


def test_its_author_takes_a_message_back(client: Client, cast: Cast) -> None:
    talk = cast.here.conversation
    client.force_login(cast.here.learner)
    body = talk.messages.get(number=2).body
    for _ in range(2):
        assert act(client, talk, 2, "withdraw").status_code == 302
    assert act(client, talk, 1, "withdraw").status_code == 404
    shown = words(client.get(page(talk)))
    assert "Message retiré" in shown
    assert body not in shown


def test_a_report_says_what_it_shows_and_wants_a_reason(client: Client, cast: Cast) -> None:
    talk = cast.here.conversation
    client.force_login(cast.here.learner)
    assert "ce message, et rien d’autre de l’échange" in words(client.get(page(talk, 1)))
    assert act(client, talk, 1, "report", reason=" ").status_code == 422
    assert act(client, talk, 1, "report", reason="1 85 05 75 999 084 64").status_code == 422
    assert not MessageReport.objects.exists()
    assert act(client, talk, 1, "report", reason="Déplacé").status_code == 302
    assert MessageReport.objects.get().reason == "Déplacé"


def test_coordinators_are_told_and_read_that_message_alone(client: Client, cast: Cast) -> None:
    here, talk = cast.here, cast.here.conversation
    report_message(person=here.learner, conversation_id=talk.pk, number=1, reason="Déplacé")
    client.force_login(here.coordinator)
    assert "Un message est signalé" in words(client.get("/nouvelles/"))
    shown = words(client.get("/messages/signales/"))
    assert talk.messages.get(number=1).body in shown
    assert talk.messages.get(number=2).body not in shown
    assert "Masquer" not in shown
    assert client.get(page(talk)).status_code == 404
    client.force_login(cast.elsewhere.coordinator)
    assert "Aucun message signalé." in words(client.get("/messages/signales/"))


def test_a_coordinator_hides_in_a_lounge_once(client: Client, cast: Cast) -> None:
    here, lounge = cast.here, cast.here.lounge
    report = report_message(person=here.learner, conversation_id=lounge.pk, number=1, reason="Déplacé")
    client.force_login(here.coordinator)
    answers = [client.post("/messages/signales/", {"action": "hide", "report": report.pk}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 409]
    assert "Message masqué par la coordination" in words(client.get(page(lounge)))
    assert client.post("/messages/signales/", {"action": "hide", "report": "x"}).status_code == 400


def test_only_coordinators_see_what_is_theirs_to_do(client: Client, cast: Cast) -> None:
    lounge = cast.here.lounge
    client.force_login(cast.here.learner)
    assert "Masquer le message" not in words(client.get(page(lounge, 1)))
    assert act(client, lounge, 1, "hide").status_code == 403
    assert act(client, lounge, 1, "remove").status_code == 403
    assert client.get("/messages/signales/").status_code == 403
    client.force_login(cast.here.coordinator)
    assert "Masquer le message" in words(client.get(page(lounge, 1)))


def test_somebody_is_taken_out_and_let_back(client: Client, cast: Cast) -> None:
    here, lounge = cast.here, cast.here.lounge
    client.force_login(here.coordinator)
    assert act(client, lounge, 2, "remove").status_code == 302
    assert here.learner.name in words(client.get("/messages/signales/"))
    client.force_login(here.learner)
    assert client.get(page(lounge)).status_code == 404
    client.force_login(here.coordinator)
    client.post("/messages/signales/", {"action": "readmit", "conversation": lounge.pk, "person": here.learner.pk})
    client.force_login(here.learner)
    assert client.get(page(lounge)).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_moderation_asks_as_much_for_three_as_for_one(
    client: Client, cast: Cast, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    here, lounge = cast.here, cast.here.lounge
    for _ in range(count):
        message = factories.MessageFactory.create(conversation=lounge, sender=here.tutor)
        report_message(person=here.learner, conversation_id=lounge.pk, number=message.number, reason="Déplacé")
        person = factories.make_member(here.network, Role.LEARNER)
        remove_member(coordinator=here.coordinator, conversation_id=lounge.pk, person_id=person.pk)
    client.force_login(here.coordinator)
    with django_assert_num_queries(8):
        client.get("/messages/signales/")


def test_a_question_becomes_a_request_in_one_step(client: Client, cast: Cast) -> None:
    here, lounge = cast.here, cast.here.lounge
    capacity = factories.CapacityFactory.create(notion__area=lounge.area)
    question = send_message(
        conversation_id=lounge.pk, sender=here.learner, client_id=uuid.uuid4(), body="Comment faire une sauvegarde ?"
    )
    client.force_login(here.learner)
    address = page(lounge, question.number) + "demander/"
    assert address in links(client.get(page(lounge, question.number)))
    assert "Comment faire une sauvegarde ?" in client.get(address).content.decode()
    sent = {"capacity": capacity.key, "urgency": "0", "ways": ["remote"], "level_wanted": "2"}
    answer = client.post(address, {**sent, "context": question.body})
    assert answer.status_code == 302
    made = HelpRequest.objects.get(person=here.learner, capacity=capacity)
    assert (made.network, made.context) == (here.network, question.body)


def test_only_the_author_of_a_question_asks_for_help_about_it(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.learner)
    assert client.get(page(cast.here.lounge, 1) + "demander/").status_code == 404
    assert client.get(page(cast.here.conversation, 2) + "demander/").status_code == 404


def test_answers_of_validated_tutors_are_marked(client: Client, cast: Cast) -> None:
    here, lounge = cast.here, cast.here.lounge
    client.force_login(here.learner)
    assert "tuteur validé" not in words(client.get(page(lounge)))
    notion = factories.NotionFactory.create(area=lounge.area)
    factories.ClaimFactory.create(network=here.network, person=here.tutor, notion=notion, state=ClaimState.ACCEPTED)
    assert words(client.get(page(lounge))).count("tuteur validé") == 1


def test_lounges_are_found_followed_and_left(client: Client, cast: Cast) -> None:
    lounge = cast.here.lounge
    client.force_login(cast.here.coordinator)
    assert page(lounge) in links(client.get("/messages/salons/"))
    assert page(cast.elsewhere.lounge) not in links(client.get("/messages/salons/"))
    client.post(page(lounge), {"action": "follow"})
    assert page(lounge) in links(client.get("/messages/"))
    client.post(page(lounge), {"action": "leave"})
    assert page(lounge) not in links(client.get("/messages/"))


@pytest.mark.parametrize("count", [1, 3])
def test_lounges_ask_as_much_for_three_messages_as_for_one(
    client: Client, cast: Cast, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(cast.here.learner)
    client.get("/messages/salons/")
    factories.MessageFactory.create_batch(count, conversation=cast.here.lounge, sender=cast.here.tutor)
    with django_assert_num_queries(9):
        client.get("/messages/salons/")
    with django_assert_num_queries(15):
        client.get(page(cast.here.lounge))


def test_people_who_met_write_to_each_other(client: Client, cast: Cast) -> None:
    here = cast.here
    client.force_login(here.learner)
    profile = f"/personnes/{here.tutor.pk}/"
    assert "Écrire un message" not in words(client.get(profile))
    assert client.post(f"{profile}ecrire/").status_code == 404
    here.session.state = SessionState.CONFIRMED
    here.session.save()
    assert "Écrire un message" in words(client.get(profile))
    answers = [client.post(f"{profile}ecrire/")["Location"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert here.tutor.name in words(client.get(answers[0]))


def test_a_maybe_patient_message_waits_for_its_writer(client: Client, cast: Cast) -> None:
    talk, body = cast.here.conversation, "Ma patiente Mme Durand ne reçoit rien"
    client.force_login(cast.here.learner)
    sent = {"body": body, "client_id": str(uuid.uuid4())}
    answer = client.post(page(talk), sent)
    assert answer.status_code == 422
    assert "Envoyer tout de même" in words(answer)
    assert not Message.objects.filter(body=body).exists()
    assert client.post(page(talk), {**sent, "confirmed": "yes"}).status_code == 302
    assert Message.objects.filter(body=body).count() == 1


def test_too_fast_keeps_the_text_and_says_how_long(client: Client, cast: Cast) -> None:
    talk = cast.here.conversation
    factories.MessageFactory.create_batch(PACE_COUNT, conversation=talk, sender=cast.here.learner)
    client.force_login(cast.here.learner)
    answer = client.post(page(talk), {"body": "Encore un", "client_id": str(uuid.uuid4())})
    assert (answer.status_code, 1 <= int(answer["Retry-After"]) <= 10) == (429, True)
    assert "Encore un" in answer.content.decode()


def test_new_messages_are_marked_once(client: Client, cast: Cast) -> None:
    talk = cast.here.conversation
    client.force_login(cast.here.learner)
    client.get(page(talk))
    factories.MessageFactory.create_batch(2, conversation=talk, sender=cast.here.tutor)
    assert words(client.get(page(talk))).count("Nouveaux messages") == 1
    assert "Nouveaux messages" not in words(client.get(page(talk)))


def test_links_are_safe(client: Client, cast: Cast) -> None:
    body = 'Voir https://exemple.example/a?b=1&c=2 <script>x</script> javascript:alert(1) "rel="nofollow""'
    factories.MessageFactory.create(conversation=cast.here.conversation, sender=cast.here.tutor, body=body)
    client.force_login(cast.here.learner)
    html = client.get(page(cast.here.conversation)).content.decode()
    assert '<a href="https://exemple.example/a?b=1&amp;c=2" rel="nofollow noopener noreferrer">' in html
    assert "<script>x" not in html
    assert 'href="javascript' not in html


@pytest.mark.parametrize(
    ("closed", "erased", "why"), [(True, False, "on peut encore le lire"), (True, True, "effacés")]
)
def test_a_closed_conversation_has_no_box(client: Client, cast: Cast, closed: bool, erased: bool, why: str) -> None:  # noqa: FBT001 (cases)
    talk = cast.here.conversation
    talk.closed_at = talk.created_at if closed else None
    talk.erased_at = talk.created_at if erased else None
    talk.save()
    client.force_login(cast.here.learner)
    answer = client.get(page(talk))
    assert why in words(answer)
    assert "<textarea" not in answer.content.decode()
    assert client.post(page(talk), {"body": "Encore", "client_id": str(uuid.uuid4())}).status_code == 409
