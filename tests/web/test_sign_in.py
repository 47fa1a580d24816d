"""Signing in by code and by password, out again, and choosing a password, as people do it."""

import email
import re
from email import policy
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from backend.accounts.models import Person
from tests.support import factories
from tests.web.test_public import heading_of, text_of

pytestmark = pytest.mark.django_db
LOGIN, CODE, CONFIRM = "/compte/login/", "/compte/login/code/", "/compte/login/code/confirm/"


@pytest.fixture
def person() -> Person:
    return factories.PersonFactory.create(email="aide@exemple.example", first_name="Camille")


@pytest.fixture(autouse=True)
def outbox(settings: LazySettings, tmp_path: Path) -> Path:
    """Mail of these tests, in files as in the embedded mode."""
    backend = {"BACKEND": "backend.common.eml.EmailBackend", "OPTIONS": {"folder": tmp_path}}
    settings.MAILERS = {"default": backend}
    return tmp_path


def mails(outbox: Path) -> list[Any]:
    return [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(outbox.glob("*.eml"))]


def words_of(message: Any) -> str:
    return text_of(message.get_body().get_content())


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def ask_code(client: Client, outbox: Path, address: str) -> str:
    """Ask for a code on the sign-in page and read it in the mail."""
    client.post(CODE, {"email": address})
    code = re.search(r"dix minutes\. (\S+) Personne", words_of(mails(outbox)[-1]))
    assert code
    return code[1]


def test_a_code_received_by_mail_signs_in(client: Client, person: Person, outbox: Path) -> None:
    code = ask_code(client, outbox, person.email)
    assert heading_of(client.get(CONFIRM)) == "Saisir le code"
    response = client.post(CONFIRM, {"code": code})
    assert (response.status_code, response["Location"]) == (302, "/accueil/")
    assert signed_in(client)


def test_the_mail_of_the_code_is_in_our_words(client: Client, person: Person, outbox: Path) -> None:
    code = ask_code(client, outbox, person.email)
    (message,) = mails(outbox)
    assert message["Subject"] == "Votre code de connexion à Tandem"
    assert words_of(message) == (
        "Bonjour, Voici votre code de connexion. Recopiez-le dans la page restée ouverte, dans les dix minutes. "
        f"{code} Personne, pas même la coordination de votre CPTS, ne vous demandera ce code. Si vous n’avez rien "
        "demandé, ne faites rien : sans ce code, personne n’entre. Tandem, l’entraide numérique de votre CPTS"
    )


def test_a_code_serves_once(client: Client, person: Person, outbox: Path) -> None:
    code = ask_code(client, outbox, person.email)
    client.post(CONFIRM, {"code": code})
    other = Client()
    other.post(CODE, {"email": person.email})
    response = other.post(CONFIRM, {"code": code})
    assert "Ce n’est pas le bon code." in text_of(response.content.decode())
    assert not signed_in(other)


def test_an_unknown_address_sees_the_same_pages(client: Client, person: Person, outbox: Path) -> None:
    pages = {}
    for address in (person.email, "personne@exemple.example"):
        stranger = Client()
        answer = stranger.post(CODE, {"email": address})
        page = text_of(stranger.get(CONFIRM).content.decode()).replace(address, "ADRESSE")
        pages[address] = (answer.status_code, answer["Location"], page)
    assert pages[person.email] == pages["personne@exemple.example"]
    assert [message["Subject"] for message in mails(outbox)][1:] == ["Cette adresse n’a pas de compte Tandem"]


def test_a_password_signs_in_and_leads_where_one_was_going(client: Client, person: Person) -> None:
    fields = {"login": person.email, "password": factories.PASSWORD}
    assert client.post(LOGIN, fields)["Location"] == "/accueil/"
    assert Client().post(f"{LOGIN}?next=/referentiels/", {**fields, "next": "/referentiels/"})["Location"] == (
        "/referentiels/"
    )
    assert Client().post(LOGIN, {**fields, "next": "https://ailleurs.example/"})["Location"] == "/accueil/"


def test_a_wrong_password_is_said_at_the_top(client: Client, person: Person) -> None:
    html = client.post(LOGIN, {"login": person.email, "password": "faux"}).content.decode()
    summary = re.search(r'<div class="error-summary".*?</div>', html, re.DOTALL)
    assert summary
    assert (
        text_of(summary[0]) == "1 point à corriger Adresse ou mot de passe inexact. Vous pouvez aussi recevoir un code."
    )


