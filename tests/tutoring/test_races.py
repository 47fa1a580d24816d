"""Many people at the same moment, on PostgreSQL: one wins, the others are told, nothing is done twice."""

import datetime as dt
import itertools
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection

from backend.accounts.models import Person
from backend.agenda.models import Occupancy
from backend.campaigns.domain.publication import publish_run
from backend.campaigns.models import Run
from backend.common.clock import told_at
from backend.conversations.domain.messages import open_conversation, send_message
from backend.conversations.enums import ConversationKind
from backend.conversations.models import Message
from backend.credits.domain.ledger import reverse_entry, verify_chain, verify_sources
from backend.credits.models import Entry
from backend.needs.models import TutorOffer
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.referentials.models import Notion
from backend.tutoring.domain.answers import accept_session
from backend.tutoring.domain.audit import expected_entries
from backend.tutoring.domain.proposals import Draft, propose_sessions
from backend.tutoring.enums import STANDING_STATES
from backend.tutoring.models import Session
from tests.support.campaign_scene import TODAY, compute, make_campaign, make_requests, make_tutor
from tests.support.factories import NetworkFactory, NotionFactory, PersonFactory, TutorOfferFactory, make_member
from tests.support.racing import count_outcomes, race
from tests.support.scene import AFTER, BEFORE, START, Scene, make_draft, propose

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def network(transactional_db: None) -> Network:
    found: Network = NetworkFactory.create()
    return found


@pytest.fixture
def scene(network: Network) -> Scene:
    tutor, first, second = (make_member(network, role) for role in (Role.TUTOR, Role.LEARNER, Role.LEARNER))
    TutorOfferFactory.create(network=network, person=tutor)
    with told_at(BEFORE):
        session = propose(network, tutor, first, second)
    return Scene(session, tutor, first, second, make_member(network, Role.COORDINATOR), PersonFactory.create())


def test_two_hundred_accepts_of_one_session(scene: Scene) -> None:
    accept = partial(accept_session, session_id=scene.session.pk, author=scene.tutor)
    assert count_outcomes(race([accept] * 200)) == {"ok": 1, "cannot_accept": 199}
    assert list(scene.session.transitions.order_by("pk").values_list("target", flat=True)) == ["proposed", "confirmed"]


def test_a_hundred_confirmations_credit_once(scene: Scene, network: Network) -> None:
    accept_session(session_id=scene.session.pk, author=scene.tutor)

    def at_the_end(learner: Person) -> None:
        with told_at(AFTER):
            scene.confirm(learner, present=True)

    with told_at(AFTER):
        scene.mark(scene.first, scene.second)
    calls = [partial(at_the_end, learner) for _ in range(50) for learner in (scene.first, scene.second)]
    assert count_outcomes(race(calls)) == {"ok": 2, "cannot_confirm": 98}
    paid = Counter(Entry.objects.values_list("account__person", flat=True))
    assert paid == {scene.tutor.pk: 1, scene.first.pk: 1, scene.second.pk: 1}
    assert scene.state() == "held"
    assert verify_chain(network).fault == verify_sources(network=network, expected=expected_entries(network)) == ""


def test_tutor_and_learners_speak_at_once(scene: Scene, network: Network) -> None:
    accept_session(session_id=scene.session.pk, author=scene.tutor)

    def speak(rank: int) -> None:
        with told_at(AFTER):
            if rank:
                scene.confirm((scene.first, scene.second)[rank - 1], present=True)
            else:
                scene.mark(scene.first, scene.second)

    assert count_outcomes(race([partial(speak, rank) for rank in range(3)])) == {"ok": 3}
    assert (scene.state(), Entry.objects.count()) == ("held", 3)
    assert verify_chain(network).fault == ""


def test_an_entry_is_corrected_once(scene: Scene, network: Network) -> None:
    accept_session(session_id=scene.session.pk, author=scene.tutor)
    with told_at(AFTER):
        scene.settle(present=True)
    entry = Entry.objects.order_by("sequence")[0]
    reverse = partial(reverse_entry, entry=entry, reason="Erreur", author=scene.coordinator)
    assert count_outcomes(race([reverse] * 20)) == {"ok": 1, "already_reversed": 19}
    assert verify_chain(network).fault == ""


