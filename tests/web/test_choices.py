"""« Vos choix »: mails by kind, quiet hours, whether others see what one has read."""

import datetime as dt

import pytest
from django.test import Client

from backend.conversations.domain.choices import shows_reading
from backend.notifications.domain.notify import muted_kinds_of
from backend.notifications.domain.quiet import quiet_hours_of
from backend.notifications.enums import Kind
from tests.support.cast import Cast
from tests.web.reading import words

ADDRESS = "/profil/choix/"


@pytest.fixture(autouse=True)
def _signed_in(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.learner)


def test_mails_are_chosen_by_kind(cast: Cast, client: Client) -> None:
    client.post(ADDRESS, {"action": "mails", "kinds": [Kind.SESSION, Kind.MESSAGE]})
    assert set(muted_kinds_of(cast.here.learner)) == set(Kind.values) - {Kind.SESSION, Kind.MESSAGE}
    answer = client.post(ADDRESS, {"action": "mails", "kinds": ["everything"]})
    assert answer.status_code == 422
    assert "Ce choix n’existe pas." in words(answer)


def test_quiet_hours_are_kept_shown_and_taken_back(cast: Cast, client: Client) -> None:
    client.post(ADDRESS, {"action": "quiet", "quiet-start": "20:00", "quiet-end": "07:30"})
    assert quiet_hours_of(cast.here.learner) == (dt.time(20), dt.time(7, 30))
    assert 'value="20:00"' in client.get(ADDRESS).content.decode()
    client.post(ADDRESS, {"action": "quiet", "quiet-start": "", "quiet-end": ""})
    assert quiet_hours_of(cast.here.learner) == (None, None)


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        ("20:00", "", "Donnez les deux heures, ou aucune."),
        ("", "07:00", "Donnez les deux heures, ou aucune."),
        ("20:00", "20:00", "Choisissez deux heures différentes."),
        ("vingt", "07:00", "Écrivez une heure, telle que 20:00."),
    ],
)
def test_hours_that_make_no_sense_are_refused(cast: Cast, client: Client, start: str, end: str, why: str) -> None:
    answer = client.post(ADDRESS, {"action": "quiet", "quiet-start": start, "quiet-end": end})
    assert answer.status_code == 422
    assert why in words(answer)
    assert quiet_hours_of(cast.here.learner) == (None, None)


def test_nobody_shows_what_they_read_unless_they_say_so(cast: Cast, client: Client) -> None:
    assert not shows_reading(cast.here.learner)
    client.post(ADDRESS, {"action": "reading", "shown": "on"})
    assert shows_reading(cast.here.learner)
    client.post(ADDRESS, {"action": "reading"})
    assert not shows_reading(cast.here.learner)


def test_an_unknown_choice_is_no_choice(client: Client) -> None:
    assert client.post(ADDRESS, {"action": "everything"}).status_code == 400
