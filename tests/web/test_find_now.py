"""« Trouver maintenant »: choices in plain words, one tap, and what is said when there is none."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.campaigns.enums import CampaignState
from backend.campaigns.models import Campaign
from backend.common.clock import now
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.models import Membership
from backend.tutoring.models import Session
from backend.web.learner.find_now import SEARCHES_A_MINUTE
from tests.support import factories
from tests.support.campaign_scene import make_tutor
from tests.support.cast import Cast
from tests.support.clients import in_one_minute
from tests.web.reading import choices, links, words


@pytest.fixture
def asked(client: Client, cast: Cast) -> HelpRequest:
    """An open request of somebody free every day at noon, signed in; no campaign is under review here."""
    here = cast.here
    Campaign.objects.filter(pk=here.campaign.pk).update(state=CampaignState.PUBLISHED)
    HelpRequest.objects.filter(pk=here.request.pk).update(state=RequestState.PLANNED)
    for weekday in range(7):
        factories.WeeklyWindowFactory.create(person=here.learner, weekday=weekday)
    client.force_login(here.learner)
    found: HelpRequest = factories.HelpRequestFactory.create(network=here.network, person=here.learner)
    return found


def page(request: HelpRequest) -> str:
    return f"/mes-demandes/{request.pk}/trouver/"


def take(client: Client, request: HelpRequest, rank: int = 0) -> Any:
    """Press a button of the page."""
    response = client.get(page(request))
    data = {name: choices(response, name)[rank] for name in ("tutor", "start")}
    return client.post(page(request), data)


def test_the_request_leads_there_while_it_is_open(client: Client, cast: Cast, asked: HelpRequest) -> None:
    assert page(asked) in links(client.get(f"/mes-demandes/{asked.pk}/"))
    assert page(cast.here.request) not in links(client.get(f"/mes-demandes/{cast.here.request.pk}/"))
    client.force_login(cast.here.coordinator)
    assert page(asked) not in links(client.get(f"/mes-demandes/{asked.pk}/"))


def test_up_to_three_choices_each_with_its_reason(client: Client, cast: Cast, asked: HelpRequest) -> None:
    profession = factories.ProfessionFactory.create()
    tutors = [make_tutor(cast.here.network, asked.notion) for _ in range(4)]
    Person.objects.filter(pk__in=(asked.person_id, tutors[1].pk)).update(profession=profession)
    response = client.get(page(asked))
    assert len(choices(response, "tutor")) == 3
    assert choices(response, "tutor")[0] == str(tutors[1].pk)
    text = words(response)
    assert "Pourquoi : sa compétence sur ce sujet est validée, vous exercez la même profession et vous êtes" in text
    assert "Pourquoi : sa compétence sur ce sujet est validée et vous êtes libres en même temps." in text
    starts = [dt.datetime.fromisoformat(start) for start in choices(response, "start")]
    assert all(dt.timedelta(hours=12) <= start - now() < dt.timedelta(days=14) for start in starts)


def test_one_tap_proposes_and_a_second_shows_the_same_session(client: Client, cast: Cast, asked: HelpRequest) -> None:
    tutor = make_tutor(cast.here.network, asked.notion)
    response = client.get(page(asked))
    data = {name: choices(response, name)[0] for name in ("tutor", "start")}
    first, second = (client.post(page(asked), data) for _ in range(2))
    session = Session.objects.get(tutor=tutor)
    assert first["Location"] == second["Location"] == f"/seances/{session.pk}/"
    assert f"C’est proposé : la réponse de {tutor.name} vous sera envoyée." in words(client.get(first["Location"]))
    later = client.get(page(asked))
    assert "Cette demande n’attend plus de proposition." in words(later)
    assert f"/seances/{session.pk}/" in links(later)
    client.force_login(tutor)
    assert "accept" in choices(client.get(f"/seances/{session.pk}/"), "action")


def test_a_lost_race_shows_what_is_free_now(client: Client, cast: Cast, asked: HelpRequest) -> None:
    first, _ = (make_tutor(cast.here.network, asked.notion) for _ in range(2))
    response = client.get(page(asked))
    rank = choices(response, "tutor").index(str(first.pk))
    data = {name: choices(response, name)[rank] for name in ("tutor", "start")}
    first.claims.update(state="revoked")
    answer = client.post(page(asked), data)
    assert answer.status_code == 409
    assert "Ce moment vient d’être pris, ou ne convient plus." in words(answer)
    assert str(first.pk) not in choices(answer, "tutor")
    assert choices(answer, "tutor")


def test_nobody_free_says_why_and_what_would_help(client: Client, cast: Cast, asked: HelpRequest) -> None:
    assert "Personne n’est encore validé sur ce sujet dans votre réseau." in words(client.get(page(asked)))
    tutor = make_tutor(cast.here.network, asked.notion)
    tutor.weekly_windows.update(starts="18:00", ends="20:00", weekday=2)
    response = client.get(page(asked))
    assert "Ajoutez un moment libre le mercredi, de 18 h 00 à 18 h 45." in words(response)
    assert "Qu’un tuteur de ce sujet soit libre à un autre moment." in words(response)
    assert {"/mes-disponibilites/", f"/mes-demandes/{asked.pk}/modifier/"} < set(links(response))


def test_a_campaign_under_review_comes_first(client: Client, cast: Cast, asked: HelpRequest) -> None:
    tutor = make_tutor(cast.here.network, asked.notion)
    data = {"tutor": tutor.pk, "start": choices(client.get(page(asked)), "start")[0]}
    factories.CampaignFactory.create(network=cast.here.network, state=CampaignState.REVIEW)
    response = client.get(page(asked))
    assert "Une campagne est en cours de relecture" in words(response)
    assert choices(response, "tutor") == []
    assert client.post(page(asked), data).status_code == 409
    assert not Session.objects.filter(tutor=tutor).exists()


@pytest.mark.parametrize(
    "data", [{}, {"tutor": "1"}, {"tutor": "x", "start": "2026-12-03T11:00Z"}, {"tutor": "1", "start": "demain"}]
)
def test_what_no_button_sends_is_refused(client: Client, asked: HelpRequest, data: dict[str, str]) -> None:
    assert client.post(page(asked), data).status_code == 400
    assert client.post(page(asked), {"tutor": "1", "start": "2026-13-45T11:00:00"}).status_code == 400


def test_it_is_for_the_person_alone_while_they_are_a_member(client: Client, cast: Cast, asked: HelpRequest) -> None:
    Membership.objects.filter(person=cast.here.learner).update(suspended_at=now())
    assert client.get(page(asked)).status_code == 404
    for person in (cast.here.coordinator, cast.here.tutor, cast.elsewhere.coordinator, cast.admin):
        client.force_login(person)
        assert client.get(page(asked)).status_code == 404


def test_too_many_searches_wait(client: Client, asked: HelpRequest) -> None:
    with in_one_minute():
        answers = [client.get(page(asked)).status_code for _ in range(SEARCHES_A_MINUTE + 1)]
    assert answers == [200] * SEARCHES_A_MINUTE + [429]


@pytest.mark.parametrize("tutors", [1, 3])
def test_the_page_asks_as_much_for_three_tutors_as_for_one(
    client: Client, cast: Cast, asked: HelpRequest, tutors: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(tutors):
        make_tutor(cast.here.network, asked.notion)
    with django_assert_num_queries(23):
        client.get(page(asked))


def test_a_session_is_proposed_on_the_button_pressed(client: Client, cast: Cast, asked: HelpRequest) -> None:
    make_tutor(cast.here.network, asked.notion)
    make_tutor(cast.here.network, asked.notion)
    wanted = choices(client.get(page(asked)), "tutor")[1]
    take(client, asked, rank=1)
    assert Session.objects.latest("pk").tutor_id == int(wanted)
