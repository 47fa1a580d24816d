"""What proposing, accepting, declining, agreeing and cancelling leave behind."""

import datetime as dt
from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.agenda.models import Occupancy
from backend.common.clock import now, told_at
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.credits.models import Entry
from backend.needs.domain.requests import move_request
from backend.needs.enums import RequestState
from backend.needs.models import TutorOffer
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from backend.tutoring.domain.access import access_session_for, sessions_for, visible_sessions_for
from backend.tutoring.domain.answers import accept_session, agree_session, cancel_session, decline_session
from backend.tutoring.domain.proposals import Draft, Outcome, propose_sessions
from backend.tutoring.enums import Modality, SessionState
from backend.tutoring.models import Session
from backend.tutoring.rules import allowed_actions
from tests.support.factories import SiteFactory, TutorOfferFactory, make_member
from tests.support.scene import BEFORE, REASON, START, Scene, make_draft, propose


def test_a_proposal_holds_everybodys_time(scene: Scene) -> None:
    assert scene.state() == "proposed"
    assert [scene.cells(person) for person in (scene.tutor, scene.first, scene.second)] == [[0, 1, 2]] * 3
    assert scene.requests() == ["planned", "planned"]
    people = set(scene.session.conversation.members.values_list("person", flat=True))
    assert people == {scene.tutor.pk, scene.first.pk, scene.second.pk}
    assert (scene.session.join_kind, scene.session.join_value) == ("link", "https://visio.exemple.example/salle")


def test_accepting_leaves_a_row_and_keeps_the_time(scene: Scene) -> None:
    accept_session(session_id=scene.session.pk, author=scene.tutor)
    rows = scene.session.transitions.values_list("source", "target", "author", "at")
    assert list(rows) == [("", "proposed", None, BEFORE), ("proposed", "confirmed", scene.tutor.pk, BEFORE)]
    assert scene.cells(scene.tutor) == [0, 1, 2]


@pytest.mark.parametrize("target", ["declined", "cancelled"])
def test_calling_off_frees_time_and_puts_requests_back(target: str, scene: Scene, network: Network) -> None:
    if target == "declined":
        decline_session(session_id=scene.session.pk, author=scene.tutor, reason=REASON)
    else:
        accept_session(session_id=scene.session.pk, author=scene.tutor)
        cancel_session(session_id=scene.session.pk, author=scene.tutor, reason=REASON)
    last = scene.session.transitions.order_by("-pk")[0]
    assert (scene.state(), last.target, last.reason, last.author) == (target, target, REASON, scene.tutor)
    assert not Occupancy.objects.exists()
    assert scene.requests() == ["open", "open"]
    assert not Entry.objects.exists()
    other = make_member(network, Role.LEARNER)
    assert propose(network, scene.tutor, other).state == SessionState.PROPOSED


@pytest.mark.parametrize(
    ("reason", "code"), [(" \n", "reason_required"), ("Pour 1 85 05 75 999 084 64", "patient_number")]
)
@pytest.mark.parametrize("call_off", [decline_session, cancel_session])
def test_calling_off_needs_a_reason_without_patient(
    call_off: Callable[..., Session], reason: str, code: str, scene: Scene
) -> None:
    author = scene.tutor if call_off is decline_session else scene.first
    with pytest.raises(DomainError) as refused:
        call_off(session_id=scene.session.pk, author=author, reason=reason)
    assert refused.value.code == code
    assert (scene.state(), scene.requests(), scene.cells(author)) == ("proposed", ["planned", "planned"], [0, 1, 2])


def test_a_learner_leaves_a_group_that_stands(scene: Scene) -> None:
    request = scene.session.participations.get(person=scene.first).request
    cancel_session(session_id=scene.session.pk, author=scene.first, reason=REASON)
    request.refresh_from_db()
    assert (scene.state(), request.state, scene.requests()) == ("proposed", "open", ["planned"])
    assert [scene.cells(person) for person in (scene.first, scene.second, scene.tutor)] == [[], [0, 1, 2], [0, 1, 2]]
    people = set(scene.session.conversation.members.values_list("person", flat=True))
    assert people == {scene.second.pk, scene.tutor.pk}
    with pytest.raises(NotFoundError):
        agree_session(session_id=scene.session.pk, author=scene.first)


def test_the_last_learner_to_leave_ends_the_session(scene: Scene) -> None:
    for person in (scene.first, scene.second):
        cancel_session(session_id=scene.session.pk, author=person, reason=REASON)
    assert (scene.state(), scene.requests()) == ("cancelled", ["open"])
    assert not Occupancy.objects.exists()


def test_agreeing_is_noted_once(scene: Scene) -> None:
    agree_session(session_id=scene.session.pk, author=scene.first)
    assert list(scene.session.participations.values_list("agreed_at", flat=True)) == [BEFORE, None]
    with pytest.raises(ConflictError) as refused:
        agree_session(session_id=scene.session.pk, author=scene.first)
    assert refused.value.code == "cannot_agree"
    cancel_session(session_id=scene.session.pk, author=scene.first, reason=REASON)


