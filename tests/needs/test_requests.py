"""Asking for help, offering it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backend.accounts.models import Person
from backend.common.errors import ConflictError, DomainError, ForbiddenMoveError, NotFoundError, RoleRequiredError
from backend.needs.domain.offers import save_offer
from backend.needs.domain.requests import ask_for_help, move_request
from backend.needs.enums import RequestState, Urgency
from backend.needs.models import HelpRequest, TutorOffer
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.referentials.models import Capacity
from tests.support.factories import CapacityFactory, HelpRequestFactory, NetworkFactory, SiteFactory, make_member

pytestmark = pytest.mark.django_db

PATIENT = "Son numéro : 1 85 05 75 999 084 64"


@pytest.fixture
def network() -> Network:
    found: Network = NetworkFactory.create()
    return found


@pytest.fixture
def learner(network: Network) -> Person:
    return make_member(network, Role.LEARNER)


@pytest.fixture
def capacity() -> Capacity:
    found: Capacity = CapacityFactory.create()
    return found


@pytest.fixture
def ask(network: Network, learner: Person, capacity: Capacity) -> Callable[..., HelpRequest]:
    def ask_as_learner(**changes: Any) -> HelpRequest:
        given: dict[str, Any] = {"person": learner, "network": network, "capacity": capacity, "level_wanted": 2}
        return ask_for_help(**given | changes)

    return ask_as_learner


def test_a_request_says_what_was_asked(
    ask: Callable[..., HelpRequest], network: Network, learner: Person, capacity: Capacity
) -> None:
    site = SiteFactory.create(network=network)
    request = ask(
        level_wanted=3,
        level_start=0,
        urgency=Urgency.BLOCKING,
        remote=False,
        sites=[site],
        group_ok=True,
        on_working_time=True,
        context="Le jeudi, au 06 12 34 56 78",
    )
    stored = HelpRequest.objects.get()
    assert stored == request
    assert (stored.person, stored.network, stored.capacity, stored.notion) == (
        learner,
        network,
        capacity,
        capacity.notion,
    )
    assert (stored.level_wanted, stored.level_start, stored.urgency, stored.remote) == (3, 0, Urgency.BLOCKING, False)
    assert (stored.group_ok, stored.on_working_time, stored.context) == (True, True, "Le jeudi, au 06 12 34 56 78")
    assert list(stored.sites.all()) == [site]
    assert [(row.source, row.target, row.author) for row in stored.transitions.all()] == [("", "open", learner)]


def test_one_request_at_a_time_on_a_capacity(ask: Callable[..., HelpRequest], learner: Person) -> None:
    first = ask()
    with pytest.raises(ConflictError) as refused:
        ask(level_wanted=3)
    assert refused.value.code == "already_asked"
    move_request(request=first, target=RequestState.PLANNED, author=None)
    with pytest.raises(ConflictError):
        ask()
    ask(capacity=CapacityFactory.create())
    move_request(request=first, target=RequestState.MET, author=None)
    again = ask()
    assert set(HelpRequest.objects.filter(capacity=again.capacity)) == {first, again}


def test_the_same_capacity_in_another_network_is_another_request(
    ask: Callable[..., HelpRequest], learner: Person
) -> None:
    ask()
    elsewhere = NetworkFactory.create()
    with pytest.raises(NotFoundError):
        ask(network=elsewhere)
    membership = elsewhere.memberships.create(person=learner)
    membership.roles.create(role=Role.LEARNER)
    assert ask(network=elsewhere).network == elsewhere


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"remote": False}, "no_modality"),
        ({"level_wanted": 0}, "levels"),
        ({"level_wanted": 4}, "levels"),
        ({"level_wanted": 2, "level_start": 2}, "levels"),
        ({"level_wanted": 2, "level_start": -1}, "levels"),
        ({"context": PATIENT}, "patient_number"),
    ],
)
def test_what_cannot_be_asked(changes: dict[str, Any], code: str, ask: Callable[..., HelpRequest]) -> None:
    with pytest.raises(DomainError) as refused:
        ask(**changes)
    assert refused.value.code == code
    assert not isinstance(refused.value, ConflictError)
    assert not HelpRequest.objects.exists()


def test_a_site_of_another_network_is_refused(ask: Callable[..., HelpRequest], network: Network) -> None:
    sites = [SiteFactory.create(network=network), SiteFactory.create()]
    with pytest.raises(DomainError) as refused:
        ask(sites=sites)
    assert refused.value.code == "foreign_site"
    assert not HelpRequest.objects.exists()


@pytest.mark.parametrize("role", [Role.TUTOR, Role.COORDINATOR, Role.AUDITOR])
def test_only_learners_ask(role: Role, ask: Callable[..., HelpRequest], network: Network) -> None:
    with pytest.raises(RoleRequiredError):
        ask(person=make_member(network, role))


@pytest.mark.parametrize(
    ("source", "target", "allowed"),
    [
        (
            source,
            target,
            (source, target)
            in {
                ("unconfirmed", "open"),
                ("unconfirmed", "withdrawn"),
                ("open", "planned"),
                ("open", "withdrawn"),
                ("planned", "open"),
                ("planned", "met"),
            },
        )
        for source in RequestState.values
        for target in RequestState.values
    ],
)
def test_moves(source: str, target: str, allowed: bool, learner: Person) -> None:  # noqa: FBT001 (a row of the table)
    request = HelpRequestFactory.create(state=source)
    if allowed:
        moved = move_request(request=request, target=RequestState(target), author=learner, reason="parce que")
        row = moved.transitions.get()
        assert (row.source, row.target, row.author, row.reason) == (source, target, learner, "parce que")
    else:
        with pytest.raises(ForbiddenMoveError) as refused:
            move_request(request=request, target=RequestState(target), author=learner)
        assert refused.value.code == f"not_from_{source}"
        assert not request.transitions.exists()
    assert HelpRequest.objects.get().state == (target if allowed else source)


def test_the_database_itself_refuses_two_open_requests(learner: Person, network: Network, capacity: Capacity) -> None:
    HelpRequestFactory.create(network=network, person=learner, capacity=capacity)
    with pytest.raises(IntegrityError), transaction.atomic():
        HelpRequestFactory.create(network=network, person=learner, capacity=capacity)
    HelpRequestFactory.create(network=network, person=learner, capacity=capacity, state=RequestState.WITHDRAWN)


# Offers


@pytest.fixture
def tutor(network: Network) -> Person:
    return make_member(network, Role.TUTOR)


def test_a_tutor_has_one_offer_that_changes(tutor: Person, network: Network) -> None:
    site = SiteFactory.create(network=network)
    first = save_offer(person=tutor, network=network, hours_per_month=Decimal(2), telephone="05 00 00 00 00")
    second = save_offer(person=tutor, network=network, hours_per_month=Decimal("3.5"), remote=False, sites=[site])
    assert first == second == TutorOffer.objects.get()
    second.refresh_from_db()
    assert (second.hours_per_month, second.remote, second.telephone) == (Decimal("3.5"), False, "")
    assert list(second.sites.all()) == [site]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"remote": True}, "no_join"),
        ({"remote": False}, "no_modality"),
        ({"hours_per_month": Decimal(-1), "telephone": "05 00 00 00 00"}, "hours"),
        ({"hours_per_month": Decimal(41), "telephone": "05 00 00 00 00"}, "hours"),
        ({"hours_per_month": Decimal("1.3"), "telephone": "05 00 00 00 00"}, "hours"),
        ({"room_link": "http://visio.exemple.example/salle"}, "room_link"),
        ({"room_link": "javascript:alert(1)"}, "room_link"),
        ({"telephone": "appelez-moi"}, "telephone"),
        ({"telephone": "05 00"}, "telephone"),
        ({"telephone": "1 84 12 76 451 089 46"}, "patient_number"),
    ],
)
def test_what_cannot_be_offered(changes: dict[str, Any], code: str, tutor: Person, network: Network) -> None:
    given: dict[str, Any] = {"person": tutor, "network": network, "hours_per_month": Decimal(2)}
    with pytest.raises(DomainError) as refused:
        save_offer(**given | changes)
    assert refused.value.code == code
    assert not TutorOffer.objects.exists()


def test_a_pause_asks_for_nothing(tutor: Person, network: Network) -> None:
    for _ in range(2):
        save_offer(person=tutor, network=network, hours_per_month=Decimal(0))
    assert TutorOffer.objects.get().hours_per_month == Decimal(0)


def test_offers_are_for_tutors_on_their_own_sites(tutor: Person, learner: Person, network: Network) -> None:
    with pytest.raises(RoleRequiredError):
        save_offer(person=learner, network=network, hours_per_month=Decimal(2), telephone="05 00 00 00 00")
    with pytest.raises(DomainError) as refused:
        save_offer(
            person=tutor, network=network, hours_per_month=Decimal(2), remote=False, sites=[SiteFactory.create()]
        )
    assert refused.value.code == "foreign_site"
    with pytest.raises(NotFoundError):
        save_offer(person=tutor, network=NetworkFactory.create(), hours_per_month=Decimal(2))