def test_sessions_of_one_network_credit_at_once_in_one_chain(network: Network) -> None:
    scenes = []
    for _ in range(10):
        tutor, first, second = (make_member(network, role) for role in (Role.TUTOR, Role.LEARNER, Role.LEARNER))
        TutorOfferFactory.create(network=network, person=tutor)
        with told_at(BEFORE):
            session = propose(network, tutor, first, second)
            accept_session(session_id=session.pk, author=tutor)
        scenes.append(Scene(session, tutor, first, second, tutor, tutor))

    def settle(scene: Scene) -> None:
        with told_at(AFTER):
            scene.settle(present=True)

    assert count_outcomes(race([partial(settle, scene) for scene in scenes])) == {"ok": 10}
    assert verify_chain(network).entries == 30
    assert verify_chain(network).fault == verify_sources(network=network, expected=expected_entries(network)) == ""


def test_fifty_sends_of_one_message(network: Network) -> None:
    people = [PersonFactory.create() for _ in range(2)]
    talk = open_conversation(network=network, kind=ConversationKind.PAIR, title="À deux", people=people)
    client_id = uuid.uuid4()
    same = partial(send_message, conversation=talk, sender=people[0], body="Bonjour", client_id=client_id)
    others = [
        partial(send_message, conversation=talk, sender=people[1], body=f"{rank}", client_id=uuid.uuid4())
        for rank in range(30)
    ]
    outcomes = race([call for pair in itertools.zip_longest([same] * 50, others) for call in pair if call])
    assert count_outcomes(outcomes) == {"ok": 80}
    assert (
        len({outcome.pk for outcome in outcomes if isinstance(outcome, Message) and outcome.sender == people[0]}) == 1
    )
    assert sorted(Message.objects.values_list("number", flat=True)) == list(range(1, 32))


def test_two_coordinators_publish_at_once(network: Network) -> None:
    notion: Notion = NotionFactory.create()
    coordinators = [make_member(network, Role.COORDINATOR) for _ in range(2)]
    with told_at(TODAY):
        campaign = make_campaign(network, coordinators[0])
        make_tutor(network, notion)
        make_requests(network, [notion] * 2)
        runs = [compute(campaign, author) for author in coordinators]

    def publish(run: Run, author: Person) -> None:
        with told_at(TODAY):
            publish_run(run=Run.objects.get(pk=run.pk), author=author)

    calls = [partial(publish, run, author) for run in runs for author in coordinators]
    assert count_outcomes(race(calls)) == {"ok": 1, "not_publishable": 3}
    assert Session.objects.count() == 2
    assert Run.objects.exclude(published_at=None).count() == 1


# One slot, one session


def make_overlapping_drafts(network: Network) -> list[Draft]:
    """Twenty sessions that one tutor could give within an hour and a half, each to another learner."""
    tutor = make_member(network, Role.TUTOR)
    TutorOffer.objects.create(network=network, person=tutor, room_link="https://visio.exemple.example/salle")
    quarters = [START + dt.timedelta(minutes=15 * (rank % 4)) for rank in range(20)]
    return [make_draft(network, tutor, make_member(network, Role.LEARNER), start=start) for start in quarters]


def propose_at_once(network: Network, drafts: list[Draft]) -> dict[str, int]:
    def propose_one(draft: Draft) -> None:
        with told_at(BEFORE):
            propose_sessions(network=network, drafts=[draft], answer_by=START, author=None)

    return count_outcomes(race([partial(propose_one, draft) for draft in drafts]))


def overlapping_pairs() -> int:
    standing = Session.objects.filter(state__in=STANDING_STATES)
    return sum(
        one.starts_at < other.ends_at and other.starts_at < one.ends_at
        for one, other in itertools.combinations(standing, 2)
    )


@contextmanager
def without_the_guard() -> Iterator[None]:
    """Cells may be taken twice inside the block."""
    constraint = next(found for found in Occupancy._meta.constraints if found.name == "occupancy_cell_once")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Occupancy, constraint)
    try:
        yield
    finally:
        Occupancy.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Occupancy, constraint)


def test_no_two_overlapping_sessions_stand(network: Network) -> None:
    outcomes = propose_at_once(network, make_overlapping_drafts(network))
    assert set(outcomes) <= {"ok", "cells_taken"}
    assert Session.objects.count() >= 1
    assert overlapping_pairs() == 0
    cells = Occupancy.objects.values_list("person", "cell")
    assert len(set(cells)) == len(cells) == 2 * 3 * Session.objects.count()


def test_without_the_guard_they_do(network: Network) -> None:
    drafts = make_overlapping_drafts(network)
    with without_the_guard():
        propose_at_once(network, drafts)
        assert overlapping_pairs() > 0
