"""Changes of members at the same moment, on PostgreSQL: a network keeps its coordination, a link works once."""

import threading
from functools import partial

import pytest

from backend.accounts.domain.passes import create_pass, use_pass
from backend.accounts.domain.people import Profile
from backend.accounts.models import Person
from backend.networks.domain import membership as domain
from backend.networks.domain.creation import create_network
from backend.networks.domain.invitations import accept_invitation, invite_people, sign_up, token_of
from backend.networks.domain.membership import hand_coordination_over, leave_network, suspend_member, take_role
from backend.networks.enums import Role
from backend.networks.models import Invitation, Membership, Network
from tests.networks.conftest import Team, make_team
from tests.support.racing import count_outcomes, race

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PROFILE = Profile("Nouvelle", "Fictive")


@pytest.fixture
def team(transactional_db: None) -> Team:
    return make_team()


def coordinators(team: Team) -> int:
    return Membership.objects.active().with_role(Role.COORDINATOR).filter(network=team.network).count()


def leave(team: Team, person: Person) -> partial[Membership]:
    return partial(leave_network, membership=team.membership(person), author=person)


def give_up(team: Team, person: Person) -> partial[Membership]:
    return partial(take_role, membership=team.membership(person), role=Role.COORDINATOR, author=person)


def suspend(team: Team, person: Person, author: Person) -> partial[Membership]:
    return partial(suspend_member, membership=team.membership(person), author=author)


@pytest.mark.parametrize("end", [leave, give_up])
def test_of_two_coordinators_who_go_at_once_one_stays(end: object, team: Team) -> None:
    calls = [end(team, person) for person in (team.coordinator, team.colleague)]  # type: ignore[operator]
    assert count_outcomes(race(calls)) == {"ok": 1, "last_coordinator": 1}
    assert coordinators(team) == 1


def test_without_the_lock_both_would_go(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above is worth something only if it can fail: both have checked before either commits."""
    both_checked = threading.Barrier(2, timeout=30)
    monkeypatch.setattr(domain, "lock_network", lambda _: None)
    monkeypatch.setattr(domain, "publish", lambda _: both_checked.wait())
    race([leave(team, person) for person in (team.coordinator, team.colleague)])
    assert coordinators(team) == 0


def test_two_coordinators_who_suspend_each_other_leave_one(team: Team) -> None:
    calls = [
        suspend(team, team.coordinator, team.colleague),
        suspend(team, team.colleague, team.coordinator),
    ]
    outcomes = race(calls)
    assert sum(isinstance(outcome, Membership) for outcome in outcomes) == 1
    assert coordinators(team) == 1


def test_whatever_coordinators_do_at_once_one_stays(team: Team) -> None:
    for _ in range(5):
        Membership.objects.update(left_at=None, suspended_at=None)
        for person in (team.coordinator, team.colleague):
            Membership.objects.get(network=team.network, person=person).roles.get_or_create(role=Role.COORDINATOR)
        race(
            [
                leave(team, team.coordinator),
                give_up(team, team.colleague),
                suspend(team, team.coordinator, team.colleague),
                partial(hand_coordination_over, membership=team.membership(team.member), author=team.colleague),
                suspend(team, team.member, team.coordinator),
            ]
        )
        assert coordinators(team) >= 1


def test_a_link_used_by_forty_at_once_opens_one_account(team: Team) -> None:
    (invitation,) = invite_people(network=team.network, author=team.coordinator, emails=["x@y.example"]).invited
    call = partial(sign_up, token=token_of(invitation), profile=PROFILE)
    assert count_outcomes(race([call] * 40)) == {"ok": 1, "invitation_accepted": 39}
    assert Membership.objects.filter(person__email="x@y.example").count() == 1


def test_a_button_pressed_forty_times_joins_once(team: Team) -> None:
    sent = invite_people(network=team.network, author=team.coordinator, emails=[team.stranger.email])
    call = partial(accept_invitation, token=token_of(sent.invited[0]), person=team.stranger)
    assert count_outcomes(race([call] * 40)) == {"ok": 40}
    membership = team.membership(team.stranger)
    assert [row.what for row in membership.changes.all()] == ["joined", "role_given"]


def test_one_address_invited_by_forty_at_once_gets_one_link(team: Team) -> None:
    call = partial(invite_people, network=team.network, author=team.coordinator, emails=["x@y.example"])
    assert count_outcomes(race([call] * 40)) == {"ok": 40}
    assert Invitation.objects.count() == 1


def test_a_pass_scanned_forty_times_signs_in_once(team: Team) -> None:
    _, secret = create_pass(person=team.member, author=team.coordinator)
    outcomes = race([partial(use_pass, secret=secret)] * 40)
    assert sum(isinstance(outcome, Person) for outcome in outcomes) == 1


def test_a_network_made_twice_at_once_is_made_once(team: Team) -> None:
    call = partial(create_network, slug="neuf", name="CPTS neuve", coordinator_email="x@y.example")
    assert count_outcomes(race([call] * 10)) == {"ok": 10}
    assert (Network.objects.filter(slug="neuf").count(), Invitation.objects.count()) == (1, 1)
