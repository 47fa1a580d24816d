"""Importing a list by the pages: read, looked at, confirmed."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.networks.domain.imports.importing import IMPORTS_PER_HOUR, prepare_import
from backend.networks.domain.imports.lines import Line
from backend.networks.domain.imports.reading import SIZE_MAX
from backend.networks.enums import Role
from backend.networks.models import MemberImport, Membership
from backend.referentials.models import Profession
from tests.networks.test_directory import HEADER, activity
from tests.support import factories
from tests.support.cast import Cast
from tests.web.reading import choices, links, words

PAGE = "/membres/importer/"
LIST = "nom;prénom;courriel\nFictive;Nour;nour@ici.example\nFictive;Sacha;?\n"


@pytest.fixture
def coordinator(cast: Cast, client: Client) -> Client:
    client.force_login(cast.here.coordinator)
    return client


def send(client: Client, content: str | bytes, **data: object) -> Any:
    body = content.encode() if isinstance(content, str) else content
    return client.post(PAGE, {"file": SimpleUploadedFile("liste.csv", body), **data})


def make_list(cast: Cast, size: int) -> MemberImport:
    """``size`` new people of the cast's network."""
    lines = [
        Line(number + 2, {"last_name": f"Fictive{number}", "first_name": "Nour", "email": f"p{number}@ici.example"})
        for number in range(size)
    ]
    here = cast.here
    return prepare_import(network=here.network, author=here.coordinator, file_name="liste.csv", lines=lines)


def test_from_the_list_of_members_to_new_members(cast: Cast, coordinator: Client) -> None:
    assert PAGE in links(coordinator.get("/membres/"))
    answer = send(coordinator, LIST)
    assert answer.status_code == 302
    page = coordinator.get(answer.url)
    read = words(page)
    assert "Rien n’est encore écrit." in read
    assert "3 Sacha Fictive ? refusée Courriel « ? » : Ce n’est pas une adresse électronique." in read
    assert not Person.objects.filter(email="nour@ici.example").exists()
    refused = coordinator.post(answer.url, {"informed": "oui"})
    assert refused.status_code == 422
    assert "Des lignes sont refusées" in words(refused)
    assert choices(refused, "informed") == ["oui", "non"]
    done = coordinator.post(answer.url, {"informed": "oui", "skip_refused": "on"}, follow=True)
    assert "La liste est importée." in done.content.decode()
    assert Membership.objects.filter(network=cast.here.network, person__email="nour@ici.example").exists()
    again = coordinator.post(answer.url, follow=True)
    assert "rien n’a été fait deux fois" in again.content.decode()
    assert "importée" in words(coordinator.get(PAGE))


def test_lines_are_filtered_and_paged(cast: Cast, coordinator: Client) -> None:
    made = make_list(cast, 120)
    address = f"{PAGE}{made.pk}/"
    assert "Page 1 sur 3" in words(coordinator.get(address))
    assert "120 nouvelles" in words(coordinator.get(address))
    assert "Page 2 sur 3" in words(coordinator.get(f"{address}?lignes=nouvelles&page=2"))
    assert "Aucune ligne de cette sorte." in words(coordinator.get(f"{address}?lignes=refusees"))
    assert "Page 1 sur 3" in words(coordinator.get(f"{address}?lignes=nimporte&page=zéro"))


def test_the_fates_are_shown_again_when_the_situation_changed(cast: Cast, coordinator: Client) -> None:
    made = make_list(cast, 2)
    factories.make_member(
        cast.here.network, Role.LEARNER, email="p0@ici.example", first_name="Nour", last_name="Fictive0"
    )
    answer = coordinator.post(f"{PAGE}{made.pk}/", {"informed": "oui"})
    assert answer.status_code == 409
    assert "La situation a changé" in words(answer)
    assert "déjà membre" in words(answer)
    assert not Person.objects.filter(email="p1@ici.example").exists()
    assert coordinator.post(f"{PAGE}{made.pk}/", {"informed": "oui"}).status_code == 302


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "Colonnes absentes : Nom, Prénom, Courriel."),
        (b"x" * (SIZE_MAX + 1), "Ce fichier dépasse 5 Mo."),
        (b"PK\x03\x04zip", "Ce fichier n’est pas un classeur XLSX lisible."),
        (b"\xd0\xcf\x11\xe0", "protégé par un mot de passe"),
        (b"%PDF-1.7\x00", "ni un CSV, ni un classeur XLSX"),
    ],
)
def test_a_file_that_is_no_list_is_refused_beside_the_field(content: bytes, problem: str, coordinator: Client) -> None:
    answer = send(coordinator, content)
    assert answer.status_code == 422
    assert problem in words(answer)
    assert "#id_file" in links(answer)
    assert not MemberImport.objects.exists()


