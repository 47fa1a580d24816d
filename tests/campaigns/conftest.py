"""A network, its coordinator and its campaign, the Thursday before it begins."""

from collections.abc import Iterator

import pytest

from backend.accounts.models import Person
from backend.campaigns.models import Campaign
from backend.common.clock import told_at
from backend.networks.enums import Role
from backend.networks.models import Network
from tests.support.campaign_scene import TODAY, make_campaign
from tests.support.factories import NetworkFactory, make_member


@pytest.fixture
def network(db: None) -> Network:
    found: Network = NetworkFactory.create()
    return found


@pytest.fixture
def coordinator(network: Network) -> Person:
    return make_member(network, Role.COORDINATOR)


@pytest.fixture
def campaign(network: Network, coordinator: Person) -> Iterator[Campaign]:
    with told_at(TODAY):
        yield make_campaign(network, coordinator)
