"""News: told once, numbered without holes, by mail unless the kind is muted."""

import pytest
from pytest_django.fixtures import Settings

from backend.accounts.models import Person
from backend.notifications.domain.notify import (
    News,
    count_unread_notifications,
    mark_notifications_read,
    mute_kinds,
    notifications_for,
    notify,
)
from backend.notifications.enums import Kind
from backend.notifications.models import OutboxMessage
from tests.support.factories import PersonFactory

pytestmark = pytest.mark.django_db


def news(key: str, kind: Kind = Kind.SESSION) -> News:
    return News(key=key, kind=kind, title=f"Titre {key}", url="/seances/1/", body="Corps.")


@pytest.fixture
def person() -> Person:
    return PersonFactory.create(first_name="Alix", email="alix@exemple.example")


def test_numbers_have_no_holes_and_are_each_persons_own(person: Person) -> None:
    other = PersonFactory.create()
    for key in ("a", "b", "c"):
        notify(person=person, news=news(key))
    notify(person=other, news=news("a"))
    assert [(row.number, row.title) for row in notifications_for(person)] == [
        (3, "Titre c"),
        (2, "Titre b"),
        (1, "Titre a"),
    ]
    assert [row.number for row in notifications_for(other)] == [1]


def test_same_news_is_told_once(person: Person) -> None:
    first, second = notify(person=person, news=news("a")), notify(person=person, news=news("a"))
    assert first == second
    assert OutboxMessage.objects.count() == 1


def test_mail_says_hello_what_and_where(person: Person, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tandem.example"
    notify(person=person, news=news("a"))
    mail = OutboxMessage.objects.get()
    assert (mail.address, mail.subject) == ("alix@exemple.example", "Titre a")
    assert mail.body == (
        "Bonjour Alix,\n\nCorps.\n\nhttps://tandem.example/seances/1/\n\n—\n"
        "Tandem, l’entraide numérique de votre CPTS.\n"
        "Choisir les courriels que vous recevez : https://tandem.example/profil/\n"
    )


def test_muted_kind_stays_in_the_application(person: Person) -> None:
    mute_kinds(person=person, kinds=[Kind.CLAIM])
    notify(person=person, news=news("a", Kind.CLAIM))
    notify(person=person, news=news("b", Kind.SESSION))
    assert notifications_for(person).count() == 2
    assert [mail.subject for mail in OutboxMessage.objects.all()] == ["Titre b"]


def test_reading_marks_up_to_a_number(person: Person) -> None:
    for key in ("a", "b", "c"):
        notify(person=person, news=news(key))
    mark_notifications_read(person=person, up_to=2)
    assert count_unread_notifications(person) == 1
    assert [row.number for row in notifications_for(person).filter(read_at=None)] == [3]
