"""The page of a computation: how far it is, with and without JavaScript, and how to stop it."""

import pytest
from django.test import Client
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from backend.campaigns.domain.jobs import claim_run, execute_run
from backend.campaigns.domain.runs import start_run
from backend.campaigns.enums import CampaignState, RunState
from backend.campaigns.models import Campaign, Run, RunProgress
from backend.common.clock import now
from backend.web.coordinator.run_chart import MOST_ROWS, draw_run, thin_out
from tests.support import factories
from tests.support.cast import Cast
from tests.web.reading import choices, links, words


@pytest.fixture
def run(client: Client, cast: Cast) -> Run:
    """Queued; the coordinator is signed in."""
    campaign: Campaign = factories.CampaignFactory.create(network=cast.here.network, state=CampaignState.COLLECTING)
    client.force_login(cast.here.coordinator)
    return start_run(campaign=campaign, author=cast.here.coordinator)


def page(run: Run) -> str:
    return f"/campagnes/{run.campaign_id}/calculs/{run.pk}/"


def say(run: Run, *moments: tuple[float, int, int | None, int]) -> None:
    for elapsed, objective, bound, served in moments:
        RunProgress.objects.create(run=run, elapsed=elapsed, objective=objective, bound=bound, served=served)


def test_a_queued_run_waits_for_its_turn(client: Client, run: Run) -> None:
    response = client.get(page(run))
    text = words(response)
    assert "Le calcul attend son tour" in text
    assert "Actualiser" in text
    assert choices(response, "action") == ["cancel"]
    assert f'hx-get="{page(run)}" hx-trigger="every 1s, told"' in response.content.decode()


def test_a_running_search_shows_numbers_picture_and_table(client: Client, run: Run) -> None:
    claim_run(run)
    say(run, (0.2, 1000, None, 3), (0.4, 1500, 3000, 4), (0.8, 2000, 2000, 5))
    response = client.get(page(run))
    text = words(response)
    assert "Le calcul cherche" in text
    assert "5 demandes avec une proposition sur 1 pour l’instant." in text
    assert "0,2 s 3 1 000 pas encore connu 0,4 s 4 1 500 3 000 0,8 s 5 2 000 2 000" in text
    assert response.content.decode().count("<polyline") == 2


def test_a_search_of_a_blink_is_a_table_without_picture(client: Client, run: Run) -> None:
    claim_run(run)
    say(run, (0.01, 1000, 1000, 3), (0.02, 1000, 1000, 3))
    response = client.get(page(run))
    assert "<polyline" not in response.content.decode()
    assert "0,0 s 3 1 000 1 000" in words(response)


def test_a_published_run_says_when(client: Client, run: Run) -> None:
    execute_run(run=run)
    Run.objects.filter(pk=run.pk).update(published_at=now())
    text = words(client.get(page(run)))
    assert "Publié le " in text
    assert "Rien n’est publié" not in text
    assert "Revoir les propositions" in text


def test_a_finished_search_asks_no_more_and_leads_to_the_review(client: Client, run: Run) -> None:
    execute_run(run=run)
    response = client.get(page(run))
    assert "Le calcul est terminé 0 demande avec une proposition sur 1. Rien n’est publié." in words(response)
    html = response.content.decode()
    assert "hx-trigger" not in html.split("<main", 1)[1]
    assert "run.js" not in html
    assert choices(response, "action") == ["replay"]
    assert f"/campagnes/{run.campaign_id}/" in links(response)


def test_a_failed_search_says_what_to_do(client: Client, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(state=RunState.FAILED, error="BadAnswer: <secret>")
    response = client.get(page(run))
    assert "Rien n’a été modifié. Relancez un calcul" in words(response)
    assert escape("<secret>") not in response.content.decode()


def test_stopping_once_and_twice(client: Client, run: Run) -> None:
    assert client.post(page(run), {"action": "cancel"})["Location"] == page(run)
    assert "Vous avez arrêté ce calcul" in words(client.get(page(run)))
    again = client.post(page(run), {"action": "cancel"})
    assert (again.status_code, "Ce calcul est déjà terminé." in words(again)) == (409, True)


def test_stopping_a_running_search_is_said_at_once(client: Client, run: Run) -> None:
    claim_run(run)
    client.post(page(run), {"action": "cancel"})
    response = client.get(page(run))
    assert "L’arrêt est demandé." in words(response)
    assert choices(response, "action") == []


@pytest.mark.parametrize("data", [{}, {"action": "explode"}])
def test_an_unknown_action_is_refused(client: Client, run: Run, data: dict[str, str]) -> None:
    assert client.post(page(run), data).status_code == 400


def test_a_run_is_found_under_its_own_campaign_only(client: Client, cast: Cast, run: Run) -> None:
    assert client.get(f"/campagnes/{cast.here.campaign.pk}/calculs/{run.pk}/").status_code == 404


@pytest.mark.parametrize("moments", [1, 3])
def test_the_page_asks_as_much_for_three_moments_as_for_one(
    client: Client, run: Run, moments: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    say(run, *[(rank, rank, None, rank) for rank in range(moments)])
    with django_assert_num_queries(7):
        client.get(page(run))


def test_a_long_search_is_thinned_out_and_keeps_its_end() -> None:
    moments = [RunProgress(elapsed=rank, objective=rank, bound=500, served=rank) for rank in range(301)]
    kept = thin_out(moments)
    assert len(kept) <= MOST_ROWS
    assert kept[-1] is moments[-1]
    assert [row.elapsed for row in kept] == sorted(row.elapsed for row in kept)


def test_lines_that_meet_end_at_one_height() -> None:
    chart = draw_run(
        [
            RunProgress(elapsed=0.1, objective=1, bound=9, served=1),
            RunProgress(elapsed=2, objective=9, bound=9, served=2),
        ]
    )
    assert chart is not None
    assert chart.found.split()[-1] == chart.proven.split()[-1] == "632,24"
    assert draw_run([]) is None
