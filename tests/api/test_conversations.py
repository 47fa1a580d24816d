"""/api/v1/conversations/ and what lies below."""

import uuid
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.conversations.domain.messages import PACE_COUNT, withdraw_message
from backend.conversations.models import Message
from backend.referentials.enums import Area
from backend.tutoring.enums import SessionState
from tests.api.conftest import SignIn
from tests.support.cast import Cast, make_talk
from tests.support.clients import CommittingClient
from tests.support.factories import ConversationFactory, MessageFactory

ADDRESS = "/api/v1/conversations/"
NIR = "1 85 05 75 999 084 64"


def post(client: CommittingClient, address: str, **data: Any) -> Any:
    return client.post(address, data, content_type="application/json")


def write(client: CommittingClient, address: str, body: str, **data: Any) -> Any:
    return post(client, address, **{"client_id": str(uuid.uuid4()), "body": body, **data})


@pytest.fixture
def messages(cast: Cast) -> str:
    return f"{ADDRESS}{cast.here.conversation.pk}/messages/"


def test_the_list_holds_my_talks_and_the_lounges_of_my_networks(cast: Cast, sign_in: SignIn) -> None:
    here = cast.here
    rows = sign_in(here.learner).get(ADDRESS).json()["results"]
    assert sorted(row["kind"] for row in rows) == ["lounge"] * len(Area) + ["session"]
    talk = next(row for row in rows if row["kind"] == "session")
    assert talk == {
        "id": here.conversation.pk,
        "kind": "session",
        "title": here.conversation.title,
        "members": [{"id": here.tutor.pk, "name": "Tutor Ici"}, {"id": here.learner.pk, "name": "Learner Ici"}],
        "last_number": 2,
        "unread": 1,
        "closed_at": None,
    }
    assert sign_in(here.learner).get(f"{ADDRESS}{here.conversation.pk}/").json() == talk
    assert sign_in(here.auditor).get(ADDRESS).json()["results"] == []


