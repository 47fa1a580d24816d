"""Rows for tests, without surprises: nothing is made that was not asked for, but for what a row cannot stand without.

They write what the models allow; what only the domain guarantees (cells taken, a chain of hashes) is the domain's to
make: tests of those call it.
"""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory, Password

from backend.accounts.models import Person
from backend.agenda.models import AvailabilityException, WeeklyWindow
from backend.campaigns.models import Campaign, Proposal, Run, Unserved
from backend.common.clock import CELL_SECONDS, now
from backend.conversations.enums import ConversationKind
from backend.conversations.models import Conversation, ConversationMember, Message
from backend.credits.enums import CertificateRole, EntryKind
from backend.credits.models import Account, Certificate, Entry, Scale
from backend.needs.models import HelpRequest, TutorOffer
from backend.networks.enums import Role, SiteKind
from backend.networks.models import Membership, MembershipRole, Network, Site
from backend.referentials.enums import Area, Attribution
from backend.referentials.models import (
    Capacity,
    Competency,
    Domain,
    Framework,
    Notion,
    Profession,
    Specialty,
    Territory,
    TransverseCategory,
)
from backend.skills.enums import CredentialKind, Level, PositioningLevel
from backend.skills.models import Claim, Credential, Evidence, Guide, Positioning
from backend.tutoring.enums import JoinKind, Modality
from backend.tutoring.models import Participation, Session

PASSWORD = "tandem-demo"
SESSION_LENGTH = dt.timedelta(minutes=45)


def next_monday() -> dt.date:
    """The first Monday after today."""
    today = now().date()
    return today + dt.timedelta(days=7 - today.weekday())


def whole_cell(instant: dt.datetime) -> dt.datetime:
    """The start of the quarter of an hour that holds ``instant``."""
    return instant - dt.timedelta(seconds=instant.timestamp() % CELL_SECONDS)


# Référentiels


class NotionFactory(DjangoModelFactory[Notion]):
    class Meta:
        model = Notion

    slug = factory.Sequence(lambda n: f"notion-{n}")
    title = factory.Sequence(lambda n: f"Notion {n}")
    area = Area.CYBERSECURITY


class FrameworkFactory(DjangoModelFactory[Framework]):
    class Meta:
        model = Framework

    slug = factory.Sequence(lambda n: f"framework-{n}")
    position = factory.Sequence(lambda n: n)
    title = factory.Sequence(lambda n: f"Référentiel {n}")
    attribution = Attribution.PRINTED


class DomainFactory(DjangoModelFactory[Domain]):
    class Meta:
        model = Domain

    framework = factory.SubFactory(FrameworkFactory)
    position = factory.Sequence(lambda n: n)
    key = factory.Sequence(lambda n: f"framework:{n}")
    title = factory.Sequence(lambda n: f"Domaine {n}")


class CompetencyFactory(DjangoModelFactory[Competency]):
    class Meta:
        model = Competency

    domain = factory.SubFactory(DomainFactory)
    position = factory.Sequence(lambda n: n)
    key = factory.Sequence(lambda n: f"framework:1.{n}")
    title = factory.Sequence(lambda n: f"Compétence {n}")


class CapacityFactory(DjangoModelFactory[Capacity]):
    class Meta:
        model = Capacity

    competency = factory.SubFactory(CompetencyFactory)
    position = factory.Sequence(lambda n: n)
    key = factory.Sequence(lambda n: f"framework:1.1.{n}")
    text = factory.Sequence(lambda n: f"Savoir faire la chose numéro {n}")
    notion = factory.SubFactory(NotionFactory)


class ProfessionFactory(DjangoModelFactory[Profession]):
    class Meta:
        model = Profession

    slug = factory.Sequence(lambda n: f"profession-{n}")
    position = factory.Sequence(lambda n: n)
    label = factory.Sequence(lambda n: f"Profession {n}")


class TransverseCategoryFactory(DjangoModelFactory[TransverseCategory]):
    class Meta:
        model = TransverseCategory

    slug = factory.Sequence(lambda n: f"category-{n}")
    position = factory.Sequence(lambda n: n)
    label = factory.Sequence(lambda n: f"Catégorie {n}")


class SpecialtyFactory(DjangoModelFactory[Specialty]):
    class Meta:
        model = Specialty

    slug = factory.Sequence(lambda n: f"specialty-{n}")
    position = factory.Sequence(lambda n: n)
    label = factory.Sequence(lambda n: f"Spécialité {n}")
    formation = "Médecine"


class TerritoryFactory(DjangoModelFactory[Territory]):
    class Meta:
        model = Territory

    slug = factory.Sequence(lambda n: f"territory-{n}")
    position = factory.Sequence(lambda n: n)
    label = factory.Sequence(lambda n: f"Territoire {n}")


# People and networks


