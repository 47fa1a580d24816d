"""Joining by the link of a mail and signing in with a sheet of paper, as people do it."""

import datetime as dt
import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.accounts.domain.passes import create_pass, usable_passes
from backend.accounts.models import Person
from backend.common.clock import now, told_at
from backend.networks.domain.invitations import invite_address, token_of
from backend.networks.enums import Role, SiteKind
from backend.networks.models import Invitation, Membership
from backend.networks.rules import roles_in
from backend.notifications.models import OutboxMessage
from backend.referentials.models import Profession, Specialty
from tests.support import factories
from tests.support.cast import Cast
from tests.support.clients import in_one_minute
from tests.web.reading import choices, links, words
from tests.web.test_public import heading_of

ADDRESS = "nouvelle@personne.example"
RPPS = "10003456786"


@pytest.fixture
def doctor(db: None) -> Profession:
    return factories.ProfessionFactory.create(slug="medecin", label="Médecin", has_rpps=True)


@pytest.fixture
def secretary(db: None) -> Profession:
    return factories.ProfessionFactory.create(slug="secretaire-medical", label="Secrétaire", has_rpps=False)


@pytest.fixture
def specialty(db: None) -> Specialty:
    return factories.SpecialtyFactory.create(label="Gériatrie")


def invite(cast: Cast, email: str = ADDRESS, *roles: Role) -> Invitation:
    here = cast.here
    return invite_address(
        network=here.network, author=here.coordinator, email=email, roles=roles or (Role.LEARNER,), site=here.site
    )


def page_of(invitation: Invitation) -> str:
    return f"/invitation/{token_of(invitation)}/"


def filled(profession: Profession, **fields: object) -> dict[str, Any]:
    return {"first_name": "Nour", "last_name": "Fictive", "profession": profession.pk} | fields


def signed_in(client: Client) -> Any:
    person = get_user(client)  # a client has a session as a request has
    return person if person.is_authenticated else None


def test_the_link_of_the_mail_leads_a_new_person_in(
    client: Client, cast: Cast, doctor: Profession, specialty: Specialty
) -> None:
    invite(cast)
    mail = OutboxMessage.objects.get(address=ADDRESS)
    link = re.search(r"(/invitation/\S+/)", mail.body)
    assert link
    page = client.get(link[1])
    assert heading_of(page) == "Ouvrir votre compte"
    assert (page["Referrer-Policy"], "no-store" in page["Cache-Control"]) == ("strict-origin", True)
    for told in (cast.here.coordinator.name, "CPTS ici", ADDRESS):
        assert told in words(page)
    assert "CPTS ailleurs" not in words(page)
    data = filled(doctor, specialty=specialty.pk, practice_mode="mixed", rpps="100 034 567 86", site=cast.here.site.pk)
    assert client.post(link[1], data)["Location"] == "/accueil/"
    person = Person.objects.get(email=ADDRESS)
    assert signed_in(client) == person
    assert (person.name, person.profession, person.specialty) == ("Nour Fictive", doctor, specialty)
    assert (person.practice_mode, person.rpps, person.has_usable_password()) == ("mixed", RPPS, False)
    assert Membership.objects.get(person=person).site == cast.here.site


def test_a_second_press_of_the_button_changes_nothing(client: Client, cast: Cast, doctor: Profession) -> None:
    page = page_of(invite(cast))
    for _ in range(2):
        assert client.post(page, filled(doctor))["Location"] == "/accueil/"
    assert Membership.objects.filter(person__email=ADDRESS).count() == 1
    other = Client()
    closed = other.post(page, filled(doctor))
    assert (closed.status_code, heading_of(closed)) == (410, "Cette invitation ne sert plus")
    assert signed_in(other) is None


def test_a_password_if_one_wants(client: Client, cast: Cast, doctor: Profession) -> None:
    page = page_of(invite(cast))
    assert client.post(page, filled(doctor, password="court")).status_code == 422
    client.post(page, filled(doctor, password="une phrase bien à moi"))
    assert Person.objects.get(email=ADDRESS).check_password("une phrase bien à moi")


