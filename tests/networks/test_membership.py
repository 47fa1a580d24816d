"""Roles, suspension and departure: who may, what is left of it, and that a network keeps its coordination."""

from collections.abc import Callable

import pytest

from backend.accounts.domain.passes import create_pass, usable_passes
from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, NotFoundError, RoleRequiredError
from backend.networks.domain.membership import (
    add_member,
    change_site,
    give_role,
    hand_coordination_over,
    leave_network,
    reinstate_member,
    suspend_member,
    take_role,
)
from backend.networks.enums import MembershipEvent, MemberState, Role
from backend.networks.models import Membership
from backend.networks.rules import member_state, roles_in
from backend.notifications.models import Notification, OutboxMessage
from tests.networks.conftest import Team
from tests.support.factories import SiteFactory

NUMBER = "1 85 05 78 006 084 91"


def history(membership: Membership) -> list[tuple[str, str, Person | None, str]]:
    return [(row.what, row.role, row.author, row.reason) for row in membership.changes.select_related("author")]


def told(person: Person) -> list[str]:
    titles = Notification.objects.filter(inbox__person=person).order_by("number")
    return list(titles.values_list("title", flat=True))


def test_giving_and_taking_a_role_leave_their_rows(team: Team) -> None:
    membership = team.membership(team.member)
    give_role(membership=membership, role=Role.TUTOR, author=team.coordinator)
    take_role(membership=membership, role=Role.LEARNER, author=team.coordinator, reason="À sa demande")
    assert roles_in(team.member, team.network) == {Role.TUTOR}
    assert history(membership) == [
        (MembershipEvent.ROLE_GIVEN, Role.TUTOR, team.coordinator, ""),
        (MembershipEvent.ROLE_TAKEN, Role.LEARNER, team.coordinator, "À sa demande"),
    ]
    assert told(team.member) == [
        "Un rôle vous est confié dans CPTS d’ici : aider des collègues",
        "Un rôle ne vous est plus confié dans CPTS d’ici : recevoir de l’aide",
    ]
    assert told(team.colleague) == []


def test_a_role_is_given_once_and_taken_once(team: Team) -> None:
    membership = team.membership(team.member)
    for act, role, code in ((give_role, Role.LEARNER, "role_held"), (take_role, Role.TUTOR, "role_not_held")):
        with pytest.raises(ConflictError) as refused:
            act(membership=membership, role=role, author=team.coordinator)
        assert refused.value.code == code
    assert history(membership) == []


def test_a_new_coordinator_is_told_to_the_others(team: Team) -> None:
    give_role(membership=team.membership(team.member), role=Role.COORDINATOR, author=team.coordinator)
    words = f"{team.member.name} coordonne maintenant CPTS d’ici"
    assert told(team.colleague) == [words]
    assert told(team.coordinator) == [words]
    assert told(team.stranger) == []


def test_suspension_closes_the_network_until_it_ends(team: Team) -> None:
    membership = team.membership(team.member)
    suspended = suspend_member(membership=membership, author=team.coordinator, reason="Congé long")
    assert (member_state(suspended), roles_in(team.member, team.network)) == (MemberState.SUSPENDED, set())
    reinstate_member(membership=membership, author=team.colleague)
    assert roles_in(team.member, team.network) == {Role.LEARNER}
    assert [row[:1] + row[2:] for row in history(membership)] == [
        (MembershipEvent.SUSPENDED, team.coordinator, "Congé long"),
        (MembershipEvent.REINSTATED, team.colleague, ""),
    ]
    body = OutboxMessage.objects.get(person=team.member, subject__contains="suspendue").body
    assert "Congé long" in body


def test_suspending_twice_or_reinstating_the_active_is_refused(team: Team) -> None:
    membership = team.membership(team.member)
    with pytest.raises(ConflictError) as refused:
        reinstate_member(membership=membership, author=team.coordinator)
    assert refused.value.code == "not_suspended"
    suspend_member(membership=membership, author=team.coordinator)
    with pytest.raises(ConflictError) as again:
        suspend_member(membership=membership, author=team.colleague)
    assert (again.value.code, membership.changes.count()) == ("already_suspended", 1)


def test_one_leaves_by_oneself_and_the_coordination_hears_of_it(team: Team) -> None:
    membership = team.membership(team.member)
    left = leave_network(membership=membership, author=team.member)
    assert member_state(left) == MemberState.LEFT
    assert told(team.coordinator) == [f"{team.member.name} a quitté CPTS d’ici"]
    assert told(team.member) == []
    with pytest.raises(ConflictError) as again:
        leave_network(membership=membership, author=team.member)
    assert again.value.code == "already_left"


def test_a_departure_recorded_by_a_coordinator_is_told_to_the_person(team: Team) -> None:
    leave_network(membership=team.membership(team.member), author=team.coordinator, reason="Départ en retraite")
    assert told(team.member) == ["Vous ne faites plus partie de CPTS d’ici"]


def test_who_comes_back_has_the_new_roles_only(team: Team) -> None:
    membership = team.membership(team.colleague)
    leave_network(membership=membership, author=team.colleague)
    add_member(network=team.network, person=team.colleague, roles=[Role.LEARNER])
    assert roles_in(team.colleague, team.network) == {Role.LEARNER}
    assert [row.what for row in membership.changes.all()] == ["left", "joined", "role_given"]


