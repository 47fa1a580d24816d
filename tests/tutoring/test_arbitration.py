"""What the coordinator settles, how it is told apart, words between two, reminders, sheets of paper."""

import datetime as dt
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.common.clock import told_at
from backend.common.errors import ConflictError, DomainError, NotFoundError, RoleRequiredError
from backend.credits.models import Account, Entry, LedgerHead
from backend.networks.enums import Role, SiteKind
from backend.networks.models import Network, Site
from backend.notifications.models import Notification
from backend.tutoring.domain.answers import accept_session
from backend.tutoring.domain.arbitration import accept_uncontested, decide_attendance, read_docket, type_sheet
from backend.tutoring.domain.attendance import confirm_presence, record_attendance
from backend.tutoring.domain.attendance_reminders import ask_for_attendance
from backend.tutoring.domain.feedback import Opinion, feedback_for
from backend.tutoring.domain.sheets import print_sheet
from backend.tutoring.enums import JoinKind, Modality
from backend.tutoring.models import Feedback, Participation, Session
from tests.support.factories import TutorOfferFactory, make_member
from tests.support.printed import read_text
from tests.support.scene import AFTER, BEFORE, END, WEEK_LATER, Scene, propose

PATIENT_NUMBER = "1 85 05 75 999 084 64"


def settlements(scene: Scene) -> list[str]:
    return list(scene.session.participations.order_by("pk").values_list("settlement", flat=True))


def keys_of(scene: Scene) -> list[int]:
    return list(scene.session.participations.order_by("pk").values_list("pk", flat=True))


def accept(scene: Scene, author: Person, keys: list[int]) -> int:
    return accept_uncontested(network=scene.session.network, author=author, participation_ids=keys)


# How it was settled


def test_two_words_that_agree_are_told_apart_from_the_rest(confirmed: Scene) -> None:
    confirmed.settle(present=True)
    assert settlements(confirmed) == ["agreed", "agreed"]


def test_nothing_is_settled_while_something_waits(confirmed: Scene) -> None:
    confirmed.mark(confirmed.first)
    confirmed.confirm(confirmed.first, present=True)
    assert settlements(confirmed) == ["", ""]
    assert not Entry.objects.exists()


def test_a_difference_is_decided_and_says_by_whom(confirmed: Scene) -> None:
    confirmed.mark(confirmed.first, confirmed.second)
    confirmed.confirm(confirmed.first, present=False)
    confirmed.confirm(confirmed.second, present=True)
    docket = read_docket(confirmed.session.network)
    assert [part.person for part in docket.contested] == [confirmed.first]
    assert list(docket.uncontested) == []
    decide_attendance(
        session_id=confirmed.session.pk, author=confirmed.coordinator, learner_id=confirmed.first.pk, present=False
    )
    part = Participation.objects.get(session=confirmed.session, person=confirmed.first)
    assert (part.settlement, part.decided, part.decided_by, part.decided_at) == (
        "decided",
        False,
        confirmed.coordinator,
        AFTER,
    )
    assert settlements(confirmed) == ["decided", "agreed"]
    assert set(Entry.objects.values_list("account__person", flat=True)) == {confirmed.tutor.pk, confirmed.second.pk}


def test_a_week_of_silence_makes_one_word_uncontested(confirmed: Scene) -> None:
    confirmed.mark(confirmed.first)
    with told_at(WEEK_LATER - dt.timedelta(seconds=1)):
        assert read_docket(confirmed.session.network).uncontested == []
        assert accept(confirmed, confirmed.coordinator, keys_of(confirmed)) == 0
    with told_at(WEEK_LATER):
        assert len(read_docket(confirmed.session.network).uncontested) == 2
        assert accept(confirmed, confirmed.coordinator, keys_of(confirmed)) == 2
        # A second press finds nothing left to accept.
        assert accept(confirmed, confirmed.coordinator, keys_of(confirmed)) == 0
    assert settlements(confirmed) == ["uncontested", "uncontested"]
    assert confirmed.state() == "held"
    assert set(Entry.objects.values_list("account__person", flat=True)) == {confirmed.tutor.pk, confirmed.first.pk}


