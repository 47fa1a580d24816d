"""A network and its first coordinator, by the command and by the admin."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from backend.common.errors import ConflictError
from backend.networks.domain.creation import create_network
from backend.networks.enums import HolidayCalendar, Role
from backend.networks.models import Invitation, Network
from backend.networks.rules import roles_in
from backend.notifications.models import OutboxMessage
from tests.support.factories import PersonFactory

pytestmark = pytest.mark.django_db
ADDRESS = "premiere@coordination.example"


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("create-network", *arguments, stdout=said)
    return said.getvalue().strip()


def test_the_command_makes_a_network_and_invites_its_coordinator_once() -> None:
    arguments = ["saint-paul", "--name", "CPTS Saint-Paul", "--timezone", "Indian/Reunion", "--coordinator-email"]
    arguments += [ADDRESS, "--holiday-calendar", "reunion"]
    assert run(*arguments) == (
        f"Réseau créé : CPTS Saint-Paul. Invitation à le coordonner pour {ADDRESS}, valable 14 jours."
    )
    assert run(*arguments).startswith("Ce réseau existe déjà : CPTS Saint-Paul. Invitation")
    network = Network.objects.get()
    assert (network.timezone, network.holiday_calendar) == ("Indian/Reunion", HolidayCalendar.REUNION)
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.roles) == (ADDRESS, ["coordinator"])
    assert OutboxMessage.objects.get().address == ADDRESS


def test_somebody_who_has_an_account_coordinates_at_once() -> None:
    person = PersonFactory.create(email=ADDRESS)
    assert run("ici", "--name", "CPTS d’ici", "--coordinator-email", "Premiere@Coordination.example") == (
        "Réseau créé : CPTS d’ici. La coordination est assurée."
    )
    assert roles_in(person, Network.objects.get()) == {Role.COORDINATOR}
    assert run("ici", "--name", "CPTS d’ici", "--coordinator-email", "autre@x.example") == (
        "Ce réseau existe déjà : CPTS d’ici. La coordination est assurée."
    )
    assert not Invitation.objects.exists()


def test_a_wrong_zone_or_slug_makes_nothing() -> None:
    for arguments in (["ici", "--timezone", "Europe/Lutece"], ["pas un slug"]):
        with pytest.raises(CommandError):
            run(*arguments, "--name", "CPTS", "--coordinator-email", ADDRESS)
    with pytest.raises(CommandError):
        run("ici", "--name", "CPTS", "--coordinator-email", "pas une adresse")
    assert not Network.objects.exists()


def test_a_slug_that_is_taken_is_refused() -> None:
    create_network(slug="ici", name="CPTS d’ici", coordinator_email=ADDRESS)
    with pytest.raises(ConflictError) as refused:
        create_network(slug="ici", name="Une autre", coordinator_email=ADDRESS)
    assert (refused.value.code, Network.objects.get().name) == ("slug_taken", "CPTS d’ici")


def test_the_admin_makes_one_too(client: Client) -> None:
    client.force_login(PersonFactory.create(is_staff=True, is_superuser=True))
    fields = {
        "slug": "ici",
        "name": "CPTS d’ici",
        "timezone": "Europe/Paris",
        "target_level": 2,
        "answer_days": 3,
        "holiday_calendar": "metropole",
        "coordinator_email": ADDRESS,
    }
    response = client.post("/admin/networks/network/add/", {**fields, "coordinator_email": ""})
    assert (response.status_code, Network.objects.count()) == (200, 0)
    assert client.post("/admin/networks/network/add/", fields).status_code == 302
    assert Invitation.objects.get().network == Network.objects.get()