ACTS: dict[str, Callable[[Team, Person], object]] = {
    "give": lambda team, by: give_role(membership=team.membership(team.member), role=Role.TUTOR, author=by),
    "take": lambda team, by: take_role(membership=team.membership(team.member), role=Role.LEARNER, author=by),
    "suspend": lambda team, by: suspend_member(membership=team.membership(team.member), author=by),
    "reinstate": lambda team, by: reinstate_member(membership=team.membership(team.member), author=by),
    "remove": lambda team, by: leave_network(membership=team.membership(team.member), author=by),
    "hand over": lambda team, by: hand_coordination_over(membership=team.membership(team.member), author=by),
    "site": lambda team, by: change_site(membership=team.membership(team.member), site=None, author=by),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_only_those_who_coordinate_this_network_may(act: Callable[[Team, Person], object], team: Team) -> None:
    other = add_member(network=team.network, person=team.stranger, roles=[Role.TUTOR, Role.AUDITOR]).person
    membership = team.membership(team.member)
    with pytest.raises(RoleRequiredError):
        act(team, other)
    leave_network(membership=team.membership(other), author=other)
    with pytest.raises(NotFoundError):
        act(team, other)
    assert (history(membership), roles_in(team.member, team.network)) == ([], {Role.LEARNER})


ENDS: dict[str, Callable[[Team], object]] = {
    "leave": lambda team: leave_network(membership=team.membership(team.coordinator), author=team.coordinator),
    "give up": lambda team: take_role(
        membership=team.membership(team.coordinator), role=Role.COORDINATOR, author=team.coordinator
    ),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
@pytest.mark.parametrize("colleague", ["suspended", "left", "closed"])
def test_the_last_coordinator_stays(end: Callable[[Team], object], colleague: str, team: Team) -> None:
    if colleague == "closed":
        Person.objects.filter(pk=team.colleague.pk).update(is_active=False)
    else:
        Membership.objects.filter(person=team.colleague).update(**{f"{colleague}_at": now()})
    with pytest.raises(ConflictError) as refused:
        end(team)
    assert refused.value.code == "last_coordinator"
    assert roles_in(team.coordinator, team.network) == {Role.COORDINATOR}
    assert history(team.membership(team.coordinator)) == []


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_one_of_two_coordinators_may_go(end: Callable[[Team], object], team: Team) -> None:
    end(team)
    assert roles_in(team.coordinator, team.network) == set()


def test_a_member_may_leave_a_network_that_has_no_coordinator_yet(team: Team) -> None:
    Membership.objects.filter(person__in=[team.coordinator, team.colleague]).update(left_at=now())
    leave_network(membership=team.membership(team.member), author=team.member)
    assert member_state(team.membership(team.member)) == MemberState.LEFT


def test_the_last_coordinator_hands_the_role_over(team: Team) -> None:
    leave_network(membership=team.membership(team.colleague), author=team.colleague)
    hand_coordination_over(membership=team.membership(team.member), author=team.coordinator)
    assert roles_in(team.member, team.network) == {Role.LEARNER, Role.COORDINATOR}
    assert roles_in(team.coordinator, team.network) == set()


def test_nobody_suspends_themselves_nor_hands_over_to_themselves(team: Team) -> None:
    own = team.membership(team.coordinator)
    with pytest.raises(ConflictError) as suspended:
        suspend_member(membership=own, author=team.coordinator)
    with pytest.raises(ConflictError) as handed:
        hand_coordination_over(membership=own, author=team.coordinator)
    assert (suspended.value.code, handed.value.code) == ("own_membership", "role_held")
    assert roles_in(team.coordinator, team.network) == {Role.COORDINATOR}


def test_nothing_is_handed_to_who_takes_no_part(team: Team) -> None:
    suspend_member(membership=team.membership(team.member), author=team.coordinator)
    for act in (give_role, hand_coordination_over):
        roles = {"role": Role.TUTOR} if act is give_role else {}
        with pytest.raises(ConflictError) as refused:
            act(membership=team.membership(team.member), author=team.coordinator, **roles)
        assert refused.value.code == "already_suspended"


@pytest.mark.parametrize("act", [suspend_member, leave_network])
def test_a_reason_holds_no_patient_number(act: Callable[..., object], team: Team) -> None:
    with pytest.raises(DomainError) as refused:
        act(membership=team.membership(team.member), author=team.coordinator, reason=f"Dossier {NUMBER}")
    assert refused.value.code == "patient_number"
    assert roles_in(team.member, team.network) == {Role.LEARNER}


@pytest.mark.parametrize("act", ["suspend", "remove", "give"])
def test_what_changes_a_member_ends_their_paper_passes(act: str, team: Team) -> None:
    create_pass(person=team.member, author=team.coordinator)
    assert usable_passes(team.member).count() == 1
    ACTS[act](team, team.coordinator)
    assert usable_passes(team.member).count() == 0


def test_a_site_is_chosen_by_its_member_or_a_coordinator(team: Team) -> None:
    here, elsewhere = SiteFactory.create(network=team.network), SiteFactory.create()
    membership = team.membership(team.member)
    for author in (team.member, team.coordinator):
        assert change_site(membership=membership, site=here, author=author).site == here
    with pytest.raises(DomainError) as refused:
        change_site(membership=membership, site=elsewhere, author=team.member)
    assert refused.value.code == "foreign_site"
