"""« Demander de l’aide »: from the home to the request, and everything that may be done with it."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.needs.domain.phrases import read_themes
from backend.needs.enums import RequestState, Urgency
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.notifications.models import OutboxMessage
from tests.support import factories
from tests.support.cast import Cast
from tests.web.reading import choices, links, words

PHRASE = read_themes()[0].phrases[0]
SENT = {"urgency": "0", "ways": ["remote"], "level_wanted": "2"}
PATIENT = "Son numéro : 1 85 05 75 999 084 64"


@pytest.fixture
def learner(cast: Cast) -> Person:
    """Somebody of the network whose profession words the first phrase, and who has asked nothing."""
    notion = factories.NotionFactory.create(slug=PHRASE.notions[0])
    capacity = factories.CapacityFactory.create(notion=notion, key="metier:1.1.1", text="gérer ses mots de passe")
    factories.CapacityFactory.create(notion=notion, text="autre façon de le dire")
    profession = factories.ProfessionFactory.create(framework=capacity.competency.domain.framework)
    return factories.make_member(cast.here.network, Role.LEARNER, profession=profession)


def post_again(client: Client, address: str, **fields: object) -> object:
    return client.post(address, SENT | {"capacity": "metier:1.1.1"} | fields)


def test_three_pages_and_few_actions_from_home_to_sent(client: Client, learner: Person) -> None:
    """Every link followed and every button pressed is counted; all answers are chosen already."""
    client.force_login(learner)
    pages, actions = [], 0
    home = client.get("/accueil/")
    assert links(home)[0] == "/demander/"
    assert words(home).index("Demander de l’aide") < words(home).index("Ce qui vous attend")
    pages.append(client.get("/demander/"))
    actions += 1
    phrase = next(link for link in links(pages[-1]) if link.startswith("/demander/situation/"))
    pages.append(client.get(phrase))
    actions += 1
    answer = client.post(phrase, filled_in(pages[-1].content.decode()), follow=True)
    pages.append(answer)
    actions += 1
    assert "Votre demande est envoyée." in words(answer) or "Votre demande est envoyée." in answer.content.decode()
    request = HelpRequest.objects.get(person=learner)
    assert (request.capacity.key, request.state, request.level_wanted) == ("metier:1.1.1", "open", 2)
    assert (request.urgency, request.remote, request.context) == (Urgency.WHENEVER, True, "")
    assert len(pages) <= 3
    assert actions <= 12


def filled_in(html: str) -> dict[str, list[str]]:
    """What a browser sends of a form that nobody touched."""
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input\b[^>]*>", html):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and ("checked" in tag or 'type="hidden"' in tag) and name[1] != "csrfmiddlewaretoken":
            sent.setdefault(name[1], []).append(value[1])
    return sent


def test_a_repeated_submit_makes_one_request(client: Client, learner: Person) -> None:
    client.force_login(learner)
    places = {post_again(client, f"/demander/situation/{PHRASE.slug}/")["Location"] for _ in range(2)}  # type: ignore[index]
    request = HelpRequest.objects.get(person=learner)
    assert places == {f"/mes-demandes/{request.pk}/?envoyee=1"}


def test_a_search_finds_ones_own_wording_and_phrases(client: Client, learner: Person) -> None:
    client.force_login(learner)
    page = client.get("/demander/?q=autre facon")
    assert "Gérer ses mots de passe" in words(page)
    assert "autre façon" not in words(page).replace("« autre facon »", "")
    assert f"/demander/situation/{PHRASE.slug}/" in links(client.get("/demander/?q=PERDU codes"))
    assert "Rien avec ces mots" in words(client.get("/demander/?q=zzz"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"urgency": ""}, "Dites pour quand."),
        ({"ways": []}, "Choisissez au moins une façon de se rencontrer."),
        ({"level_start": "2"}, "Choisissez un niveau plus bas que celui où vous voulez aller."),
        ({"urgency": "2"}, "Répondez d’abord à cette question."),
        ({"context": PATIENT}, "Ce texte contient un numéro de sécurité sociale"),
        ({"capacity": "autre:1.1.1"}, "Choisissez un sujet de la liste."),
    ],
)
def test_an_error_is_said_twice_and_what_was_typed_is_kept(
    client: Client, learner: Person, fields: dict[str, object], message: str
) -> None:
    client.force_login(learner)
    typed = {"context": "Plutôt le jeudi"} | fields
    answer = post_again(client, f"/demander/situation/{PHRASE.slug}/", **typed)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert words(answer).count(message) == 2 - ("capacity" in fields)
    assert str(typed["context"]) in answer.content.decode()  # type: ignore[attr-defined]
    assert not HelpRequest.objects.filter(person=learner).exists()


def test_during_an_attack_others_are_to_be_called_and_nothing_is_made(client: Client, learner: Person) -> None:
    client.force_login(learner)
    address = f"/demander/situation/{PHRASE.slug}/"
    answer = post_again(client, address, urgency="2", attack="yes", context="Tout est bloqué")
    text = words(answer)
    for whom in ("responsable de l’informatique de votre établissement", "CERT Santé", "09 72 43 91 25", "17Cyber"):
        assert whom in text
    help_page = client.get("/aide/")
    assert [link for link in links(answer) if link.startswith("tel:")] == [
        link for link in links(help_page) if link.startswith("tel:")
    ]
    assert not HelpRequest.objects.filter(person=learner).exists()
    back = client.post(address, filled_in(answer.content.decode()))  # type: ignore[attr-defined]
    assert (back.status_code, "Tout est bloqué" in back.content.decode()) == (200, True)
    post_again(client, address, urgency="2", attack="no")
    assert HelpRequest.objects.get(person=learner).urgency == Urgency.BLOCKING


def test_an_open_request_is_changed_then_withdrawn(client: Client, learner: Person, cast: Cast) -> None:
    client.force_login(learner)
    post_again(client, f"/demander/situation/{PHRASE.slug}/")
    request = HelpRequest.objects.get(person=learner)
    address = f"/mes-demandes/{request.pk}/"
    changed = client.post(f"{address}modifier/", SENT | {"capacity": request.capacity.key, "level_wanted": "3"})
    assert changed["Location"] == address
    request.refresh_from_db()
    assert request.level_wanted == 3
    for _ in range(2):
        assert client.post(address, {"action": "withdraw"})["Location"] == address
    request.refresh_from_db()
    assert (request.state, request.transitions.filter(target="withdrawn").count()) == (RequestState.WITHDRAWN, 1)
    assert client.get(f"{address}modifier/").status_code == 409
    assert request.capacity.text.capitalize() in words(client.get("/mes-demandes/?etat=terminees"))


def test_an_unserved_request_says_why_and_what_would_help(client: Client, cast: Cast, learner: Person) -> None:
    request = factories.HelpRequestFactory.create(network=cast.here.network, person=learner)
    cast.here.run.published_at = timezone.now()
    cast.here.run.save()
    unblock = [
        {"change": "interval", "learner": str(learner.pk), "start": 50, "end": 53},
        {"change": "interval", "tutor": str(cast.here.tutor.pk), "start": 50, "end": 53},
        {"change": "session", "tutor": str(cast.here.tutor.pk)},
        {"change": "tutor", "notion": "1", "level": 2},
    ]
    factories.UnservedFactory.create(run=cast.here.run, request=request, reason="no_common_slot", unblock=unblock)
    client.force_login(learner)
    for address in ("/mes-demandes/", f"/mes-demandes/{request.pk}/"):
        text = words(client.get(address))
        assert "Vous n’avez aucun moment commun avec les tuteurs de ce sujet." in text
        assert "Ajoutez un moment libre le lundi, de 12 h 30 à 13 h 15." in text
        assert "Un tuteur de plus sur ce sujet : votre coordination le voit." in text
        assert cast.here.tutor.name not in text


def test_lists_hold_only_ones_own(client: Client, cast: Cast, learner: Person) -> None:
    mine = factories.HelpRequestFactory.create(network=cast.here.network, person=learner)
    client.force_login(learner)
    text = words(client.get("/mes-demandes/"))
    assert mine.capacity.text in text
    for other in (cast.here.request, cast.elsewhere.request):
        assert other.capacity.text not in text
        assert client.get(f"/mes-demandes/{other.pk}/").status_code == 404


@pytest.mark.parametrize("count", [1, 3, 300])
def test_as_many_queries_for_three_hundred_requests_as_for_one(
    count: int, client: Client, cast: Cast, learner: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.HelpRequestFactory.create_batch(count, network=cast.here.network, person=learner)
    client.force_login(learner)
    with django_assert_num_queries(9):
        client.get("/mes-demandes/")


# Beside somebody


def test_a_colleague_needs_the_address_and_the_code(client: Client, cast: Cast, learner: Person) -> None:
    client.force_login(cast.here.tutor)
    place = f"/demander/pour/{learner.memberships.get().pk}/"
    assert client.get(place).status_code == 404
    for wrong in (cast.elsewhere.learner.email, "absente@exemple.example", cast.here.auditor.email):
        refused = client.post("/demander/pour/", {"email": wrong})
        assert "Aucune personne aidée de votre réseau n’a cette adresse." in words(refused)
    assert client.post("/demander/pour/", {"email": learner.email.upper()})["Location"] == place
    made = post_again(client, f"{place}situation/{PHRASE.slug}/")
    request = HelpRequest.objects.get(person=learner)
    assert (request.state, request.entered_by) == (RequestState.UNCONFIRMED, cast.here.tutor)
    body = OutboxMessage.objects.get(address=learner.email).body
    (code,) = re.findall(r"^ +(\d{6})$", body, re.MULTILINE)
    page = client.get(made["Location"])  # type: ignore[index]
    assert code not in page.content.decode()
    assert client.post(f"/mes-demandes/{request.pk}/", {"action": "code", "code": "abc"}).status_code == 422
    assert client.post(f"/mes-demandes/{request.pk}/", {"action": "code", "code": code})["Location"] == "/mes-demandes/"
    request.refresh_from_db()
    assert request.state == RequestState.OPEN


def test_the_person_confirms_on_their_own_home(client: Client, cast: Cast, learner: Person) -> None:
    client.force_login(cast.here.coordinator)
    post_again(client, f"/demander/pour/{learner.memberships.get().pk}/situation/{PHRASE.slug}/")
    request = HelpRequest.objects.get(person=learner)
    client.force_login(learner)
    home = client.get("/accueil/")
    assert f"Une demande à confirmer Écrite pour vous par {cast.here.coordinator.name}" in words(home)
    page = client.get(f"/mes-demandes/{request.pk}/")
    assert set(choices(page, "action")) == {"confirm", "withdraw"}
    client.post(f"/mes-demandes/{request.pk}/", {"action": "confirm"})
    request.refresh_from_db()
    assert request.state == RequestState.OPEN


def test_a_coordinator_finds_by_name_the_members_of_their_network_alone(
    client: Client, cast: Cast, learner: Person
) -> None:
    client.force_login(cast.here.coordinator)
    page = client.get("/demander/pour/?q=LEARNER")
    assert cast.here.learner.name in words(page)
    assert cast.elsewhere.learner.name not in words(page)
    assert words(client.get("/demander/pour/")).count("personne trouvée") == 0


def test_an_unconfirmed_request_that_came_too_late_says_so(client: Client, cast: Cast, learner: Person) -> None:
    client.force_login(cast.here.coordinator)
    post_again(client, f"/demander/pour/{learner.memberships.get().pk}/situation/{PHRASE.slug}/")
    request = HelpRequest.objects.get(person=learner)
    request.code.expires_at = timezone.now() - dt.timedelta(minutes=1)
    request.code.save()
    client.force_login(learner)
    page = client.get(f"/mes-demandes/{request.pk}/")
    assert "n’a pas été confirmée à temps" in words(page)
    assert choices(page, "action") == []
    assert "Une demande à confirmer" not in words(client.get("/accueil/"))
