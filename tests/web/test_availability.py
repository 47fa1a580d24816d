"""« Mes disponibilités »: the board, the list, the exceptions, and what the campaign will see."""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.agenda.domain.holidays import set_holiday
from backend.agenda.models import AvailabilityException, WeeklyWindow
from backend.campaigns.enums import CampaignState
from backend.networks.enums import HolidayCalendar, Role
from backend.networks.models import Network
from tests.support.factories import (
    AvailabilityExceptionFactory,
    CampaignFactory,
    HelpRequestFactory,
    MembershipFactory,
    NetworkFactory,
    PersonFactory,
    WeeklyWindowFactory,
    make_member,
)
from tests.web.reading import links, words

pytestmark = pytest.mark.django_db

PAGE = "/mes-disponibilites/"
# A Sunday; the campaign of the next day lasts three weeks without a holiday.
TODAY = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
MONDAY = dt.date(2026, 11, 23)
CHECKED = re.compile(r'name="cell" value="([0-9-]+)"[^>]*? checked')


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def network() -> Network:
    found: Network = NetworkFactory.create(name="CPTS d’ici")
    return found


@pytest.fixture
def person(network: Network, client: Client) -> Person:
    found = make_member(network, Role.LEARNER)
    client.force_login(found)
    return found


def told(person: Person) -> list[str]:
    rows = WeeklyWindow.objects.filter(person=person).order_by("timezone", "weekday", "starts")
    return [f"{row.weekday} {row.starts:%H:%M}–{row.ends:%H:%M}" for row in rows]


def send(client: Client, action: str, **data: Any) -> Any:
    return client.post(PAGE, {"action": action, **data}, follow=True)


def test_an_empty_week_says_what_to_do(client: Client, person: Person) -> None:
    CampaignFactory.create(network=NetworkFactory.create(), state=CampaignState.COLLECTING)
    text = words(client.get(PAGE))
    assert "Vous n’avez indiqué aucun créneau : aucune séance ne peut vous être proposée." in text
    assert "Aucune exception à venir." in text
    assert "Aucune campagne n’est en recueil." in text


def test_somebody_of_no_network_is_told_whom_to_ask(client: Client) -> None:
    client.force_login(PersonFactory.create())
    assert "Votre compte n’est dans aucun réseau." in words(client.get(PAGE))


def test_the_board_and_the_list_tell_the_same_week(client: Client, person: Person) -> None:
    WeeklyWindowFactory.create()
    answer = send(client, "board", timezone="Europe/Paris", cell=["0-24", "0-25", "3-14"])
    assert answer.redirect_chain == [(f"{PAGE}#semaine", 302)]
    assert told(person) == ["0 12:00–13:00", "3 07:00–07:30"]
    page = client.get(PAGE)
    assert CHECKED.findall(page.content.decode()) == ["3-14", "0-24", "0-25"]
    text = words(page)
    assert "Lundi 12 h 00 – 13 h 00" in text.replace("\xa0", " ")
    assert "1 h 30 par semaine" in text.replace("\xa0", " ")


def test_a_board_sent_twice_changes_nothing_twice(client: Client, person: Person) -> None:
    WeeklyWindowFactory.create(person=person, weekday=0, starts=dt.time(6), ends=dt.time(7, 15))
    for _ in range(2):
        send(client, "board", timezone="Europe/Paris", cell=["0-24", "9-99", "?"])
        assert told(person) == ["0 06:00–07:15", "0 12:00–12:30"]
    text = words(client.get(PAGE))
    assert "Une case marquée ½ est libre un quart d’heure" in text
    assert "Vos créneaux avant 7 h ou après 21 h sont dans la liste." in text


