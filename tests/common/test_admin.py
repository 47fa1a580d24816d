"""Support pages: all of them open, the domain's rows cannot be touched, and what belongs to the person is not there."""

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from backend.accounts.models import Person
from backend.agenda.models import Occupancy
from backend.campaigns.models import Campaign, Run
from backend.conversations.models import Conversation, Message
from backend.credits.models import Account, Certificate, Entry, LedgerHead
from backend.needs.models import HelpRequest
from backend.networks.models import Membership
from backend.skills.models import Positioning
from backend.tutoring.models import Session
from tests.support.cast import Cast
from tests.support.factories import PositioningFactory

ROOMS = {"accounts", "networks", "skills", "agenda", "credits", "conversations", "needs", "tutoring", "campaigns"}
SHOWN = sorted((model for model in admin.site._registry if model._meta.app_label in ROOMS), key=str)
READ_ONLY = {
    Occupancy,
    Account,
    Entry,
    LedgerHead,
    Certificate,
    Session,
    HelpRequest,
    Conversation,
    Campaign,
    Run,
    Membership,
}
NEVER_DELETED = {*READ_ONLY, Person}


def page(model: type[Model], name: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=arguments)


@pytest.fixture
def support(client: Client, cast: Cast) -> Client:
    Occupancy.objects.create(person=cast.here.tutor, cell=1_995_000, source="session:1")
    LedgerHead.objects.create(network=cast.here.network)
    client.force_login(cast.admin)
    return client


def test_what_is_shown() -> None:
    assert set(SHOWN) >= NEVER_DELETED
    assert set(SHOWN).isdisjoint({Message, Positioning})


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model._meta.model_name)
def test_every_list_and_page_opens(model: type[Model], support: Client) -> None:
    assert support.get(page(model, "changelist")).status_code == 200
    if admin.site._registry[model].search_fields:
        assert support.get(page(model, "changelist"), {"q": "fictive"}).status_code == 200
    for row in model._default_manager.all()[:1]:
        assert support.get(page(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", sorted(NEVER_DELETED, key=str), ids=lambda model: model._meta.model_name)
def test_what_the_domain_writes_is_not_touched(model: type[Model], support: Client) -> None:
    before = list(model._default_manager.values())
    key = before[0]["id"]
    assert support.post(page(model, "delete", key), {"post": "yes"}).status_code == 403
    if model in READ_ONLY:
        assert support.post(page(model, "change", key), {"state": "held"}).status_code == 403
        assert support.get(page(model, "add")).status_code == 403
    assert list(model._default_manager.values()) == before


def test_what_belongs_to_the_person_is_not_there(support: Client, cast: Cast) -> None:
    PositioningFactory.create(person=cast.here.learner, level=3)
    Message.objects.update(body="Un mot entre nous")
    HelpRequest.objects.update(context="Je n’ose pas le dire")
    pages = [
        page(Conversation, "change", cast.here.lounge.pk),
        page(Conversation, "changelist"),
        page(HelpRequest, "change", cast.here.request.pk),
        page(Person, "change", cast.here.learner.pk),
    ]
    for address in pages:
        text = support.get(address).content.decode()
        assert "entre nous" not in text
        assert "ose pas" not in text
        assert "positioning" not in text.lower()


def test_a_person_is_made_without_password(support: Client) -> None:
    given = {"email": "Nouvelle@Exemple.example", "first_name": "Nouvelle", "last_name": "Fictive"}
    answer = support.post(page(Person, "add"), {**given, "usable_password": "false"})
    assert answer.status_code == 302
    person = Person.objects.get(email="nouvelle@exemple.example")
    assert not person.has_usable_password()


@pytest.mark.parametrize("role", ["learner", "tutor", "coordinator", "auditor"])
def test_support_pages_are_for_staff(role: str, client: Client, cast: Cast) -> None:
    person = cast.play(role)
    assert person is not None
    client.force_login(person)
    assert client.get(page(Entry, "changelist")).status_code == 302
