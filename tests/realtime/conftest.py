"""A network, three people who talk, and somebody of another network."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from backend.accounts.models import Person
from backend.conversations.enums import ConversationKind
from backend.conversations.models import Conversation
from backend.networks.enums import Role
from backend.networks.models import Network
from tests.support.factories import (
    ConversationFactory,
    ConversationMemberFactory,
    MessageFactory,
    NetworkFactory,
    make_member,
)


@dataclass(frozen=True)
class Company:
    network: Network
    talk: Conversation
    first: Person
    second: Person
    third: Person
    stranger: Person
    elsewhere: Conversation

    @property
    def topic(self) -> str:
        return f"conversation:{self.talk.pk}"


def open_talk(network: Network, *people: Person, kind: ConversationKind = ConversationKind.SESSION) -> Conversation:
    talk: Conversation = ConversationFactory.create(network=network, kind=kind)
    for person in people:
        ConversationMemberFactory.create(conversation=talk, person=person)
    return talk


def write_messages(talk: Conversation, sender: Person, count: int) -> None:
    for rank in range(count):
        MessageFactory.create(conversation=talk, sender=sender, body=f"message {rank}")


@pytest.fixture
async def _no_connection_left() -> AsyncIterator[None]:
    """What an async test asks of the database, a thread asks: its connection would keep the test's database open."""
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture
def company(transactional_db: None, _no_connection_left: None) -> Company:
    here, there = NetworkFactory.create(), NetworkFactory.create()
    first, second, third = (make_member(here, Role.LEARNER, first_name=name) for name in ("Ana", "Bao", "Chloé"))
    stranger = make_member(there, Role.TUTOR, first_name="Dora")
    other = make_member(there, Role.LEARNER)
    return Company(
        here, open_talk(here, first, second, third), first, second, third, stranger, open_talk(there, stranger, other)
    )
