"""« Relier mon calendrier »: the feed's address, what it tells, the calendars kept elsewhere; and the feed itself."""

import logging
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.agenda.domain.feeds import feed_of, renew_feed, secret_of
from backend.agenda.models import OutsideCalendar
from backend.common.secret_addresses import SecretAddressFilter
from backend.tutoring.enums import SessionState
from tests.support import factories
from tests.support.cast import Cast, Neighbourhood
from tests.web.reading import links, words

PAGE = "/mon-calendrier/"
NIR = "1 85 05 78 006 084 91"
ROTA = (
    b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20991024T200000\nDTEND:20991025T080000\nEND:VEVENT\nEND:VCALENDAR\n"
)


def feed(person: Person) -> str:
    return f"/calendrier/{secret_of(feed_of(person))}.ics"


@pytest.fixture
def here(cast: Cast) -> Neighbourhood:
    return cast.here


@pytest.fixture
def learner(client: Client, here: Neighbourhood) -> Person:
    client.force_login(here.learner)
    return here.learner


# The feed


def test_anybody_with_the_address_reads_the_feed(client: Client, here: Neighbourhood) -> None:
    response = client.get(feed(here.learner))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert f"UID:session-{here.session.pk}@tandem.example" in response.content.decode()
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Referrer-Policy"] == "strict-origin"
    assert client.head(feed(here.learner)).status_code == 200
    assert client.post(feed(here.learner)).status_code == 405


@pytest.mark.parametrize("learners", [1, 3])
def test_a_feed_that_did_not_change_is_not_sent_again(
    client: Client, here: Neighbourhood, learners: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.SessionFactory.create_batch(learners - 1, network=here.network, tutor=here.tutor)
    address = feed(here.tutor)
    with django_assert_num_queries(2):
        first = client.get(address)
    with django_assert_num_queries(2):
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again["ETag"] == first["ETag"]
    here.session.state = SessionState.CONFIRMED
    here.session.save()
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_an_old_address_and_a_forged_one_are_nothing(client: Client, here: Neighbourhood) -> None:
    old = feed(here.learner)
    renew_feed(person=here.learner)
    assert client.get(old).status_code == client.get("/calendrier/abc.ics").status_code == 404
    assert client.get(feed(here.learner)).status_code == 200


@pytest.fixture
def written() -> Iterator[list[str]]:
    """Every line that any logger of the process would write, as the handler of production writes it."""
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    keeper = Keeper(level=1)
    keeper.addFilter(SecretAddressFilter())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(keeper)
    root.setLevel(1)
    yield lines
    root.removeHandler(keeper)
    root.setLevel(level)


def test_no_log_repeats_the_address(client: Client, here: Neighbourhood, written: list[str]) -> None:
    old = feed(here.learner)
    client.get(old)
    renew_feed(person=here.learner)
    client.get(old)
    secret = old.removeprefix("/calendrier/").removesuffix(".ics")
    assert any("Not Found: /calendrier/…" in line for line in written), "something was written"
    assert not [line for line in written if secret in line]


# One session as a file


def test_those_who_come_take_the_session_along(client: Client, here: Neighbourhood) -> None:
    for person, status in ((here.learner, 200), (here.tutor, 200), (here.coordinator, 404), (here.auditor, 404)):
        client.force_login(person)
        response = client.get(f"/seances/{here.session.pk}/seance.ics")
        assert response.status_code == status
    client.force_login(here.learner)
    response = client.get(f"/seances/{here.session.pk}/seance.ics")
    assert response["Content-Disposition"] == f'attachment; filename="seance-{here.session.pk}.ics"'
    assert response.content.count(b"BEGIN:VEVENT") == 1


# The page


def test_the_page_offers_every_program_its_way(client: Client, learner: Person) -> None:
    response = client.get(PAGE)
    address = f"http://testserver{feed(learner)}"
    found = links(response)
    assert address.replace("http://", "webcal://") in found
    assert any(link.startswith("https://calendar.google.com/calendar/render?cid=webcal%3A%2F%2F") for link in found)
    assert any(link.startswith("https://outlook.office.com/calendar/0/addfromweb?url=http") for link in found)
    assert address in words(response)
    assert "no-store" in response["Cache-Control"]


def test_renewing_changes_the_address(client: Client, learner: Person) -> None:
    old = feed(learner)
    response = client.post(PAGE, {"action": "renew"}, follow=True)
    assert "L’ancienne ne répond plus." in words(response)
    assert old not in words(response)
    assert client.get(old).status_code == 404


def test_the_full_title_is_a_choice(client: Client, learner: Person, here: Neighbourhood) -> None:
    title = here.session.notion.title
    assert title not in client.get(feed(learner)).content.decode()
    client.post(PAGE, {"action": "titles", "full": "yes"})
    assert title in client.get(feed(learner)).content.decode()
    client.post(PAGE, {"action": "titles", "full": "no"})
    assert title not in client.get(feed(learner)).content.decode()


def test_an_address_is_followed_and_its_secret_is_shown_to_nobody(client: Client, learner: Person) -> None:
    response = client.post(
        PAGE, {"action": "address", "url": "webcal://agenda.exemple.example/prive-42.ics"}, follow=True
    )
    assert "Calendrier relié" in words(response)
    assert "agenda.exemple.example lecture en cours" in words(response)
    assert "prive-42" not in response.content.decode()
    assert OutsideCalendar.objects.get(person=learner).url == "https://agenda.exemple.example/prive-42.ics"


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"action": "address", "url": ""}, "Collez l’adresse du calendrier."),
        ({"action": "address", "url": "http://a.example/"}, "L’adresse doit commencer par https://"),
        ({"action": "address", "url": "https://a.example/", "name": NIR}, "numéro de sécurité sociale"),
        ({"action": "file"}, "Choisissez un fichier."),
        ({"action": "file", "file": SimpleUploadedFile("a.ics", b"")}, "Ce fichier est vide."),
        ({"action": "file", "file": SimpleUploadedFile("a.ics", b"hello")}, "Ce n’est pas un calendrier"),
        ({"action": "file", "file": SimpleUploadedFile("a.ics", b"x" * 1_000_001)}, "trop gros"),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_keeps_what_was_typed(
    client: Client, learner: Person, sent: dict[str, object], message: str
) -> None:
    response = client.post(PAGE, sent)
    assert (response.status_code, message in words(response)) == (422, True)
    assert str(sent.get("url", "")) in response.content.decode()
    assert not OutsideCalendar.objects.exists()


