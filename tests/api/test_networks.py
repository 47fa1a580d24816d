"""GET /api/v1/networks/."""

from typing import Any

import pytest
from django.utils import timezone

from backend.networks.enums import Role
from tests.api.conftest import SignIn
from tests.support.cast import Cast
from tests.support.factories import MembershipFactory, NetworkFactory, PersonFactory, SiteFactory, TerritoryFactory

ADDRESS = "/api/v1/networks/"


def test_a_member_reads_their_networks_only(cast: Cast, sign_in: SignIn) -> None:
    cast.here.network.territory = TerritoryFactory.create(slug="rhone")
    cast.here.network.save(update_fields=["territory"])
    assert sign_in(cast.here.learner).get(ADDRESS).json() == {
        "results": [
            {
                "slug": "ici",
                "name": "CPTS ici",
                "timezone": "Europe/Paris",
                "territory": "rhone",
                "roles": ["learner"],
                "target_level": 2,
                "answer_days": 3,
                "sites": [
                    {"id": cast.here.site.pk, "name": cast.here.site.name, "kind": "practice", "address": ""},
                ],
            }
        ],
        "next": None,
        "previous": None,
    }


@pytest.mark.parametrize("role", ["admin", "stranger"])
def test_nobody_reads_the_network_of_others(cast: Cast, sign_in: SignIn, role: str) -> None:
    person = cast.play(role)
    assert person is not None
    slugs = [network["slug"] for network in sign_in(person).get(ADDRESS).json()["results"]]
    assert slugs == ([] if role == "admin" else ["ailleurs"])


@pytest.mark.parametrize("change", ["left_at", "suspended_at"])
def test_a_network_left_or_suspended_is_not_told(cast: Cast, sign_in: SignIn, change: str) -> None:
    cast.here.learner.memberships.update(**{change: timezone.now()})
    assert sign_in(cast.here.learner).get(ADDRESS).json()["results"] == []


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    count: int, sign_in: SignIn, django_assert_num_queries: Any, db: None
) -> None:
    person = PersonFactory.create()
    for _ in range(count):
        network = NetworkFactory.create(territory=TerritoryFactory.create())
        MembershipFactory.create(network=network, person=person).roles.create(role=Role.LEARNER)
        SiteFactory.create_batch(count, network=network)
    client = sign_in(person)
    with django_assert_num_queries(6):
        assert len(client.get(ADDRESS).json()["results"]) == count