def test_the_silence_of_both_is_never_accepted_in_a_batch(confirmed: Scene) -> None:
    with told_at(WEEK_LATER):
        docket = read_docket(confirmed.session.network)
        assert (len(docket.contested), len(docket.uncontested)) == (2, 0)
        assert accept(confirmed, confirmed.coordinator, keys_of(confirmed)) == 0
    assert settlements(confirmed) == ["", ""]


@pytest.mark.parametrize(("present", "settlement"), [(True, "uncontested"), (False, "decided")])
def test_alone_too_saying_as_the_only_word_is_no_arbitration(
    confirmed: Scene, *, present: bool, settlement: str
) -> None:
    confirmed.mark(confirmed.first, confirmed.second)
    with told_at(WEEK_LATER):
        decide_attendance(
            session_id=confirmed.session.pk,
            author=confirmed.coordinator,
            learner_id=confirmed.first.pk,
            present=present,
        )
    assert settlements(confirmed)[0] == settlement


@pytest.mark.parametrize("role", ["tutor", "first", "stranger"])
def test_only_the_coordinator_of_the_network_accepts(confirmed: Scene, role: str) -> None:
    confirmed.mark(confirmed.first, confirmed.second)
    with told_at(WEEK_LATER), pytest.raises((RoleRequiredError, NotFoundError)):
        accept(confirmed, confirmed.play(role), keys_of(confirmed))
    assert settlements(confirmed) == ["", ""]