class PersonFactory(DjangoModelFactory[Person]):
    """An account that can sign in with ``PASSWORD``, in no network."""

    class Meta:
        model = Person

    email = factory.Sequence(lambda n: f"personne{n}@exemple.example")
    first_name = "Personne"
    last_name = factory.Sequence(lambda n: f"Fictive {n}")
    password = Password(PASSWORD)


class NetworkFactory(DjangoModelFactory[Network]):
    class Meta:
        model = Network

    slug = factory.Sequence(lambda n: f"cpts-{n}")
    name = factory.Sequence(lambda n: f"CPTS numéro {n}")


class SiteFactory(DjangoModelFactory[Site]):
    class Meta:
        model = Site

    network = factory.SubFactory(NetworkFactory)
    name = factory.Sequence(lambda n: f"Lieu {n}")
    kind = SiteKind.PRACTICE


class MembershipFactory(DjangoModelFactory[Membership]):
    """A member without any role: ``make_member`` gives some."""

    class Meta:
        model = Membership

    network = factory.SubFactory(NetworkFactory)
    person = factory.SubFactory(PersonFactory)


def make_member(network: Network, *roles: Role, **fields: Any) -> Person:
    """A new person with ``roles`` in ``network``; ``fields`` are the person's."""
    person: Person = PersonFactory.create(**fields)
    membership = MembershipFactory.create(network=network, person=person)
    MembershipRole.objects.bulk_create(MembershipRole(membership=membership, role=role) for role in roles)
    return person


# What tutors hold and learners need


class CredentialFactory(DjangoModelFactory[Credential]):
    class Meta:
        model = Credential

    network = factory.SubFactory(NetworkFactory)
    person = factory.SubFactory(PersonFactory)
    kind = CredentialKind.PIX
    title = "Pix+ Professionnels de santé"


class ClaimFactory(DjangoModelFactory[Claim]):
    """A claim that awaits review."""

    class Meta:
        model = Claim

    network = factory.SubFactory(NetworkFactory)
    person = factory.SubFactory(PersonFactory)
    notion = factory.SubFactory(NotionFactory)
    level = Level.ADVANCED
    credential = factory.SubFactory(
        CredentialFactory, network=factory.SelfAttribute("..network"), person=factory.SelfAttribute("..person")
    )


class EvidenceFactory(DjangoModelFactory[Evidence]):
    """A file whose bytes nobody looked at."""

    class Meta:
        model = Evidence

    credential = factory.SubFactory(CredentialFactory)
    file = factory.django.FileField(filename="certificat.png", data=b"\x89PNG\r\n\x1a\n")
    name = "certificat.png"
    media_type = "image/png"
    size = 8
    sha256 = factory.Sequence(lambda n: f"{n:064x}")


class GuideFactory(DjangoModelFactory[Guide]):
    class Meta:
        model = Guide

    notion = factory.SubFactory(NotionFactory)
    number = 1
    aims = "Savoir le faire"
    exercise = "Essayer\nRecommencer"


class PositioningFactory(DjangoModelFactory[Positioning]):
    class Meta:
        model = Positioning

    person = factory.SubFactory(PersonFactory)
    capacity = factory.SubFactory(CapacityFactory)
    level = PositioningLevel.WITH_HELP


class WeeklyWindowFactory(DjangoModelFactory[WeeklyWindow]):
    """Thursdays from noon to two, Paris time."""

    class Meta:
        model = WeeklyWindow

    person = factory.SubFactory(PersonFactory)
    weekday = 3
    starts = dt.time(12)
    ends = dt.time(14)
    timezone = "Europe/Paris"


class AvailabilityExceptionFactory(DjangoModelFactory[AvailabilityException]):
    class Meta:
        model = AvailabilityException

    person = factory.SubFactory(PersonFactory)
    starts_at = factory.LazyFunction(lambda: whole_cell(now()) + dt.timedelta(days=1))
    ends_at = factory.LazyAttribute(lambda row: row.starts_at + dt.timedelta(hours=2))
    is_free = False


class HelpRequestFactory(DjangoModelFactory[HelpRequest]):
    class Meta:
        model = HelpRequest

    network = factory.SubFactory(NetworkFactory)
    person = factory.SubFactory(PersonFactory)
    capacity = factory.SubFactory(CapacityFactory)
    notion = factory.SelfAttribute("capacity.notion")
    level_wanted = Level.INTERMEDIATE


class TutorOfferFactory(DjangoModelFactory[TutorOffer]):
    class Meta:
        model = TutorOffer

    network = factory.SubFactory(NetworkFactory)
    person = factory.SubFactory(PersonFactory)
    hours_per_month = Decimal(2)
    room_link = "https://visio.exemple.example/salle"


# Conversations, sessions, campaigns


class ConversationFactory(DjangoModelFactory[Conversation]):
    class Meta:
        model = Conversation

    network = factory.SubFactory(NetworkFactory)
    kind = ConversationKind.LOUNGE
    title = factory.Sequence(lambda n: f"Salon {n}")


