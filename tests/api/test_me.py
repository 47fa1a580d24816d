"""GET /api/v1/me/."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from backend.networks.enums import Role
from tests.api.conftest import SignIn
from tests.support.cast import Cast
from tests.support.factories import (
    AccountFactory,
    EntryFactory,
    MembershipFactory,
    MessageFactory,
    NetworkFactory,
    PersonFactory,
    make_member,
)

ADDRESS = "/api/v1/me/"


def test_a_member_reads_who_they_are(cast: Cast, sign_in: SignIn) -> None:
    tutor = cast.here.tutor
    assert sign_in(tutor).get(ADDRESS).json() == {
        "id": tutor.pk,
        "email": "tutor@ici.example",
        "name": "Tutor Ici",
        "networks": [{"slug": "ici", "name": "CPTS ici", "timezone": "Europe/Paris", "roles": ["tutor"]}],
        "calendar_url": None,
        "points": {"ici": "7.50"},
        "unread": 4,
    }


def test_roles_of_several_networks_stay_apart(sign_in: SignIn, db: None) -> None:
    first = NetworkFactory.create(slug="b", name="B", timezone="Indian/Reunion")
    person = make_member(first, Role.COORDINATOR, Role.LEARNER)
    make_member(NetworkFactory.create(slug="a", name="A"), Role.TUTOR)
    MembershipFactory.create(network=NetworkFactory.create(slug="c", name="C"), person=person)
    assert sign_in(person).get(ADDRESS).json()["networks"] == [
        {"slug": "b", "name": "B", "timezone": "Indian/Reunion", "roles": ["learner", "coordinator"]},
        {"slug": "c", "name": "C", "timezone": "Europe/Paris", "roles": []},
    ]


@pytest.mark.parametrize("change", ["left_at", "suspended_at"])
def test_a_network_left_or_suspended_is_not_told_but_points_earned_there_are(
    cast: Cast, sign_in: SignIn, change: str
) -> None:
    cast.here.tutor.memberships.update(**{change: timezone.now()})
    answer = sign_in(cast.here.tutor).get(ADDRESS).json()
    assert (answer["networks"], answer["points"]) == ([], {"ici": "7.50"})


def test_points_are_summed_by_network(sign_in: SignIn, db: None) -> None:
    here, there = NetworkFactory.create(slug="ici"), NetworkFactory.create(slug="la")
    person = make_member(here, Role.TUTOR)
    MembershipFactory.create(network=there, person=person)
    account = AccountFactory.create(person=person)
    for points in ("7.50", "12.00", "-7.50"):
        EntryFactory.create(network=here, account=account, points=Decimal(points))
    EntryFactory.create(network=here, points=Decimal(100))
    assert sign_in(person).get(ADDRESS).json()["points"] == {"ici": "12.00", "la": "0.00"}


def test_unread_counts_the_conversations_of_the_person_only(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.here.coordinator).get(ADDRESS).json()["unread"] == 0
    MessageFactory.create(conversation=cast.here.lounge, sender=cast.here.tutor)
    cast.here.lounge.members.filter(person=cast.here.learner).update(last_read=2)
    assert sign_in(cast.here.learner).get(ADDRESS).json()["unread"] == 3


def test_an_account_without_any_network_is_told_so(sign_in: SignIn, db: None) -> None:
    answer = sign_in(PersonFactory.create()).get(ADDRESS).json()
    assert (answer["networks"], answer["points"], answer["unread"]) == ([], {}, 0)


@pytest.mark.parametrize("networks", [1, 3])
def test_the_number_of_queries_does_not_grow(
    networks: int, sign_in: SignIn, django_assert_num_queries: Any, db: None
) -> None:
    person = PersonFactory.create()
    account = AccountFactory.create(person=person)
    for _ in range(networks):
        network = NetworkFactory.create()
        MembershipFactory.create(network=network, person=person)
        EntryFactory.create(network=network, account=account)
    client = sign_in(person)
    with django_assert_num_queries(6):
        assert len(client.get(ADDRESS).json()["networks"]) == networks
