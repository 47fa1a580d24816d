"""Reading and writing messages without JavaScript."""

import uuid
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.conversations.enums import ConversationKind
from backend.conversations.models import Conversation, ConversationMember, Message
from tests.support import factories
from tests.support.cast import Cast, Neighbourhood, make_talk
from tests.web.reading import choices, links, words

NIR = "185057800608491"


def page(conversation: Conversation) -> str:
    return f"/messages/{conversation.pk}/"


def write(client: Client, conversation: Conversation, body: str, client_id: object = None) -> Any:
    return client.post(page(conversation), {"body": body, "client_id": client_id or uuid.uuid4()})


def last_read(conversation: Conversation, here: Neighbourhood) -> int:
    return ConversationMember.objects.get(conversation=conversation, person=here.learner).last_read


def test_the_list_counts_what_is_unread_and_shows_no_talk_of_others(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.learner)
    response = client.get("/messages/")
    assert sorted(links(response)) == sorted([page(cast.here.conversation), page(cast.here.lounge)])
    assert words(response).count("2 messages non lus") == 2
    assert f"Avec {cast.here.tutor.name}" in words(response)


@pytest.mark.parametrize("talks", [1, 3])
def test_the_list_asks_as_much_for_three_talks_as_for_one(
    client: Client, cast: Cast, talks: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(talks - 1):
        make_talk(factories.ConversationFactory.create(network=cast.here.network), cast.here.tutor, cast.here.learner)
    client.force_login(cast.here.learner)
    with django_assert_num_queries(8):
        client.get("/messages/")


def test_nobody_else_reads_or_writes(client: Client, cast: Cast) -> None:
    for person in (cast.here.coordinator, cast.here.auditor, cast.elsewhere.learner, cast.admin):
        client.force_login(person)
        assert client.get(page(cast.here.conversation)).status_code == 404
        assert write(client, cast.here.conversation, "Bonjour").status_code == 404
    assert Message.objects.filter(conversation=cast.here.conversation).count() == 2


def test_reading_marks_as_read_up_to_the_last(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.learner)
    client.get(page(cast.here.conversation))
    assert last_read(cast.here.conversation, cast.here) == 2
    assert last_read(cast.here.lounge, cast.here) == 0


def test_my_message_is_read_once_all_others_read_that_far(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.learner)
    assert "· lu" not in words(client.get(page(cast.here.conversation)))
    ConversationMember.objects.filter(person=cast.here.tutor).update(last_read=2)
    assert words(client.get(page(cast.here.conversation))).count("· lu") == 1
    assert "· lu" not in words(client.get(page(cast.here.lounge)))


def test_a_long_talk_is_read_backwards(client: Client, cast: Cast) -> None:
    talk = cast.here.conversation
    factories.MessageFactory.create_batch(33, conversation=talk, sender=cast.here.tutor)
    client.force_login(cast.here.learner)
    response = client.get(page(talk))
    assert links(response)[4:] == ["?avant=6"]
    assert response.content.decode().count('class="msg') - response.content.decode().count("msg-author") == 30
    earlier = client.get(page(talk) + "?avant=6")
    assert earlier.content.decode().count('<li class="msg') == 5
    assert links(earlier)[-1] == f"{page(talk)}#ecrire"
    assert choices(earlier, "body") == []


@pytest.mark.parametrize("before", ["0", "-4", "six", "9" * 30])
def test_an_odd_place_in_a_talk_is_no_error(client: Client, cast: Cast, before: str) -> None:
    client.force_login(cast.here.learner)
    assert client.get(f"{page(cast.here.conversation)}?avant={before}").status_code == 200


def test_reading_the_past_does_not_mark_the_present(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.learner)
    client.get(page(cast.here.conversation) + "?avant=2")
    assert last_read(cast.here.conversation, cast.here) == 0


@pytest.mark.parametrize("messages", [1, 3])
def test_a_talk_asks_as_much_for_three_messages_as_for_one(
    client: Client, cast: Cast, messages: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.MessageFactory.create_batch(messages, conversation=cast.here.conversation, sender=cast.here.tutor)
    client.force_login(cast.here.learner)
    with django_assert_num_queries(11):
        client.get(page(cast.here.conversation))


def test_the_same_page_sent_twice_writes_one_message(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.learner)
    drawn = choices(client.get(page(cast.here.conversation)), "client_id")[0]
    for _ in range(2):
        response = write(client, cast.here.conversation, "À jeudi !", drawn)
        assert response["Location"] == f"{page(cast.here.conversation)}#ecrire"
    assert Message.objects.filter(body="À jeudi !", sender=cast.here.learner).count() == 1
    assert choices(client.get(page(cast.here.conversation)), "client_id") != [drawn]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("  ", "Écrivez un message avant d’envoyer."),
        (f"Pour {NIR}, voir demain", "numéro de sécurité sociale"),
        ("a" * 4001, "trop long"),
    ],
)
def test_a_refused_message_says_why_and_stays_in_the_box(client: Client, cast: Cast, body: str, why: str) -> None:
    client.force_login(cast.here.learner)
    response = write(client, cast.here.conversation, body)
    assert response.status_code == 422
    assert why in words(response)
    assert body.strip() in response.content.decode().split("<textarea")[1].split("</textarea>")[0]
    assert Message.objects.filter(conversation=cast.here.conversation).count() == 2


def test_a_message_is_shown_as_text(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.learner)
    write(client, cast.here.conversation, "<b>gras</b>")
    assert "&lt;b&gt;gras&lt;/b&gt;" in client.get(page(cast.here.conversation)).content.decode()


def test_the_box_says_what_not_to_write(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.learner)
    assert "Votre message (ni données de patient, ni mot de passe)" in words(client.get(page(cast.here.lounge)))


def test_an_empty_talk_invites_to_write(client: Client, cast: Cast) -> None:
    talk = factories.ConversationFactory.create(network=cast.here.network, kind=ConversationKind.PAIR)
    factories.ConversationMemberFactory.create(conversation=talk, person=cast.here.learner)
    client.force_login(cast.here.learner)
    assert "Personne n’a encore écrit." in words(client.get(page(talk)))


def test_nothing_to_read_says_what_to_do(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.coordinator)
    assert links(client.get("/messages/")) == ["/seances/"]
