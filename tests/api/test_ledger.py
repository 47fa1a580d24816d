"""GET /api/v1/ledger/."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from backend.credits.models import Entry
from backend.networks.enums import Role
from tests.api.conftest import SignIn
from tests.support.cast import Cast
from tests.support.factories import AccountFactory, EntryFactory, MembershipFactory

ADDRESS = "/api/v1/ledger/"


@pytest.fixture
def entries(cast: Cast) -> dict[str, Entry]:
    """An entry of the tutor, one of the learner, one of somebody erased, and one in another network."""
    learner, erased = AccountFactory.create(person=cast.here.learner), AccountFactory.create(person=None)
    return {
        "tutor": cast.here.entry,
        "learner": EntryFactory.create(network=cast.here.network, account=learner, points=Decimal(-2)),
        "erased": EntryFactory.create(network=cast.here.network, account=erased),
        "elsewhere": cast.elsewhere.entry,
    }


def read_ids(client: Any, query: str = "") -> list[int]:
    return [entry["id"] for entry in client.get(f"{ADDRESS}{query}").json()["results"]]


def test_everybody_reads_their_own_entries(cast: Cast, entries: dict[str, Entry], sign_in: SignIn) -> None:
    entry = entries["tutor"]
    assert sign_in(cast.here.tutor).get(ADDRESS).json() == {
        "results": [
            {
                "id": entry.pk,
                "network": "ici",
                "person": cast.here.tutor.pk,
                "points": "7.50",
                "minutes": 45,
                "kind": "tutoring",
                "source": entry.source,
                "created_at": entry.created_at.isoformat().replace("+00:00", "Z"),
                "hash": "0" * 64,
            }
        ],
        "next": None,
        "previous": None,
    }
    answer = sign_in(cast.here.learner).get(ADDRESS).json()
    assert [(line["id"], line["points"]) for line in answer["results"]] == [(entries["learner"].pk, "-2.00")]


def test_a_coordinator_reads_those_of_the_network_asked_for(
    cast: Cast, entries: dict[str, Entry], sign_in: SignIn
) -> None:
    client = sign_in(cast.here.coordinator)
    assert read_ids(client) == []
    answer = client.get(f"{ADDRESS}?network=ici").json()
    assert [(line["id"], line["person"]) for line in answer["results"]] == [
        (entries["erased"].pk, None),
        (entries["learner"].pk, cast.here.learner.pk),
        (entries["tutor"].pk, cast.here.tutor.pk),
    ]


@pytest.mark.parametrize("role", ["learner", "tutor"])
def test_a_member_reads_their_own_in_the_network_asked_for(
    cast: Cast, entries: dict[str, Entry], sign_in: SignIn, role: str
) -> None:
    person = cast.play(role)
    assert person is not None
    MembershipFactory.create(network=cast.elsewhere.network, person=person)
    client = sign_in(person)
    assert read_ids(client, "?network=ici") == [entries[role].pk]
    assert read_ids(client, "?network=ailleurs") == []


def test_who_coordinates_one_network_reads_only_their_own_in_another(
    cast: Cast, entries: dict[str, Entry], sign_in: SignIn
) -> None:
    membership = MembershipFactory.create(network=cast.elsewhere.network, person=cast.here.coordinator)
    membership.roles.create(role=Role.TUTOR)
    assert read_ids(sign_in(cast.here.coordinator), "?network=ailleurs") == []


@pytest.mark.parametrize("role", ["stranger", "admin"])
def test_the_network_of_others_is_as_absent_as_none(
    cast: Cast, entries: dict[str, Entry], sign_in: SignIn, role: str
) -> None:
    person = cast.play(role)
    assert person is not None
    answers = [sign_in(person).get(f"{ADDRESS}?network={slug}") for slug in ("ici", "nulle-part")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_an_auditor_reads_no_entry_of_a_person(cast: Cast, entries: dict[str, Entry], sign_in: SignIn) -> None:
    assert read_ids(sign_in(cast.here.auditor), "?network=ici") == []


def test_a_coordinator_who_is_suspended_reads_nothing(cast: Cast, entries: dict[str, Entry], sign_in: SignIn) -> None:
    cast.here.coordinator.memberships.update(suspended_at=timezone.now())
    assert sign_in(cast.here.coordinator).get(f"{ADDRESS}?network=ici").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    count: int, cast: Cast, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    for _ in range(count - 1):
        EntryFactory.create(network=cast.here.network)
    client = sign_in(cast.here.coordinator)
    with django_assert_num_queries(4):
        assert len(read_ids(client, "?network=ici")) == count
