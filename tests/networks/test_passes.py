"""Paper passes: used once, for a week, withdrawn at will, and never a way up."""

import datetime as dt

import pytest

from backend.accounts.domain.passes import find_pass, use_pass
from backend.accounts.models import Person, SignInPass
from backend.common.clock import now, told_at
from backend.common.errors import ConflictError, NotFoundError, RoleRequiredError
from backend.networks.domain.membership import add_member, suspend_member
from backend.networks.domain.passes import cancel_passes, print_pass
from backend.networks.enums import Role
from backend.networks.models import Membership
from backend.notifications.models import Notification
from tests.networks.conftest import Team
from tests.support.factories import make_member


def printed(team: Team, person: Person | None = None) -> str:
    _, secret = print_pass(membership=team.membership(person or team.member), author=team.coordinator)
    return secret


def test_a_pass_signs_in_once(team: Team) -> None:
    secret = printed(team)
    assert find_pass(secret=secret).person == team.member
    assert use_pass(secret=secret) == team.member
    with pytest.raises(NotFoundError):
        use_pass(secret=secret)


def test_only_its_hash_is_stored_and_the_member_hears_of_it(team: Team) -> None:
    secret = printed(team)
    row = SignInPass.objects.get()
    assert secret not in str(vars(row))
    assert (row.author, row.person) == (team.coordinator, team.member)
    assert Notification.objects.get(inbox__person=team.member).title == (
        "Une feuille de connexion a été imprimée pour vous"
    )


def test_a_new_pass_ends_the_one_before(team: Team) -> None:
    first, second = printed(team), printed(team)
    with pytest.raises(NotFoundError):
        use_pass(secret=first)
    assert use_pass(secret=second) == team.member


def test_a_pass_lasts_a_week(team: Team) -> None:
    secret = printed(team)
    with told_at(now() + dt.timedelta(days=6, hours=23)):
        find_pass(secret=secret)
    with told_at(now() + dt.timedelta(days=7, seconds=1)), pytest.raises(NotFoundError):
        use_pass(secret=secret)


def test_a_withdrawn_pass_is_worth_nothing(team: Team) -> None:
    secret = printed(team)
    assert cancel_passes(membership=team.membership(team.member), author=team.colleague) == 1
    with pytest.raises(NotFoundError):
        use_pass(secret=secret)


def test_suspension_and_a_closed_account_end_a_pass(team: Team) -> None:
    secret = printed(team)
    Person.objects.filter(pk=team.member.pk).update(is_active=False)
    with pytest.raises(NotFoundError):
        use_pass(secret=secret)
    Person.objects.filter(pk=team.member.pk).update(is_active=True)
    suspend_member(membership=team.membership(team.member), author=team.coordinator)
    with pytest.raises(NotFoundError):
        use_pass(secret=secret)
    with pytest.raises(ConflictError):
        printed(team)


@pytest.mark.parametrize(
    "who", ["colleague", "oneself", "auditor", "staff", "coordinator elsewhere", "member elsewhere"]
)
def test_a_pass_never_opens_more_than_this_network(who: str, team: Team) -> None:
    person = {"colleague": team.colleague, "oneself": team.coordinator}.get(who) or make_member(
        team.network, Role.AUDITOR if who == "auditor" else Role.LEARNER, is_staff=who == "staff"
    )
    if who.endswith("elsewhere"):
        elsewhere = Membership.objects.get(person=team.stranger).network
        role = Role.COORDINATOR if who.startswith("coordinator") else Role.LEARNER
        add_member(network=elsewhere, person=person, roles=[role])
    with pytest.raises(ConflictError) as refused:
        printed(team, person)
    assert (refused.value.code, SignInPass.objects.count()) == ("pass_not_allowed", 0)


def test_only_coordinators_of_this_network_print_and_withdraw(team: Team) -> None:
    secret = printed(team)
    membership = team.membership(team.member)
    for author, refusal in ((team.member, RoleRequiredError), (team.stranger, NotFoundError)):
        with pytest.raises(refusal):
            print_pass(membership=membership, author=author)
        with pytest.raises(refusal):
            cancel_passes(membership=membership, author=author)
    assert use_pass(secret=secret) == team.member


def test_who_rises_or_joins_another_network_loses_the_pass(team: Team) -> None:
    secret = printed(team)
    add_member(network=Membership.objects.get(person=team.stranger).network, person=team.member)
    with pytest.raises(NotFoundError):
        use_pass(secret=secret)


@pytest.mark.parametrize("secret", ["", "x", "é", "a" * 5000, "\x00"])
def test_what_is_no_secret_is_absent(secret: str, team: Team) -> None:
    printed(team)
    with pytest.raises(NotFoundError):
        use_pass(secret=secret)
