"""Pages that anybody may open: words, safety, weight, and what they say when something is wrong."""

import hashlib
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from pytest_django import DjangoAssertNumQueries

from backend.common.eml import EmailBackend
from backend.common.errors import ConflictError, DomainError, NotFoundError, RoleRequiredError
from backend.conversations.models import Conversation
from backend.networks.enums import Role
from backend.networks.models import Network
from tests.support import factories
from tests.support.cast import Cast

STATIC = Path(__file__).resolve().parents[2] / "backend" / "web" / "shared" / "static"
PAGES = {
    "/": "Un collègue qui sait, quand le numérique vous bloque",
    "/aide/": "Aide",
    "/accessibilite/": "Déclaration d’accessibilité",
    "/mentions-legales/": "Mentions légales",
    "/vie-privee/": "Vie privée",
    "/courriels/": "Courriels de démonstration",
    "/compte/login/": "Se connecter",
    "/compte/login/code/": "Recevoir un code",
    "/compte/signup/": "Un compte s’ouvre avec votre CPTS",
    "/compte/inactive/": "Ce compte est fermé",
    "/compte/password/reset/": "Mot de passe oublié",
    "/compte/password/reset/done/": "Regardez vos courriels",
}

REFUSALS = {
    "absent": NotFoundError(),
    "role": RoleRequiredError(),
    "conflict": ConflictError("Cette heure vient d’être prise."),
    "refused": DomainError("Il manque une date."),
}


def refuse(request: HttpRequest, kind: str) -> HttpResponse:
    raise REFUSALS[kind]


