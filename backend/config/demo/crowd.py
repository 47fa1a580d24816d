"""The invented people of a network: accounts, rhythms, offers, validated competencies."""

import datetime as dt
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password

from backend.accounts.enums import PracticeMode
from backend.accounts.models import Person
from backend.agenda.models import WeeklyWindow
from backend.common.clock import now, told_at
from backend.config.demo.story import PASSWORD, Scale, read_stars, read_story
from backend.credits.models import Account
from backend.needs.domain.offers import save_offer
from backend.networks.enums import Attachment, Role
from backend.networks.models import Membership, MembershipRole, Network, Site
from backend.referentials.models import Capacity, Notion, Profession, Territory
from backend.skills.domain.positioning import read_standing, record_positioning
from backend.skills.enums import ClaimState, CredentialKind
from backend.skills.models import Claim, ClaimTransition, Credential, Positioning

EXTRAS = 5
WEEKDAYS = range(5)
# Most people are free at lunch and in the evening, between patients.
USUAL_WINDOWS = (
    (dt.time(12), dt.time(14)),
    (dt.time(12, 30), dt.time(13, 45)),
    (dt.time(17, 30), dt.time(19)),
    (dt.time(18), dt.time(19, 30)),
    (dt.time(8), dt.time(9)),
    (dt.time(14), dt.time(15, 30)),
)
# The accounts one signs in with are free often enough for their story to come out, whatever the seed.
WIDE_WINDOWS = ((dt.time(12), dt.time(14)), (dt.time(17, 30), dt.time(19, 30)))
CREDENTIALS = (
    (CredentialKind.C2I2MS, "C2i niveau 2 « métiers de la santé »"),
    (CredentialKind.DU, "Diplôme universitaire de numérique en santé"),
    (CredentialKind.PIX, "Pix+ Professionnels de santé"),
)


@dataclass(slots=True)
class Crowd:
    """People of one network, by key for those the story names."""

    network: Network
    coordinator: Person
    named: dict[str, Person] = field(default_factory=dict)
    tutors: list[Person] = field(default_factory=list)
    learners: list[Person] = field(default_factory=list)