def test_a_window_is_added_changed_and_taken_back(client: Client, person: Person) -> None:
    for _ in range(2):
        send(client, "window", weekday="2", starts="12:15", ends="13:00")
    window = WeeklyWindow.objects.get(person=person)
    assert told(person) == ["2 12:15–13:00"]
    assert 'value="12:15"' in client.get(f"{PAGE}?changer={window.pk}").content.decode()
    send(client, "window", window=window.pk, weekday="4", starts="12:15", ends="14:00")
    assert told(person) == ["4 12:15–14:00"]
    window = WeeklyWindow.objects.get(person=person)
    assert "Créneau retiré." in words(send(client, "remove", window=window.pk))
    assert "Ce n’était déjà plus dans votre liste" in words(send(client, "remove", window=window.pk))
    gone = send(client, "window", window=window.pk, weekday="4", starts="12:15", ends="14:00")
    assert "Ce n’était déjà plus dans votre liste" in words(gone)
    assert told(person) == []


def test_anothers_windows_and_exceptions_are_out_of_reach(client: Client, person: Person) -> None:
    window, exception = WeeklyWindowFactory.create(), AvailabilityExceptionFactory.create()
    send(client, "remove", window=window.pk)
    send(client, "window", window=window.pk, weekday="4", starts="12:00", ends="14:00")
    send(client, "forget", exception=exception.pk)
    assert told(window.person) == ["3 12:00–14:00"]
    assert AvailabilityException.objects.count() == 1
    assert "Changer ce créneau" not in words(client.get(f"{PAGE}?changer={window.pk}"))


@pytest.mark.parametrize(
    ("data", "field", "message"),
    [
        ({"starts": "", "ends": "13:00"}, "starts", "Donnez une heure."),
        ({"starts": "midi", "ends": "13:00"}, "starts", "Écrivez une heure, par exemple 12:30."),
        ({"starts": "12:05", "ends": "13:00"}, "starts", "Écrivez une heure juste"),
        ({"starts": "12:00", "ends": "12:00"}, "ends", "La fin doit venir après le début."),
    ],
)
def test_a_window_that_makes_no_sense_keeps_what_was_typed(
    data: dict[str, str], field: str, message: str, client: Client, person: Person
) -> None:
    answer = send(client, "window", weekday="5", **data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'<a href="#window_{field}">' in page
    assert message in words(answer)
    assert '<option value="5" selected>Samedi</option>' in page
    assert told(person) == []


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"action": "?"},
        {"action": "remove"},
        {"action": "forget", "exception": "x"},
        {"action": "board", "timezone": "Asia/Tokyo"},
    ],
)
def test_an_odd_form_is_refused(data: dict[str, str], client: Client, person: Person) -> None:
    assert client.post(PAGE, data).status_code == 400


# Exceptions