def crash(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [
    path("refus/<kind>/", refuse),
    path("panne/", crash),
    path("", include("backend.config.urls")),
]


def text_of(html: str) -> str:
    """The words of a page, unbreakable spaces made ordinary."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\N{NO-BREAK SPACE}", " ").split())


def heading_of(response: Any) -> str:
    headings = re.findall(r"<h1[^>]*>(.*?)</h1>", response.content.decode(), re.DOTALL)
    assert len(headings) == 1
    return text_of(headings[0])


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "heading"), PAGES.items())
def test_a_page_has_one_heading_and_nothing_inline(client: Client, address: str, heading: str) -> None:
    response = client.get(address)
    html = response.content.decode()
    assert (response.status_code, heading_of(response)) == (200, heading)
    assert (
        re.findall(r"\sstyle=|\son\w+=|<style|<script(?![^>]* src=)|https?://(?!www\.w3\.org)[^\"]*\.(?:js|css)", html)
        == []
    )
    assert response["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")


@pytest.mark.django_db
def test_home_asks_the_database_nothing_for_a_passer_by(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        client.get("/")


def test_the_first_view_weighs_less_than_100_kilobytes(client: Client) -> None:
    html = len(client.get("/").content)
    files = ("tandem.css", "tandem.js", "favicon.svg", "vendor/htmx-2.min.js.gz")
    fonts = tuple(f"vendor/atkinson-hyperlegible-next-latin-{weight}-normal.woff2" for weight in (400, 700))
    assert html + sum((STATIC / name).stat().st_size for name in files + fonts) < 100_000


def test_vendored_files_are_what_the_manifest_says() -> None:
    listed = json.loads((STATIC / "vendor" / "manifest.json").read_text())["files"]
    present = {file.name for file in (STATIC / "vendor").iterdir() if file.suffix not in {".json", ".txt"}}
    assert {entry["path"] for entry in listed} == present
    for entry in listed:
        assert hashlib.sha256((STATIC / "vendor" / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]
        assert set(entry) == {"path", "name", "version", "licence", "sha256"}
    assert b"sourceMappingURL" not in b"".join(file.read_bytes() for file in (STATIC / "vendor").glob("*.js"))


def test_help_says_whom_to_call_under_attack(client: Client) -> None:
    words = text_of(client.get("/aide/").content.decode())
    assert re.findall(r"CERT Santé|09 72 43 91 25|17Cyber|responsable de l’informatique", words) == [
        "responsable de l’informatique",
        "CERT Santé",
        "09 72 43 91 25",
        "17Cyber",
    ]


@pytest.mark.parametrize("address", ["/", "/aide/", "/mentions-legales/", "/vie-privee/", "/accessibilite/"])
def test_no_public_page_makes_peer_tutoring_a_duty_or_a_dpc_action(client: Client, address: str) -> None:
    words = text_of(client.get(address).content.decode())
    assert re.findall(r"obligatoire|points DPC(?! et)|bientôt|notion|·e\b", words) == []


def test_legal_pages_name_who_answers(client: Client, settings: LazySettings) -> None:
    settings.PUBLISHER, settings.CONTACT_EMAIL = "CPTS Fictive", "contact@fictive.example"
    for address in ("/mentions-legales/", "/vie-privee/", "/accessibilite/"):
        words = text_of(client.get(address).content.decode())
        assert "CPTS Fictive" in words
        assert "contact@fictive.example" in words


def test_search_engines_are_kept_from_what_belongs_to_people(client: Client) -> None:
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert {"Disallow: /accueil/", "Disallow: /compte/", "Disallow: /calendrier/"} <= set(lines)


# What a refusal says


@pytest.mark.django_db
@pytest.mark.urls("tests.web.test_public")
@pytest.mark.parametrize(
    ("kind", "status", "heading"),
    [
        ("absent", 404, "Cette page n’existe pas, ou ne vous concerne pas"),
        ("role", 403, "Cette partie est réservée à un autre rôle"),
        ("conflict", 409, "Ce n’est pas possible"),
        ("refused", 400, "Ce n’est pas possible"),
    ],
)
def test_a_refusal_of_the_domain_has_its_page(client: Client, kind: str, status: int, heading: str) -> None:
    response = client.get(f"/refus/{kind}/")
    assert (response.status_code, heading_of(response)) == (status, heading)
    assert (REFUSALS[kind].message in text_of(response.content.decode())) == (kind in {"conflict", "refused"})


PAGE_NOT_FOUND = "Cette page n’existe pas, ou ne vous concerne pas"


@pytest.mark.django_db
def test_an_unknown_address_and_one_that_is_not_yours_look_the_same(client: Client) -> None:
    response = client.get("/nulle/part/")
    assert (response.status_code, heading_of(response)) == (404, PAGE_NOT_FOUND)


@pytest.mark.urls("tests.web.test_public")
def test_a_crash_has_a_page_that_needs_nothing() -> None:
    response = Client(raise_request_exception=False).get("/panne/")
    assert (response.status_code, heading_of(response)) == (500, "Une erreur est survenue")


@pytest.mark.django_db
def test_a_form_from_elsewhere_is_explained() -> None:
    response = Client(enforce_csrf_checks=True).post("/compte/login/", {"login": "x@y.example", "password": "x"})
    assert (response.status_code, heading_of(response)) == (403, "La page a expiré")


# Health


def test_a_living_process_says_so(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_when_every_part_answers(client: Client) -> None:
    response = client.get("/readyz")
    parts = {"database": "ok", "migrations": "ok", "cache": "ok", "layer": "ok"}
    assert (response.status_code, response.json()) == (200, {"status": "ok", **parts})


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_missing(client: Client) -> None:
    MigrationRecorder(connection).record_unapplied("networks", "0001_initial")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["migrations"]) == (503, "down")


@pytest.mark.django_db
def test_not_ready_while_the_cache_forgets(client: Client, settings: LazySettings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    response = client.get("/readyz")
    assert (response.status_code, response.json()["cache"]) == (503, "down")


# Mails of the demonstration


@pytest.fixture
def outbox(settings: LazySettings, tmp_path: Path) -> Path:
    settings.EML_DIR = tmp_path
    mails = [
        EmailMessage(f"Sujet {rank}", f"Bonjour, ceci est <b>le texte {rank}</b>.", to=["a@b.example"])
        for rank in (1, 2)
    ]
    EmailBackend(alias="default", folder=tmp_path).send_messages(mails)
    return tmp_path


def test_demonstration_mails_are_listed_newest_first(client: Client, outbox: Path) -> None:
    html = client.get("/courriels/").content.decode()
    assert re.findall(r">(Sujet \d)<", html) == ["Sujet 2", "Sujet 1"]


def test_a_demonstration_mail_shows_its_plain_text(client: Client, outbox: Path) -> None:
    name = min(outbox.glob("*.eml")).stem
    response = client.get(f"/courriels/{name}/")
    assert heading_of(response) == "Sujet 1"
    assert "Bonjour, ceci est &lt;b&gt;le texte 1&lt;/b&gt;." in response.content.decode()


def test_no_other_file_is_shown_as_a_mail(client: Client, outbox: Path) -> None:
    (outbox.parent / "secret.eml").write_text("Subject: secret\n\nsecret")
    assert [client.get(f"/courriels/{name}/").status_code for name in ("..%2Fsecret", "secret", "absent")] == [404] * 3


@pytest.mark.parametrize("production", [{"LOCAL": False}, {"MAIL_URL": "smtp://mail.example"}])
def test_where_mail_is_really_sent_there_is_no_such_page(
    client: Client, outbox: Path, settings: LazySettings, production: dict[str, object]
) -> None:
    for name, value in production.items():
        setattr(settings, name, value)
    name = min(outbox.glob("*.eml")).stem
    assert [client.get(address).status_code for address in ("/courriels/", f"/courriels/{name}/")] == [404, 404]
    assert "/courriels/" not in client.get("/").content.decode()


# The header


def labels_of(html: str) -> list[str]:
    """Words of the main navigation as a wide screen shows it."""
    navigation = re.search(r'<nav class="wide-only".*?</nav>', html, re.DOTALL)
    assert navigation
    return [text_of(link) for link in re.findall(r"<a .*?</a>", navigation[0], re.DOTALL)]


@pytest.mark.django_db
def test_navigation_of_a_passer_by(client: Client) -> None:
    assert labels_of(client.get("/").content.decode()) == ["Référentiels", "Aide"]


@pytest.mark.parametrize(
    ("role", "labels"),
    [
        (
            "learner",
            [
                "Accueil",
                "Demander de l’aide",
                "Séances",
                "Disponibilités",
                "Messages 1 non lu",
                "Référentiels",
                "Mes points",
            ],
        ),
        (
            "coordinator",
            ["Accueil", "Séances", "Membres", "Couverture", "Campagnes", "Messages", "Référentiels", "Mes points"],
        ),
        ("auditor", ["Accueil", "Référentiels"]),
        ("admin", ["Accueil", "Référentiels"]),
    ],
)
def test_navigation_follows_the_roles(client: Client, cast: Cast, role: str, labels: list[str]) -> None:
    cast.here.conversation.members.update(last_read=0)
    cast.here.lounge.members.update(last_read=0)
    Conversation.objects.update(last_number=0)
    Conversation.objects.filter(pk=cast.here.conversation.pk).update(last_number=1)
    person = cast.play(role)
    assert person
    client.force_login(person)
    assert labels_of(client.get("/").content.decode()) == labels


def test_navigation_says_where_one_is(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.coordinator)
    html = client.get("/referentiels/").content.decode()
    assert set(re.findall(r'aria-current="page">(?:<svg.*?</svg>)?(\w+)', html)) == {"Référentiels"}


def test_someone_who_left_a_network_keeps_nothing_of_it_in_the_header(client: Client, cast: Cast) -> None:
    person = factories.make_member(factories.NetworkFactory.create(), Role.COORDINATOR)
    membership = person.memberships.get()
    membership.suspended_at = membership.joined_at
    membership.save()
    client.force_login(person)
    assert labels_of(client.get("/").content.decode()) == ["Accueil", "Référentiels"]


@pytest.mark.django_db
@pytest.mark.parametrize("networks", [1, 3])
def test_the_header_costs_the_same_in_any_number_of_networks(
    client: Client, networks: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person = factories.PersonFactory.create()
    for network in factories.NetworkFactory.create_batch(networks):
        give_role(person, network)
    client.force_login(person)
    with django_assert_num_queries(4):  # the session, the person, roles, unread messages
        client.get("/")


def give_role(person: object, network: Network) -> None:
    membership = factories.MembershipFactory.create(network=network, person=person)
    membership.roles.create(role=Role.LEARNER)


def test_pages_only_answer_to_reading(client: Client) -> None:
    assert [client.post(address).status_code for address in ("/", "/aide/", "/robots.txt", "/healthz")] == [405] * 4
