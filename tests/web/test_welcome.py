"""« Accueil »: what waits for each person, in one list, and nothing of anybody else."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backend.campaigns.enums import CampaignState
from backend.common.clock import now
from backend.credits.domain.ledger import NewEntry, account_of, write_entries
from backend.credits.enums import EntryKind
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.models import Membership, MembershipRole
from backend.referentials.enums import Area
from backend.skills.models import Positioning
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session
from tests.support import factories
from tests.support.cast import Cast, Neighbourhood
from tests.web.reading import choices, links, words

HOME = "/accueil/"


def begin(session: Session) -> None:
    start = factories.whole_cell(now()) - dt.timedelta(hours=1)
    session.state, session.starts_at, session.ends_at = (
        SessionState.CONFIRMED,
        start,
        start + factories.SESSION_LENGTH,
    )
    session.save()


def ask(here: Neighbourhood, **fields: object) -> HelpRequest:
    request: HelpRequest = factories.HelpRequestFactory.create(network=here.network, person=here.learner, **fields)
    return request


@pytest.mark.parametrize("role", ["learner", "tutor", "coordinator", "auditor", "stranger", "admin"])
def test_nobody_sees_a_person_or_a_subject_of_another_network(client: Client, cast: Cast, role: str) -> None:
    person = cast.play(role)
    assert person is not None
    client.force_login(person)
    other = cast.here if role == "stranger" else cast.elsewhere
    text = words(client.get(HOME))
    for name in (other.learner.name, other.tutor.name, other.network.name, other.session.notion.title):
        assert name not in text


@pytest.mark.parametrize("role", ["learner", "tutor", "coordinator", "auditor"])
def test_home_never_shows_a_positioning_a_score_or_our_own_word(client: Client, cast: Cast, role: str) -> None:
    factories.PositioningFactory.create(person=cast.here.learner, capacity=cast.here.request.capacity)
    assert Positioning.objects.exists()
    person = cast.play(role)
    assert person is not None
    client.force_login(person)
    text = words(client.get(HOME))
    assert "%" not in text
    assert "je fais avec de l’aide" not in text
    assert (
        "notion"
        not in text.replace(cast.here.claim.notion.title, "").replace(cast.here.session.notion.title, "").lower()
    )


# Learner


def test_a_learner_answers_and_joins_from_home(client: Client, cast: Cast) -> None:
    cast.here.session.state = SessionState.CONFIRMED
    cast.here.session.save()
    client.force_login(cast.here.learner)
    response = client.get(HOME)
    assert choices(response, "action") == ["agree"]
    assert cast.here.session.join_value in links(response)
    assert f"/messages/{cast.here.conversation.pk}/" in links(response)
    client.post(f"/seances/{cast.here.session.pk}/", {"action": "agree", "next": HOME})
    text = words(client.get(HOME))
    assert "Votre prochaine séance" in text
    assert "Fermez tout dossier : on s’entraîne sans patient." in text


def test_a_learner_confirms_their_presence_in_one_tap(client: Client, cast: Cast) -> None:
    begin(cast.here.session)
    client.force_login(cast.here.learner)
    response = client.get(HOME)
    assert "Étiez-vous là ? Oui Non" in words(response)
    assert (choices(response, "action"), choices(response, "present")) == (["confirm", "confirm"], ["yes", "no"])


def test_requests_are_told_in_plain_words(client: Client, cast: Cast) -> None:
    HelpRequest.objects.filter(pk=cast.here.request.pk).update(state=RequestState.PLANNED)
    ask(cast.here)
    ask(cast.here, state=RequestState.MET)
    withdrawn = ask(cast.here, state=RequestState.WITHDRAWN)
    client.force_login(cast.here.learner)
    response = client.get(HOME)
    text = words(response).partition("Mes demandes")[2]
    assert [text.count(state) for state in ("une séance est prévue", "en attente d’une proposition", "aide reçue")] == [
        1,
        1,
        1,
    ]
    assert withdrawn.capacity.text not in text
    assert f"/seances/{cast.here.session.pk}/" in links(response)


def test_an_unserved_request_says_why_while_the_reason_is_the_last_one(client: Client, cast: Cast) -> None:
    request = ask(cast.here)
    cast.here.run.published_at = timezone.now()
    cast.here.run.save()
    factories.UnservedFactory.create(run=cast.here.run, request=request, reason="no_common_slot")
    unpublished = factories.RunFactory.create(campaign=cast.here.campaign)
    factories.UnservedFactory.create(run=unpublished, request=request, reason="no_tutor")
    client.force_login(cast.here.learner)
    assert "Vous n’avez aucun moment commun avec les tuteurs de ce sujet." in words(client.get(HOME))
    later = factories.CampaignFactory.create(network=cast.here.network)
    factories.RunFactory.create(campaign=later, published_at=timezone.now() + dt.timedelta(hours=1))
    assert "aucun moment commun" not in words(client.get(HOME))


def test_whoever_asked_nothing_yet_is_told_whom_to_ask(client: Client, cast: Cast) -> None:
    newcomer = factories.make_member(cast.here.network, Role.LEARNER)
    client.force_login(newcomer)
    response = client.get(HOME)
    assert "Rien ne vous attend" in words(response)
    assert f"mailto:{cast.here.coordinator.email}" in links(response)
    assert f"mailto:{cast.elsewhere.coordinator.email}" not in links(response)


@pytest.mark.parametrize("requests", [1, 3])
def test_a_learner_asks_as_much_for_three_requests_as_for_one(
    client: Client, cast: Cast, requests: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.here.run.published_at = timezone.now()
    cast.here.run.save()
    for _ in range(requests):
        request = ask(cast.here)
        factories.UnservedFactory.create(run=cast.here.run, request=request)
        session = factories.SessionFactory.create(network=cast.here.network, tutor=cast.here.tutor)
        factories.ParticipationFactory.create(session=session, person=cast.here.learner)
    client.force_login(cast.here.learner)
    with django_assert_num_queries(13):
        client.get(HOME)


# Tutor


def test_a_tutor_accepts_declines_and_tells_who_came(client: Client, cast: Cast) -> None:
    begun = factories.SessionFactory.create(network=cast.here.network, tutor=cast.here.tutor)
    factories.ParticipationFactory.create(session=begun)
    begin(begun)
    client.force_login(cast.here.tutor)
    response = client.get(HOME)
    assert sorted(choices(response, "action")) == ["accept", "attendance"]
    assert "Tout le monde était là" in words(response)
    assert f"/seances/{cast.here.session.pk}/#decliner" in links(response)


def test_what_a_tutor_holds_is_counted_as_matching_does(client: Client, cast: Cast) -> None:
    today = now().date()
    for state, expires_on in (("accepted", None), ("accepted", today), ("refused", None), ("more_asked", None)):
        factories.ClaimFactory.create(
            network=cast.here.network, person=cast.here.tutor, state=state, expires_on=expires_on
        )
    client.force_login(cast.here.tutor)
    assert "1 compétence validée 2 en attente de relecture" in words(client.get(HOME))


@pytest.mark.parametrize("sessions", [1, 3])
def test_a_tutor_asks_as_much_for_three_sessions_as_for_one(
    client: Client, cast: Cast, sessions: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(sessions - 1):
        session = factories.SessionFactory.create(network=cast.here.network, tutor=cast.here.tutor)
        factories.ParticipationFactory.create(session=session)
    client.force_login(cast.here.tutor)
    with django_assert_num_queries(11):
        response = client.get(HOME)
    assert choices(response, "action").count("accept") == sessions


# Coordinator


def test_a_coordinator_sees_what_waits_and_figures_that_agree(client: Client, cast: Cast) -> None:
    ask(cast.here)
    ask(cast.here, state=RequestState.WITHDRAWN)
    Session.objects.filter(pk=cast.here.session.pk).update(state=SessionState.HELD)
    HelpRequest.objects.filter(pk=cast.here.request.pk).update(state=RequestState.MET)
    factories.CampaignFactory.create(network=cast.here.network, state=CampaignState.CLOSED, title="Ancienne")
    client.force_login(cast.here.coordinator)
    response = client.get(HOME)
    text = words(response)
    assert "3 demandes depuis le début 1 avec une proposition" in text
    assert "1 aide reçue présence confirmée 45 min données en 1 séance tenue" in text
    assert "1 compétence à relire" in text
    assert f"{cast.here.tutor.name} {cast.here.claim.credential.title}, 1 compétence depuis le" in text
    assert f"{cast.here.campaign.title} relecture Prochaine étape : relire, puis publier" in text
    assert "Ancienne" not in text
    assert f"/validations/certificats/{cast.here.claim.credential_id}/" in links(response)


def test_a_dispute_waits_for_the_coordinator(client: Client, cast: Cast) -> None:
    begin(cast.here.session)
    cast.here.session.participations.update(by_tutor=True, by_learner=False)
    begin(cast.elsewhere.session)
    cast.elsewhere.session.participations.update(by_tutor=True, by_learner=False)
    client.force_login(cast.here.coordinator)
    assert "1 présence à trancher" in words(client.get(HOME))


@pytest.mark.parametrize("rows", [1, 3])
def test_a_coordinator_asks_as_much_for_three_claims_as_for_one(
    client: Client, cast: Cast, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows - 1):
        factories.ClaimFactory.create(network=cast.here.network)
        factories.CampaignFactory.create(network=cast.here.network, state=CampaignState.COLLECTING)
        add_role(cast.here.coordinator.memberships.get(network=cast.here.network), Role.COORDINATOR)
    client.force_login(cast.here.coordinator)
    with django_assert_num_queries(15):
        client.get(HOME)


def add_role(membership: Membership, role: Role) -> None:
    MembershipRole.objects.get_or_create(membership=membership, role=role)


# Auditor


def test_an_auditor_sees_totals_and_no_name(client: Client, cast: Cast) -> None:
    tutors = [factories.make_member(cast.elsewhere.network, Role.TUTOR) for _ in range(5)]
    network = factories.NetworkFactory.create(name="CPTS auditée")
    auditor = factories.make_member(network, Role.AUDITOR)
    write_entries(
        network=network,
        entries=[
            NewEntry(account_of(person), kind, Area.DATA, points, minutes, f"{kind}:{person.pk}")
            for person in tutors
            for kind, points, minutes in (
                (EntryKind.TUTORING, Decimal("7.5"), 45),
                (EntryKind.LEARNING, Decimal(0), 45),
            )[: 2 if person in tutors[:4] else 1]
        ],
    )
    client.force_login(auditor)
    text = words(client.get(HOME))
    assert "5 personnes ont aidé moins de 5 personnes ont été aidées" in text
    assert "0 séance tenue 3 h 45 données, 3 h reçues 37,5 points CPTS inscrits" in text
    assert "chaîne intacte 9 écritures recalculées" in text
    assert network.ledger_head.hash in text
    assert not [person.name for person in tutors if person.name in text]


def test_a_broken_chain_is_told(client: Client, cast: Cast) -> None:
    """The cast's entries chain to nothing."""
    client.force_login(cast.here.auditor)
    text = words(client.get(HOME))
    assert "chaîne rompue" in text
    assert "chaîne intacte" not in text


