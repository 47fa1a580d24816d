"""The page of somebody one meets, and « Pas avec cette personne », which its author alone can read."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.needs.domain.avoidance import avoid_person
from backend.needs.models import AvoidedPair
from backend.networks.models import Membership
from tests.support import factories
from tests.support.cast import Cast
from tests.web.reading import TAGS, links, words


def page(person: Person) -> str:
    return f"/personnes/{person.pk}/"


def act(client: Client, person: Person, action: str, **data: str) -> Any:
    return client.post(page(person), {"action": action, **data})


def test_the_page_names_somebody_and_nothing_more(client: Client, cast: Cast) -> None:
    here = cast.here
    Person.objects.filter(pk=here.tutor.pk).update(profession=factories.ProfessionFactory.create(label="Sage-femme"))
    client.force_login(here.learner)
    text = words(client.get(page(here.tutor)))
    assert here.tutor.name in text
    assert "Sage-femme" in text
    assert here.tutor.email not in text


def test_the_session_and_the_conversation_lead_there(client: Client, cast: Cast) -> None:
    here = cast.here
    for reader, other in ((here.learner, here.tutor), (here.tutor, here.learner)):
        client.force_login(reader)
        for place in (f"/seances/{here.session.pk}/", f"/messages/{here.conversation.pk}/"):
            assert [link for link in links(client.get(place)) if "/personnes/" in link] == [page(other)]


def test_nobody_reads_the_page_of_a_stranger(client: Client, cast: Cast) -> None:
    answers = {}
    for role in ("learner", "tutor", "coordinator", "auditor", "stranger", "admin"):
        client.force_login(cast.play(role))  # type: ignore[arg-type]  # all of them are people
        answers[role] = (
            client.get(page(cast.here.tutor)).status_code,
            act(client, cast.here.tutor, "avoid").status_code,
        )
    assert answers == {
        "learner": (200, 302),
        "tutor": (404, 404),
        "coordinator": (200, 302),
        "auditor": (404, 404),
        "stranger": (404, 404),
        "admin": (404, 404),
    }


def test_it_is_said_and_taken_back_on_the_page(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.learner)
    before = words(client.get(page(cast.here.tutor)))
    assert act(client, cast.here.tutor, "avoid")["Location"] == page(cast.here.tutor)
    assert act(client, cast.here.tutor, "avoid").status_code == 302
    assert "Vous avez demandé à ne pas être proposés ensemble." in words(client.get(page(cast.here.tutor)))
    assert act(client, cast.here.tutor, "undo", next=page(cast.here.tutor))["Location"] == page(cast.here.tutor)
    client.get("/accueil/")
    assert words(client.get(page(cast.here.tutor))) == before
    assert act(client, cast.here.tutor, "delete").status_code == 400


def test_my_account_lists_them_even_once_they_left(client: Client, cast: Cast) -> None:
    avoid_person(author=cast.here.coordinator, other=cast.here.tutor)
    Membership.objects.filter(person=cast.here.tutor).update(left_at="2026-01-01T00:00:00Z")
    client.force_login(cast.here.coordinator)
    assert "Pas avec ces personnes Personne d’autre ne voit cette liste." in words(client.get("/profil/"))
    assert cast.here.tutor.name in words(client.get("/profil/"))
    assert act(client, cast.here.tutor, "undo", next="/profil/")["Location"] == "/profil/"
    assert "Pas avec ces personnes" not in words(client.get("/profil/"))


def test_nobody_else_finds_a_trace_anywhere(client: Client, cast: Cast) -> None:
    """Every page and resource that the others may open says the same before and after."""
    here, readers = cast.here, [cast.here.tutor, cast.here.coordinator, cast.here.auditor, cast.admin]
    for reader in readers:
        # Reading marks messages as read: what changes by itself has changed by now.
        read_everything(client, cast, reader)
    before = [read_everything(client, cast, reader) for reader in readers]
    AvoidedPair.objects.create(author=here.learner, other=here.tutor)
    assert [read_everything(client, cast, reader) for reader in readers] == before


def read_everything(client: Client, cast: Cast, reader: Person) -> dict[str, str]:
    client.force_login(reader)
    here = cast.here
    places = ["/accueil/", "/profil/", "/seances/", "/campagnes/", "/membres/", page(here.learner), page(here.tutor)]
    places += [f"/seances/{here.session.pk}/", f"/messages/{here.conversation.pk}/", f"/campagnes/{here.campaign.pk}/"]
    places += [f"/membres/{here.learner.memberships.get().pk}/", f"/mes-demandes/{here.request.pk}/"]
    shown = {place: words(client.get(place)) for place in places}
    api = ["/api/v1/me/", "/api/v1/members/", "/api/v1/sessions/", f"/api/v1/sessions/{here.session.pk}/"]
    shown |= {place: client.get(place).content.decode() for place in api}
    support = [
        reverse("admin:accounts_person_change", args=[here.learner.pk]),
        reverse("admin:app_list", args=["needs"]),
    ]
    return shown | {place: TAGS.sub("", client.get(place).content.decode()) for place in support}


@pytest.mark.parametrize("count", [1, 3])
def test_my_account_asks_as_much_for_three_as_for_one(
    client: Client, cast: Cast, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        AvoidedPair.objects.create(author=cast.here.auditor, other=factories.PersonFactory.create())
    client.force_login(cast.here.auditor)
    with django_assert_num_queries(9):
        client.get("/profil/")