@pytest.mark.parametrize("talks", [1, 3])
def test_the_list_asks_as_much_for_three_talks_as_for_one(
    cast: Cast, sign_in: SignIn, talks: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = sign_in(cast.here.learner)
    client.get(ADDRESS)
    for _ in range(talks - 1):
        make_talk(
            ConversationFactory.create(network=cast.here.network, kind="session"), cast.here.tutor, cast.here.learner
        )
    with django_assert_num_queries(11):
        client.get(ADDRESS)


def test_messages_page_backwards(cast: Cast, sign_in: SignIn, messages: str) -> None:
    MessageFactory.create_batch(3, conversation=cast.here.conversation, sender=cast.here.tutor)
    withdraw_message(person=cast.here.tutor, conversation_id=cast.here.conversation.pk, number=5)
    client = sign_in(cast.here.learner)
    first = client.get(messages, {"page_size": 2}).json()
    assert [(row["number"], row["withdrawn"], row["body"] == "") for row in first["results"]] == [
        (5, True, True),
        (4, False, False),
    ]
    assert [row["number"] for row in client.get(first["next"]).json()["results"]] == [3, 2]
    assert set(first["results"][0]) == {"topic", "number", "id", "sender", "body", "sent_at", "withdrawn", "target"}
    assert first["results"][0]["topic"] == f"conversation:{cast.here.conversation.pk}"


def test_what_was_missed_comes_forwards_withdrawals_included(cast: Cast, sign_in: SignIn, messages: str) -> None:
    withdraw_message(person=cast.here.tutor, conversation_id=cast.here.conversation.pk, number=1)
    rows = sign_in(cast.here.learner).get(messages, {"after": 1}).json()["results"]
    assert [(row["number"], row["target"]) for row in rows] == [(2, None), (3, 1)]
    assert sign_in(cast.here.learner).get(messages, {"after": "x"}).status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_messages_ask_as_much_for_three_as_for_one(
    cast: Cast, sign_in: SignIn, messages: str, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    MessageFactory.create_batch(count, conversation=cast.here.conversation, sender=cast.here.tutor)
    client = sign_in(cast.here.learner)
    with django_assert_num_queries(4):
        client.get(messages)


def test_the_same_client_id_gives_the_same_answer(cast: Cast, sign_in: SignIn, messages: str) -> None:
    client, client_id = sign_in(cast.here.learner), str(uuid.uuid4())
    answers = [write(client, messages, "Bonjour", client_id=client_id) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}
    assert answers[0].json() == answers[2].json()
    assert Message.objects.filter(body="Bonjour").count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (" ", "empty"),
        ("a" * 4001, "invalid"),
        (f"Pour {NIR}", "patient_number"),
        ("Mon patient M. Durand", "maybe_patient"),
    ],
)
def test_what_is_refused_stores_nothing(cast: Cast, sign_in: SignIn, messages: str, body: str, code: str) -> None:
    answer = write(sign_in(cast.here.learner), messages, body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert Message.objects.filter(conversation=cast.here.conversation).count() == 2


def test_a_confirmed_message_is_sent(cast: Cast, sign_in: SignIn, messages: str) -> None:
    answer = write(sign_in(cast.here.learner), messages, "Mon patient M. Durand", confirmed=True)
    assert answer.status_code == 201


def test_too_fast_says_how_long_to_wait(cast: Cast, sign_in: SignIn, messages: str) -> None:
    client = sign_in(cast.here.learner)
    MessageFactory.create_batch(PACE_COUNT, conversation=cast.here.conversation, sender=cast.here.learner)
    answer = write(client, messages, "Encore")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_fast")
    assert 1 <= int(answer["Retry-After"]) <= 10


def test_reading_lowers_what_is_unread(cast: Cast, sign_in: SignIn) -> None:
    address = f"{ADDRESS}{cast.here.conversation.pk}/read/"
    assert post(sign_in(cast.here.learner), address, number=1).json() == {"unread": 0}
    assert post(sign_in(cast.here.coordinator), address, number=1).status_code == 404
    assert post(sign_in(cast.here.learner), address, number=-1).status_code == 400


def test_its_author_withdraws_and_another_reports(cast: Cast, sign_in: SignIn, messages: str) -> None:
    learner, tutor = sign_in(cast.here.learner), sign_in(cast.here.tutor)
    assert post(learner, f"{messages}1/report/", reason="Déplacé").json()["state"] == "open"
    assert learner.delete(f"{messages}1/").status_code == 404
    assert [tutor.delete(f"{messages}1/").status_code for _ in range(2)] == [204, 204]
    assert post(learner, f"{messages}2/report/", reason="Moi").status_code == 409


def test_a_coordinator_takes_somebody_out_of_a_lounge(cast: Cast, sign_in: SignIn) -> None:
    here = cast.here
    members, coordinator = f"{ADDRESS}{here.lounge.pk}/members/", sign_in(here.coordinator)
    names = [row["name"] for row in coordinator.get(members).json()["results"]]
    assert names == ["Tutor Ici", "Learner Ici"]
    assert sign_in(here.tutor).delete(f"{members}{here.learner.pk}/").status_code == 403
    assert sign_in(cast.elsewhere.coordinator).delete(f"{members}{here.learner.pk}/").status_code == 404
    assert coordinator.delete(f"{members}{here.learner.pk}/").status_code == 204
    assert sign_in(here.learner).get(f"{ADDRESS}{here.lounge.pk}/messages/").status_code == 404
    assert [row["name"] for row in coordinator.get(members).json()["results"]] == ["Tutor Ici"]


def test_a_lounge_is_followed(cast: Cast, sign_in: SignIn) -> None:
    address = f"{ADDRESS}{cast.here.lounge.pk}/members/"
    assert [post(sign_in(cast.here.coordinator), address).status_code for _ in range(2)] == [201, 201]
    assert cast.here.lounge.members.filter(person=cast.here.coordinator).count() == 1


def test_people_who_met_open_their_conversation(cast: Cast, sign_in: SignIn) -> None:
    here = cast.here
    assert post(sign_in(here.learner), ADDRESS, person=here.tutor.pk).status_code == 404
    here.session.state = SessionState.CONFIRMED
    here.session.save()
    answers = [post(sign_in(here.learner), ADDRESS, person=here.tutor.pk) for _ in range(2)]
    assert {answer.json()["id"] for answer in answers} == {answers[0].json()["id"]}
    assert (answers[0].status_code, answers[0].json()["title"], answers[0].json()["kind"]) == (201, "Tutor Ici", "pair")