def test_sites_stand_under_the_kind_of_establishment(client: Client, cast: Cast) -> None:
    factories.SiteFactory.create(network=cast.here.network, name="Les Glycines", kind=SiteKind.CARE_HOME)
    factories.SiteFactory.create(network=cast.elsewhere.network, name="Lieu d’ailleurs")
    html = client.get(page_of(invite(cast))).content.decode()
    assert '<optgroup label="EHPAD ou résidence">' in html
    assert "Lieu d’ailleurs" not in html
    assert f'<option value="{cast.here.site.pk}" selected>' in html


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "no name": ({"first_name": ""}, "Prénom : Écrivez votre prénom."),
    "patient number": ({"last_name": "1 85 05 78 006 084 91"}, "Nom : Ce texte contient un numéro de sécurité sociale"),
    "no profession": ({"profession": ""}, "Profession : Choisissez votre profession."),
    "short RPPS": ({"rpps": "123"}, "Numéro RPPS : Un numéro RPPS a 11 chiffres."),
    "key of RPPS": ({"rpps": "10003456789"}, "Numéro RPPS : Ce numéro RPPS n’existe pas : vérifiez les chiffres."),
    "RPPS in use": ({"rpps": RPPS}, "Numéro RPPS : Ce numéro RPPS est déjà celui d’un autre compte."),
    "foreign site": ({"site": 10**9}, "Où travaillez-vous ? :"),
    "weak password": ({"password": "motdepasse"}, "Mot de passe :"),
}


