"""Two networks and the people whose rights differ, each with rows that another could wrongly see."""

from dataclasses import dataclass

import pytest

from backend.accounts.models import Person
from backend.agenda.models import AvailabilityException, WeeklyWindow
from backend.campaigns.enums import CampaignState
from backend.campaigns.models import Campaign, Run
from backend.conversations.models import Conversation
from backend.credits.models import Certificate, Entry
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.models import Network, Site
from backend.skills.models import Claim
from backend.tutoring.models import Session
from tests.support import factories


@dataclass(frozen=True)
class Neighbourhood:
    """One network: who is there, and one row of everything that belongs to it."""

    network: Network
    learner: Person
    tutor: Person
    coordinator: Person
    auditor: Person
    site: Site
    request: HelpRequest
    claim: Claim
    campaign: Campaign
    run: Run
    session: Session
    conversation: Conversation
    lounge: Conversation
    entry: Entry
    certificate: Certificate
    window: WeeklyWindow
    exception: AvailabilityException


@dataclass(frozen=True)
class Cast:
    """``here`` is where most people stand, ``elsewhere`` is the network of a coordinator who must see none of it."""

    here: Neighbourhood
    elsewhere: Neighbourhood
    admin: Person

    def play(self, role: str) -> Person | None:
        """The person of a column of the access matrix; nobody for ``anonymous``."""
        people: dict[str, Person | None] = {
            "anonymous": None,
            "learner": self.here.learner,
            "tutor": self.here.tutor,
            "coordinator": self.here.coordinator,
            "auditor": self.here.auditor,
            "stranger": self.elsewhere.coordinator,
            "admin": self.admin,
        }
        return people[role]


def make_neighbourhood(name: str) -> Neighbourhood:
    network = factories.NetworkFactory.create(slug=name, name=f"CPTS {name}")
    people = {role: make_player(network, role) for role in Role}
    learner, tutor = people[Role.LEARNER], people[Role.TUTOR]
    session = factories.SessionFactory.create(network=network, tutor=tutor)
    participation = factories.ParticipationFactory.create(session=session, person=learner)
    campaign = factories.CampaignFactory.create(network=network, state=CampaignState.REVIEW)
    account = factories.AccountFactory.create(person=tutor)
    factories.TutorOfferFactory.create(network=network, person=tutor)
    return Neighbourhood(
        network=network,
        learner=learner,
        tutor=tutor,
        coordinator=people[Role.COORDINATOR],
        auditor=people[Role.AUDITOR],
        site=factories.SiteFactory.create(network=network),
        request=participation.request,
        claim=factories.ClaimFactory.create(network=network, person=tutor),
        campaign=campaign,
        run=factories.RunFactory.create(campaign=campaign),
        session=session,
        conversation=make_talk(session.conversation, tutor, learner),
        lounge=make_talk(factories.ConversationFactory.create(network=network), tutor, learner),
        entry=factories.EntryFactory.create(network=network, account=account),
        certificate=factories.CertificateFactory.create(network=network, account=account),
        window=factories.WeeklyWindowFactory.create(person=tutor),
        exception=factories.AvailabilityExceptionFactory.create(person=tutor),
    )


def make_player(network: Network, role: Role) -> Person:
    return factories.make_member(
        network, role, email=f"{role}@{network.slug}.example", first_name=role.title(), last_name=network.slug.title()
    )


def make_talk(conversation: Conversation, *people: Person) -> Conversation:
    """``conversation`` with ``people`` as its members and one message of each."""
    for person in people:
        factories.ConversationMemberFactory.create(conversation=conversation, person=person)
        factories.MessageFactory.create(conversation=conversation, sender=person)
    return conversation


@pytest.fixture
def two_networks(db: None) -> tuple[Neighbourhood, Neighbourhood]:
    return make_neighbourhood("ici"), make_neighbourhood("ailleurs")


@pytest.fixture
def cast(two_networks: tuple[Neighbourhood, Neighbourhood]) -> Cast:
    here, elsewhere = two_networks
    admin = factories.PersonFactory.create(
        email="admin@exemple.example", first_name="Admin", last_name="Fictif", is_staff=True, is_superuser=True
    )
    return Cast(here, elsewhere, admin)
