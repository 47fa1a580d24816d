"""Whom to recruit: priced and solved by the engine, kept for the same problem."""

import datetime as dt
from collections.abc import Iterator

import pytest

from backend.accounts.models import Person
from backend.campaigns.domain.recruiting import Advice, Band, compute_recruiting, last_recruiting
from backend.campaigns.models import Campaign
from backend.common.clock import told_at
from backend.common.errors import NotFoundError, RoleRequiredError
from backend.needs.domain.requests import withdraw_request
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.referentials.models import Notion
from tests.support.campaign_scene import TODAY, make_requests, make_tutor
from tests.support.factories import NetworkFactory, NotionFactory, make_member


@pytest.fixture(autouse=True)
def _on_that_thursday() -> Iterator[None]:
    with told_at(TODAY):
        yield


@pytest.fixture
def notion(campaign: Campaign) -> Notion:
    found: Notion = NotionFactory.create(slug="mots-de-passe", title="Choisir un mot de passe")
    return found


def advices(network: Network, author: Person) -> tuple[Advice, ...]:
    return compute_recruiting(network=network, author=author, budget=30).advices


def test_what_unlocks_most_comes_first_with_its_time_of_day(
    network: Network, coordinator: Person, notion: Notion
) -> None:
    """Learners are free at noon; four hours a month are two sessions in two weeks, one a week."""
    evening = NotionFactory.create()
    (late,) = make_requests(network, [evening])
    late.person.weekly_windows.update(starts=dt.time(18), ends=dt.time(19))
    make_requests(network, [notion] * 3)
    assert advices(network, coordinator) == (
        Advice("mots-de-passe", "Choisir un mot de passe", 2, Band.NOON, 2),
        Advice(evening.slug, evening.title, 2, Band.EVENING, 1),
    )


def test_nobody_is_wanted_where_everybody_is_served(network: Network, coordinator: Person, notion: Notion) -> None:
    make_tutor(network, notion)
    make_requests(network, [notion])
    found = compute_recruiting(network=network, author=coordinator)
    assert (found.requests, found.advices, found.is_complete) == (1, (), True)


def test_nobody_is_wanted_where_learners_have_no_time(network: Network, coordinator: Person, notion: Notion) -> None:
    (request,) = make_requests(network, [notion])
    request.person.weekly_windows.all().delete()
    assert advices(network, coordinator) == ()


def test_a_learner_who_is_taken_then_is_not_counted(network: Network, coordinator: Person, notion: Notion) -> None:
    """Their only free time goes to the request that somebody can serve."""
    (served,) = make_requests(network, [NotionFactory.create()])
    served.person.weekly_windows.update(ends=dt.time(12, 45))
    make_tutor(network, served.notion, hours=40)
    (other,) = make_requests(network, [notion])
    other.person.weekly_windows.all().delete()
    type(other).objects.filter(pk=other.pk).update(person=served.person)
    found = advices(network, coordinator)
    assert [(advice.title, advice.served) for advice in found] == [(notion.title, 1)], "the second Thursday is left"


def test_the_last_answer_is_kept_and_a_changed_problem_is_solved_again(
    network: Network, coordinator: Person, notion: Notion
) -> None:
    assert last_recruiting(network) is None
    first, _ = make_requests(network, [notion] * 2)
    found = compute_recruiting(network=network, author=coordinator)
    with told_at(TODAY + dt.timedelta(minutes=1)):
        again = compute_recruiting(network=network, author=coordinator)
    assert again == found == last_recruiting(network)
    withdraw_request(request=first, author=first.person)
    changed = compute_recruiting(network=network, author=coordinator)
    assert [row.requests for row in (found, changed)] == [2, 1]
    assert last_recruiting(network) == changed
    assert last_recruiting(NetworkFactory.create()) is None


def test_time_that_runs_out_is_said(network: Network, coordinator: Person, notion: Notion) -> None:
    make_requests(network, [notion])
    found = compute_recruiting(network=network, author=coordinator, budget=-1)
    assert (found.advices, found.is_complete) == ((), False)
    assert compute_recruiting(network=network, author=coordinator, budget=30).is_complete


def test_it_is_for_coordinators(network: Network, notion: Notion) -> None:
    with pytest.raises(RoleRequiredError):
        compute_recruiting(network=network, author=make_member(network, Role.TUTOR))
    with pytest.raises(NotFoundError):
        compute_recruiting(network=network, author=make_member(NetworkFactory.create(), Role.COORDINATOR))