class CrowdMaker:
    """Builds one network and its people; the same ``rng`` gives the same crowd."""

    def __init__(
        self, rng: random.Random, number: int, scale: Scale, *, main: bool, accounts: Sequence[dict[str, Any]]
    ) -> None:
        self.rng, self.scale, self.main, self.accounts = rng, scale, main, accounts
        self.story = read_story()
        self.place = self.story["networks"][number]
        self.professions = {row.slug: row for row in Profession.objects.select_related("framework")}

    def make(self) -> Crowd:
        network = self._make_network()
        named = {account["key"]: self._make_account(network, account) for account in self.accounts}
        coordinator = next(person for key, person in named.items() if self._is_coordinator(key))
        set_known_password(list(named.values()))
        crowd = Crowd(network, coordinator, named)
        self._make_members(crowd)
        self._give_rhythms(crowd)
        self._make_offers(crowd)
        self._validate_competencies(crowd)
        self._position_learners(crowd)
        return crowd

    def _is_coordinator(self, key: str) -> bool:
        return any(Role.COORDINATOR in account["roles"] for account in self.accounts if account["key"] == key)

    def _make_network(self) -> Network:
        # Ten days to answer, not three: the proposals of the story must still be open whatever the day.
        network = Network.objects.create(
            slug=self.place["slug"],
            name=self.place["name"],
            territory=Territory.objects.get(slug=self.story["territory"]),
            answer_days=10,
        )
        Site.objects.bulk_create(Site(network=network, **site) for site in self.story["sites"])
        return network

    def _make_account(self, network: Network, account: dict[str, Any]) -> Person:
        person = Person.objects.create_user(
            account["email"],
            first_name=account["first_name"],
            last_name=account["last_name"],
            profession=self.professions.get(account["profession"]),
            practice_mode=PracticeMode.EMPLOYED,
        )
        site = self.rng.choice(list(network.sites.all()))
        membership = Membership.objects.create(network=network, person=person, site=site)
        MembershipRole.objects.bulk_create(
            MembershipRole(membership=membership, role=role) for role in account["roles"]
        )
        return person

    def _make_members(self, crowd: Crowd) -> None:
        named_tutors = [person for key, person in crowd.named.items() if Role.TUTOR in self._roles_of(key)]
        tutors = self.scale.tutors - len(named_tutors)
        people = self._make_people(self.scale.members - len(crowd.named))
        memberships = Membership.objects.bulk_create(self._membership(crowd.network, person) for person in people)
        roles = [MembershipRole(membership=membership, role=Role.LEARNER) for membership in memberships]
        roles += [MembershipRole(membership=membership, role=Role.TUTOR) for membership in memberships[:tutors]]
        MembershipRole.objects.bulk_create(roles)
        crowd.tutors = [*named_tutors, *people[:tutors]]
        crowd.learners = people[tutors:]
        if self.main:
            self._name_extras(crowd)

    def _roles_of(self, key: str) -> list[str]:
        return next(account["roles"] for account in self.accounts if account["key"] == key)

    def _name_extras(self, crowd: Crowd) -> None:
        """Nurses who play the other half of the story with the tutors one can sign in as."""
        extras = crowd.learners[:EXTRAS]
        for rank, person in enumerate(extras):
            person.profession = self.professions["infirmier"]
            crowd.named[f"extra-{rank}"] = person
        Person.objects.bulk_update(extras, ["profession"])
        del crowd.learners[:EXTRAS]

    def _make_people(self, count: int) -> list[Person]:
        # One unusable password for all: hashing three thousand would take minutes, and nobody signs in with it.
        password = make_password(None)
        slugs, weights = zip(*self.story["professions"].items(), strict=True)
        professions = self.rng.choices(slugs, weights, k=count)
        people = [
            Person(
                email=f"personne{rank}@{self.place['domain']}",
                first_name=first_name,
                last_name=last_name,
                profession=self.professions[profession],
                practice_mode=self.rng.choice(PracticeMode.values),
                password=password,
            )
            for rank, ((first_name, last_name), profession) in enumerate(zip(self._names(), professions, strict=False))
        ]
        return Person.objects.bulk_create(people)

    def _names(self) -> Iterator[tuple[str, str]]:
        names = list(itertools.product(self.story["first_names"], self.story["last_names"]))
        self.rng.shuffle(names)
        return iter(names)

    def _membership(self, network: Network, person: Person) -> Membership:
        sites = list(network.sites.all())
        attachment = self.rng.choices(Attachment.values, [3, 1])[0]
        return Membership(network=network, person=person, attachment=attachment, site=self.rng.choice(sites))

    def _give_rhythms(self, crowd: Crowd) -> None:
        wide = list(crowd.named.values())
        known = {person.pk for person in wide}
        others = [person for person in (*crowd.tutors, *crowd.learners) if person.pk not in known]
        windows = [row for person in wide for row in self._wide_rhythm(person, crowd.network)]
        windows += [row for person in others for row in self._usual_rhythm(person, crowd.network)]
        WeeklyWindow.objects.bulk_create(windows)

    def _wide_rhythm(self, person: Person, network: Network) -> Iterator[WeeklyWindow]:
        for weekday, (starts, ends) in itertools.product(WEEKDAYS, WIDE_WINDOWS):
            yield WeeklyWindow(person=person, weekday=weekday, starts=starts, ends=ends, timezone=network.timezone)

    def _usual_rhythm(self, person: Person, network: Network) -> Iterator[WeeklyWindow]:
        for weekday in self.rng.sample(WEEKDAYS, k=self.rng.randint(2, 4)):
            starts, ends = self.rng.choice(USUAL_WINDOWS)
            yield WeeklyWindow(person=person, weekday=weekday, starts=starts, ends=ends, timezone=network.timezone)

    def _make_offers(self, crowd: Crowd) -> None:
        sites = list(crowd.network.sites.all())
        named = {person.pk for person in crowd.named.values()}
        for rank, tutor in enumerate(crowd.tutors):
            by_telephone = rank % 3 == 2
            save_offer(
                person=tutor,
                network=crowd.network,
                hours_per_month=Decimal(8) if tutor.pk in named else Decimal(self.rng.choice([1, 2, 2, 3, 4])),
                sites=self.rng.sample(sites, k=self.rng.randint(0, 2)),
                room_link="" if by_telephone else f"https://salle.example/{crowd.network.slug}/{tutor.pk}",
                # 01 99 00 is a range the regulator keeps for fiction.
                telephone=f"01 99 00 {tutor.pk // 100 % 100:02d} {tutor.pk % 100:02d}" if by_telephone else "",
            )

    def _validate_competencies(self, crowd: Crowd) -> None:
        exclusive = self._exclusive_notions()
        common = common_notions() if self.main else shared_notions()
        credentials, claims = [], []
        for tutor in crowd.tutors:
            kind, title = self.rng.choice(CREDENTIALS)
            credential = Credential(
                person=tutor,
                network=crowd.network,
                kind=kind,
                title=title,
                obtained_on=now().date() - dt.timedelta(days=self.rng.randint(90, 700)),
            )
            credentials.append(credential)
            held = self.rng.sample(common, k=self.rng.randint(8, 18))
            levels = {notion.pk: self.rng.choice([2, 2, 3, 3, 1]) for notion in held}
            levels |= dict.fromkeys(exclusive.get(tutor.pk, ()), 3)
            claims += [self._accepted(crowd, tutor, notion, level, credential) for notion, level in levels.items()]
        Credential.objects.bulk_create(credentials)
        Claim.objects.bulk_create(claims)
        ClaimTransition.objects.bulk_create(
            row for claim in claims for row in self._claim_history(claim, crowd.coordinator)
        )

    def _exclusive_notions(self) -> dict[int, set[int]]:
        """Per named tutor, what nobody else holds; only the main network has a story."""
        if not self.main:
            return {}
        notions = dict(Capacity.objects.values_list("key", "notion_id"))
        people = dict(Person.objects.values_list("email", "pk"))
        emails = {account["key"]: account["email"] for account in self.accounts}
        held: dict[int, set[int]] = {}
        for star in read_stars():
            if star.tutor is not None:
                held.setdefault(people[emails[star.tutor]], set()).add(notions[star.capacity])
        return held

    @staticmethod
    def _accepted(crowd: Crowd, tutor: Person, notion: int, level: int, credential: Credential) -> Claim:
        return Claim(
            person=tutor,
            network=crowd.network,
            notion_id=notion,
            level=level,
            credential=credential,
            state=ClaimState.ACCEPTED,
        )

    @staticmethod
    def _claim_history(claim: Claim, coordinator: Person) -> Iterator[ClaimTransition]:
        yield ClaimTransition(claim=claim, target=ClaimState.AWAITING, author=claim.person)
        yield ClaimTransition(claim=claim, source=ClaimState.AWAITING, target=ClaimState.ACCEPTED, author=coordinator)

    def _position_learners(self, crowd: Crowd) -> None:
        """Every other learner has told where they stand on a dozen capacities."""
        capacities: dict[int, list[int]] = {}
        for framework, capacity in Capacity.objects.values_list("competency__domain__framework", "pk"):
            capacities.setdefault(framework, []).append(capacity)
        Positioning.objects.bulk_create(
            Positioning(person=person, capacity_id=capacity, level=self.rng.choice([0, 1, 1, 2, 3]))
            for person in crowd.learners[::2]
            if person.profession and person.profession.framework_id
            for capacity in self.rng.sample(capacities[person.profession.framework_id], k=12)
        )
        for person in crowd.named.values():
            self._position_over_time(person)

    @staticmethod
    def _position_over_time(person: Person) -> None:
        """Those one signs in as answered two domains, and did better on three capacities since."""
        framework = person.profession.framework if person.profession else None
        begun = read_standing(person, framework).stretches[:2] if framework else []
        capacities = [step.capacity for stretch in begun for step in stretch.steps]
        for rank, capacity in enumerate(capacities):
            record_positioning(person=person, capacity=capacity, level=rank % 3)
        with told_at(now() + dt.timedelta(days=14)):
            for capacity in capacities[:3]:
                record_positioning(person=person, capacity=capacity, level=3)


def set_known_password(people: Sequence[Person]) -> None:
    """Give the accounts one signs in with their known password, hashed once: hashing is slow on purpose."""
    password = make_password(PASSWORD)
    for person in people:
        person.password = password
    Person.objects.bulk_update(people, ["password"])


def make_ledger_accounts(people: Sequence[Person]) -> None:
    """Open the ledger accounts of people at once, rather than at their first session."""
    Account.objects.bulk_create([Account(person=person) for person in people], ignore_conflicts=True)


def shared_notions() -> list[Notion]:
    """Notions that several professions phrase, in a stable order: what colleagues ask each other most."""
    return list(Notion.objects.filter(capacities__competency__domain__framework__slug="as-ap").order_by("slug"))


def common_notions() -> list[Notion]:
    """Those that the story does not keep for somebody."""
    story = read_story()
    kept = {star.capacity for star in read_stars()} | {story["awaiting_claim"]["capacity"]}
    taken = set(Capacity.objects.filter(key__in=kept).values_list("notion_id", flat=True))
    return [notion for notion in shared_notions() if notion.pk not in taken]