@pytest.mark.parametrize(("fields", "told"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_and_the_rest_is_kept(
    fields: dict[str, object], told: str, client: Client, cast: Cast, doctor: Profession
) -> None:
    factories.PersonFactory.create(rpps=RPPS)
    if "password" in fields:
        fields = {"password": "12345678"}
    response = client.post(page_of(invite(cast)), {**filled(doctor, practice_mode="mixed"), **fields})
    assert response.status_code == 422
    assert told in words(response)
    assert choices(response, "last_name" if "first_name" in fields else "first_name") != [""]
    assert '<option value="mixed" selected>' in response.content.decode()
    assert not Person.objects.filter(email=ADDRESS).exists()
    assert signed_in(client) is None


@pytest.mark.parametrize("field", ["rpps", "specialty"])
def test_what_a_profession_has_not_is_refused(
    field: str, client: Client, cast: Cast, secretary: Profession, specialty: Specialty
) -> None:
    value = RPPS if field == "rpps" else specialty.pk
    response = client.post(page_of(invite(cast)), filled(secretary, **{field: value}))
    assert (response.status_code, Person.objects.filter(email=ADDRESS).exists()) == (422, False)
    assert f'id="id_{field}_error"' in response.content.decode()


def test_an_address_with_an_account_signs_in_first(client: Client, cast: Cast, doctor: Profession) -> None:
    known = factories.PersonFactory.create(email=ADDRESS)
    page = page_of(invite(cast))
    for response in (client.get(page), client.post(page, filled(doctor, password="une phrase bien à moi"))):
        assert "a déjà un compte" in words(response)
        assert links(response) == [f"/compte/login/?next={page}"]
    assert signed_in(client) is None
    client.force_login(known)
    assert heading_of(client.get(page)) == "Rejoindre CPTS ici ?"
    assert roles_in(known, cast.here.network) == set()
    for _ in range(2):
        assert client.post(page)["Location"] == "/accueil/"
    assert roles_in(known, cast.here.network) == {Role.LEARNER}


def test_a_forwarded_link_gives_its_receiver_nothing(client: Client, cast: Cast, doctor: Profession) -> None:
    page = page_of(invite(cast, ADDRESS, Role.COORDINATOR))
    client.force_login(cast.here.learner)
    for response in (client.get(page), client.post(page, filled(doctor))):
        assert heading_of(response) == "Cette invitation est pour une autre adresse"
        assert ADDRESS not in words(response)
    assert roles_in(cast.here.learner, cast.here.network) == {Role.LEARNER}
    assert not Person.objects.filter(email=ADDRESS).exists()


def test_a_link_that_is_over_says_why(client: Client, cast: Cast) -> None:
    invitation = invite(cast)
    page = page_of(invitation)
    with told_at(now() + dt.timedelta(days=15)):
        assert "Cette invitation a expiré." in words(client.get(page))
    Invitation.objects.update(revoked_at=now())
    assert "Cette invitation a été retirée" in words(client.get(page))
    assert client.get(page.replace(".", "x")).status_code == 404


def test_links_are_not_tried_by_the_hundred(client: Client, cast: Cast) -> None:
    with in_one_minute():
        answers = [client.get(f"/invitation/1.essai{rank}/").status_code for rank in range(61)]
    assert answers == [404] * 60 + [429]


# On paper


def sheet(cast: Cast) -> str:
    _, secret = create_pass(person=cast.here.learner, author=cast.here.coordinator)
    return f"/connexion/{secret}/"


def test_reading_the_page_signs_nobody_in_and_the_button_does_once(client: Client, cast: Cast) -> None:
    page = sheet(cast)
    response = client.get(page)
    for _ in range(3):
        response = client.get(page)
        assert heading_of(response) == f"Bonjour {cast.here.learner.first_name}"
        assert signed_in(client) is None
    assert response["Referrer-Policy"] == "strict-origin"
    assert client.post(page)["Location"] == "/accueil/"
    assert signed_in(client) == cast.here.learner
    other = Client()
    for answer in (other.get(page), other.post(page)):
        assert (answer.status_code, heading_of(answer)) == (404, "Cette feuille ne sert plus")
    assert signed_in(other) is None


def test_a_sheet_that_is_over_signs_nobody_in(client: Client, cast: Cast) -> None:
    person = factories.make_member(cast.here.network, Role.LEARNER)
    _, secret = create_pass(person=person, author=cast.here.coordinator)
    page, membership = f"/connexion/{secret}/", Membership.objects.get(person=person)
    with told_at(now() + dt.timedelta(days=8)):
        assert client.post(page).status_code == 404
    client.force_login(cast.here.coordinator)
    assert client.post(f"/membres/{membership.pk}/", {"action": "suspendre", "reason": ""}).status_code == 302
    client.logout()
    assert client.post(page).status_code == 404
    assert signed_in(client) is None


def test_a_sheet_takes_the_place_of_whoever_was_signed_in(client: Client, cast: Cast) -> None:
    page = sheet(cast)
    client.force_login(cast.elsewhere.tutor)
    assert f"La connexion de {cast.elsewhere.tutor.name} est ouverte" in words(client.get(page))
    client.post(page)
    assert signed_in(client) == cast.here.learner


def test_secrets_are_not_tried_by_the_hundred(client: Client, cast: Cast) -> None:
    page = sheet(cast)
    with in_one_minute():
        answers = [client.post(f"/connexion/essai{rank}/").status_code for rank in range(61)]
        assert answers == [404] * 60 + [429]
        assert client.post(page).status_code == 429


def test_a_coordinator_prints_a_sheet_that_works(client: Client, cast: Cast, settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://tandem.example"
    membership = Membership.objects.get(person=cast.here.learner)
    client.force_login(cast.here.coordinator)
    assert "code à flasher" in words(client.get(f"/membres/{membership.pk}/feuille/"))
    printed = client.post(f"/membres/{membership.pk}/feuille/", {"action": "imprimer"})
    html = printed.content.decode()
    assert (printed.status_code, "no-store" in printed["Cache-Control"]) == (200, True)
    assert heading_of(printed) == "Se connecter à Tandem"
    assert "<svg" in html
    assert not re.search(r"\sstyle=|<style", html)
    assert "/connexion/" not in html
    assert usable_passes(cast.here.learner).count() == 1
    client.post(f"/membres/{membership.pk}/feuille/", {"action": "retirer"})
    assert usable_passes(cast.here.learner).count() == 0


def test_the_member_sees_the_sheet_and_may_end_it(client: Client, cast: Cast) -> None:
    sheet(cast)
    client.force_login(cast.here.learner)
    assert f"imprimée pour vous par {cast.here.coordinator.name}" in words(client.get("/profil/"))
    client.post("/profil/", {"action": "end-passes"})
    assert usable_passes(cast.here.learner).count() == 0
    assert "imprimée pour vous" not in words(client.get("/profil/"))


# One's own identity and membership


def test_one_corrects_ones_own_identity(client: Client, cast: Cast, doctor: Profession) -> None:
    client.force_login(cast.here.learner)
    assert choices(client.get("/profil/modifier/"), "first_name") == [cast.here.learner.first_name]
    assert client.post("/profil/modifier/", filled(doctor, rpps=RPPS))["Location"] == "/profil/"
    cast.here.learner.refresh_from_db()
    assert (cast.here.learner.name, cast.here.learner.rpps) == ("Nour Fictive", RPPS)
    assert client.post("/profil/modifier/", filled(doctor, rpps=RPPS)).status_code == 302
    client.force_login(cast.here.tutor)
    taken = client.post("/profil/modifier/", filled(doctor, rpps=RPPS))
    assert (taken.status_code, "déjà celui d’un autre compte" in words(taken)) == (422, True)


def test_one_leaves_a_network_and_sees_it_no_more(client: Client, cast: Cast) -> None:
    membership = Membership.objects.get(person=cast.here.auditor)
    client.force_login(cast.here.auditor)
    assert f"/profil/quitter/{membership.pk}/" in links(client.get("/profil/"))
    assert heading_of(client.get(f"/profil/quitter/{membership.pk}/")) == "Quitter CPTS ici ?"
    assert client.post(f"/profil/quitter/{membership.pk}/")["Location"] == "/profil/"
    assert "CPTS ici" not in words(client.get("/profil/")).replace("Vous avez quitté CPTS ici.", "")
    assert client.post(f"/profil/quitter/{membership.pk}/").status_code == 404


def test_the_last_coordinator_is_told_to_hand_over_first(client: Client, cast: Cast) -> None:
    membership = Membership.objects.get(person=cast.here.coordinator)
    client.force_login(cast.here.coordinator)
    refused = client.post(f"/profil/quitter/{membership.pk}/")
    assert (refused.status_code, "confiez d’abord ce rôle" in words(refused)) == (409, True)


@pytest.mark.parametrize("how", ["suspended_at", "left_at"])
def test_pages_of_a_network_close_at_once(how: str, client: Client, cast: Cast) -> None:
    person, here = cast.here.tutor, cast.here
    client.force_login(person)
    pages = [f"/seances/{here.session.pk}/", f"/messages/{here.conversation.pk}/"]
    assert [client.get(page).status_code for page in pages] == [200, 200]
    Membership.objects.filter(person=person).update(**{how: now()})
    assert [client.get(page).status_code for page in pages] == [404, 404]
    assert client.post(pages[0], {"action": "accept"}).status_code == 404
    assert client.post(pages[1], {"body": "Bonjour"}).status_code == 404
    assert here.session.notion.title not in words(client.get("/seances/"))
    api = [client.get(f"/api/v1/sessions/{here.session.pk}/").status_code, client.get("/api/v1/me/").json()["unread"]]
    assert api == [404, 0]


@pytest.mark.parametrize("sites", [1, 3])
def test_signing_up_asks_as_much_for_three_sites_as_for_one(
    sites: int, client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    factories.SiteFactory.create_batch(sites, network=cast.here.network)
    page = page_of(invite(cast))
    with django_assert_max_num_queries(8):
        client.get(page)
