"""« Membres »: finding people, changing what they may do, inviting others."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.common.clock import now
from backend.networks.enums import Role
from backend.networks.models import Invitation, Membership
from backend.networks.rules import roles_in
from backend.notifications.models import OutboxMessage
from backend.skills.models import Positioning
from tests.support import factories
from tests.support.cast import Cast
from tests.web.reading import links, words
from tests.web.test_public import heading_of

LIST = "/membres/"


def of(person: Person) -> Membership:
    return Membership.objects.get(person=person)


def page_of(person: Person) -> str:
    return f"{LIST}{of(person).pk}/"


@pytest.fixture
def coordinator(client: Client, cast: Cast) -> Person:
    client.force_login(cast.here.coordinator)
    return cast.here.coordinator


def names(response: Any) -> list[str]:
    """Names in the list, in order."""
    return re.findall(r'<a href="/membres/\d+/">([^<]*)</a>', response.content.decode())


def test_the_list_shows_members_of_ones_own_network(client: Client, cast: Cast, coordinator: Person) -> None:
    response = client.get(LIST)
    assert names(response) == ["Auditor Ici", "Coordinator Ici", "Learner Ici", "Tutor Ici"]
    assert "ailleurs" not in response.content.decode().lower()
    assert "4 personnes" in words(response)


def test_who_coordinates_two_networks_sees_both_and_may_choose(client: Client, cast: Cast, coordinator: Person) -> None:
    membership = factories.MembershipFactory.create(network=cast.elsewhere.network, person=coordinator)
    membership.roles.create(role=Role.COORDINATOR)
    assert len(names(client.get(LIST))) == 9
    assert names(client.get(f"{LIST}?reseau=ailleurs&q=ailleurs")) == [
        "Auditor Ailleurs",
        "Coordinator Ailleurs",
        "Learner Ailleurs",
        "Tutor Ailleurs",
    ]


def test_search_filters_and_order_are_in_the_address(client: Client, cast: Cast, coordinator: Person) -> None:
    here = cast.here.network
    nurse = factories.ProfessionFactory.create(slug="infirmier", label="Infirmier")
    zoe = factories.make_member(here, Role.TUTOR, first_name="Zoé", last_name="Étourneau", profession=nurse)
    gone = factories.make_member(here, Role.LEARNER, first_name="Parti", last_name="Fictif")
    Membership.objects.filter(person=gone).update(left_at=now())
    asleep = factories.make_member(here, Role.LEARNER, first_name="Suspendu", last_name="Fictif")
    Membership.objects.filter(person=asleep).update(suspended_at=now())
    Membership.objects.filter(person=zoe).update(site=cast.here.site)
    for query, found in {
        "q=etourneau": ["Zoé Étourneau"],
        "q=ZOE+etour": ["Zoé Étourneau"],
        "q=tutor%40ici": ["Tutor Ici"],
        "role=tutor": ["Zoé Étourneau", "Tutor Ici"],
        "profession=infirmier": ["Zoé Étourneau"],
        f"lieu={cast.here.site.pk}": ["Zoé Étourneau"],
        "etat=left": ["Parti Fictif"],
        "etat=suspended": ["Suspendu Fictif"],
        "etat=toutes&q=fictif": ["Parti Fictif", "Suspendu Fictif"],
        "q=personne+du+tout": [],
        "role=tutor&profession=absente": ["Zoé Étourneau", "Tutor Ici"],
        "lieu=x&q=zoe": ["Zoé Étourneau"],
    }.items():
        assert sorted(names(client.get(f"{LIST}?{query}"))) == sorted(found), query
    assert names(client.get(f"{LIST}?tri=arrivee"))[0] == "Zoé Étourneau"
    empty = client.get(f"{LIST}?q=rien")
    assert ("Personne ne correspond." in words(empty), LIST in links(empty)) == (True, True)


def test_a_value_shown_again_is_escaped(client: Client, cast: Cast, coordinator: Person) -> None:
    attack = '"><script>alert(1)</script>'
    html = client.get(LIST, {"q": attack}).content.decode()
    assert attack not in html
    assert escape(attack) in html


def test_a_page_of_a_member_tells_who_it_is_and_what_happened(client: Client, cast: Cast, coordinator: Person) -> None:
    person = cast.here.tutor
    capacity = factories.CapacityFactory.create(text="Une capacité positionnée")
    Positioning.objects.create(person=person, capacity=capacity, level=0)
    client.post(page_of(person), {"action": "confier", "role": "learner"})
    text = words(client.get(page_of(person)))
    for told in ("Tutor Ici", "tutor@ici.example", "Tutorat", "Personne aidée", "Rôle confié : personne aidée par Coo"):
        assert told in text
    assert "positionnée" not in text


def test_a_role_is_given_and_taken_with_a_question_first(client: Client, cast: Cast, coordinator: Person) -> None:
    page = page_of(cast.here.learner)
    client.post(page, {"action": "confier", "role": "tutor"})
    assert roles_in(cast.here.learner, cast.here.network) == {Role.LEARNER, Role.TUTOR}
    asked = client.get(f"{page}?faire=retirer&role=tutor")
    assert heading_of(asked) == "Retirer le rôle « tutorat » ?"
    assert roles_in(cast.here.learner, cast.here.network) == {Role.LEARNER, Role.TUTOR}
    done = client.post(page, {"action": "retirer", "role": "tutor", "reason": ""}, follow=True)
    assert "Rôle retiré." in words(done)
    assert roles_in(cast.here.learner, cast.here.network) == {Role.LEARNER}
    again = client.post(page, {"action": "retirer", "role": "tutor", "reason": ""})
    assert (again.status_code, "Cette personne n’a plus ce rôle." in words(again)) == (409, True)


def test_the_same_role_twice_is_told(client: Client, cast: Cast, coordinator: Person) -> None:
    response = client.post(page_of(cast.here.learner), {"action": "confier", "role": "learner"})
    assert (response.status_code, "Cette personne a déjà ce rôle." in words(response)) == (409, True)


def test_suspending_asks_first_then_can_be_undone(client: Client, cast: Cast, coordinator: Person) -> None:
    page = page_of(cast.here.auditor)
    assert heading_of(client.get(f"{page}?faire=suspendre")) == "Suspendre la participation ?"
    assert of(cast.here.auditor).suspended_at is None
    done = client.post(page, {"action": "suspendre", "reason": "Congé long"}, follow=True)
    assert ("suspendue" in words(done), "« Congé long »" in words(done)) == (True, True)
    second = client.post(page, {"action": "suspendre", "reason": "Encore"})
    assert (second.status_code, "Encore" in words(second)) == (409, True)
    back = client.post(page, {"action": "reprendre"}, follow=True)
    assert "La participation reprend." in words(back)
    assert of(cast.here.auditor).suspended_at is None


def test_a_reason_with_a_patient_number_is_refused_and_kept(client: Client, cast: Cast, coordinator: Person) -> None:
    reason = "Dossier 1 85 05 78 006 084 91"
    response = client.post(page_of(cast.here.auditor), {"action": "suspendre", "reason": reason})
    assert (response.status_code, reason in words(response)) == (422, True)
    assert of(cast.here.auditor).suspended_at is None


def test_a_departure_is_recorded(client: Client, cast: Cast, coordinator: Person) -> None:
    page = page_of(cast.here.auditor)
    done = client.post(page, {"action": "partir", "reason": ""}, follow=True)
    assert ("Départ enregistré" in words(done), "terminée" in words(done)) == (True, True)
    assert "faire=" not in done.content.decode()


def test_the_coordination_is_handed_over(client: Client, cast: Cast, coordinator: Person) -> None:
    page = page_of(cast.here.tutor)
    assert heading_of(client.get(f"{page}?faire=transmettre")) == "Transmettre votre coordination ?"
    done = client.post(page, {"action": "transmettre"}, follow=True)
    assert "Tutor Ici assure maintenant la coordination." in words(done)
    assert roles_in(cast.here.tutor, cast.here.network) == {Role.TUTOR, Role.COORDINATOR}
    assert client.get(LIST).status_code == 403


def test_the_last_coordinator_keeps_the_role(client: Client, cast: Cast, coordinator: Person) -> None:
    data = {"action": "retirer", "role": "coordinator", "reason": ""}
    response = client.post(page_of(coordinator), data)
    assert (response.status_code, "confiez d’abord ce rôle" in words(response)) == (409, True)
    assert roles_in(coordinator, cast.here.network) == {Role.COORDINATOR}


def test_the_place_of_work_is_one_of_the_network(client: Client, cast: Cast, coordinator: Person) -> None:
    page = page_of(cast.here.learner)
    assert client.post(page, {"action": "lieu", "site": cast.here.site.pk}).status_code == 302
    assert client.post(page, {"action": "lieu", "site": cast.elsewhere.site.pk}).status_code == 422
    assert of(cast.here.learner).site == cast.here.site


# Inviting


def test_inviting_several_at_once_and_reading_what_became_of_it(
    client: Client, cast: Cast, coordinator: Person
) -> None:
    typed = "Un@x.example, deux@x.example\ntrois@x.example; learner@ici.example"
    data = {"emails": typed, "roles": ["learner", "tutor"], "attachment": "member", "site": cast.here.site.pk}
    sent = client.post("/membres/inviter/", data, follow=True)
    assert "3 invitations envoyées." in words(sent)
    assert "Déjà membres, rien ne leur est envoyé : learner@ici.example." in words(sent)
    assert {mail.address for mail in OutboxMessage.objects.all()} == {
        "un@x.example",
        "deux@x.example",
        "trois@x.example",
    }
    client.post("/membres/inviter/", data)
    assert OutboxMessage.objects.count() == 3
    listed = words(client.get("/membres/invitations/"))
    assert "un@x.example en attente Personne aidée, tutorat" in listed
    assert Invitation.objects.filter(site=cast.here.site).count() == 3


def test_an_invitation_is_sent_again_or_withdrawn(client: Client, cast: Cast, coordinator: Person) -> None:
    data = {"emails": "un@x.example", "roles": ["learner"], "attachment": "member", "site": ""}
    client.post("/membres/inviter/", data)
    first = Invitation.objects.get()
    Invitation.objects.update(created_at=now().replace(year=2020), expires_at=now().replace(year=2020))
    assert "un@x.example expirée" in words(client.get("/membres/invitations/"))
    client.post("/membres/invitations/", {"action": "renvoyer", "invitation": first.pk})
    assert OutboxMessage.objects.count() == 2
    last = Invitation.objects.latest("pk")
    withdrawn = client.post("/membres/invitations/", {"action": "retirer", "invitation": last.pk}, follow=True)
    assert "le lien envoyé à un@x.example ne sert plus" in words(withdrawn)
    assert not Invitation.objects.filter(revoked_at=None).exists()


def test_invitations_of_another_network_are_out_of_reach(client: Client, cast: Cast, coordinator: Person) -> None:
    other = Invitation.objects.create(
        network=cast.elsewhere.network, email="ailleurs@x.example", roles=["learner"], expires_at=now()
    )
    assert "ailleurs@x.example" not in words(client.get("/membres/invitations/"))
    for action in ("retirer", "renvoyer"):
        data = {"action": action, "invitation": other.pk}
        assert client.post("/membres/invitations/", data).status_code == 400
    assert client.post("/membres/inviter/", {"emails": "a@b.example", "network": "ailleurs"}).status_code == 422
    assert Invitation.objects.filter(revoked_at=None).count() == 1


WRONG = {
    "no address": ({"emails": ""}, "Adresses électroniques : Écrivez au moins une adresse."),
    "no address at all": ({"emails": "une phrase"}, "« une » n’est pas une adresse électronique."),
    "no role": ({"roles": []}, "Rôles : Choisissez au moins un rôle."),
    "foreign site": ({"site": 10**9}, "Lieu de travail :"),
}


@pytest.mark.parametrize(("fields", "told"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_invitation_is_told_and_kept(
    fields: dict[str, object], told: str, client: Client, cast: Cast, coordinator: Person
) -> None:
    data = {"emails": "un@x.example", "roles": ["auditor"], "attachment": "attached", "site": ""} | fields
    response = client.post("/membres/inviter/", data)
    assert (response.status_code, told in words(response)) == (422, True)
    assert 'value="attached"' in response.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("people", [1, 3])
def test_the_list_asks_as_much_for_three_as_for_one(
    people: int, client: Client, cast: Cast, coordinator: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(people):
        member = factories.make_member(cast.here.network, Role.TUTOR, profession=factories.ProfessionFactory.create())
        Membership.objects.filter(person=member).update(site=factories.SiteFactory.create(network=cast.here.network))
        Invitation.objects.create(
            network=cast.here.network, email=f"{member.pk}@x.example", roles=["learner"], expires_at=now()
        )
    with django_assert_num_queries(10):
        client.get(LIST)
    with django_assert_num_queries(7):
        client.get("/membres/invitations/")


def test_three_hundred_members_are_pages_of_the_same_cost(
    client: Client, cast: Cast, coordinator: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people = Person.objects.bulk_create(
        Person(email=f"p{rank}@x.example", first_name="Éric", last_name=f"Fictif {rank:03}") for rank in range(300)
    )
    Membership.objects.bulk_create(Membership(network=cast.here.network, person=person) for person in people)
    with django_assert_max_num_queries(10):
        last = client.get(f"{LIST}?q=eric&page=6")
    assert (len(names(last)), names(last)[-1]) == (50, "Éric Fictif 299")
    assert f"{LIST}?page=5&q=eric" in links(last)