class ConversationMemberFactory(DjangoModelFactory[ConversationMember]):
    class Meta:
        model = ConversationMember

    conversation = factory.SubFactory(ConversationFactory)
    person = factory.SubFactory(PersonFactory)


class MessageFactory(DjangoModelFactory[Message]):
    """The next message of its conversation."""

    class Meta:
        model = Message

    conversation = factory.SubFactory(ConversationFactory)
    sender = factory.SubFactory(PersonFactory)
    client_id = factory.LazyFunction(uuid.uuid4)
    body = factory.Sequence(lambda n: f"Bonjour, message {n}")

    @factory.lazy_attribute
    def number(self: Any) -> int:
        conversation: Conversation = self.conversation
        conversation.last_number += 1
        conversation.save(update_fields=["last_number"])
        return conversation.last_number


class SessionFactory(DjangoModelFactory[Session]):
    """A session at a distance in two days, proposed, without learners: ``ParticipationFactory`` adds them."""

    class Meta:
        model = Session

    network = factory.SubFactory(NetworkFactory)
    tutor = factory.SubFactory(PersonFactory)
    notion = factory.SubFactory(NotionFactory)
    starts_at = factory.LazyFunction(lambda: whole_cell(now()) + dt.timedelta(days=2))
    ends_at = factory.LazyAttribute(lambda row: row.starts_at + SESSION_LENGTH)
    modality = Modality.REMOTE
    join_kind = JoinKind.LINK
    join_value = "https://visio.exemple.example/salle"
    answer_by = factory.LazyAttribute(lambda row: row.starts_at - dt.timedelta(days=1))
    conversation = factory.SubFactory(
        ConversationFactory, network=factory.SelfAttribute("..network"), kind=ConversationKind.SESSION
    )


class ParticipationFactory(DjangoModelFactory[Participation]):
    class Meta:
        model = Participation

    session = factory.SubFactory(SessionFactory)
    person = factory.SubFactory(PersonFactory)
    request = factory.SubFactory(
        HelpRequestFactory, network=factory.SelfAttribute("..session.network"), person=factory.SelfAttribute("..person")
    )


class CampaignFactory(DjangoModelFactory[Campaign]):
    class Meta:
        model = Campaign

    network = factory.SubFactory(NetworkFactory)
    title = factory.Sequence(lambda n: f"Campagne {n}")
    first_day = factory.LazyFunction(next_monday)


class RunFactory(DjangoModelFactory[Run]):
    class Meta:
        model = Run

    campaign = factory.SubFactory(CampaignFactory)
    instance = factory.LazyFunction(dict)
    instance_hash = "0" * 64


class ProposalFactory(DjangoModelFactory[Proposal]):
    class Meta:
        model = Proposal

    run = factory.SubFactory(RunFactory)
    request = factory.SubFactory(HelpRequestFactory)
    tutor = factory.SubFactory(PersonFactory)
    starts_at = factory.LazyFunction(lambda: whole_cell(now()) + dt.timedelta(days=2))
    modality = Modality.REMOTE


class UnservedFactory(DjangoModelFactory[Unserved]):
    class Meta:
        model = Unserved

    run = factory.SubFactory(RunFactory)
    request = factory.SubFactory(HelpRequestFactory)
    reason = "no_tutor"


# Points


class ScaleFactory(DjangoModelFactory[Scale]):
    class Meta:
        model = Scale

    network = factory.SubFactory(NetworkFactory)
    valid_from = dt.date(2026, 1, 1)


class AccountFactory(DjangoModelFactory[Account]):
    class Meta:
        model = Account
        django_get_or_create = ["person"]

    person = factory.SubFactory(PersonFactory)


class EntryFactory(DjangoModelFactory[Entry]):
    """A line whose hashes chain to nothing: good to be read, not to be verified."""

    class Meta:
        model = Entry

    network = factory.SubFactory(NetworkFactory)
    sequence = factory.Sequence(lambda n: n + 1)
    account = factory.SubFactory(AccountFactory)
    kind = EntryKind.TUTORING
    area = Area.CYBERSECURITY
    points = Decimal("7.50")
    minutes = 45
    # Never the number of a session that a test makes: an entry of both would be one too many.
    source = factory.Sequence(lambda n: f"session:{n + 10**9}")
    created_at = factory.LazyFunction(now)
    hash = "0" * 64


class CertificateFactory(DjangoModelFactory[Certificate]):
    class Meta:
        model = Certificate

    account = factory.SubFactory(AccountFactory)
    network = factory.SubFactory(NetworkFactory)
    role = CertificateRole.TUTOR
    period_start = dt.date(2026, 1, 1)
    period_end = dt.date(2026, 6, 30)
    minutes = 45
    points = Decimal("7.50")
