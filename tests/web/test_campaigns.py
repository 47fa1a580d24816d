"""Campaigns of coordinators: figures that agree, reasons in words, computing and publishing once."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.campaigns.domain.runs import execute_run, freeze_run
from backend.campaigns.enums import CampaignState, RunState
from backend.campaigns.models import Campaign, Proposal, Run
from backend.common.clock import now
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.skills.enums import ClaimState
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session
from tests.support import factories
from tests.support.cast import Cast, Neighbourhood
from tests.web.reading import choices, links, words


def page(campaign: Campaign) -> str:
    return f"/campagnes/{campaign.pk}/"


def post(client: Client, campaign: Campaign, action: str, **data: object) -> Any:
    return client.post(page(campaign), {"action": action, **data})


@pytest.fixture
def collecting(client: Client, cast: Cast) -> Campaign:
    """A campaign in which one request can be met and another cannot; the coordinator is signed in."""
    here = cast.here
    notion = factories.NotionFactory.create(title="Reconnaître un courriel piégé")
    capacity = factories.CapacityFactory.create(notion=notion, text="reconnaître un courriel piégé")
    factories.ClaimFactory.create(network=here.network, person=here.tutor, notion=notion, state=ClaimState.ACCEPTED)
    factories.WeeklyWindowFactory.create(person=here.learner)
    ask(here, here.learner, capacity=capacity)
    ask(here, here.learner)
    client.force_login(here.coordinator)
    campaign: Campaign = factories.CampaignFactory.create(
        network=here.network, state=CampaignState.COLLECTING, title="Campagne d’automne"
    )
    HelpRequest.objects.filter(pk=here.request.pk).update(state="planned")
    return campaign


def ask(here: Neighbourhood, person: object, **fields: object) -> HelpRequest:
    request: HelpRequest = factories.HelpRequestFactory.create(network=here.network, person=person, **fields)
    return request


def compute(campaign: Campaign, cast: Cast) -> Run:
    return execute_run(run=freeze_run(campaign=campaign, author=cast.here.coordinator, time_limit=5))


# The list


def test_the_list_holds_the_campaigns_of_the_networks_one_coordinates(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.coordinator)
    assert links(client.get("/campagnes/")) == [page(cast.here.campaign)]


@pytest.mark.parametrize("campaigns", [1, 3])
def test_the_list_asks_as_much_for_three_campaigns_as_for_one(
    client: Client, cast: Cast, campaigns: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.CampaignFactory.create_batch(campaigns - 1, network=cast.here.network)
    client.force_login(cast.here.coordinator)
    with django_assert_num_queries(7):
        client.get("/campagnes/")


def test_no_campaign_yet_is_said(client: Client, cast: Cast) -> None:
    network = factories.NetworkFactory.create()
    client.force_login(factories.make_member(network, Role.COORDINATOR))
    assert "Aucune campagne pour l’instant." in words(client.get("/campagnes/"))


def test_campaigns_are_for_coordinators(client: Client, cast: Cast) -> None:
    answers = {}
    for role in ("learner", "tutor", "auditor", "stranger", "admin"):
        client.force_login(cast.play(role))  # type: ignore[arg-type]  # all of them are people
        answers[role] = (
            client.get("/campagnes/").status_code,
            client.get(page(cast.here.campaign)).status_code,
            post(client, cast.here.campaign, "publish", run=cast.here.run.pk).status_code,
        )
    assert answers == {
        "learner": (403, 403, 403),
        "tutor": (403, 403, 403),
        "auditor": (403, 403, 403),
        "stranger": (200, 404, 404),
        "admin": (403, 404, 404),
    }
    assert not Run.objects.exclude(published_at=None).exists()


# Collecting, computing


def test_a_collecting_campaign_says_what_it_has(client: Client, collecting: Campaign) -> None:
    response = client.get(page(collecting))
    text = words(response)
    assert "2 demandes ouvertes en attente d’une proposition 1 tuteur disponible" in text
    assert choices(response, "action") == ["compute"]


def test_nothing_to_compute_is_said_without_a_button(client: Client, cast: Cast) -> None:
    network = factories.NetworkFactory.create()
    campaign = factories.CampaignFactory.create(network=network, state=CampaignState.COLLECTING)
    client.force_login(factories.make_member(network, Role.COORDINATOR))
    response = client.get(page(campaign))
    assert "Aucune demande n’est ouverte" in words(response)
    assert choices(response, "action") == []


def test_computing_shows_figures_that_agree_and_publishes_nothing(client: Client, collecting: Campaign) -> None:
    before = Session.objects.count()
    assert post(client, collecting, "compute")["Location"] == page(collecting)
    response = client.get(page(collecting))
    text = words(response)
    assert "1 / 2 demandes avec une proposition maximum démontré" in text
    assert "1 séance, 45 min à proposer par 1 tuteur, 1 chacun" in text
    assert "1 demande sans proposition" in text
    assert "Publier 1 séance" in text
    assert "2 personnes verront leur séance aussitôt." in text
    assert "/aide/#maximum" in links(response)
    assert "servie" not in text
    assert Session.objects.count() == before


def test_a_run_under_way_is_not_started_again(client: Client, collecting: Campaign) -> None:
    factories.RunFactory.create(campaign=collecting)
    response = post(client, collecting, "compute")
    assert (response.status_code, "Un calcul est déjà en cours." in words(response)) == (409, True)
    assert collecting.runs.count() == 1
    Run.objects.filter(campaign=collecting).update(created_at=now() - dt.timedelta(minutes=3))
    assert post(client, collecting, "compute").status_code == 302


def test_without_a_proof_nothing_is_called_a_maximum(client: Client, cast: Cast, collecting: Campaign) -> None:
    run = compute(collecting, cast)
    Run.objects.filter(pk=run.pk).update(status="feasible")
    text = words(client.get(page(collecting)))
    assert "maximum démontré" not in text
    assert "davantage est peut-être possible" in text


REASONS = {
    "no_tutor": "Personne n’est validé sur ce sujet.",
    "level": "Aucun tuteur n’a le niveau demandé.",
    "ineligible": "Aucun tuteur de ce sujet ne peut rencontrer la personne de la façon demandée.",
    "no_common_slot": "Aucun moment commun avec les tuteurs de ce sujet.",
    "tutors_full": "Aux moments communs, les tuteurs sont complets ou déjà pris.",
    "outweighed": "Un tuteur et un moment existent, mais cette séance ferait baisser le résultat d’ensemble.",
}


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_is_told_in_french(client: Client, cast: Cast, reason: str) -> None:
    factories.UnservedFactory.create(run=finished(cast.here.run), request=cast.here.request, reason=reason)
    client.force_login(cast.here.coordinator)
    assert REASONS[reason] in words(client.get(page(cast.here.campaign)))


def test_ways_out_are_told_with_names_and_local_times(client: Client, cast: Cast) -> None:
    here = cast.here
    here.network.timezone = "Indian/Reunion"
    here.network.save()
    here.campaign.first_day = dt.date(2026, 11, 30)
    here.campaign.save()
    unblock = [
        {"change": "session", "tutor": str(here.tutor.pk)},
        {"change": "interval", "learner": str(here.learner.pk), "start": 50, "end": 53},
        {"change": "tutor", "notion": "1", "level": 2},
    ]
    factories.UnservedFactory.create(
        run=finished(here.run), request=here.request, reason="no_common_slot", unblock=unblock
    )
    client.force_login(here.coordinator)
    text = words(client.get(page(here.campaign)))
    assert f"Une séance de plus pour {here.tutor.name}." in text
    assert f"{here.learner.name} libre le lundi 30 novembre, de 12 h 30 à 13 h 15." in text
    assert "Un tuteur de plus sur ce sujet, à ce niveau." in text


def finished(run: Run, **fields: object) -> Run:
    run.state, run.status, run.objective, run.bound, run.seconds = RunState.DONE, "optimal", 10, 10, 0.1
    for name, value in fields.items():
        setattr(run, name, value)
    run.save()
    return run


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_as_much_for_three_rows_as_for_one(
    client: Client, cast: Cast, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    finished(cast.here.run)
    for _ in range(rows):
        factories.ProposalFactory.create(run=cast.here.run, tutor=cast.here.tutor)
        unblock = [{"change": "session", "tutor": str(cast.here.tutor.pk)}]
        factories.UnservedFactory.create(run=cast.here.run, unblock=unblock)
    client.force_login(cast.here.coordinator)
    with django_assert_num_queries(13):
        client.get(page(cast.here.campaign))


def test_proposals_come_in_pages(client: Client, cast: Cast) -> None:
    factories.ProposalFactory.create_batch(21, run=finished(cast.here.run))
    client.force_login(cast.here.coordinator)
    text = words(client.get(page(cast.here.campaign) + "?page=2"))
    assert "Page 2 sur 2" in text
    assert "21 / 21 demandes avec une proposition" in text


# Publishing


def test_publishing_twice_makes_sessions_once(client: Client, cast: Cast, collecting: Campaign) -> None:
    run = compute(collecting, cast)
    before = Session.objects.count()
    assert choices(client.get(page(collecting)), "run") == [str(run.pk)]
    assert post(client, collecting, "publish", run=run.pk).status_code == 302
    again = post(client, collecting, "publish", run=run.pk)
    assert (again.status_code, "Cette campagne est déjà publiée" in words(again)) == (409, True)
    assert Session.objects.count() == before + 1
    session = Session.objects.latest("pk")
    assert f"/seances/{session.pk}/" in links(again)
    assert choices(again, "action") == []


def test_after_publication_what_no_longer_fitted_is_not_called_a_proposal(
    client: Client, cast: Cast, collecting: Campaign
) -> None:
    run = compute(collecting, cast)
    HelpRequest.objects.filter(proposals__run=run).update(state="withdrawn")
    post(client, collecting, "publish", run=run.pk)
    assert Proposal.objects.filter(run=run, session=None).count() == 1
    text = words(client.get(page(collecting)))
    assert "0 / 2 demandes avec une proposition" in text
    assert "2 demandes sans proposition" in text
    assert "Le moment prévu n’était plus libre à la publication." in text


def test_a_published_campaign_tells_the_state_of_each_session(client: Client, cast: Cast, collecting: Campaign) -> None:
    run = compute(collecting, cast)
    post(client, collecting, "publish", run=run.pk)
    Session.objects.filter(proposals__run=run).update(state=SessionState.DECLINED)
    text = words(client.get(page(collecting)))
    assert "1 séance, 45 min proposées par 1 tuteur, 1 chacun 1 déclinée" in text
    assert "à publier" not in text


@pytest.mark.parametrize("run", ["", "x", "9" * 40, "0"])
def test_a_run_of_another_campaign_is_not_published(client: Client, cast: Cast, collecting: Campaign, run: str) -> None:
    other = compute(collecting, cast)
    client.force_login(cast.here.coordinator)
    for key in (run, str(other.pk)):
        assert post(client, cast.here.campaign, "publish", run=key).status_code == 409
    other.refresh_from_db()
    assert other.published_at is None


@pytest.mark.parametrize("data", [{}, {"action": "explode"}])
def test_an_unknown_action_is_refused(client: Client, collecting: Campaign, data: dict[str, str]) -> None:
    assert client.post(page(collecting), data).status_code == 400