def test_a_missing_field_is_said_beside_it_and_linked_from_the_summary(client: Client) -> None:
    html = client.post(LOGIN, {"login": "", "password": "x"}).content.decode()
    assert '<a href="#id_login">' in html
    assert re.search(r'<input[^>]*name="login"[^>]*aria-invalid="true"[^>]*aria-describedby="id_login_error"', html)
    assert '<ul class="errorlist" id="id_login_error">' in html


def test_ten_wrong_passwords_close_the_door_for_a_while(client: Client, person: Person) -> None:
    for _ in range(10):
        client.post(LOGIN, {"login": person.email, "password": "faux"})
    html = client.post(LOGIN, {"login": person.email, "password": factories.PASSWORD}).content.decode()
    assert "Trop d’essais. Attendez cinq minutes, puis recommencez." in text_of(html)
    assert not signed_in(client)


def test_sixty_sign_ins_a_minute_are_let_through_and_no_more(client: Client) -> None:
    statuses = [client.post(LOGIN, {"login": f"p{n}@x.example", "password": "faux"}).status_code for n in range(61)]
    assert statuses == [200] * 60 + [429]
    response = client.post(LOGIN, {"login": "p@x.example", "password": "faux"})
    assert (response["Retry-After"], heading_of(response)) == ("60", "Trop d’essais à la suite")


def test_a_closed_account_is_told_so(client: Client, person: Person) -> None:
    person.is_active = False
    person.save()
    response = client.post(LOGIN, {"login": person.email, "password": factories.PASSWORD}, follow=True)
    assert heading_of(response) == "Ce compte est fermé"
    assert not signed_in(client)


def test_signing_out_is_an_act_not_a_link(client: Client, person: Person) -> None:
    client.force_login(person)
    assert heading_of(client.get("/compte/logout/")) == "Se déconnecter ?"
    assert signed_in(client)
    assert client.post("/compte/logout/")["Location"] == "/"
    assert not signed_in(client)


def test_there_are_two_cookies_as_the_privacy_page_says(client: Client, person: Person) -> None:
    client.post(LOGIN, {"login": person.email, "password": factories.PASSWORD})
    client.get("/compte/password/change/")
    assert set(client.cookies) == {"sessionid", "csrftoken"}
    client.post("/compte/logout/")
    assert set(client.cookies) == {"sessionid", "csrftoken"}


def test_nobody_opens_an_account_alone(client: Client) -> None:
    fields = {"email": "x@y.example", "password1": "une phrase à moi", "password2": "une phrase à moi"}
    assert heading_of(client.post("/compte/signup/", fields)) == "Un compte s’ouvre avec votre CPTS"
    assert Person.objects.count() == 0


def test_a_forgotten_password_is_replaced_by_a_link_that_serves_once(
    client: Client, person: Person, outbox: Path
) -> None:
    client.post("/compte/password/reset/", {"email": person.email})
    link = re.search(r"http://testserver(/compte/password/reset/key/\S+/)", words_of(mails(outbox)[-1]))
    assert link
    form = client.get(link[1])["Location"]
    assert heading_of(client.get(form)) == "Choisir un autre mot de passe"
    fields = {"password1": "une phrase bien à moi", "password2": "une phrase bien à moi"}
    assert heading_of(client.post(form, fields, follow=True)) == "Mot de passe changé"
    assert Client().post(LOGIN, {"login": person.email, "password": "une phrase bien à moi"})["Location"] == "/accueil/"
    assert heading_of(Client().get(link[1], follow=True)) == "Ce lien ne sert plus"


def test_changing_the_password_warns_its_owner(client: Client, person: Person, outbox: Path) -> None:
    client.force_login(person)
    new = "une autre phrase à moi"
    fields = {"oldpassword": factories.PASSWORD, "password1": new, "password2": new}
    client.post("/compte/password/change/", fields)
    person.refresh_from_db()
    assert person.check_password(new)
    assert [message["Subject"] for message in mails(outbox)] == ["Votre mot de passe a changé"]


def test_someone_without_a_password_may_choose_one(client: Client, person: Person) -> None:
    person.set_unusable_password()
    person.save()
    client.force_login(person)
    assert heading_of(client.get("/compte/password/change/", follow=True)) == "Choisir un mot de passe"


@pytest.mark.parametrize("address", [LOGIN, CODE, "/compte/password/reset/", "/compte/signup/", "/compte/inactive/"])
def test_no_english_is_left(client: Client, address: str) -> None:
    words = text_of(client.get(address).content.decode())
    assert re.findall(r"\b(?:the|your|password|email|sign|please|username)\b", words, re.IGNORECASE) == []