# What no longer fits


@pytest.fixture
def tutor(network: Network) -> Person:
    person = make_member(network, Role.TUTOR)
    TutorOfferFactory.create(network=network, person=person)
    return person


@pytest.fixture
def learners(network: Network) -> list[Person]:
    return [make_member(network, Role.LEARNER) for _ in range(3)]


def propose_all(network: Network, *drafts: Draft) -> Outcome:
    with told_at(BEFORE):
        return propose_sessions(network=network, drafts=drafts, answer_by=START, author=None)


def test_drafts_that_no_longer_fit_are_left_out(network: Network, tutor: Person, learners: list[Person]) -> None:
    first, second, third = learners
    hour = dt.timedelta(hours=1)
    with told_at(BEFORE):
        propose(network, tutor, first)
        busy_tutor = make_draft(network, tutor, second, start=START + hour / 2)
        withdrawn = make_draft(network, tutor, third, start=START + hour)
        too_late = make_draft(network, tutor, second, start=BEFORE)
        fits = make_draft(network, tutor, second, third, start=START + 2 * hour)
        move_request(request=withdrawn.requests[0], target=RequestState.WITHDRAWN, author=third)
    outcome = propose_all(network, busy_tutor, withdrawn, too_late, fits)
    assert outcome.left_out == (busy_tutor, withdrawn, too_late)
    assert list(outcome.sessions) == [fits]
    assert outcome.sessions[fits].starts_at == fits.starts_at
    assert Session.objects.count() == 2


@pytest.mark.parametrize("who", ["tutor", "learner"])
@pytest.mark.parametrize("how", ["suspended_at", "left_at"])
def test_who_is_gone_is_left_out(how: str, who: str, network: Network, tutor: Person, learners: list[Person]) -> None:
    draft = make_draft(network, tutor, learners[0])
    gone = tutor if who == "tutor" else learners[0]
    Membership.objects.filter(person=gone).update(**{how: now()})
    assert propose_all(network, draft).left_out == (draft,)
    assert not Session.objects.exists()
    assert not Occupancy.objects.exists()


@pytest.mark.parametrize("change", ["deleted", "no longer remote", "no way to join"])
def test_a_tutor_who_cannot_be_reached_is_left_out(
    change: str, network: Network, tutor: Person, learners: list[Person]
) -> None:
    draft = make_draft(network, tutor, learners[0])
    if change == "deleted":
        TutorOffer.objects.all().delete()
    elif change == "no longer remote":
        TutorOffer.objects.update(remote=False)
    else:
        TutorOffer.objects.update(room_link="", telephone="")
    assert propose_all(network, draft).left_out == (draft,)


def test_how_to_join(network: Network, tutor: Person, learners: list[Person]) -> None:
    site = SiteFactory.create(network=network, name="Maison de santé", address="1 rue Fictive")
    remote = make_draft(network, tutor, learners[0])
    on_site = Draft(tutor, remote.notion, remote.requests, START, 45, Modality.ON_SITE, site)
    TutorOffer.objects.update(room_link="", telephone="05 00 00 00 00")
    session = propose_all(network, remote).sessions[remote]
    assert (session.join_kind, session.join_value, session.site) == ("phone", "05 00 00 00 00", None)
    decline_session(session_id=session.pk, author=tutor, reason=REASON)
    session = propose_all(network, on_site).sessions[on_site]
    assert (session.join_kind, session.join_value, session.site) == ("place", "Maison de santé, 1 rue Fictive", site)


# Reading


def test_who_sees_a_session(scene: Scene, network: Network) -> None:
    other = make_member(network, Role.LEARNER, Role.TUTOR, Role.AUDITOR)
    seen = {
        role: (list(sessions_for(person)), list(visible_sessions_for(person)))
        for role, person in {**vars(scene), "other": other}.items()
        if role != "session"
    }
    mine = [scene.session]
    assert seen == {
        "tutor": (mine, mine),
        "first": (mine, mine),
        "second": (mine, mine),
        "coordinator": ([], mine),
        "stranger": ([], []),
        "other": ([], []),
    }
    assert access_session_for(scene.coordinator, scene.session.pk) == scene.session


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_one_as_for_three(
    count: int, scene: Scene, network: Network, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for rank in range(1, count):
        propose(network, scene.tutor, scene.first, scene.second, start=START + dt.timedelta(days=rank))
    with django_assert_num_queries(2):
        shown = [
            (
                session.tutor.name,
                session.network.name,
                session.notion.title,
                session.site,
                [(part.person.name, part.request.capacity.text) for part in session.participations.all()],
                allowed_actions(session, scene.tutor),
            )
            for session in sessions_for(scene.tutor)
        ]
    assert len(shown) == count