def test_a_file_is_read_and_removed(client: Client, learner: Person) -> None:
    response = client.post(PAGE, {"action": "file", "file": SimpleUploadedFile("garde.ics", ROTA)}, follow=True)
    assert "garde.ics (fichier) envoyé à l’instant" in words(response)
    key = OutsideCalendar.objects.get().pk
    assert "Calendrier retiré" in words(client.post(PAGE, {"action": "remove", "calendar": key}, follow=True))
    again = client.post(PAGE, {"action": "remove", "calendar": key}, follow=True)
    assert "n’était déjà plus dans votre liste" in words(again)


def test_age_and_error_are_told(client: Client, learner: Person) -> None:
    factories.make_outside_calendar(learner, minutes=125, error="status_404")
    factories.make_outside_calendar(learner, minutes=3 * 24 * 60)
    text = words(client.get(PAGE))
    assert "lu il y a 2 h" in text
    assert "Il n’y a pas de calendrier à cette adresse. La dernière lecture réussie sert encore." in text
    assert "lu il y a 3 jours" in text


def test_reading_again_is_asked_for(client: Client, learner: Person) -> None:
    calendar = factories.make_outside_calendar(learner, minutes=125)
    response = client.post(PAGE, {"action": "refresh", "calendar": calendar.pk}, follow=True)
    assert "Nous relisons ce calendrier" in words(response)


def test_another_person_touches_nothing(client: Client, here: Neighbourhood, learner: Person) -> None:
    calendar = factories.make_outside_calendar(here.tutor, minutes=5)
    assert calendar.name not in words(client.get(PAGE))
    client.post(PAGE, {"action": "remove", "calendar": calendar.pk})
    assert OutsideCalendar.objects.filter(pk=calendar.pk).exists()


@pytest.mark.parametrize(
    "sent", [{}, {"action": "explode"}, {"action": "remove"}, {"action": "remove", "calendar": "x"}]
)
def test_an_unknown_action_is_refused(client: Client, learner: Person, sent: dict[str, str]) -> None:
    assert client.post(PAGE, sent).status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_much_for_three_calendars_as_for_one(
    client: Client, learner: Person, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    feed_of(learner)
    for minutes in range(count):
        factories.make_outside_calendar(learner, minutes=minutes)
    with django_assert_num_queries(7):
        client.get(PAGE)
