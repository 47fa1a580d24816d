"""« Autre moment »: nothing moves until every other party accepts, then everything does at once."""

import datetime as dt

import pytest

from backend.agenda.domain.occupancy import Claim, move_cells, take_cells
from backend.agenda.models import AvailabilityException, Occupancy
from backend.common.clock import cell_at, told_at
from backend.common.errors import DomainError
from backend.notifications.models import Notification
from backend.tutoring.domain.answers import accept_session, cancel_session, decline_session
from backend.tutoring.domain.times import accept_time, decline_time, find_common_times, propose_time
from backend.tutoring.enums import OfferState, SessionState
from backend.tutoring.models import Session, TimeOffer
from backend.tutoring.rules import Action, allowed_actions
from tests.support.scene import BEFORE, REASON, START, Scene

pytestmark = pytest.mark.django_db

QUARTER = dt.timedelta(minutes=15)
# Thursdays from noon to two in Paris: the session is the first three quarters of an hour of the first.
LATER = START + 4 * QUARTER
NEXT_WEEK = START + dt.timedelta(weeks=1)


def propose(scene: Scene, starts_at: dt.datetime = LATER, role: str = "tutor") -> None:
    propose_time(session_id=scene.session.pk, author=scene.play(role), starts_at=starts_at)


def accept(scene: Scene, *roles: str) -> None:
    for role in roles:
        accept_time(session_id=scene.session.pk, author=scene.play(role))


def stored(scene: Scene) -> Session:
    return Session.objects.get(pk=scene.session.pk)


def test_common_times_are_those_that_everybody_has_free(scene: Scene) -> None:
    """The session's own cells count as free; a colleague's absence does not."""
    assert [start - START for start in find_common_times(scene.session)][:5] == [
        1 * QUARTER,
        2 * QUARTER,
        3 * QUARTER,
        4 * QUARTER,
        5 * QUARTER,
    ]
    AvailabilityException.objects.create(
        person=scene.second, starts_at=START + 2 * QUARTER, ends_at=START + 8 * QUARTER, is_free=False
    )
    assert find_common_times(scene.session)[0] == NEXT_WEEK


def test_nothing_moves_before_the_last_yes(scene: Scene) -> None:
    propose(scene)
    accept(scene, "first")
    session = stored(scene)
    assert (session.state, session.starts_at, scene.cells(scene.tutor)) == (SessionState.PROPOSED, START, [0, 1, 2])
    offer = session.open_offer
    assert offer is not None
    assert (offer.starts_at, offer.author, list(offer.accepted_by.all())) == (LATER, scene.tutor, [scene.first])


def test_the_last_yes_moves_everything_and_confirms(scene: Scene) -> None:
    propose(scene)
    accept(scene, "first", "second")
    session = stored(scene)
    assert (session.state, session.starts_at, session.minutes, session.open_offer) == ("confirmed", LATER, 45, None)
    assert {tuple(scene.cells(person)) for person in (scene.tutor, scene.first, scene.second)} == {(4, 5, 6)}
    assert Occupancy.objects.count() == 9
    assert session.sequence > scene.session.sequence
    assert list(session.participations.values_list("agreed_at", flat=True)) == [BEFORE, BEFORE]
    offer = TimeOffer.objects.get()
    assert (offer.state, offer.instead_of, offer.closed_by) == (OfferState.ACCEPTED, START, scene.second)


@pytest.mark.parametrize("shift", [1, 2, -1])
def test_a_session_may_move_over_its_own_time(scene: Scene, shift: int) -> None:
    AvailabilityException.objects.bulk_create(
        AvailabilityException(person=person, starts_at=START - 4 * QUARTER, ends_at=START + 8 * QUARTER, is_free=True)
        for person in (scene.tutor, scene.first, scene.second)
    )
    accept_session(session_id=scene.session.pk, author=scene.tutor)
    propose(scene, START + shift * QUARTER, "first")
    accept(scene, "tutor", "second")
    assert scene.cells(scene.tutor) == [shift, shift + 1, shift + 2]
    assert scene.state() == SessionState.CONFIRMED


def test_one_no_keeps_the_time(scene: Scene) -> None:
    propose(scene)
    accept(scene, "first")
    decline_time(session_id=scene.session.pk, author=scene.second)
    assert (stored(scene).starts_at, stored(scene).open_offer) == (START, None)
    assert TimeOffer.objects.get().state == OfferState.DECLINED


def test_whoever_proposed_takes_it_back(scene: Scene) -> None:
    propose(scene, role="first")
    decline_time(session_id=scene.session.pk, author=scene.first)
    assert TimeOffer.objects.get().state == OfferState.WITHDRAWN