def test_no_file_at_all_is_said_so(coordinator: Client) -> None:
    answer = coordinator.post(PAGE)
    assert answer.status_code == 422
    assert "Choisissez un fichier." in words(answer)


def test_unread_columns_are_told(coordinator: Client) -> None:
    answer = send(coordinator, "nom;prénom;courriel;Âge\nFictive;Nour;nour@ici.example;9\n")
    assert "Colonnes non lues : Âge." in coordinator.get(answer.url).content.decode()


def test_what_a_list_holds_is_shown_as_text(coordinator: Client) -> None:
    answer = send(coordinator, "nom;prénom;courriel\n<script>alert(1)</script>;Nour;nour@ici.example\n")
    assert b"<script>alert" not in coordinator.get(answer.url).content


def test_people_of_the_directory_are_to_be_completed(coordinator: Client) -> None:
    factories.ProfessionFactory.create(slug="infirmier", label="Infirmier ou infirmière", ans_code="60", has_rpps=True)
    assert Profession.objects.filter(ans_code="60").exists()
    answer = send(coordinator, HEADER + activity(sign="Cabinet du Port", town="La Rochelle"))
    page = coordinator.get(answer.url)
    assert "Nour FICTIVE Cabinet du Port, 17000 La Rochelle adresse à trouver" in words(page)
    assert choices(page, "informed") == []
    sheet = coordinator.get(f"{answer.url}a-completer.csv")
    completed = sheet.content.decode().replace("FICTIVE;Nour;;", "FICTIVE;Nour;nour@ici.example;")
    assert "1 nouvelle" in words(coordinator.get(send(coordinator, completed).url))


def test_the_model_can_be_downloaded_and_sent_back(coordinator: Client) -> None:
    factories.ProfessionFactory.create(slug="infirmier", label="Infirmier ou infirmière")
    sheet = coordinator.get(f"{PAGE}modele.csv")
    assert sheet["Content-Disposition"] == 'attachment; filename="modele-membres.csv"'
    assert "1 nouvelle" in words(coordinator.get(send(coordinator, sheet.content).url))


def test_the_network_is_asked_of_who_coordinates_two(cast: Cast, coordinator: Client) -> None:
    other = factories.MembershipFactory.create(network=cast.elsewhere.network, person=cast.here.coordinator)
    other.roles.create(role=Role.COORDINATOR)
    send(coordinator, LIST, network=cast.elsewhere.network.slug)
    assert MemberImport.objects.get().network == cast.elsewhere.network
    third = factories.NetworkFactory.create()
    assert send(coordinator, LIST, network=third.slug).status_code == 422


def test_the_list_of_a_neighbour_is_absent(cast: Cast, client: Client) -> None:
    made = make_list(cast, 3)
    client.force_login(cast.elsewhere.coordinator)
    for address in (f"{PAGE}{made.pk}/", f"{PAGE}{made.pk}/a-completer.csv"):
        assert client.get(address).status_code == 404
    assert client.post(f"{PAGE}{made.pk}/", {"informed": "oui"}).status_code == 404
    assert "liste.csv" not in words(client.get(PAGE))
    assert not Person.objects.filter(email="p0@ici.example").exists()


def test_too_many_lists_in_an_hour_must_wait(cast: Cast, coordinator: Client) -> None:
    here = cast.here
    MemberImport.objects.bulk_create(
        MemberImport(network=here.network, author=here.coordinator, file_name="x") for _ in range(IMPORTS_PER_HOUR)
    )
    answer = send(coordinator, LIST)
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert "Trop de listes en une heure." in words(answer)


@pytest.mark.parametrize("size", [3, 300])
def test_pages_ask_as_much_of_the_database_for_any_list(
    size: int, cast: Cast, coordinator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = make_list(cast, size)
    with django_assert_max_num_queries(15):
        coordinator.get(f"{PAGE}{made.pk}/")
    with django_assert_max_num_queries(15):
        coordinator.get(PAGE)


def test_everything_said_has_its_label(cast: Cast, coordinator: Client) -> None:
    page = coordinator.get(f"{PAGE}{make_list(cast, 1).pk}/").content.decode()
    assert re.search(r"<legend>\s*Les nouvelles personnes le savent-elles", page)
