"""« Mon agenda »: by day, by week or as a list, with sessions and time already taken."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.agenda.models import OutsideBusy
from backend.common.clock import told_at
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session
from tests.support import factories
from tests.support.cast import Cast, Neighbourhood
from tests.web.reading import links, words

PAGE = "/mon-agenda/"
# A Wednesday; Paris is an hour ahead.
NOW = dt.datetime(2026, 12, 2, 8, tzinfo=dt.UTC)


@pytest.fixture
def here(client: Client, cast: Cast) -> Iterator[Neighbourhood]:
    """The session is on Thursday, from noon to a quarter to one; its learner looks."""
    start = dt.datetime(2026, 12, 3, 11, tzinfo=dt.UTC)
    Session.objects.update(starts_at=start, ends_at=start + dt.timedelta(minutes=45))
    client.force_login(cast.here.learner)
    with told_at(NOW):
        yield cast.here


def busy(here: Neighbourhood, start: dt.datetime, hours: float) -> None:
    calendar = factories.make_outside_calendar(here.learner, minutes=int(hours * 10))
    OutsideBusy.objects.create(calendar=calendar, starts_at=start, ends_at=start + dt.timedelta(hours=hours))


def page(session: Session) -> str:
    return f"/seances/{session.pk}/"


@pytest.mark.parametrize(
    "view",
    [
        (PAGE, "Du lundi 30 novembre au dimanche 6 décembre", True),
        (f"{PAGE}?vue=semaine&jour=2026-12-10", "Du lundi 7 décembre au dimanche 13 décembre", False),
        (f"{PAGE}?vue=jour&jour=2026-12-03", "Jeudi 3 décembre", True),
        (f"{PAGE}?vue=jour&jour=2026-12-02", "Mercredi 2 décembre", False),
        (f"{PAGE}?vue=liste", "Du mercredi 2 décembre au mardi 29 décembre", True),
        (f"{PAGE}?vue=liste&jour=2026-12-04", "Du vendredi 4 décembre au jeudi 31 décembre", False),
        (f"{PAGE}?vue=mois&jour=hier", "Du lundi 30 novembre au dimanche 6 décembre", True),
        (f"{PAGE}?vue=jour&jour=0001-01-01", "Samedi 1er janvier 2000", False),
        (f"{PAGE}?vue=liste&jour=9999-12-31", "Du mardi 31 décembre 2199 au lundi 27 janvier 2200", False),
    ],
)
def test_each_view_shows_its_days(client: Client, here: Neighbourhood, view: tuple[str, str, bool]) -> None:
    address, title, is_there = view
    response = client.get(address)
    assert title in words(response)
    assert (page(here.session) in links(response)) is is_there


def test_today_is_marked_and_days_follow_each_other(client: Client, here: Neighbourhood) -> None:
    response = client.get(PAGE)
    assert words(response).count("(aujourd’hui)") == 1
    assert "Mercredi 2 décembre (aujourd’hui)" in words(response)
    assert {"?vue=semaine&jour=2026-11-23", "?vue=semaine&jour=2026-12-07"} <= set(links(response))


def test_nobody_sees_the_sessions_of_others(client: Client, here: Neighbourhood, cast: Cast) -> None:
    other = factories.SessionFactory.create(network=here.network, starts_at=here.session.starts_at)
    assert page(other) not in links(client.get(PAGE))
    client.force_login(here.coordinator)
    assert page(here.session) not in links(client.get(PAGE))
    client.force_login(cast.elsewhere.learner)
    assert page(here.session) not in links(client.get(PAGE))


@pytest.mark.parametrize("state", [SessionState.CANCELLED, SessionState.DECLINED])
def test_what_fell_through_is_gone(client: Client, here: Neighbourhood, state: SessionState) -> None:
    Session.objects.filter(pk=here.session.pk).update(state=state)
    assert page(here.session) not in links(client.get(PAGE))


def test_time_already_taken_shows_without_a_word_of_what_it_is(client: Client, here: Neighbourhood) -> None:
    busy(here, dt.datetime(2026, 12, 4, 7, tzinfo=dt.UTC), 2)
    busy(here, dt.datetime(2026, 12, 4, 23, tzinfo=dt.UTC), 24)
    busy(here, dt.datetime(2026, 12, 6, 19, tzinfo=dt.UTC), 4)
    text = words(client.get(PAGE)).replace("\N{NO-BREAK SPACE}", " ")
    assert "Occupé 8 h 00 – 10 h 00" in text
    assert "Occupé toute la journée" in text
    assert "Occupé à partir de 20 h 00" in text
    client.force_login(here.tutor)
    assert "Occupé" not in words(client.get(PAGE))


def test_a_night_on_duty_is_on_both_days(client: Client, here: Neighbourhood) -> None:
    busy(here, dt.datetime(2026, 12, 2, 19, tzinfo=dt.UTC), 12)
    text = words(client.get(PAGE)).replace("\N{NO-BREAK SPACE}", " ")
    assert text.count("jusqu’au jeudi 3 décembre, 8 h 00") == 2


def test_an_empty_list_says_so(client: Client, here: Neighbourhood) -> None:
    assert "Rien de prévu ces quatre semaines." in words(client.get(f"{PAGE}?vue=liste&jour=2027-03-01"))


def test_the_session_page_offers_the_file(client: Client, here: Neighbourhood) -> None:
    address = f"/seances/{here.session.pk}/seance.ics"
    assert address in links(client.get(page(here.session)))
    client.force_login(here.coordinator)
    assert address not in links(client.get(page(here.session)))


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_much_for_three_sessions_as_for_one(
    client: Client, here: Neighbourhood, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count - 1):
        session = factories.SessionFactory.create(network=here.network, starts_at=here.session.starts_at)
        factories.ParticipationFactory.create(session=session, person=here.learner)
    with django_assert_num_queries(9):
        response = client.get(PAGE)
    assert len([link for link in links(response) if link.startswith("/seances/") and link != "/seances/"]) == count


# The coordinator's calendar of a campaign


def test_a_campaign_shows_its_sessions_week_by_week(client: Client, here: Neighbourhood) -> None:
    here.campaign.first_day = dt.date(2026, 11, 30)
    here.campaign.save()
    factories.ProposalFactory.create(run=here.run, session=here.session, request=here.request, tutor=here.tutor)
    other = factories.SessionFactory.create(network=here.network, starts_at=here.session.starts_at)
    client.force_login(here.coordinator)
    address = f"/campagnes/{here.campaign.pk}/calendrier/"
    response = client.get(address)
    assert page(here.session) in links(response)
    assert page(other) not in links(response)
    assert {"?semaine=1", "?semaine=2", "?semaine=3"} <= set(links(response))
    assert page(here.session) not in links(client.get(f"{address}?semaine=2"))
    assert page(here.session) in links(client.get(f"{address}?semaine=x"))
    assert address in links(client.get(f"/campagnes/{here.campaign.pk}/"))


@pytest.mark.parametrize("role", ["learner", "tutor"])
def test_only_a_coordinator_sees_it(client: Client, here: Neighbourhood, cast: Cast, role: str) -> None:
    address = f"/campagnes/{here.campaign.pk}/calendrier/"
    client.force_login(cast.play(role))  # type: ignore[arg-type]  # these two are people
    assert client.get(address).status_code == 403
    client.force_login(cast.elsewhere.coordinator)
    assert client.get(address).status_code == 404
