"""One network, one session of two learners, two days before it begins."""

from collections.abc import Iterator

import pytest

from backend.common.clock import told_at
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.tutoring.domain.answers import accept_session
from tests.support.factories import NetworkFactory, TutorOfferFactory, make_member
from tests.support.scene import AFTER, BEFORE, Scene, propose


@pytest.fixture
def network(db: None) -> Network:
    found: Network = NetworkFactory.create()
    return found


@pytest.fixture
def scene(network: Network) -> Iterator[Scene]:
    """The session is proposed."""
    tutor = make_member(network, Role.TUTOR)
    TutorOfferFactory.create(network=network, person=tutor)
    first, second = (make_member(network, Role.LEARNER) for _ in range(2))
    coordinator = make_member(network, Role.COORDINATOR)
    stranger = make_member(NetworkFactory.create(), Role.COORDINATOR, Role.TUTOR, Role.LEARNER)
    with told_at(BEFORE):
        session = propose(network, tutor, first, second)
        yield Scene(session, tutor, first, second, coordinator, stranger)


@pytest.fixture
def confirmed(scene: Scene) -> Iterator[Scene]:
    """The session was confirmed and is over."""
    accept_session(session_id=scene.session.pk, author=scene.tutor)
    with told_at(AFTER):
        yield scene
