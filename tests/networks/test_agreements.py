"""What two networks agree on: both say yes, either ends it, nobody else knows."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from backend.accounts.models import Person
from backend.common.errors import ConflictError, DomainError, ForbiddenMoveError, NotFoundError, RoleRequiredError
from backend.networks.domain.agreements import (
    accept_agreement,
    access_agreement_for,
    agreements_of,
    end_agreement,
    propose_agreement,
    refuse_agreement,
)
from backend.networks.domain.shared_coordination import (
    accept_coordination,
    access_coordination_for,
    ask_for_coordination,
    end_coordination,
    refuse_coordination,
)
from backend.networks.enums import AccordState, Role
from backend.networks.models import Agreement, Membership, SharedCoordination
from backend.networks.rules import roles_in
from backend.notifications.models import Notification
from tests.support import factories
from tests.support.cast import Cast


def propose(cast: Cast, hours: str = "7.5", author: Person | None = None) -> Agreement:
    """« ici » asks « ailleurs » to lend its tutors."""
    return propose_agreement(
        author=author or cast.here.coordinator,
        lender=cast.elsewhere.network,
        borrower=cast.here.network,
        by=cast.here.network,
        hours_per_month=Decimal(hours),
        notions=[cast.here.session.notion],
    )


def titles_of(person: Person) -> list[str]:
    return list(Notification.objects.filter(inbox__person=person).order_by("pk").values_list("title", flat=True))


def test_one_proposes_the_other_accepts_either_ends(cast: Cast) -> None:
    agreement = propose(cast)
    assert (agreement.state, list(agreement.notions.all())) == (AccordState.PROPOSED, [cast.here.session.notion])
    accept_agreement(agreement=agreement, author=cast.elsewhere.coordinator)
    end_agreement(agreement=agreement, author=cast.here.coordinator)
    moves = agreement.transitions.order_by("pk").values_list("source", "target", "author")
    assert list(moves) == [
        ("", "proposed", cast.here.coordinator.pk),
        ("proposed", "active", cast.elsewhere.coordinator.pk),
        ("active", "ended", cast.here.coordinator.pk),
    ]
    assert titles_of(cast.elsewhere.coordinator) == [
        "CPTS ici vous propose un accord de tutorat",
        "L’accord de tutorat avec CPTS ici est terminé",
    ]
    assert titles_of(cast.here.coordinator) == ["L’accord de tutorat avec CPTS ailleurs est accepté"]


def test_nobody_accepts_alone(cast: Cast) -> None:
    agreement = propose(cast)
    for answer in (accept_agreement, refuse_agreement):
        with pytest.raises(ConflictError):
            answer(agreement=agreement, author=cast.here.coordinator)
    assert Agreement.objects.get().state == AccordState.PROPOSED
    both = factories.MembershipFactory.create(network=cast.elsewhere.network, person=cast.here.coordinator)
    both.roles.create(role=Role.COORDINATOR)
    with pytest.raises(ConflictError):
        accept_agreement(agreement=agreement, author=cast.here.coordinator)


@pytest.mark.parametrize("role", ["learner", "tutor", "auditor"])
def test_only_the_coordination_speaks_for_a_network(cast: Cast, role: str) -> None:
    person = cast.play(role)
    assert person is not None
    with pytest.raises(RoleRequiredError):
        propose(cast, author=person)
    agreement = propose(cast)
    for act in (accept_agreement, refuse_agreement, end_agreement):
        with pytest.raises(NotFoundError):
            act(agreement=agreement, author=person)
    with pytest.raises(NotFoundError):
        access_agreement_for(person, agreement.pk)


def test_a_third_network_knows_nothing(cast: Cast) -> None:
    agreement = propose(cast)
    third = factories.NetworkFactory.create()
    stranger = factories.make_member(third, Role.COORDINATOR)
    assert not agreements_of(third)
    with pytest.raises(NotFoundError):
        access_agreement_for(stranger, agreement.pk)
    with pytest.raises(NotFoundError):
        end_agreement(agreement=agreement, author=stranger)


def test_one_standing_agreement_a_direction(cast: Cast) -> None:
    agreement = propose(cast)
    with pytest.raises(ConflictError):
        propose(cast)
    refuse_agreement(agreement=agreement, author=cast.elsewhere.coordinator)
    propose(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=agreement.pk).update(state=AccordState.ACTIVE)


def test_a_second_click_is_told(cast: Cast) -> None:
    agreement = propose(cast)
    accept_agreement(agreement=agreement, author=cast.elsewhere.coordinator)
    with pytest.raises(ForbiddenMoveError):
        accept_agreement(agreement=agreement, author=cast.elsewhere.coordinator)
    with pytest.raises(ForbiddenMoveError):
        refuse_agreement(agreement=agreement, author=cast.elsewhere.coordinator)


def test_who_is_asked_answers_and_who_asked_takes_back(cast: Cast) -> None:
    agreement = propose(cast)
    with pytest.raises(ConflictError):
        end_agreement(agreement=agreement, author=cast.elsewhere.coordinator)
    assert end_agreement(agreement=agreement, author=cast.here.coordinator).state == AccordState.ENDED


@pytest.mark.parametrize("hours", ["0", "0.4", "7.3", "200.5", "-1"])
def test_hours_by_halves(cast: Cast, hours: str) -> None:
    with pytest.raises(DomainError) as refusal:
        propose(cast, hours)
    assert list(refusal.value.fields) == ["hours_per_month"]


def test_not_with_oneself(cast: Cast) -> None:
    with pytest.raises(DomainError):
        propose_agreement(
            author=cast.here.coordinator,
            lender=cast.here.network,
            borrower=cast.here.network,
            by=cast.here.network,
            hours_per_month=Decimal(1),
        )


# A coordination shared


def ask(cast: Cast) -> SharedCoordination:
    return ask_for_coordination(
        network=cast.here.network,
        neighbour=cast.elsewhere.network,
        person=cast.elsewhere.coordinator,
        author=cast.here.coordinator,
    )


def test_a_neighbour_coordinates_once_they_accept_until_it_ends(cast: Cast) -> None:
    shared, helper = ask(cast), cast.elsewhere.coordinator
    assert roles_in(helper, cast.here.network) == set()
    accept_coordination(shared=shared, author=helper)
    assert roles_in(helper, cast.here.network) == {Role.COORDINATOR}
    end_coordination(shared=shared, author=cast.here.coordinator)
    assert roles_in(helper, cast.here.network) == set()
    assert Membership.objects.get(network=cast.here.network, person=helper).left_at is not None
    assert roles_in(helper, cast.elsewhere.network) == {Role.COORDINATOR}
    assert titles_of(cast.here.coordinator)[0].endswith("coordonne aussi CPTS ici")


def test_the_neighbour_may_end_it_too_and_other_roles_stay(cast: Cast) -> None:
    helper = cast.elsewhere.coordinator
    membership = factories.MembershipFactory.create(network=cast.here.network, person=helper)
    membership.roles.create(role=Role.LEARNER)
    shared = ask(cast)
    accept_coordination(shared=shared, author=helper)
    end_coordination(shared=shared, author=helper)
    assert roles_in(helper, cast.here.network) == {Role.LEARNER}


def test_only_the_person_asked_answers(cast: Cast) -> None:
    shared = ask(cast)
    colleague = factories.make_member(cast.elsewhere.network, Role.COORDINATOR)
    for author in (colleague, cast.here.coordinator, cast.here.tutor):
        with pytest.raises(NotFoundError):
            accept_coordination(shared=shared, author=author)
    refuse_coordination(shared=shared, author=cast.elsewhere.coordinator)
    assert roles_in(cast.elsewhere.coordinator, cast.here.network) == set()
    assert access_coordination_for(colleague, shared.pk) == shared
    with pytest.raises(NotFoundError):
        access_coordination_for(cast.elsewhere.tutor, shared.pk)


def test_whoever_coordinates_no_neighbour_is_not_asked(cast: Cast) -> None:
    with pytest.raises(NotFoundError):
        ask_for_coordination(
            network=cast.here.network,
            neighbour=cast.elsewhere.network,
            person=cast.elsewhere.tutor,
            author=cast.here.coordinator,
        )
    shared = ask(cast)
    with pytest.raises(ConflictError):
        ask(cast)
    Membership.objects.get(person=cast.elsewhere.coordinator).roles.all().delete()
    with pytest.raises(ConflictError):
        accept_coordination(shared=shared, author=cast.elsewhere.coordinator)


def test_a_network_keeps_a_coordinator(cast: Cast) -> None:
    shared = ask(cast)
    accept_coordination(shared=shared, author=cast.elsewhere.coordinator)
    Membership.objects.get(person=cast.here.coordinator).roles.all().delete()
    with pytest.raises(ConflictError) as refusal:
        end_coordination(shared=shared, author=cast.elsewhere.coordinator)
    assert refusal.value.code == "last_coordinator"
    assert SharedCoordination.objects.get().state == AccordState.ACTIVE