@pytest.mark.parametrize(
    ("data", "instants", "told"),
    [
        ({"first_day": "2026-12-03"}, ("2026-12-02T23:00", "2026-12-03T23:00"), "Jeudi 3 décembre, toute la journée"),
        (
            {"first_day": "03/12/2026", "last_day": "2026-12-05"},
            ("2026-12-02T23:00", "2026-12-05T23:00"),
            "Du jeudi 3 décembre au samedi 5 décembre",
        ),
        (
            {"first_day": "2026-12-03", "starts": "14:00", "ends": "16h30"},
            ("2026-12-03T13:00", "2026-12-03T15:30"),
            "Jeudi 3 décembre, 14 h 00 – 16 h 30",
        ),
        (
            {"first_day": "2026-12-03", "starts": "14:00", "last_day": "2026-12-04", "ends": "09:00"},
            ("2026-12-03T13:00", "2026-12-04T08:00"),
            "Du jeudi 3 décembre, 14 h 00 au vendredi 4 décembre, 9 h 00",
        ),
        # The clocks of that Sunday go from 3:00 back to 2:00: « until 2:30 » is until the second one.
        (
            {"first_day": "2027-10-31", "starts": "02:15", "ends": "02:30"},
            ("2027-10-31T00:15", "2027-10-31T01:30"),
            "Dimanche 31 octobre 2027, 2 h 15 – 2 h 30",
        ),
    ],
)
def test_an_exception_is_told_in_local_time(
    data: dict[str, str], instants: tuple[str, str], told: str, client: Client, person: Person
) -> None:
    for _ in range(2):
        send(client, "exception", kind="busy", **data)
    row = AvailabilityException.objects.get(person=person)
    assert (f"{row.starts_at:%Y-%m-%dT%H:%M}", f"{row.ends_at:%Y-%m-%dT%H:%M}") == instants
    assert told in words(client.get(PAGE)).replace("\xa0", " ")
    assert "Exception retirée." in words(send(client, "forget", exception=row.pk))
    assert not AvailabilityException.objects.exists()


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({}, ["kind", "first_day"]),
        ({"kind": "free", "first_day": "2026-12-03"}, ["starts", "ends"]),
        ({"kind": "busy", "first_day": "2026-12-03", "last_day": "2026-12-02"}, ["ends"]),
        ({"kind": "busy", "first_day": "2026-11-02"}, ["ends"]),
        ({"kind": "busy", "first_day": "9999-12-31"}, ["first_day"]),
        ({"kind": "busy", "first_day": "2027-03-28", "starts": "02:30", "ends": "05:00"}, ["starts"]),
    ],
)
def test_an_exception_that_makes_no_sense(
    data: dict[str, str], fields: list[str], client: Client, person: Person
) -> None:
    answer = send(client, "exception", **data)
    assert answer.status_code == 422
    assert re.findall(r'<a href="#exception_(\w+?)(?:_0)?">', answer.content.decode()) == fields
    assert not AvailabilityException.objects.exists()


# Zones


def test_somebody_of_two_zones_says_which(client: Client, person: Person) -> None:
    island = NetworkFactory.create(name="Île", timezone="Indian/Reunion")
    MembershipFactory.create(network=island, person=person)
    send(client, "window", weekday="0", starts="08:00", ends="09:00", timezone="Indian/Reunion")
    send(client, "window", weekday="0", starts="08:00", ends="09:00", timezone="Europe/Paris")
    assert WeeklyWindow.objects.filter(person=person).count() == 2
    assert "heure de La Réunion" in words(client.get(PAGE))
    address = f"{PAGE}?fuseau=Indian/Reunion"
    client.post(address, {"action": "board", "timezone": "Indian/Reunion", "cell": ["6-20"]})
    assert CHECKED.findall(client.get(address).content.decode()) == ["6-20"]
    assert CHECKED.findall(client.get(PAGE).content.decode()) == ["0-16", "0-17"]
    refused = send(client, "window", weekday="0", starts="08:00", ends="09:00", timezone="Asia/Tokyo")
    assert refused.status_code == 422


def test_an_exception_overseas_is_on_its_own_clocks(client: Client) -> None:
    person = make_member(NetworkFactory.create(timezone="America/Cayenne"), Role.TUTOR)
    client.force_login(person)
    send(client, "exception", kind="free", first_day="2026-12-03", starts="08:00", ends="09:00")
    assert AvailabilityException.objects.get().starts_at == dt.datetime(2026, 12, 3, 11, tzinfo=dt.UTC)
    assert "Jeudi 3 décembre, 8 h 00 – 9 h 00" in words(client.get(PAGE)).replace("\xa0", " ")


# What the campaign will see


def test_the_campaign_sees_hours_day_by_day(client: Client, person: Person, network: Network) -> None:
    campaign = CampaignFactory.create(network=network, first_day=MONDAY, weeks=1, state=CampaignState.COLLECTING)
    CampaignFactory.create(network=NetworkFactory.create(), state=CampaignState.COLLECTING, title="Ailleurs")
    WeeklyWindowFactory.create(person=person, weekday=0)
    WeeklyWindowFactory.create(person=person, weekday=2, starts=dt.time(8), ends=dt.time(8, 30))
    text = words(client.get(PAGE)).replace("\xa0", " ")
    assert f"{campaign.title} , CPTS d’ici, du 23 novembre 2026 au 29 novembre 2026" in text
    assert "vous êtes libre 2 h 30 en tout, sur 2 jours. Une séance de 45 min peut commencer à 6 moments ." in text
    assert "Lundi 23 novembre 12 h 00 – 14 h 00 2 h 6 Mercredi 25 novembre 8 h 00 – 8 h 30 30 min 0" in text
    assert "Ailleurs" not in text


