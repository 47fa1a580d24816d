"""Answering from the link of a mail, without signing in: reading does nothing, the button does."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.secret_addresses import hide_secrets
from backend.credits.models import LedgerHead
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.models import Membership
from backend.tutoring.domain.answer_links import VALID, token_for
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session
from tests.support import factories
from tests.support.cast import Cast, Neighbourhood
from tests.web.reading import choices, links, words


@pytest.fixture
def here(cast: Cast) -> Neighbourhood:
    HelpRequest.objects.filter(participations__session=cast.here.session).update(state=RequestState.PLANNED)
    return cast.here


def address(here: Neighbourhood, person: Person) -> str:
    return reverse("answer", args=[token_for(here.session, person)])


def post(client: Client, here: Neighbourhood, person: Person, action: str, **data: str) -> Any:
    return client.post(address(here, person), {"action": action, **data})


def test_reading_the_page_answers_nothing(client: Client, here: Neighbourhood) -> None:
    response = client.get(address(here, here.tutor))
    assert response.status_code == 200
    assert choices(response, "action") == ["accept", "decline"]
    here.session.refresh_from_db()
    assert here.session.state == SessionState.PROPOSED
    assert "_auth_user_id" not in client.session


def test_one_button_accepts_and_signs_nobody_in(client: Client, here: Neighbourhood) -> None:
    response = post(client, here, here.tutor, "accept")
    assert response.status_code == 302
    assert "Séance acceptée" in words(client.get(response["Location"]))
    here.session.refresh_from_db()
    assert here.session.state == SessionState.CONFIRMED
    assert client.get("/seances/").status_code == 302


def test_a_second_press_is_told_that_the_first_counted(client: Client, here: Neighbourhood) -> None:
    post(client, here, here.tutor, "accept")
    again = post(client, here, here.tutor, "accept")
    assert (again.status_code, "ce n’est plus possible" in words(again)) == (409, True)


def test_declining_asks_why(client: Client, here: Neighbourhood) -> None:
    assert post(client, here, here.tutor, "decline", reason=" ").status_code == 422
    assert post(client, here, here.tutor, "decline", reason="De garde").status_code == 302
    here.session.refresh_from_db()
    assert here.session.state == SessionState.DECLINED


def test_a_learner_says_that_it_suits(client: Client, here: Neighbourhood) -> None:
    assert "agree" in choices(client.get(address(here, here.learner)), "action")
    post(client, here, here.learner, "agree")
    assert here.session.participations.get().agreed_at is not None


def test_another_time_is_proposed_from_the_mail(client: Client, here: Neighbourhood) -> None:
    noon = now().replace(hour=12, minute=0, second=0, microsecond=0) + dt.timedelta(days=3)
    for person in (here.tutor, here.learner):
        factories.AvailabilityExceptionFactory.create(
            person=person, starts_at=noon, ends_at=noon + dt.timedelta(hours=1), is_free=True
        )
    assert post(client, here, here.learner, "propose-time", starts_at=noon.isoformat()).status_code == 302
    assert "accept-time" in choices(client.get(address(here, here.tutor)), "action")
    post(client, here, here.tutor, "accept-time")
    here.session.refresh_from_db()
    assert here.session.starts_at == noon


@pytest.mark.parametrize("action", ["cancel", "decide", "explode", ""])
def test_a_mail_does_no_more_than_answer(client: Client, here: Neighbourhood, action: str) -> None:
    assert post(client, here, here.tutor, action, reason="Non", everyone="yes", present="yes").status_code == 422
    assert Session.objects.get(pk=here.session.pk).state == SessionState.PROPOSED


def test_a_link_is_for_one_person(client: Client, here: Neighbourhood) -> None:
    assert post(client, here, here.learner, "accept").status_code == 409
    here.session.refresh_from_db()
    assert here.session.state == SessionState.PROPOSED


@pytest.mark.parametrize("person", ["coordinator", "auditor"])
def test_a_link_opens_no_session_that_is_not_ones_own_to_answer(
    client: Client, here: Neighbourhood, person: str
) -> None:
    response = client.get(address(here, getattr(here, person)))
    assert response.status_code in {200, 404}
    assert choices(response, "action") == []


def test_a_link_of_another_network_opens_nothing(client: Client, cast: Cast) -> None:
    assert client.get(address(cast.here, cast.elsewhere.coordinator)).status_code == 404


@pytest.mark.parametrize("change", ["cut", "forged", "old", "closed", "suspended"])
def test_a_link_that_is_no_longer_good_opens_nothing(client: Client, here: Neighbourhood, change: str) -> None:
    link = address(here, here.tutor)
    if change == "cut":
        link = link[:-6] + "/"
    elif change == "forged":
        link = link.replace(f"/{here.session.pk}-{here.tutor.pk}.", f"/{here.session.pk}-{here.learner.pk}.")
    elif change == "closed":
        Person.objects.filter(pk=here.tutor.pk).update(is_active=False)
    elif change == "suspended":
        Membership.objects.filter(person=here.tutor).update(suspended_at=timezone.now())
    elif change == "old":
        link = make_old(here)
    for response in (client.get(link), client.post(link, {"action": "accept"})):
        assert response.status_code == 404
        assert "Ce lien ne sert plus" in words(response)
    assert Session.objects.get(pk=here.session.pk).state == SessionState.PROPOSED


def make_old(here: Neighbourhood) -> str:
    with time_machine.travel(now() - VALID - dt.timedelta(days=1)):
        return address(here, here.tutor)


def test_the_address_is_kept_secret(client: Client, here: Neighbourhood) -> None:
    response = client.get(address(here, here.tutor))
    assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("strict-origin", "noindex")
    assert token_for(here.session, here.tutor) not in hide_secrets(f"GET {address(here, here.tutor)} 200")
    assert "no-store" in response["Cache-Control"]
    assert f"/seances/{here.session.pk}/" in links(response)


def test_a_late_yes_is_open_from_the_mail(client: Client, here: Neighbourhood) -> None:
    Session.objects.filter(pk=here.session.pk).update(state=SessionState.DECLINED, no_answer=True)
    HelpRequest.objects.filter(participations__session=here.session).update(state=RequestState.OPEN)
    assert choices(client.get(address(here, here.tutor)), "action") == ["accept"]
    post(client, here, here.tutor, "accept")
    here.session.refresh_from_db()
    assert here.session.state == SessionState.CONFIRMED


# Who was there, from the mail


def test_presence_is_told_from_the_mail_by_a_button_alone(
    client: Client, two_networks: tuple[Neighbourhood, ...]
) -> None:
    here = two_networks[0]
    Session.objects.filter(pk=here.session.pk).update(
        state=SessionState.CONFIRMED, starts_at=now() - dt.timedelta(hours=2), ends_at=now() - dt.timedelta(hours=1)
    )
    address = f"/reponse/{token_for(here.session, here.learner)}/"
    assert "Étiez-vous là ?" in words(client.get(address))
    HelpRequest.objects.filter(pk=here.request.pk).update(state=RequestState.PLANNED)
    LedgerHead.objects.create(network=here.network, sequence=here.entry.sequence, hash=here.entry.hash)
    told = here.session.participations.values_list("by_learner", flat=True)
    client.get(f"{address}?action=confirm&present=yes")
    assert list(told) == [None]
    client.post(address, {"action": "confirm", "present": "yes", "useful": "yes", "words": "Merci"})
    assert list(told.all()) == [True]
    assert here.session.participations.get().feedbacks.get().words == "Merci"
    answer = client.post(
        f"/reponse/{token_for(here.session, here.tutor)}/", {"action": "attendance", "everyone": "yes"}
    )
    assert answer.status_code == 302, words(answer)
    here.session.refresh_from_db()
    assert here.session.state == "held"
