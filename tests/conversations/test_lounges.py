"""Lounges: one a domain and network, open to its members; order there is the coordinators' to keep."""

import uuid

import pytest

from backend.common.errors import ConflictError, NotFoundError, RoleRequiredError
from backend.conversations.domain.access import access_conversation_for, open_pairs_among
from backend.conversations.domain.messages import mark_read, send_message
from backend.conversations.domain.moderation import (
    decide_report,
    hide_message,
    readmit_member,
    remove_member,
    report_message,
    reports_for,
)
from backend.conversations.domain.opening import follow_lounge, leave_lounge, open_lounges
from backend.conversations.domain.queries import lounges_for, messages_after, unread_among
from backend.conversations.enums import ConversationKind, ReportState
from backend.conversations.models import Conversation, Message
from backend.networks.enums import Role
from backend.referentials.enums import Area
from tests.support.cast import Cast
from tests.support.factories import NetworkFactory, make_member


@pytest.fixture
def lounge(cast: Cast) -> Conversation:
    return cast.here.lounge


def write(lounge: Conversation, person: object, body: str = "Comment faire ?") -> Message:
    return send_message(conversation_id=lounge.pk, sender=person, body=body, client_id=uuid.uuid4())  # type: ignore[arg-type]  # a person of the cast


def test_a_network_has_one_lounge_a_domain_however_often_it_is_asked(cast: Cast) -> None:
    for _ in range(2):
        found = lounges_for(cast.here.learner)
        assert sorted(row.area for row in found) == sorted(Area.values)
    open_lounges([cast.here.network])
    assert Conversation.objects.filter(network=cast.here.network, kind=ConversationKind.LOUNGE).count() == len(Area)


def test_a_person_of_two_networks_sees_the_lounges_of_both_once_each(cast: Cast) -> None:
    network = NetworkFactory.create()
    person = make_member(network, Role.LEARNER, Role.TUTOR)
    assert lounges_for(person).count() == len(Area)


@pytest.mark.parametrize(
    ("role", "is_open"),
    [("learner", True), ("tutor", True), ("coordinator", True), ("auditor", False), ("stranger", False)],
)
def test_a_lounge_is_open_to_who_talks_in_its_network(
    cast: Cast, lounge: Conversation, role: str, *, is_open: bool
) -> None:
    person = cast.play(role)
    assert person
    allowed = open_pairs_among([person.pk], [lounge.pk])
    assert allowed == ({(person.pk, lounge.pk)} if is_open else set())
    if is_open:
        assert access_conversation_for(person, lounge.pk) == lounge
    else:
        with pytest.raises(NotFoundError):
            access_conversation_for(person, lounge.pk)


def test_what_is_open_to_whom_is_asked_for_many_in_one_query(cast: Cast, django_assert_num_queries: object) -> None:
    here, there = cast.here, cast.elsewhere
    people = [here.learner, here.tutor, here.coordinator, here.auditor, there.learner]
    talks = [here.conversation, here.lounge, there.conversation, there.lounge]
    expected = set()
    for person in people:
        for talk in talks:
            try:
                access_conversation_for(person, talk.pk)
            except NotFoundError:
                continue
            expected.add((person.pk, talk.pk))
    with django_assert_num_queries(1):  # type: ignore[operator]  # the fixture of pytest-django
        found = open_pairs_among([person.pk for person in people], [talk.pk for talk in talks])
    assert found == expected
    assert (here.coordinator.pk, here.lounge.pk) in expected


def test_only_what_one_follows_counts_as_unread(cast: Cast, lounge: Conversation) -> None:
    reader = make_member(cast.here.network, Role.LEARNER)
    write(lounge, cast.here.tutor)
    assert unread_among(reader) == {}
    follow_lounge(person=reader, conversation_id=lounge.pk)
    assert unread_among(reader) == {}
    last = write(lounge, cast.here.tutor)
    assert unread_among(reader) == {lounge.pk: 1}
    mark_read(person=reader, conversation_id=lounge.pk, number=last.number)
    write(lounge, cast.here.tutor)
    leave_lounge(person=reader, conversation_id=lounge.pk)
    assert unread_among(reader) == {}
    with pytest.raises(NotFoundError):
        follow_lounge(person=cast.here.learner, conversation_id=cast.here.conversation.pk)


def test_whoever_writes_follows(cast: Cast, lounge: Conversation) -> None:
    writer = make_member(cast.here.network, Role.LEARNER)
    write(lounge, writer)
    write(lounge, cast.here.tutor)
    assert unread_among(writer) == {lounge.pk: 1}