@pytest.mark.parametrize("count", [1, 3])
def test_the_docket_asks_once(confirmed: Scene, count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(count - 1):
        learner = make_member(confirmed.session.network, Role.LEARNER)
        with told_at(BEFORE):
            tutor = make_member(confirmed.session.network, Role.TUTOR)
            TutorOfferFactory.create(network=confirmed.session.network, person=tutor)
            session = propose(confirmed.session.network, tutor, learner)
            accept_session(session_id=session.pk, author=tutor)
    with told_at(WEEK_LATER), django_assert_num_queries(1):
        docket = read_docket(confirmed.session.network)
        names = [(part.person.name, part.session.tutor.name, part.session.notion.title) for part in docket.contested]
    assert len(names) == count + 1


# Crediting


@pytest.mark.parametrize("capped", [False, True])
def test_crediting_adds_five_queries(confirmed: Scene, *, capped: bool) -> None:
    """Of all queries of the last word, those that touch the tables of credits, and are no savepoint."""
    for person in (confirmed.tutor, confirmed.first, confirmed.second):
        Account.objects.get_or_create(person=person)
    LedgerHead.objects.create(network=confirmed.session.network)
    if capped:
        confirmed.session.network.scales.create(valid_from=dt.date(2026, 1, 1), cap_per_month=5)
    confirmed.mark(confirmed.first, confirmed.second)
    confirmed.confirm(confirmed.first, present=True)
    with CaptureQueriesContext(connection) as context:
        confirmed.confirm(confirmed.second, present=True)
    of_credits = [query["sql"] for query in context.captured_queries if '"credits_' in query["sql"]]
    assert len(of_credits) == 5
    assert max(Entry.objects.values_list("points", flat=True)) == (5 if capped else 9)


# Words


def test_words_are_read_by_the_two_of_them_alone(confirmed: Scene) -> None:
    record_attendance(
        session_id=confirmed.session.pk,
        author=confirmed.tutor,
        present=[confirmed.first.pk, confirmed.second.pk],
        absent=[],
        feedback={confirmed.first.pk: Opinion("yes", "Bravo"), confirmed.second.pk: Opinion()},
    )
    confirm_presence(
        session_id=confirmed.session.pk, author=confirmed.second, present=True, opinion=Opinion("partly", "Merci")
    )
    read = {
        role: [said.words for said in feedback_for(confirmed.play(role), confirmed.session)]
        for role in ("tutor", "first", "second", "coordinator", "stranger")
    }
    assert read == {
        "tutor": ["Bravo", "Merci"],
        "first": ["Bravo"],
        "second": ["Merci"],
        "coordinator": [],
        "stranger": [],
    }


def test_words_hold_no_patient_and_keep_the_answer_back(confirmed: Scene) -> None:
    with pytest.raises(DomainError) as refused:
        confirm_presence(
            session_id=confirmed.session.pk,
            author=confirmed.first,
            present=True,
            opinion=Opinion("yes", f"Pour {PATIENT_NUMBER}"),
        )
    assert refused.value.code == "patient_number"
    assert not Feedback.objects.exists()
    assert confirmed.session.participations.get(person=confirmed.first).by_learner is None


# Reminders


def asked(person: Person) -> list[str]:
    kept = Notification.objects.filter(inbox__person=person, key__contains=":attendance")
    return list(kept.order_by("number").values_list("key", flat=True))


def test_people_are_asked_three_times_then_the_coordinator(confirmed: Scene) -> None:
    key = f"session:{confirmed.session.pk}:attendance"
    for after in (dt.timedelta(0), dt.timedelta(days=2), dt.timedelta(days=5), dt.timedelta(days=7)):
        with told_at(END + after - dt.timedelta(seconds=1)):
            assert ask_for_attendance() == 0
        with told_at(END + after):
            assert ask_for_attendance() == 1
            assert ask_for_attendance() == 0
    assert asked(confirmed.tutor) == [f"{key}:1", f"{key}:2", f"{key}:3"]
    assert asked(confirmed.first) == [f"{key}:2", f"{key}:3"]
    told = Notification.objects.filter(inbox__person=confirmed.coordinator, key__contains=":undecided:")
    assert told.count() == 1


def test_who_has_answered_is_asked_no_more(confirmed: Scene) -> None:
    confirmed.mark(confirmed.first, confirmed.second)
    confirmed.confirm(confirmed.first, present=True)
    with told_at(END + dt.timedelta(days=2)):
        ask_for_attendance()
    assert asked(confirmed.tutor) == []
    assert [key.endswith(":2") for key in asked(confirmed.second)] == [False, True]
    assert len(asked(confirmed.first)) == 1


# Paper


@pytest.fixture
def on_site(network: Network, confirmed: Scene) -> Scene:
    site = Site.objects.create(network=network, name="Maison de santé *d’ici*", kind=SiteKind.PRACTICE)
    Session.objects.filter(pk=confirmed.session.pk).update(
        modality=Modality.ON_SITE, site=site, join_kind=JoinKind.PLACE, join_value=site.name
    )
    confirmed.session.refresh_from_db()
    return confirmed


def test_the_sheet_says_what_was_asked_for(on_site: Scene, tmp_path: Path) -> None:
    text = read_text(print_sheet(on_site.session), tmp_path)
    for words in ("Feuille de présence", "Maison de santé *d’ici*", "45 min", "Après-midi".lower(), on_site.tutor.name):
        assert words in text
    assert on_site.first.name in text
    assert on_site.second.name in text


def test_a_signed_sheet_stands_for_both_sides(on_site: Scene) -> None:
    type_sheet(
        session_id=on_site.session.pk,
        author=on_site.coordinator,
        signed=[on_site.first.pk],
        absent=[on_site.second.pk],
    )
    assert settlements(on_site) == ["sheet", "sheet"]
    assert on_site.attendance() == ["present", "absent"]
    assert set(Entry.objects.values_list("account__person", flat=True)) == {on_site.tutor.pk, on_site.first.pk}
    with pytest.raises(ConflictError):
        type_sheet(session_id=on_site.session.pk, author=on_site.coordinator, signed=[], absent=[])


@pytest.mark.parametrize("role", ["tutor", "first"])
def test_nobody_types_in_their_own_sheet(on_site: Scene, role: str) -> None:
    with pytest.raises(RoleRequiredError):
        type_sheet(
            session_id=on_site.session.pk,
            author=on_site.play(role),
            signed=[on_site.first.pk, on_site.second.pk],
            absent=[],
        )
    assert on_site.state() == "confirmed"


def test_a_session_at_a_distance_has_no_sheet(confirmed: Scene) -> None:
    with pytest.raises(ConflictError) as refused:
        type_sheet(session_id=confirmed.session.pk, author=confirmed.coordinator, signed=[], absent=[])
    assert refused.value.code == "cannot_type_sheet"
