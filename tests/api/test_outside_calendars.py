"""Calendars kept elsewhere, by the API."""

from django.core.files.uploadedfile import SimpleUploadedFile

from backend.agenda.models import OutsideCalendar
from tests.api.conftest import SignIn
from tests.support.cast import Cast
from tests.support.factories import make_outside_calendar

PATH = "/api/v1/outside-calendars/"
ROTA = (
    b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20991024T200000\nDTEND:20991025T080000\nEND:VEVENT\nEND:VCALENDAR\n"
)
URL = "webcal://agenda.exemple.example/prive.ics"


def test_an_address_is_followed_once(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.here.tutor)
    first = client.post(PATH, {"url": URL}, "application/json")
    assert first.status_code == 201
    calendar = OutsideCalendar.objects.get()
    assert first.json() == {
        "id": calendar.pk,
        "kind": "address",
        "name": "agenda.exemple.example",
        "refreshed_at": None,
        "error": None,
    }
    assert client.post(PATH, {"url": URL}, "application/json").json() == first.json()
    assert client.get(PATH).json()["results"] == [first.json()]


def test_a_file_is_read_at_once(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.here.tutor)
    for _ in range(2):
        answer = client.post(
            PATH,
            {"file": SimpleUploadedFile("garde.ics", ROTA), "name": "Gardes"},
            headers={"Idempotency-Key": "once"},
        )
        assert (answer.status_code, answer.json()["kind"], answer.json()["name"]) == (201, "file", "Gardes")
        assert answer.json()["refreshed_at"] is not None
    assert OutsideCalendar.objects.count() == 1


def test_what_cannot_be_read_says_why(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.here.tutor)
    answer = client.post(PATH, {"url": "https://127.0.0.1:22/"}, "application/json")
    assert (answer.status_code, answer.json()["code"], list(answer.json()["fields"])) == (
        400,
        "forbidden_address",
        ["url"],
    )
    answer = client.post(PATH, {"file": SimpleUploadedFile("a.ics", b"")})
    assert (answer.status_code, answer.json()["code"]) == (400, "not_a_calendar")
    assert client.post(PATH, {}, "application/json").status_code == 400
    assert client.post(PATH, {"name": "x"}).status_code == 400


def test_each_sees_and_forgets_their_own(cast: Cast, sign_in: SignIn) -> None:
    calendar = make_outside_calendar(cast.here.tutor, minutes=5, error="too_slow")
    stranger = sign_in(cast.here.learner)
    assert stranger.get(PATH).json()["results"] == []
    assert stranger.delete(f"{PATH}{calendar.pk}/").status_code == 404
    client = sign_in(cast.here.tutor)
    assert client.get(PATH).json()["results"][0]["error"] == "too_slow"
    assert client.delete(f"{PATH}{calendar.pk}/").status_code == 204
    assert client.delete(f"{PATH}{calendar.pk}/").status_code == 404