def test_a_coordinator_takes_somebody_out_and_lets_them_back(cast: Cast, lounge: Conversation) -> None:
    here = cast.here
    for _ in range(2):
        remove_member(coordinator=here.coordinator, conversation_id=lounge.pk, person_id=here.learner.pk)
    assert open_pairs_among([here.learner.pk, here.tutor.pk], [lounge.pk]) == {(here.tutor.pk, lounge.pk)}
    assert lounge.pk not in unread_among(here.learner)
    with pytest.raises(NotFoundError):
        write(lounge, here.learner)
    with pytest.raises(NotFoundError):
        follow_lounge(person=here.learner, conversation_id=lounge.pk)
    readmit_member(coordinator=here.coordinator, conversation_id=lounge.pk, person_id=here.learner.pk)
    assert write(lounge, here.learner).number == 3


def test_who_may_not_take_anybody_out(cast: Cast, lounge: Conversation) -> None:
    here, there = cast.here, cast.elsewhere
    for author, talk, person, refusal in (
        (here.tutor, lounge, here.learner, RoleRequiredError),
        (there.coordinator, lounge, here.learner, NotFoundError),
        (here.coordinator, here.conversation, here.learner, NotFoundError),
        (here.coordinator, lounge, there.learner, NotFoundError),
        (here.coordinator, lounge, here.coordinator, ConflictError),
    ):
        with pytest.raises(refusal):
            remove_member(coordinator=author, conversation_id=talk.pk, person_id=person.pk)


def test_a_hidden_message_is_gone_for_everybody_and_says_so_by_number(cast: Cast, lounge: Conversation) -> None:
    here = cast.here
    for _ in range(2):
        hide_message(coordinator=here.coordinator, conversation_id=lounge.pk, number=1)
    items = messages_after(here.learner, lounge.pk, 0)
    assert [(item.number, item.withdrawn, item.body == "", item.target) for item in items] == [
        (1, True, True, None),
        (2, False, False, None),
        (3, False, True, 1),
    ]
    assert lounge.messages.get(number=1).body


def test_who_may_not_hide(cast: Cast, lounge: Conversation) -> None:
    here = cast.here
    for author, talk, refusal in (
        (here.tutor, lounge, RoleRequiredError),
        (cast.elsewhere.coordinator, lounge, NotFoundError),
        (here.coordinator, here.conversation, NotFoundError),
    ):
        with pytest.raises(refusal):
            hide_message(coordinator=author, conversation_id=talk.pk, number=1)
    assert not Message.objects.filter(hidden_at__isnull=False).exists()


def test_a_report_shows_its_one_message_to_the_coordinators_of_the_network(cast: Cast) -> None:
    here, talk = cast.here, cast.here.conversation
    told = talk.messages.get(number=1)
    report = report_message(person=here.learner, conversation_id=talk.pk, number=1, reason=" Déplacé ")
    assert report_message(person=here.learner, conversation_id=talk.pk, number=1, reason="Encore") == report
    assert [(row.pk, row.body, row.reason) for row in reports_for(here.coordinator)] == [
        (report.pk, told.body, "Déplacé")
    ]
    for other in (here.tutor, here.auditor, cast.elsewhere.coordinator):
        assert not reports_for(other).exists()
    with pytest.raises(NotFoundError):
        access_conversation_for(here.coordinator, talk.pk)


def test_what_cannot_be_reported(cast: Cast) -> None:
    here, talk = cast.here, cast.here.conversation
    with pytest.raises(ConflictError) as own:
        report_message(person=here.tutor, conversation_id=talk.pk, number=1, reason="Moi")
    assert own.value.code == "own_message"
    for person, number in ((here.learner, 99), (here.coordinator, 1)):
        with pytest.raises(NotFoundError):
            report_message(person=person, conversation_id=talk.pk, number=number, reason="Déplacé")


def test_a_report_is_decided_once_and_hides_in_a_lounge(cast: Cast, lounge: Conversation) -> None:
    here = cast.here
    report = report_message(person=here.learner, conversation_id=lounge.pk, number=1, reason="Déplacé")
    with pytest.raises(NotFoundError):
        decide_report(coordinator=cast.elsewhere.coordinator, report_id=report.pk, hide=True)
    assert decide_report(coordinator=here.coordinator, report_id=report.pk, hide=True).state == ReportState.HIDDEN
    with pytest.raises(ConflictError):
        decide_report(coordinator=here.coordinator, report_id=report.pk, hide=False)
    assert messages_after(here.tutor, lounge.pk, 0)[0].hidden


def test_a_report_of_a_session_hides_nothing(cast: Cast) -> None:
    here, talk = cast.here, cast.here.conversation
    report = report_message(person=here.learner, conversation_id=talk.pk, number=1, reason="Déplacé")
    with pytest.raises(NotFoundError):
        decide_report(coordinator=here.coordinator, report_id=report.pk, hide=True)
    assert decide_report(coordinator=here.coordinator, report_id=report.pk, hide=False).state == ReportState.KEPT
    assert not messages_after(here.tutor, talk.pk, 0)[0].withdrawn