@pytest.mark.parametrize(
    ("hours", "problem"),
    [
        (None, "Vous n’avez indiqué aucun créneau : cette campagne ne pourra rien vous proposer."),
        ((dt.time(8), dt.time(8, 30)), "Vos moments libres sont tous plus courts qu’une séance de 45 min"),
    ],
)
def test_a_week_that_fits_nothing_is_warned_of(
    hours: tuple[dt.time, dt.time] | None, problem: str, client: Client, person: Person, network: Network
) -> None:
    CampaignFactory.create(network=network, first_day=MONDAY, state=CampaignState.COLLECTING)
    if hours:
        WeeklyWindowFactory.create(person=person, starts=hours[0], ends=hours[1])
    assert problem in words(client.get(PAGE)).replace("\xa0", " ")


def test_holidays_are_taken_off_unless_somebody_adds_time(client: Client, person: Person, network: Network) -> None:
    CampaignFactory.create(network=network, first_day=MONDAY, weeks=1, state=CampaignState.COLLECTING)
    WeeklyWindowFactory.create(person=person)
    coordinator = make_member(network, Role.COORDINATOR)
    set_holiday(network=network, author=coordinator, day=dt.date(2026, 11, 26), is_holiday=True)
    text = words(client.get(PAGE)).replace("\xa0", " ")
    assert "Jour férié retiré : 26 novembre 2026 (Jour ajouté par votre coordination)." in text
    assert "Aucun de vos créneaux ne tombe dans cette campagne" in text
    send(client, "exception", kind="free", first_day="2026-11-26", starts="12:00", ends="13:00")
    assert "libre 1 h en tout, sur 1 jour" in words(client.get(PAGE)).replace("\xa0", " ")


def test_one_campaign_is_shown_at_a_time(client: Client, person: Person, network: Network) -> None:
    other = NetworkFactory.create(holiday_calendar=HolidayCalendar.NONE)
    MembershipFactory.create(network=other, person=person).roles.create(role=Role.TUTOR)
    CampaignFactory.create(network=network, first_day=MONDAY, title="La proche", state=CampaignState.COLLECTING)
    later = CampaignFactory.create(
        network=other, first_day=MONDAY + dt.timedelta(weeks=1), title="La suivante", state=CampaignState.REVIEW
    )
    CampaignFactory.create(network=network, first_day=MONDAY, title="La publiée", state=CampaignState.PUBLISHED)
    assert "La proche , CPTS d’ici" in words(client.get(PAGE))
    page = client.get(f"{PAGE}?campagne={later.pk}")
    assert f"La suivante , {other.name}" in words(page)
    assert "La publiée" not in words(page)


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_three_as_for_one(
    count: int, client: Client, person: Person, network: Network, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for rank in range(count):
        WeeklyWindowFactory.create(person=person, weekday=rank)
        starts = TODAY + dt.timedelta(days=rank + 1)
        AvailabilityExceptionFactory.create(person=person, starts_at=starts)
        CampaignFactory.create(network=network, state=CampaignState.COLLECTING)
    with django_assert_num_queries(15):
        assert client.get(PAGE).status_code == 200


# From home


def test_home_asks_somebody_who_waits_without_a_window(client: Client, person: Person, network: Network) -> None:
    assert "Dites quand vous êtes libre" not in words(client.get("/accueil/"))
    HelpRequestFactory.create(network=network, person=person)
    page = client.get("/accueil/")
    assert "Dites quand vous êtes libre" in words(page)
    assert PAGE in links(page)
    WeeklyWindowFactory.create(person=person)
    assert "Dites quand vous êtes libre" not in words(client.get("/accueil/"))
