"""Who was there: agreement credits, once; a dispute or a week of silence goes to the coordinator."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from backend.accounts.models import Person
from backend.common.clock import told_at
from backend.common.errors import ConflictError, DomainError
from backend.credits.domain.ledger import balance_of, verify_chain, verify_sources
from backend.credits.enums import EntryKind
from backend.credits.models import Account, Entry
from backend.needs.enums import RequestState
from backend.networks.models import Network
from backend.tutoring.domain.answers import accept_session
from backend.tutoring.domain.attendance import decide_attendance, record_attendance
from backend.tutoring.domain.audit import expected_entries
from backend.tutoring.domain.proposals import Draft, propose_sessions
from backend.tutoring.enums import Modality
from backend.tutoring.rules import allowed_actions
from tests.support.factories import ScaleFactory
from tests.support.scene import BEFORE, DURING, START, WEEK_LATER, Scene


def entries() -> list[tuple[int | None, str, Decimal, int]]:
    rows = Entry.objects.select_related("account").order_by("sequence")
    return [(row.account.person_id, row.kind, row.points, row.minutes) for row in rows]


def ledger_fault(network: Network) -> str:
    return verify_chain(network).fault or verify_sources(network=network, expected=expected_entries(network))


def decide(scene: Scene, learner: Person, *, present: bool = True) -> None:
    decide_attendance(session_id=scene.session.pk, author=scene.coordinator, learner_id=learner.pk, present=present)


def test_everybody_there_credits_everybody_once(confirmed: Scene, network: Network) -> None:
    confirmed.mark(confirmed.first, confirmed.second)
    confirmed.confirm(confirmed.first, present=True)
    assert (confirmed.state(), entries()) == ("confirmed", [])
    confirmed.confirm(confirmed.second, present=True)
    assert (confirmed.state(), confirmed.attendance()) == ("held", ["present", "present"])
    assert confirmed.requests() == ["met", "met"]
    assert entries() == [
        (confirmed.tutor.pk, EntryKind.TUTORING, Decimal("9.00"), 45),
        (confirmed.first.pk, EntryKind.LEARNING, Decimal(0), 45),
        (confirmed.second.pk, EntryKind.LEARNING, Decimal(0), 45),
    ]
    assert {(row.source, row.area) for row in Entry.objects.all()} == {
        (confirmed.session.source, confirmed.session.notion.area)
    }
    assert balance_of(person=confirmed.tutor, network=network) == Decimal(9)
    assert ledger_fault(network) == ""
    again: tuple[Callable[[], None], ...] = (
        lambda: confirmed.mark(confirmed.first),
        lambda: confirmed.confirm(confirmed.first, present=True),
        lambda: decide(confirmed, confirmed.first),
    )
    for say in again:
        with pytest.raises(ConflictError):
            say()
    assert len(entries()) == 3


@pytest.mark.parametrize("tutor_speaks", ["first", "last"])
def test_who_speaks_first_changes_nothing(tutor_speaks: str, confirmed: Scene) -> None:
    said: list[Callable[[], None]] = [
        lambda: confirmed.mark(confirmed.first),
        lambda: confirmed.confirm(confirmed.first, present=True),
        lambda: confirmed.confirm(confirmed.second, present=False),
    ]
    for say in said if tutor_speaks == "first" else reversed(said):
        say()
    assert (confirmed.state(), confirmed.attendance()) == ("held", ["present", "absent"])
    assert confirmed.requests() == ["met", "open"]
    assert entries() == [
        (confirmed.tutor.pk, EntryKind.TUTORING, Decimal("7.50"), 45),
        (confirmed.first.pk, EntryKind.LEARNING, Decimal(0), 45),
    ]


def test_nobody_there_is_missed_and_credits_nobody(confirmed: Scene, network: Network) -> None:
    confirmed.settle(present=False)
    assert (confirmed.state(), confirmed.requests(), entries()) == ("missed", ["open", "open"], [])
    assert ledger_fault(network) == ""


def test_a_dispute_waits_for_the_coordinator(confirmed: Scene) -> None:
    confirmed.mark(confirmed.first, confirmed.second)
    confirmed.confirm(confirmed.first, present=False)
    confirmed.confirm(confirmed.second, present=True)
    assert (confirmed.state(), confirmed.attendance()) == ("confirmed", ["disputed", "present"])
    for learner in (confirmed.second, confirmed.stranger):
        with pytest.raises(ConflictError) as refused:
            decide(confirmed, learner)
        assert refused.value.code == "cannot_decide"
    decide(confirmed, confirmed.first, present=False)
    assert (confirmed.state(), confirmed.attendance()) == ("held", ["absent", "present"])
    assert [(person, kind) for person, kind, _, _ in entries()] == [
        (confirmed.tutor.pk, EntryKind.TUTORING),
        (confirmed.second.pk, EntryKind.LEARNING),
    ]


def test_what_was_decided_is_no_longer_asked(confirmed: Scene) -> None:
    with told_at(WEEK_LATER):
        decide(confirmed, confirmed.first, present=False)
        assert allowed_actions(confirmed.session, confirmed.first) == []
        with pytest.raises(ConflictError):
            confirmed.confirm(confirmed.first, present=True)
        with pytest.raises(ConflictError):
            decide(confirmed, confirmed.first)
    assert (confirmed.state(), confirmed.attendance()) == ("confirmed", ["absent", "awaited"])


@pytest.mark.parametrize("silent", ["learners", "tutor", "everybody"])
def test_silence_goes_to_the_coordinator_after_a_week(silent: str, confirmed: Scene) -> None:
    if silent == "learners":
        confirmed.mark(confirmed.first, confirmed.second)
    if silent == "tutor":
        for learner in (confirmed.first, confirmed.second):
            confirmed.confirm(learner, present=True)
    with told_at(WEEK_LATER - dt.timedelta(seconds=1)), pytest.raises(ConflictError):
        decide(confirmed, confirmed.first)
    with told_at(WEEK_LATER):
        decide(confirmed, confirmed.first)
        decide(confirmed, confirmed.second)
    assert (confirmed.state(), len(entries())) == ("held", 3)


def test_the_tutor_may_correct_until_all_is_settled(confirmed: Scene) -> None:
    confirmed.mark(confirmed.first)
    confirmed.mark(confirmed.second)
    assert list(confirmed.session.participations.values_list("by_tutor", flat=True)) == [False, True]
    confirmed.confirm(confirmed.first, present=True)
    assert confirmed.attendance() == ["disputed", "awaited"]
    confirmed.mark(confirmed.first, confirmed.second)
    assert confirmed.attendance() == ["present", "awaited"]


def test_everybody_must_be_marked_once(confirmed: Scene) -> None:
    first, second, stranger = confirmed.first.pk, confirmed.second.pk, confirmed.stranger.pk
    for present, absent in (([first], []), ([first, second], [second]), ([first, second, stranger], []), ([], [])):
        with pytest.raises(DomainError) as refused:
            record_attendance(session_id=confirmed.session.pk, author=confirmed.tutor, present=present, absent=absent)
        assert refused.value.code == "attendance_incomplete"
    assert confirmed.attendance() == ["awaited", "awaited"]


def test_a_session_that_ends_early_frees_what_is_left(scene: Scene) -> None:
    accept_session(session_id=scene.session.pk, author=scene.tutor)
    with told_at(DURING):
        scene.settle(present=True)
    # Twenty minutes have passed: the second quarter of an hour has begun, and is freed with the third.
    assert [scene.cells(person) for person in (scene.tutor, scene.first)] == [[0], [0]]


def test_a_request_that_was_missed_may_be_planned_again(confirmed: Scene, network: Network) -> None:
    confirmed.settle(present=False)
    request = confirmed.session.participations.get(person=confirmed.first).request
    with told_at(BEFORE):
        draft = Draft(confirmed.tutor, request.notion, (request,), START + dt.timedelta(days=7), 45, Modality.REMOTE)
        outcome = propose_sessions(network=network, drafts=[draft], answer_by=START, author=None)
    assert [session.state for session in outcome.sessions.values()] == ["proposed"]
    request.refresh_from_db()
    assert request.state == RequestState.PLANNED


def test_points_follow_the_rule_of_the_day_of_the_session(confirmed: Scene, network: Network) -> None:
    day = START.date()
    ScaleFactory.create(network=network, valid_from=day, points_per_hour=Decimal(20))
    ScaleFactory.create(network=network, valid_from=day + dt.timedelta(days=1), points_per_hour=Decimal(99))
    with told_at(WEEK_LATER):
        confirmed.settle(present=True)
    assert balance_of(person=confirmed.tutor, network=network) == Decimal("16.50")


def test_the_ledger_stays_whole_when_somebody_is_erased(confirmed: Scene, network: Network) -> None:
    confirmed.settle(present=True)
    Account.objects.filter(person=confirmed.first).update(person=None)
    assert ledger_fault(network) == ""
