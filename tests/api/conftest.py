"""Doors of the API for whoever is signed in."""

from collections.abc import Callable

import pytest

from backend.accounts.models import Person
from tests.support.clients import CommittingClient

type SignIn = Callable[[Person], CommittingClient]


@pytest.fixture
def sign_in() -> SignIn:
    def open_door(person: Person) -> CommittingClient:
        client = CommittingClient()
        client.force_login(person)
        return client

    return open_door
