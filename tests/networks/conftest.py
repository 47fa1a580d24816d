"""A network with two coordinators, a member, and another network whose coordinator has no business here."""

from dataclasses import dataclass

import pytest

from backend.accounts.models import Person
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from tests.support.factories import NetworkFactory, make_member


@dataclass
class Team:
    network: Network
    coordinator: Person
    colleague: Person
    member: Person
    stranger: Person

    def membership(self, person: Person) -> Membership:
        return Membership.objects.get(network=self.network, person=person)


@pytest.fixture
def team(db: None) -> Team:
    return make_team()


def make_team() -> Team:
    network = NetworkFactory.create(slug="ici", name="CPTS d’ici")
    elsewhere = NetworkFactory.create(slug="ailleurs", name="CPTS d’ailleurs")
    return Team(
        network,
        make_member(network, Role.COORDINATOR, email="coordination@ici.example"),
        make_member(network, Role.COORDINATOR, email="collegue@ici.example"),
        make_member(network, Role.LEARNER, email="membre@ici.example"),
        make_member(elsewhere, Role.COORDINATOR, email="coordination@ailleurs.example"),
    )