def test_a_new_time_replaces_the_one_under_discussion(scene: Scene) -> None:
    propose(scene)
    propose(scene, NEXT_WEEK)
    propose(scene, LATER, "first")
    assert list(TimeOffer.objects.values_list("state", "author")) == [
        ("withdrawn", scene.tutor.pk),
        ("declined", scene.tutor.pk),
        ("open", scene.first.pk),
    ]


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [
        (START, "time_refused"),
        (LATER + dt.timedelta(minutes=5), "time_refused"),
        (BEFORE - dt.timedelta(days=1), "time_refused"),
        (BEFORE + dt.timedelta(hours=11), "time_refused"),
        (START + 6 * QUARTER, "not_common"),
        (START + dt.timedelta(days=1), "not_common"),
        (START + dt.timedelta(days=3650), "not_common"),
    ],
)
def test_a_time_that_does_not_suit_all_is_refused(scene: Scene, starts_at: dt.datetime, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        propose(scene, starts_at)
    assert refused.value.code == code
    assert not TimeOffer.objects.exists()


def test_a_time_that_is_taken_is_refused_and_named(scene: Scene) -> None:
    take_cells(claims=[Claim("session:0", (scene.second.pk,), LATER, LATER + QUARTER)])
    with pytest.raises(DomainError) as refused:
        propose(scene)
    assert (refused.value.code, refused.value.sources) == ("cells_taken", ("session:0",))  # type: ignore[attr-defined]


def test_a_time_taken_meanwhile_moves_nothing(scene: Scene) -> None:
    propose(scene)
    accept(scene, "first")
    take_cells(claims=[Claim("session:0", (scene.first.pk,), LATER, LATER + QUARTER)])
    with pytest.raises(DomainError) as refused:
        accept(scene, "second")
    assert refused.value.code == "cells_taken"
    assert (stored(scene).starts_at, scene.cells(scene.first)) == (START, [0, 1, 2])
    assert stored(scene).open_offer is not None


def test_moving_cells_frees_the_old_ones_only_with_the_new(scene: Scene) -> None:
    take_cells(claims=[Claim("session:0", (scene.first.pk,), LATER, LATER + QUARTER)])
    people = (scene.tutor.pk, scene.first.pk, scene.second.pk)
    with pytest.raises(DomainError):
        move_cells(claim=Claim(scene.session.source, people, LATER, LATER + 3 * QUARTER))
    assert scene.cells(scene.tutor) == [0, 1, 2]


def test_an_offer_whose_time_comes_is_over(scene: Scene) -> None:
    accept_session(session_id=scene.session.pk, author=scene.tutor)
    Session.objects.update(starts_at=NEXT_WEEK + QUARTER, ends_at=NEXT_WEEK + 4 * QUARTER)
    propose(scene, LATER)
    with told_at(LATER):
        assert stored(scene).open_offer is None
        assert Action.ACCEPT_TIME not in allowed_actions(stored(scene), scene.first)
        with pytest.raises(DomainError) as refused:
            accept(scene, "first")
    assert refused.value.code == "cannot_accept_time"


@pytest.mark.parametrize("role", ["tutor", "first"])
def test_calling_off_ends_the_discussion(scene: Scene, role: str) -> None:
    propose(scene)
    decline_session(session_id=scene.session.pk, author=scene.tutor, reason=REASON)
    assert TimeOffer.objects.get().state == OfferState.LAPSED
    assert Action.ACCEPT_TIME not in allowed_actions(stored(scene), scene.play(role))


def test_when_the_last_undecided_leaves_the_others_have_decided(scene: Scene) -> None:
    propose(scene)
    accept(scene, "first")
    cancel_session(session_id=scene.session.pk, author=scene.second, reason=REASON)
    assert (stored(scene).starts_at, scene.state(), scene.cells(scene.second)) == (LATER, "confirmed", [])


def test_leaving_does_not_wait_for_a_free_calendar(scene: Scene) -> None:
    propose(scene)
    accept(scene, "first")
    take_cells(claims=[Claim("session:0", (scene.first.pk,), LATER, LATER + QUARTER)])
    cancel_session(session_id=scene.session.pk, author=scene.second, reason=REASON)
    assert (stored(scene).starts_at, scene.cells(scene.first)) == (START, [0, 1, 2])
    assert TimeOffer.objects.get().state == OfferState.LAPSED


def test_an_offer_leaves_with_its_author(scene: Scene) -> None:
    propose(scene, role="second")
    cancel_session(session_id=scene.session.pk, author=scene.second, reason=REASON)
    assert TimeOffer.objects.get().state == OfferState.LAPSED


def test_each_step_is_told_to_the_others(scene: Scene) -> None:
    propose(scene, role="first")
    accept(scene, "tutor", "second")
    keys = {
        role: [
            row.key.partition(":offer")[1] or row.key.split(":")[2]
            for row in Notification.objects.filter(inbox__person=scene.play(role)).order_by("number")
        ]
        for role in ("tutor", "first", "second")
    }
    assert keys == {
        "tutor": ["proposed", ":offer", "moved"],
        "first": ["proposed", "moved"],
        "second": ["proposed", ":offer"],
    }
    assert cell_at(LATER) - cell_at(START) == 4
