"""A request entered beside somebody counts only once they say yes."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from backend.accounts.models import Person
from backend.campaigns.domain.instance import build_problem
from backend.common.clock import now, told_at
from backend.common.errors import ConflictError, DomainError, NotFoundError, RoleRequiredError
from backend.needs.domain.entering import (
    ATTEMPTS_MAX,
    CODE_LIFE,
    confirm_by_code,
    confirm_own_request,
    enter_request,
    withdraw_expired,
)
from backend.needs.domain.requests import Terms, ask_for_help, visible_requests_for, withdraw_request
from backend.needs.enums import RequestState, Urgency
from backend.needs.models import HelpRequest, RequestCode
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.notifications.models import Notification, OutboxMessage
from tests.support.factories import CampaignFactory, CapacityFactory, NetworkFactory, make_member

pytestmark = pytest.mark.django_db

type Enter = Callable[..., HelpRequest]


@pytest.fixture
def network() -> Network:
    found: Network = NetworkFactory.create()
    return found


@pytest.fixture
def learner(network: Network) -> Person:
    return make_member(network, Role.LEARNER)


@pytest.fixture
def colleague(network: Network) -> Person:
    return make_member(network, Role.LEARNER)


@pytest.fixture
def enter(network: Network, learner: Person, colleague: Person) -> Enter:
    def enter_beside(**changes: Any) -> HelpRequest:
        given: dict[str, Any] = {
            "author": colleague,
            "person": learner,
            "network": network,
            "capacity": CapacityFactory.create(),
            "terms": Terms(level_wanted=2),
        }
        return enter_request(**given | changes)

    return enter_beside


def code_of(request: HelpRequest) -> str:
    """What the person reads in their mail: the one word of six digits."""
    message = OutboxMessage.objects.get(key__startswith=f"request:{request.pk}:entered")
    (code,) = [word for word in message.body.split() if word.isdecimal() and len(word) == 6]
    return code


def titles_for(person: Person) -> list[str]:
    return list(Notification.objects.filter(inbox__person=person).values_list("title", flat=True))


def test_the_code_goes_to_the_person_alone_and_is_stored_hashed(
    enter: Enter, learner: Person, colleague: Person
) -> None:
    request = enter()
    code = code_of(request)
    assert (request.state, request.entered_by, request.person) == (RequestState.UNCONFIRMED, colleague, learner)
    assert OutboxMessage.objects.get().address == learner.email
    assert titles_for(learner) == [f"{colleague.name} a écrit une demande pour vous : confirmez-la"]
    assert titles_for(colleague) == []
    assert code not in RequestCode.objects.get().hash


def test_unconfirmed_requests_never_enter_a_campaign(enter: Enter, network: Network, colleague: Person) -> None:
    entered = enter()
    own = ask_for_help(person=colleague, network=network, capacity=CapacityFactory.create(), level_wanted=2)
    campaign = CampaignFactory.create(network=network)
    assert [row.id for row in build_problem(campaign, not_before=now()).requests] == [str(own.pk)]
    confirm_by_code(request=entered, author=colleague, code=code_of(entered))
    assert {row.id for row in build_problem(campaign, not_before=now()).requests} == {str(own.pk), str(entered.pk)}


def test_the_right_code_opens_it_and_the_person_is_told(enter: Enter, learner: Person, colleague: Person) -> None:
    request = enter()
    code = code_of(request)
    confirm_by_code(request=request, author=colleague, code=f" {code[:3]} {code[3:]} ")
    request.refresh_from_db()
    assert request.state == RequestState.OPEN
    assert not RequestCode.objects.exists()
    assert "Votre demande d’aide est envoyée" in titles_for(learner)
    with pytest.raises(NotFoundError):
        confirm_by_code(request=request, author=colleague, code=code)


def test_only_whoever_entered_it_types_the_code(enter: Enter, network: Network) -> None:
    request = enter()
    for stranger in (make_member(network, Role.COORDINATOR), make_member(network, Role.LEARNER), request.person):
        with pytest.raises(NotFoundError):
            confirm_by_code(request=request, author=stranger, code=code_of(request))
    assert HelpRequest.objects.get().state == RequestState.UNCONFIRMED


def test_five_wrong_codes_close_the_door_but_not_the_persons_own(
    enter: Enter, learner: Person, colleague: Person
) -> None:
    request = enter()
    code = code_of(request)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    refusals = []
    for typed in [wrong] * ATTEMPTS_MAX + [code]:
        with pytest.raises(DomainError) as refused:
            confirm_by_code(request=request, author=colleague, code=typed)
        refusals.append(refused.value.code)
    assert refusals == ["code_wrong"] * ATTEMPTS_MAX + ["code_too_many"]
    assert confirm_own_request(request=request, author=learner).state == RequestState.OPEN
    assert titles_for(colleague) == [f"{learner.name} a confirmé sa demande"]


def test_what_nobody_confirms_in_time_is_withdrawn(enter: Enter, learner: Person, colleague: Person) -> None:
    request, code = enter(), ""
    code = code_of(request)
    with told_at(now() + CODE_LIFE):
        with pytest.raises(ConflictError) as late:
            confirm_own_request(request=request, author=learner)
        with pytest.raises(DomainError) as refused:
            confirm_by_code(request=request, author=colleague, code=code)
    assert (late.value.code, refused.value.code) == ("code_too_late", "code_too_late")
    request.refresh_from_db()
    assert request.state == RequestState.WITHDRAWN
    assert titles_for(colleague) == [f"{learner.name} n’a pas confirmé à temps la demande que vous aviez écrite"]


def test_expiry_takes_only_what_is_late(enter: Enter) -> None:
    late = enter()
    with told_at(now() + dt.timedelta(minutes=10)):
        fresh = enter()
    with told_at(now() + CODE_LIFE):
        assert withdraw_expired() == 1
        assert withdraw_expired() == 0
    states = dict(HelpRequest.objects.values_list("pk", "state"))
    assert states == {late.pk: RequestState.WITHDRAWN, fresh.pk: RequestState.UNCONFIRMED}


def test_a_refusal_tells_whoever_wrote_it(enter: Enter, learner: Person, colleague: Person) -> None:
    withdraw_request(request=enter(), author=learner)
    assert titles_for(colleague) == [f"{learner.name} a refusé la demande que vous aviez écrite"]


def test_nobody_is_flooded(enter: Enter) -> None:
    for _ in range(3):
        enter()
    with pytest.raises(ConflictError) as refused:
        enter()
    assert refused.value.code == "too_many_unconfirmed"
    with told_at(now() + CODE_LIFE):
        assert enter().state == RequestState.UNCONFIRMED


def test_who_may_enter_for_whom(enter: Enter, network: Network, learner: Person) -> None:
    with pytest.raises(RoleRequiredError):
        enter(author=make_member(network, Role.AUDITOR))
    with pytest.raises(NotFoundError):
        enter(author=make_member(NetworkFactory.create(), Role.COORDINATOR))
    for person in (make_member(network, Role.TUTOR), make_member(NetworkFactory.create(), Role.LEARNER)):
        with pytest.raises(NotFoundError):
            enter(person=person)
    with pytest.raises(NotFoundError):
        enter(author=learner)
    assert not HelpRequest.objects.exists()


def test_coordinators_see_only_what_was_confirmed(enter: Enter, network: Network, colleague: Person) -> None:
    coordinator, refused, kept = make_member(network, Role.COORDINATOR), enter(), enter()
    assert list(visible_requests_for(coordinator)) == []
    assert set(visible_requests_for(colleague)) == {refused, kept}
    withdraw_request(request=refused, author=refused.person)
    confirm_by_code(request=kept, author=colleague, code=code_of(kept))
    assert list(visible_requests_for(coordinator)) == [kept]
    assert list(visible_requests_for(colleague)) == []


def test_coordinators_hear_of_who_cannot_work_once_confirmed(enter: Enter, network: Network, colleague: Person) -> None:
    coordinator = make_member(network, Role.COORDINATOR)
    elsewhere = make_member(NetworkFactory.create(), Role.COORDINATOR)
    request = enter(terms=Terms(level_wanted=1, urgency=Urgency.BLOCKING))
    assert titles_for(coordinator) == []
    confirm_by_code(request=request, author=colleague, code=code_of(request))
    assert titles_for(coordinator) == [f"{request.person.name} ne peut pas travailler : demande bloquante"]
    assert titles_for(elsewhere) == []
