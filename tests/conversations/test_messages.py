"""One order of messages in each conversation, and what each member has read."""

import uuid

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.conversations.domain.messages import access_conversation_for, mark_read, open_conversation, send_message
from backend.conversations.domain.queries import conversations_for, count_unread
from backend.conversations.enums import ConversationKind
from backend.conversations.models import Conversation, ConversationMember, Message
from backend.networks.enums import Role
from backend.networks.models import Network
from tests.support.factories import NetworkFactory, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def network() -> Network:
    found: Network = NetworkFactory.create()
    return found


@pytest.fixture
def people(network: Network) -> list[Person]:
    return [make_member(network, Role.LEARNER) for _ in range(3)]


def talk(network: Network, *people: Person, title: str = "Séance") -> Conversation:
    return open_conversation(network=network, kind=ConversationKind.SESSION, title=title, people=people)


def send(conversation: Conversation, sender: Person, body: str = "Bonjour") -> Message:
    return send_message(conversation=conversation, sender=sender, body=body, client_id=uuid.uuid4())


def unread(person: Person) -> dict[str, int]:
    return {row.title: row.unread for row in conversations_for(person)}  # type: ignore[attr-defined]  # annotated


def test_messages_are_numbered_without_holes(network: Network, people: list[Person]) -> None:
    first, second, _ = people
    one, other = talk(network, first, second), talk(network, first, second)
    for rank in range(3):
        send(one, people[rank % 2], f"  message {rank}\n")
    send(other, first)
    with pytest.raises(DomainError):
        send(one, first, " ")
    send(one, second)
    rows = one.messages.values_list("number", "sender", "body")
    assert list(rows) == [
        (1, first.pk, "message 0"),
        (2, second.pk, "message 1"),
        (3, first.pk, "message 2"),
        (4, second.pk, "Bonjour"),
    ]
    assert [message.number for message in other.messages.all()] == [1]
    one.refresh_from_db()
    assert one.last_number == 4


def test_the_same_client_id_gives_the_message_already_stored(network: Network, people: list[Person]) -> None:
    first, second, _ = people
    conversation, client_id = talk(network, first, second), uuid.uuid4()
    sent = [
        send_message(conversation=conversation, sender=first, body=body, client_id=client_id)
        for body in ("Bonjour", "Bonjour", "autre chose")
    ]
    assert {message.pk for message in sent} == {Message.objects.get().pk}
    assert [message.body for message in sent] == ["Bonjour"] * 3
    # Another's message may carry the same id: each program draws its own.
    theirs = send_message(conversation=conversation, sender=second, body="Bonsoir", client_id=client_id)
    assert theirs.number == 2


def test_a_client_id_belongs_to_one_conversation(network: Network, people: list[Person]) -> None:
    first, second, _ = people
    one, other, client_id = talk(network, first, second), talk(network, first, second), uuid.uuid4()
    send_message(conversation=one, sender=first, body="Bonjour", client_id=client_id)
    with pytest.raises(ConflictError) as refused:
        send_message(conversation=other, sender=first, body="Bonjour", client_id=client_id)
    assert refused.value.code == "client_id_used"
    assert send(other, first).number == 1


def test_a_stranger_neither_reads_nor_writes(network: Network, people: list[Person]) -> None:
    first, second, stranger = people
    conversation = talk(network, first, second)
    send(conversation, first)
    answers = []
    for key in (conversation.pk, conversation.pk + 1000):
        with pytest.raises(NotFoundError) as refused:
            access_conversation_for(stranger, key)
        answers.append(str(refused.value))
    assert answers[0] == answers[1]
    with pytest.raises(NotFoundError):
        send(conversation, stranger)
    mark_read(conversation=conversation, person=stranger, number=1)
    assert list(conversations_for(stranger)) == []
    assert count_unread(stranger) == 0
    assert Message.objects.count() == 1
    assert access_conversation_for(second, conversation.pk) == conversation


def test_unread_counts_are_exact(network: Network, people: list[Person]) -> None:
    first, second, third = people
    pair, group = talk(network, first, second, title="à deux"), talk(network, *people, title="à trois")
    for sender in (first, first, second):
        send(pair, sender)
    for sender in (first, third):
        send(group, sender)
    assert unread(first) == {"à trois": 1, "à deux": 1}
    assert unread(second) == {"à trois": 2, "à deux": 0}
    assert unread(third) == {"à trois": 0}
    assert [count_unread(person) for person in people] == [2, 2, 0]
    mark_read(conversation=group, person=second, number=1)
    assert unread(second) == {"à trois": 1, "à deux": 0}
    assert [count_unread(person) for person in people] == [2, 1, 0]


@pytest.mark.parametrize(("marks", "expected"), [([1], 2), ([2, 1], 1), ([3], 0), ([999], 0), ([0], 3)])
def test_a_read_mark_goes_forward_and_never_beyond_the_last(
    marks: list[int], expected: int, network: Network, people: list[Person]
) -> None:
    first, second, _ = people
    conversation = talk(network, first, second)
    for _ in range(3):
        send(conversation, first)
    for number in marks:
        mark_read(conversation=conversation, person=second, number=number)
    assert count_unread(second) == expected
    send(conversation, first)
    assert count_unread(second) == expected + 1


def test_conversations_come_last_written_first(network: Network, people: list[Person]) -> None:
    first, second, _ = people
    for title in ("un", "deux", "trois", "muette"):
        talk(network, first, second, title=title)
    by_title = {row.title: row for row in Conversation.objects.all()}
    for title in ("trois", "un", "deux", "un"):
        send(by_title[title], second, f"dans {title}")
    rows = [(row.title, row.last_body) for row in conversations_for(first)]  # type: ignore[attr-defined]  # annotated
    assert rows == [("un", "dans un"), ("deux", "dans deux"), ("trois", "dans trois"), ("muette", None)]


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_one_as_for_three(
    count: int, network: Network, people: list[Person], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        send(talk(network, *people), people[1])
    with django_assert_num_queries(1):
        assert len([row.network.name for row in conversations_for(people[0])]) == count
    with django_assert_num_queries(1):
        assert count_unread(people[0]) == count


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("\x00", "empty"),
        ("a" * 4001, "too_long"),
        ("Pour Mme X : 1 85 05 75 999 084 64", "patient_number"),
        ("1\x0085057599908464", "patient_number"),
    ],
)
def test_what_cannot_be_sent(body: str, code: str, network: Network, people: list[Person]) -> None:
    conversation = talk(network, *people)
    with pytest.raises(DomainError) as refused:
        send(conversation, people[0], body)
    assert refused.value.code == code
    assert not Message.objects.exists()
    assert Conversation.objects.get().last_number == 0


@pytest.mark.parametrize("body", ["a" * 4000, "Mon RPPS : 10100000008, mon téléphone : 06 12 34 56 78"])
def test_what_can_be_sent(body: str, network: Network, people: list[Person]) -> None:
    assert send(talk(network, *people), people[0], body).body == body


def test_what_no_database_takes_is_left_out(network: Network, people: list[Person]) -> None:
    assert send(talk(network, *people), people[0], "Bon\x00jour \ud83d !").body == "Bonjour  !"
    assert Message.objects.get().body == "Bonjour  !"


def test_who_has_left_writes_no_more(network: Network, people: list[Person]) -> None:
    conversation = talk(network, *people)
    ConversationMember.objects.filter(person=people[0]).delete()
    with pytest.raises(NotFoundError):
        send(conversation, people[0])
