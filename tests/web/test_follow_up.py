"""« Suivi »: take back, repair, close; and the rules of answers."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.campaigns.domain.publication import publish_run
from backend.campaigns.enums import CampaignState
from backend.campaigns.models import Campaign, Repair, Run
from backend.common.clock import now
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.tutoring.domain.answers import decline_session
from backend.tutoring.models import Session
from tests.support.campaign_scene import compute, make_campaign, make_requests, make_tutor
from tests.support.cast import Cast
from tests.support.factories import NotionFactory, make_member, next_monday
from tests.web.reading import choices, words

NETWORK_RULES = "/reseau/reponses/"


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    """Published a moment ago: two sessions, and one tutor more than is needed."""
    network, coordinator = cast.here.network, cast.here.coordinator
    notion = NotionFactory.create()
    found = make_campaign(network, coordinator, first_day=next_monday() + dt.timedelta(weeks=1))
    for _ in range(3):
        make_tutor(network, notion)
    make_requests(network, [notion] * 2)
    publish_run(run=compute(found, coordinator), author=coordinator)
    found.refresh_from_db()
    return found


def page(campaign: Campaign) -> str:
    return f"/campagnes/{campaign.pk}/suivi/"


def post(client: Client, campaign: Campaign, action: str) -> Any:
    return client.post(page(campaign), {"action": action})


def decline(campaign: Campaign) -> Session:
    session = Session.objects.filter(proposals__run__campaign=campaign).order_by("pk")[0]
    return decline_session(session_id=session.pk, author=session.tutor, reason="De garde ce jour-là")


def test_the_page_says_when_mails_leave_and_takes_back(client: Client, cast: Cast, campaign: Campaign) -> None:
    client.force_login(cast.here.coordinator)
    assert "Les courriels partent à" in words(client.get(page(campaign)))
    assert choices(client.get(page(campaign)), "action") == ["take_back"]
    assert post(client, campaign, "take_back")["Location"] == f"/campagnes/{campaign.pk}/"
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.REVIEW
    assert post(client, campaign, "take_back").status_code == 409
    assert client.get(page(campaign)).status_code == 302


def test_the_mails_have_left(client: Client, cast: Cast, campaign: Campaign) -> None:
    Run.objects.filter(campaign=campaign).update(published_at=now() - dt.timedelta(minutes=10))
    client.force_login(cast.here.coordinator)
    assert "take_back" not in choices(client.get(page(campaign)), "action")
    response = post(client, campaign, "take_back")
    assert (response.status_code, "Les courriels sont partis" in words(response)) == (409, True)


def test_a_refusal_is_told_with_its_reason_and_repaired(client: Client, cast: Cast, campaign: Campaign) -> None:
    decline(campaign)
    client.force_login(cast.here.coordinator)
    text = words(client.get(page(campaign)))
    assert "« De garde ce jour-là »" in text
    assert "1 demande avait une proposition et attend à nouveau" in text
    post(client, campaign, "plan")
    assert "Une réparation est possible" in words(client.get(page(campaign)))
    assert "Réparation appliquée : 1 séance proposée" in words(
        client.post(page(campaign), {"action": "apply"}, follow=True)
    )
    assert post(client, campaign, "apply").status_code == 409
    assert "Rien n’est à réparer" in words(client.get(page(campaign)))


def test_a_repair_may_be_left(client: Client, cast: Cast, campaign: Campaign) -> None:
    decline(campaign)
    client.force_login(cast.here.coordinator)
    post(client, campaign, "plan")
    post(client, campaign, "dismiss")
    assert Repair.objects.get().state == "dismissed"
    assert "plan" in choices(client.get(page(campaign)), "action")


def test_a_campaign_closes_with_a_summary(client: Client, cast: Cast, campaign: Campaign) -> None:
    client.force_login(cast.here.coordinator)
    assert post(client, campaign, "close").status_code == 409
    for session in Session.objects.filter(proposals__run__campaign=campaign):
        decline_session(session_id=session.pk, author=session.tutor, reason="De garde")
    assert "En résumé" in words(client.post(page(campaign), {"action": "close"}, follow=True))
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.CLOSED
    assert choices(client.get(page(campaign)), "action") == []


@pytest.mark.parametrize("data", [{}, {"action": "explode"}])
def test_an_unknown_action_is_refused(client: Client, cast: Cast, campaign: Campaign, data: dict[str, str]) -> None:
    client.force_login(cast.here.coordinator)
    assert client.post(page(campaign), data).status_code == 400


def test_nobody_else_follows(client: Client, cast: Cast, campaign: Campaign) -> None:
    expected = {cast.here.tutor: 403, cast.here.auditor: 403, cast.elsewhere.coordinator: 404, cast.admin: 404}
    for person, status in expected.items():
        client.force_login(person)
        assert client.get(page(campaign)).status_code == status
        assert post(client, campaign, "plan").status_code == status


# The rules of answers


def test_rules_are_the_networks_own(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.coordinator)
    response = client.post(NETWORK_RULES, {"answer_days": "5", "repair": "alone"})
    assert response["Location"] == f"{NETWORK_RULES}?reseau={cast.here.network.slug}"
    found = Network.objects.in_bulk([cast.here.network.pk, cast.elsewhere.network.pk])
    assert (found[cast.here.network.pk].answer_days, found[cast.here.network.pk].auto_repair) == (5, True)
    assert found[cast.elsewhere.network.pk].answer_days == 3


@pytest.mark.parametrize(
    "wrong", [{}, {"answer_days": "0", "repair": "ask"}, {"answer_days": "31", "repair": "ask"}, {"answer_days": "3"}]
)
def test_rules_that_make_no_sense_are_refused(client: Client, cast: Cast, wrong: dict[str, str]) -> None:
    client.force_login(cast.here.coordinator)
    assert client.post(NETWORK_RULES, wrong).status_code == 422
    assert client.post(f"{NETWORK_RULES}?reseau=ailleurs", {"answer_days": "5", "repair": "ask"}).status_code == 404
    assert Network.objects.get(pk=cast.here.network.pk).answer_days == 3


def test_only_coordinators_set_rules(client: Client, cast: Cast) -> None:
    client.force_login(make_member(cast.here.network, Role.TUTOR))
    assert client.get(NETWORK_RULES).status_code == 403


def test_the_page_asks_as_much_for_a_larger_campaign(
    client: Client, cast: Cast, campaign: Campaign, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(cast.here.coordinator)
    with django_assert_num_queries(QUERIES):
        client.get(page(campaign))
    decline(campaign)
    with django_assert_num_queries(24):
        client.get(page(campaign))


QUERIES = 28