# Several roles, and none


def test_one_person_may_hold_several_roles_in_several_networks(client: Client, cast: Cast) -> None:
    membership = factories.MembershipFactory.create(network=cast.elsewhere.network, person=cast.here.tutor)
    add_role(membership, Role.COORDINATOR)
    client.force_login(cast.here.tutor)
    text = words(client.get(HOME))
    assert text.startswith(f"Bonjour {cast.here.tutor.first_name} CPTS ailleurs · CPTS ici")
    for part in ("Ce que vous transmettez", "Campagnes en cours", cast.elsewhere.claim.person.name):
        assert part in text
    assert cast.here.campaign.title not in text


def test_a_suspended_coordinator_sees_the_network_no_more(client: Client, cast: Cast) -> None:
    Membership.objects.filter(person=cast.here.coordinator).update(suspended_at=timezone.now())
    client.force_login(cast.here.coordinator)
    assert "Votre compte n’est dans aucun réseau." in words(client.get(HOME))


def test_support_is_sent_to_its_tables(client: Client, cast: Cast) -> None:
    client.force_login(cast.admin)
    assert links(client.get(HOME)) == ["/admin/"]


def test_home_asks_to_sign_in(client: Client, db: None) -> None:
    assert client.get(HOME)["Location"] == "/compte/login/?next=/accueil/"
