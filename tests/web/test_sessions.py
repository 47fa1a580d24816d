"""The list of sessions, and the page where everything is done with one."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.agenda.models import Occupancy
from backend.common.clock import now
from backend.credits.models import Entry
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.tutoring.enums import JoinKind, SessionState
from backend.tutoring.models import Participation, Session
from tests.support import factories
from tests.support.cast import Cast, Neighbourhood
from tests.web.reading import choices, links, words

NIR = "1 85 05 78 006 084 91"


def page(session: Session) -> str:
    return f"/seances/{session.pk}/"


def post(client: Client, session: Session, action: str, **data: object) -> Any:
    return client.post(page(session), {"action": action, **data})


def sessions_on(response: Any) -> list[str]:
    """Addresses of the sessions that a list shows."""
    return [link for link in links(response) if link.startswith("/seances/") and "#" not in link]


def confirm(session: Session) -> Session:
    """Confirmed, its request planned, as after a publication and an acceptance."""
    session.state = SessionState.CONFIRMED
    session.save()
    HelpRequest.objects.filter(participations__session=session).update(state=RequestState.PLANNED)
    return session


def begin(session: Session) -> Session:
    """As ``confirm``, and an hour ago."""
    session.starts_at = factories.whole_cell(now()) - dt.timedelta(hours=1)
    session.ends_at = session.starts_at + factories.SESSION_LENGTH
    return confirm(session)


def add_learner(session: Session, name: str) -> Person:
    learner = factories.make_member(session.network, Role.LEARNER, first_name=name, last_name="Autre")
    factories.ParticipationFactory.create(session=session, person=learner)
    return learner


@pytest.fixture
def here(cast: Cast) -> Neighbourhood:
    """The network of the story; its neighbour holds the same rows, which nobody here may see."""
    HelpRequest.objects.filter(participations__session=cast.here.session).update(state=RequestState.PLANNED)
    return cast.here


# The list


@pytest.mark.parametrize("role", ["learner", "tutor", "coordinator"])
def test_the_list_shows_sessions_of_the_reader_or_of_the_network_they_coordinate(
    client: Client, cast: Cast, role: str
) -> None:
    other = factories.SessionFactory.create(network=cast.here.network)
    client.force_login(cast.play(role))  # type: ignore[arg-type]  # these three are people
    seen = sessions_on(client.get("/seances/"))
    shown = [cast.here.session, other] if role == "coordinator" else [cast.here.session]
    assert seen == [page(session) for session in sorted(shown, key=lambda session: (session.starts_at, session.pk))]


@pytest.mark.parametrize("sessions", [1, 3])
def test_the_list_asks_as_much_for_three_sessions_as_for_one(
    client: Client, here: Neighbourhood, sessions: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(sessions - 1):
        add_learner(factories.SessionFactory.create(network=here.network, tutor=here.tutor), "Nina")
    client.force_login(here.tutor)
    with django_assert_num_queries(8):
        response = client.get("/seances/?quand=a-repondre")
    assert choices(response, "action").count("accept") == sessions


def test_filters_part_what_comes_what_waits_and_what_is_over(client: Client, here: Neighbourhood) -> None:
    past = factories.SessionFactory.create(network=here.network, tutor=here.tutor, state=SessionState.HELD)
    agreed = factories.SessionFactory.create(network=here.network, tutor=here.tutor, state=SessionState.CONFIRMED)
    begun = begin(factories.SessionFactory.create(network=here.network, tutor=here.tutor))
    add_learner(begun, "Nina")
    client.force_login(here.tutor)
    shown = {
        name: set(sessions_on(client.get(f"/seances/?quand={name}"))) for name in ("a-venir", "a-repondre", "passees")
    }
    assert shown == {
        "a-venir": {page(here.session), page(agreed)},
        "a-repondre": {page(here.session), page(begun)},
        "passees": {page(past), page(begun)},
    }


def test_an_empty_list_says_what_to_do(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.auditor)
    response = client.get("/seances/?quand=a-repondre")
    assert "Rien n’attend votre réponse." in words(response)
    assert "?quand=a-venir" in links(response)


def test_the_list_comes_in_pages(client: Client, here: Neighbourhood) -> None:
    factories.SessionFactory.create_batch(20, network=here.network, tutor=here.tutor)
    client.force_login(here.tutor)
    assert "Page 1 sur 2" in words(client.get("/seances/"))
    assert "Page 2 sur 2" in words(client.get("/seances/?page=2&quand=a-venir"))


# Who sees what of a session


def test_nobody_else_sees_a_session(client: Client, cast: Cast) -> None:
    stranger = factories.make_member(cast.here.network, Role.LEARNER, Role.TUTOR)
    for person in (stranger, cast.here.auditor, cast.elsewhere.coordinator, cast.admin):
        client.force_login(person)
        assert client.get(page(cast.here.session)).status_code == 404
        assert post(client, cast.here.session, "accept").status_code == 404
    assert client.get("/seances/99999999999999999999999/").status_code == 404


def test_sign_in_comes_back_to_the_session(client: Client, cast: Cast) -> None:
    response = client.get(page(cast.here.session))
    assert response["Location"] == f"/compte/login/?next={page(cast.here.session)}"


def test_each_reader_sees_the_subject_in_their_own_words(client: Client, here: Neighbourhood) -> None:
    """The learner their request, the tutor and the coordinator the wording of their own profession, if it has one."""
    framework = factories.FrameworkFactory.create()
    domain = factories.DomainFactory.create(framework=framework)
    competency = factories.CompetencyFactory.create(domain=domain)
    here.session.notion = here.request.notion
    here.session.save()
    factories.CapacityFactory.create(competency=competency, notion=here.request.notion, text="dire cela en kiné")
    here.tutor.profession = factories.ProfessionFactory.create(framework=framework)
    here.tutor.save()
    readings = {}
    for person in (here.learner, here.tutor, here.coordinator):
        client.force_login(person)
        text = words(client.get(page(here.session)))
        readings[person] = ("Dire cela en kiné" in text, here.request.capacity.text in text)
        assert "notion" not in text.lower().replace(here.request.notion.title.lower(), "")
    assert readings == {here.learner: (False, True), here.tutor: (True, False), here.coordinator: (False, True)}


def test_what_the_learner_said_of_themselves_is_for_the_tutor_alone(client: Client, here: Neighbourhood) -> None:
    HelpRequest.objects.filter(pk=here.request.pk).update(level_start=1, context="Je perds mes codes")
    companion = add_learner(here.session, "Nina")
    told = {}
    for person in (here.tutor, here.coordinator, companion):
        client.force_login(person)
        text = words(client.get(page(here.session)))
        told[person] = ("part de : débutant" in text, "Je perds mes codes" in text)
    assert told == {here.tutor: (True, True), here.coordinator: (False, False), companion: (False, False)}


def test_the_way_in_is_for_those_who_come_once_it_is_confirmed(client: Client, here: Neighbourhood) -> None:
    room = here.session.join_value
    client.force_login(here.learner)
    assert room not in links(client.get(page(here.session)))
    confirm(here.session)
    assert room in links(client.get(page(here.session)))
    client.force_login(here.coordinator)
    assert room not in client.get(page(here.session)).content.decode()


def test_a_telephone_is_called_by_the_learner(client: Client, here: Neighbourhood) -> None:
    here.session.join_kind, here.session.join_value = JoinKind.PHONE, "01 99 00 00 07"
    confirm(here.session)
    client.force_login(here.learner)
    assert "tel:0199000007" in links(client.get(page(here.session)))
    client.force_login(here.tutor)
    assert "On vous appelle au 01 99 00 00 07" in words(client.get(page(here.session)))


def test_only_a_web_address_becomes_a_link(client: Client, here: Neighbourhood) -> None:
    here.session.join_value = "javascript:alert(1)"
    confirm(here.session)
    client.force_login(here.learner)
    assert "javascript" not in client.get(page(here.session)).content.decode()


def test_every_session_says_to_close_files(client: Client, here: Neighbourhood) -> None:
    client.force_login(here.learner)
    assert "Fermez tout dossier : on s’entraîne sans patient." in words(client.get(page(here.session)))


@pytest.mark.parametrize("learners", [1, 3])
def test_the_page_asks_as_much_for_three_learners_as_for_one(
    client: Client, here: Neighbourhood, learners: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(learners - 1):
        add_learner(here.session, f"Nina{number}")
    here.tutor.profession = factories.ProfessionFactory.create()
    here.tutor.save()
    client.force_login(here.tutor)
    with django_assert_num_queries(9):
        client.get(page(here.session))


# What is done there


def test_the_tutor_accepts(client: Client, here: Neighbourhood) -> None:
    client.force_login(here.tutor)
    assert choices(client.get(page(here.session)), "action") == ["accept", "decline"]
    assert post(client, here.session, "accept")["Location"] == page(here.session)
    here.session.refresh_from_db()
    assert here.session.state == SessionState.CONFIRMED
    assert f"Acceptée par {here.tutor.name}" in words(client.get(page(here.session)))


def test_an_answer_given_at_home_comes_back_home(client: Client, here: Neighbourhood) -> None:
    client.force_login(here.tutor)
    assert post(client, here.session, "accept", next="/accueil/")["Location"] == "/accueil/"


def test_an_answer_never_leads_out_of_the_site(client: Client, here: Neighbourhood) -> None:
    client.force_login(here.tutor)
    assert post(client, here.session, "accept", next="https://ailleurs.example/")["Location"] == page(here.session)


def test_a_second_press_is_told_that_the_first_counted(client: Client, here: Neighbourhood) -> None:
    client.force_login(here.tutor)
    post(client, here.session, "accept")
    response = post(client, here.session, "accept")
    assert response.status_code == 409
    assert "Cette séance est confirmée : ce n’est plus possible." in words(response)
    assert choices(response, "action") == ["cancel"]


def test_declining_asks_why_and_keeps_what_was_typed(client: Client, here: Neighbourhood) -> None:
    client.force_login(here.tutor)
    empty = post(client, here.session, "decline", reason=" ")
    assert (empty.status_code, "Dites pourquoi, en quelques mots." in words(empty)) == (422, True)
    refused = post(client, here.session, "decline", reason=f"Vu avec {NIR}")
    assert (refused.status_code, NIR in words(refused)) == (422, True)
    here.session.refresh_from_db()
    assert here.session.state == SessionState.PROPOSED
    assert not here.session.transitions.exists()


def test_declining_puts_the_request_back(client: Client, here: Neighbourhood) -> None:
    client.force_login(here.tutor)
    post(client, here.session, "decline", reason="De garde ce jour-là")
    here.request.refresh_from_db()
    assert here.request.state == RequestState.OPEN
    client.force_login(here.learner)
    text = words(client.get(page(here.session)))
    assert f"Déclinée par {here.tutor.name}" in text
    assert "« De garde ce jour-là »" in text


def test_the_learner_agrees_once_then_may_only_cancel(client: Client, here: Neighbourhood) -> None:
    client.force_login(here.learner)
    assert choices(client.get(page(here.session)), "action") == ["agree", "cancel"]
    post(client, here.session, "agree")
    assert choices(client.get(page(here.session)), "action") == ["cancel"]


def test_the_learner_cancels_and_the_cells_are_free(client: Client, here: Neighbourhood) -> None:
    Occupancy.objects.create(person=here.learner, cell=1, source=here.session.source)
    client.force_login(here.learner)
    post(client, confirm(here.session), "cancel", reason="Malade")
    here.session.refresh_from_db()
    assert here.session.state == SessionState.CANCELLED
    assert not Occupancy.objects.filter(source=here.session.source).exists()


def test_both_sides_tell_and_points_are_written_once(client: Client, here: Neighbourhood) -> None:
    begin(here.session)
    client.force_login(here.tutor)
    post(client, here.session, "attendance", everyone="yes")
    client.force_login(here.learner)
    post(client, here.session, "confirm", present="yes")
    assert post(client, here.session, "confirm", present="yes").status_code == 409
    here.session.refresh_from_db()
    assert here.session.state == SessionState.HELD
    assert Entry.objects.filter(source=here.session.source, network=here.network).count() == 2


def test_attendance_is_told_person_by_person_and_keeps_half_an_answer(client: Client, here: Neighbourhood) -> None:
    other = add_learner(begin(here.session), "Nina")
    first, second = f"person_{here.learner.pk}", f"person_{other.pk}"
    client.force_login(here.tutor)
    half = post(client, here.session, "attendance", **{first: "yes"})
    assert half.status_code == 422
    assert "Nina Autre : Dites si cette personne était là." in words(half)
    assert f'name="{first}" value="yes" required' in half.content.decode()
    assert " checked" in half.content.decode()
    post(client, here.session, "attendance", **{first: "yes", second: "no"})
    marks = Participation.objects.filter(session=here.session).values_list("person", "by_tutor")
    assert dict(marks) == {here.learner.pk: True, other.pk: False}


def test_the_coordinator_decides_where_answers_differ(client: Client, here: Neighbourhood) -> None:
    begin(here.session).participations.update(by_tutor=False, by_learner=True)
    client.force_login(here.tutor)
    assert "decide" not in choices(client.get(page(here.session)), "action")
    assert post(client, here.session, "decide", learner=here.learner.pk, present="yes").status_code == 403
    client.force_login(here.coordinator)
    assert links(client.get("/seances/?quand=a-repondre")).count(page(here.session)) == 1
    post(client, here.session, "decide", learner=here.learner.pk, present="yes")
    here.session.refresh_from_db()
    assert here.session.state == SessionState.HELD
    again = post(client, here.session, "decide", learner=here.learner.pk, present="no")
    assert (again.status_code, "Il n’y a rien à trancher" in words(again)) == (409, True)


def test_a_week_of_silence_goes_to_the_coordinator(client: Client, here: Neighbourhood) -> None:
    begin(here.session)
    client.force_login(here.coordinator)
    assert page(here.session) not in links(client.get("/seances/?quand=a-repondre"))
    week = dt.timedelta(days=7)
    Session.objects.filter(pk=here.session.pk).update(
        starts_at=here.session.starts_at - week, ends_at=here.session.ends_at - week
    )
    assert page(here.session) in links(client.get("/seances/?quand=a-repondre"))


@pytest.mark.parametrize("data", [{}, {"action": ""}, {"action": "explode"}])
def test_an_unknown_action_is_refused(client: Client, here: Neighbourhood, data: dict[str, str]) -> None:
    client.force_login(here.tutor)
    assert client.post(page(here.session), data).status_code == 400


ACTIONS: dict[str, Callable[[Neighbourhood], Person]] = {
    "accept": lambda here: here.learner,
    "decline": lambda here: here.coordinator,
    "agree": lambda here: here.tutor,
    "confirm": lambda here: here.tutor,
    "attendance": lambda here: here.learner,
}


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_of_somebody_else_is_refused(client: Client, here: Neighbourhood, action: str) -> None:
    client.force_login(ACTIONS[action](here))
    response = post(client, here.session, action, reason="Non", present="yes", everyone="yes")
    assert response.status_code == 409
    here.session.refresh_from_db()
    assert here.session.state == SessionState.PROPOSED
