"""Sessions as calendars tell them: one event for life that rises with each change, and says no more than it should."""

import datetime as dt

import icalendar
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Person
from backend.agenda.domain.feeds import feed_of
from backend.common.clock import now, told_at
from backend.tutoring.domain.access import own_sessions
from backend.tutoring.domain.answers import accept_session, agree_session, cancel_session, decline_session
from backend.tutoring.domain.calendar import KEPT_FOR, event_of, feed_sessions, fingerprint, organizer, write_sessions
from backend.tutoring.enums import JoinKind, Modality, SessionState
from backend.tutoring.models import Session
from calendars.events import Mailbox, Status
from tests.support import factories
from tests.support.scene import REASON, START, Scene

pytestmark = pytest.mark.django_db


def fresh(scene: Scene) -> Session:
    return Session.objects.select_related("network", "notion", "site").get(pk=scene.session.pk)


def shown(person: Person) -> list[tuple[str, int, str]]:
    """Identity, sequence and status of each event of the person's feed."""
    calendar = icalendar.Calendar.from_ical(write_sessions(feed_sessions(person), full_titles=False))
    return [(str(row["UID"]), int(str(row["SEQUENCE"])), str(row["STATUS"])) for row in calendar.walk("VEVENT")]


def tag(person: Person) -> str:
    return fingerprint(feed_of(person), feed_sessions(person))


def test_a_proposal_is_tentative_then_confirmed_then_gone(scene: Scene) -> None:
    uid = f"session-{scene.session.pk}@tandem.example"
    assert shown(scene.first) == shown(scene.tutor) == [(uid, 0, "TENTATIVE")]
    accept_session(session_id=scene.session.pk, author=scene.tutor)
    assert shown(scene.first) == shown(scene.tutor) == [(uid, 1, "CONFIRMED")]
    cancel_session(session_id=scene.session.pk, author=scene.tutor, reason=REASON)
    assert shown(scene.first) == shown(scene.tutor) == []
    fallen = event_of(fresh(scene), full_title=False)
    assert (fallen.sequence, fallen.status) == (2, Status.CANCELLED)


def test_a_refusal_takes_it_away(scene: Scene) -> None:
    decline_session(session_id=scene.session.pk, author=scene.tutor, reason=REASON)
    assert shown(scene.first) == shown(scene.tutor) == []


def test_whoever_leaves_a_group_has_it_no_more(confirmed: Scene) -> None:
    with told_at(START - dt.timedelta(days=1)):
        cancel_session(session_id=confirmed.session.pk, author=confirmed.first, reason=REASON)
        assert (len(shown(confirmed.first)), len(shown(confirmed.second))) == (0, 1)


def test_nobody_else_has_it(scene: Scene) -> None:
    assert shown(scene.coordinator) == shown(scene.stranger) == []


def test_sessions_stay_for_ninety_days(scene: Scene) -> None:
    scene.bring_to("held")
    end = fresh(scene).ends_at
    with told_at(end + KEPT_FOR - dt.timedelta(seconds=1)):
        assert [status for _, _, status in shown(scene.tutor)] == ["CONFIRMED"]
    with told_at(end + KEPT_FOR):
        assert shown(scene.tutor) == []


@pytest.mark.parametrize(
    "change",
    [
        {"starts_at": START + dt.timedelta(days=1), "ends_at": START + dt.timedelta(days=1, hours=1)},
        {"join_kind": JoinKind.PHONE},
        {"join_value": "https://visio.exemple.example/autre"},
        {"state": SessionState.CONFIRMED},
    ],
)
def test_every_change_that_calendars_show_raises_the_sequence(scene: Scene, change: dict[str, object]) -> None:
    before, tag_before = fresh(scene), tag(scene.first)
    later = now() + dt.timedelta(minutes=5)
    with told_at(later):
        session = fresh(scene)
        for name, value in change.items():
            setattr(session, name, value)
        session.save(update_fields=list(change))
    after = fresh(scene)
    assert (after.sequence, after.changed_at) == (before.sequence + 1, later)
    assert tag(scene.first) != tag_before


def test_what_calendars_do_not_show_raises_nothing(scene: Scene) -> None:
    before = fresh(scene)
    agree_session(session_id=scene.session.pk, author=scene.first)
    before.answer_by += dt.timedelta(days=1)
    before.save(update_fields=["answer_by"])
    assert fresh(scene).sequence == before.sequence == 0


def test_a_whole_save_raises_it_too_and_the_first_does_not(scene: Scene) -> None:
    session = fresh(scene)
    session.save()
    assert fresh(scene).sequence == 1


def test_titles_are_neutral_unless_asked_otherwise(scene: Scene) -> None:
    session = fresh(scene)
    quiet, loud = (event_of(session, full_title=full) for full in (False, True))
    assert quiet.title == "Séance Tandem"
    assert session.notion.title not in str(quiet)
    assert loud.title == f"Séance Tandem : {session.notion.title}"


def test_nobody_is_named(scene: Scene) -> None:
    feed = write_sessions(feed_sessions(scene.tutor), full_titles=True).decode()
    for person in (scene.tutor, scene.first, scene.second):
        assert person.email not in feed
        assert person.last_name not in feed
    assert organizer() == Mailbox("Tandem", "bonjour@tandem.example")


@pytest.mark.parametrize(
    ("kind", "value", "proposed", "confirmed"),
    [
        (JoinKind.LINK, "https://visio.example/a", ("À distance", ""), ("https://visio.example/a",) * 2),
        (JoinKind.LINK, "javascript:alert(1)", ("À distance", ""), ("À distance", "")),
        (JoinKind.PHONE, "01 99 00", ("Par téléphone", ""), ("Par téléphone : 01 99 00", "tel:019900")),
        (JoinKind.PLACE, "Cabinet, 1 rue", ("Cabinet, 1 rue", ""), ("Cabinet, 1 rue", "")),
    ],
)
def test_the_way_in_is_told_once_it_is_confirmed(
    kind: JoinKind, value: str, proposed: tuple[str, str], confirmed: tuple[str, str]
) -> None:
    for state, expected in ((SessionState.PROPOSED, proposed), (SessionState.CONFIRMED, confirmed)):
        session = factories.SessionFactory.create(state=state, join_kind=kind, join_value=value)
        event = event_of(session, full_title=False)
        assert (event.location, event.conference) == expected


def test_a_place_has_no_conference() -> None:
    network = factories.NetworkFactory.create()
    session = factories.SessionFactory.create(
        network=network,
        modality=Modality.ON_SITE,
        site=factories.SiteFactory.create(network=network),
        join_kind=JoinKind.PLACE,
        join_value="Cabinet",
    )
    assert event_of(session, full_title=False).conference == ""


@pytest.mark.parametrize("count", [1, 3])
def test_a_feed_is_one_query_however_long(count: int) -> None:
    tutor = factories.PersonFactory.create()
    factories.SessionFactory.create_batch(count, tutor=tutor)
    with CaptureQueriesContext(connection) as queries:
        data = write_sessions(feed_sessions(tutor), full_titles=True)
    assert (len(queries), data.count(b"BEGIN:VEVENT")) == (1, count)
    assert own_sessions(tutor).count() == count
