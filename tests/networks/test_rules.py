"""Who is in a network, and what each may do there."""

import pytest
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import DomainError, NotFoundError, RoleRequiredError
from backend.networks.domain.membership import add_member
from backend.networks.enums import Attachment, Role
from backend.networks.models import Membership, Network
from backend.networks.rules import (
    access_network_for,
    memberships_for,
    networks_for,
    networks_with_role,
    require_role,
    roles_in,
)
from backend.networks.validators import validate_timezone
from tests.support.factories import MembershipFactory, NetworkFactory, PersonFactory, SiteFactory, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Network:
    return NetworkFactory.create(slug="ici", name="CPTS d’ici")


@pytest.fixture
def elsewhere() -> Network:
    return NetworkFactory.create(slug="ailleurs", name="CPTS d’ailleurs")


@pytest.fixture
def double(here: Network, elsewhere: Network) -> Person:
    """Tutor and learner here, coordinator elsewhere."""
    person = make_member(here, Role.TUTOR, Role.LEARNER)
    add_member(network=elsewhere, person=person, roles=[Role.COORDINATOR])
    return person


def test_roles_belong_to_one_network(double: Person, here: Network, elsewhere: Network) -> None:
    assert roles_in(double, here) == {Role.TUTOR, Role.LEARNER}
    assert roles_in(double, elsewhere) == {Role.COORDINATOR}
    assert networks_for(double) == [elsewhere, here]
    assert networks_with_role(double, Role.TUTOR, Role.AUDITOR) == [here]
    require_role(double, here, Role.COORDINATOR, Role.TUTOR)
    with pytest.raises(RoleRequiredError):
        require_role(double, here, Role.COORDINATOR)
    with pytest.raises(RoleRequiredError):
        networks_with_role(double, Role.AUDITOR)


def test_absent_and_not_yours_are_the_same(here: Network, elsewhere: Network) -> None:
    person = make_member(here, Role.LEARNER)
    assert access_network_for(person, "ici") == here
    answers = []
    for slug in (elsewhere.slug, "jamais-vu"):
        with pytest.raises(NotFoundError) as refused:
            access_network_for(person, slug)
        answers.append((refused.value.code, refused.value.message))
    assert answers[0] == answers[1]
    with pytest.raises(NotFoundError):
        require_role(person, elsewhere, Role.LEARNER)
    assert roles_in(person, elsewhere) == set()


@pytest.mark.parametrize("how", ["left", "suspended", "closed"])
def test_who_is_gone_has_no_role(how: str, here: Network) -> None:
    person = make_member(here, Role.COORDINATOR)
    if how == "left":
        person.memberships.update(left_at=now())
    elif how == "suspended":
        person.memberships.update(suspended_at=now())
    else:
        Person.objects.update(is_active=False)
    assert roles_in(person, here) == set()
    assert networks_for(person) == []
    for ask in (lambda: access_network_for(person, here.slug), lambda: require_role(person, here, Role.COORDINATOR)):
        with pytest.raises(NotFoundError):
            ask()
    with pytest.raises(RoleRequiredError):
        networks_with_role(person, Role.COORDINATOR)


def test_adding_a_member_twice_adds_roles_and_takes_none(here: Network) -> None:
    person, site = PersonFactory.create(), SiteFactory.create(network=here)
    first = add_member(network=here, person=person, attachment=Attachment.ATTACHED, site=site)
    again = add_member(network=here, person=person, roles=[Role.TUTOR, Role.LEARNER])
    assert (again, again.attachment, again.site) == (first, Attachment.ATTACHED, site)
    assert roles_in(person, here) == {Role.LEARNER, Role.TUTOR}
    assert Membership.objects.count() == 1


def test_who_had_left_comes_back_and_who_was_suspended_does_not(here: Network) -> None:
    left = MembershipFactory.create(network=here, left_at=now()).person
    suspended = MembershipFactory.create(network=here, suspended_at=now()).person
    for person in (left, suspended):
        add_member(network=here, person=person)
    assert (roles_in(left, here), roles_in(suspended, here)) == ({Role.LEARNER}, set())


def test_a_site_of_another_network_is_refused(here: Network, elsewhere: Network) -> None:
    site = SiteFactory.create(network=elsewhere)
    with pytest.raises(DomainError) as refused:
        add_member(network=here, person=PersonFactory.create(), site=site)
    assert refused.value.code == "foreign_site"
    assert not Membership.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_memberships_take_as_many_queries_for_one_as_for_three(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person = PersonFactory.create()
    for _ in range(count):
        add_member(network=NetworkFactory.create(), person=person)
    with django_assert_num_queries(2):
        found = [(row.network.name, [role.role for role in row.roles.all()]) for row in memberships_for(person)]
    assert len(found) == count


def test_time_zones_are_those_of_iana() -> None:
    validate_timezone("Indian/Reunion")
    with pytest.raises(ValidationError):
        validate_timezone("Europe/Lutece")
