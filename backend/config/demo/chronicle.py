"""What happens to the invented people: campaigns, answers, sessions, points. All through the domain's own doors."""

import datetime as dt
import random
import uuid
from collections.abc import Iterable, Sequence

from backend.accounts.models import Person
from backend.agenda.models import AvailabilityException
from backend.campaigns.domain.campaigns import close_campaign, open_campaign
from backend.campaigns.domain.publication import publish_run
from backend.campaigns.domain.runs import execute_run, freeze_run
from backend.campaigns.models import Campaign, Run
from backend.common.clock import told_at
from backend.config.demo.crowd import Crowd, common_notions, shared_notions
from backend.config.demo.narrator import Narrator
from backend.config.demo.story import Star, read_stars, read_story
from backend.config.demo.timeline import (
    CLOSED_WEEKS,
    COLLECTING_WEEKS,
    PUBLISHED_WEEKS,
    Timeline,
    title_for,
)
from backend.conversations.domain.messages import send_message
from backend.credits.domain.certificates import issue_certificate
from backend.credits.enums import CertificateRole
from backend.needs.domain.requests import ask_for_help
from backend.needs.enums import Urgency
from backend.needs.models import HelpRequest
from backend.networks.models import Membership
from backend.referentials.models import Capacity, Framework
from backend.skills.domain.credentials import submit_credential
from backend.skills.enums import CredentialKind
from backend.tutoring.domain.answers import accept_session, agree_session, cancel_session, decline_session
from backend.tutoring.domain.attendance import confirm_presence, decide_attendance, record_attendance
from backend.tutoring.models import Session

SHARE_ANSWERED = 0.7
NAMESPACE = uuid.UUID("6f1c8f0e-0c5b-4a86-9a53-5d0b3b3f6a11")


class StoryError(Exception):
    """The story did not come out as promised; the demonstration is not kept."""


class Chronicle:
    """Tells one network's past, present and near future; the same ``rng`` tells the same."""

    def __init__(self, rng: random.Random, crowd: Crowd, timeline: Timeline, narrator: Narrator, *, main: bool) -> None:
        self.rng, self.crowd, self.timeline, self.narrator, self.main = rng, crowd, timeline, narrator, main
        self.story = read_story()
        self.network = crowd.network
        self.capacities = self._capacities_by_framework()
        self.star_requests: dict[Star, HelpRequest] = {}

    # The three campaigns

    def tell_closed(self, ordinary: int) -> Campaign:
        """A campaign that is over: sessions held and credited, and what also happens."""
        published_at = self.timeline.closed_published_at
        campaign = self._collect("closed", published_at, self.timeline.closed_first_day, CLOSED_WEEKS, ordinary)
        sessions = self._publish(campaign, published_at)
        kept = self._answer_all(sessions, published_at)
        self._hold(kept, oddities=True)
        with told_at(self.timeline.closed_at):
            return close_campaign(campaign=campaign, author=self.crowd.coordinator)

    def tell_published(self, ordinary: int) -> Campaign:
        """The campaign under way: proposals to answer, sessions to come, one that awaits both sides' word."""
        published_at = self.timeline.published_at
        if self.main:
            self._keep_people_for_later(published_at)
        campaign = self._collect(
            "published", published_at, self.timeline.published_first_day, PUBLISHED_WEEKS, ordinary, group_size_max=2
        )
        sessions = self._publish(campaign, published_at)
        stars = self._play_stars(published_at) if self.main else set()
        others = [session for session in sessions if session.pk not in stars]
        past = [session for session in others if session.ends_at < self.timeline.present - dt.timedelta(hours=1)]
        self._hold(self._answer_all(past, published_at, declines=0), oddities=False)
        future = [session for session in others if session not in past]
        self._answer_some(future, published_at)
        return campaign

    def tell_collecting(self, ordinary: int) -> Campaign:
        """The next campaign, still open to requests and ready to compute."""
        first_day = self.timeline.collecting_first_day
        return self._collect("collecting", self.timeline.present, first_day, COLLECTING_WEEKS, ordinary)

    # Around them

    def tell_claim(self) -> None:
        """A tutor has just asked for one more competency to be validated."""
        wish = self.story["awaiting_claim"]
        person = self.crowd.named[wish["account"]]
        with told_at(self.timeline.present - dt.timedelta(days=1)):
            submit_credential(
                person=person,
                network=self.network,
                kind=CredentialKind.DIPLOMA,
                title=wish["credential"],
                obtained_on=self.timeline.today - dt.timedelta(days=40),
                levels={Capacity.objects.get(key=wish["capacity"]).notion: wish["level"]},
            )

    def tell_certificates(self) -> None:
        """Both sides of a held session have their certificate."""
        period = (self.timeline.closed_first_day, self.timeline.closed_at.astimezone(self.network.zone).date())
        roles = {"tutrice": CertificateRole.TUTOR, "apprenante": CertificateRole.LEARNER}
        with told_at(self.timeline.closed_at + dt.timedelta(days=1)):
            for key, role in roles.items():
                issue_certificate(
                    network=self.network,
                    person=self.crowd.named[key],
                    role=role,
                    period_start=period[0],
                    period_end=period[1],
                )

    def tell_conversations(self, sessions: Sequence[Session]) -> None:
        """A few exchanges around sessions, in the order of the file."""
        for rank, session in enumerate(sessions):
            dialogue = self.story["dialogues"][rank % len(self.story["dialogues"])]
            learner = session.participations.select_related("person").first()
            if learner is None:
                continue
            speakers = {"tutor": session.tutor, "learner": learner.person}
            for turn, (speaker, body) in enumerate(dialogue):
                with told_at(session.created_at + dt.timedelta(minutes=60 + 7 * turn)):
                    send_message(
                        conversation=session.conversation,
                        sender=speakers[speaker],
                        body=body,
                        client_id=uuid.uuid5(NAMESPACE, f"{session.pk}:{turn}"),
                    )

    # Requests

    def _collect(
        self, part: str, until: dt.datetime, first_day: dt.date, weeks: int, ordinary: int, *, group_size_max: int = 1
    ) -> Campaign:
        with told_at(until - dt.timedelta(days=9)):
            campaign = open_campaign(
                network=self.network,
                author=self.crowd.coordinator,
                title=title_for(first_day),
                first_day=first_day,
                weeks=weeks,
                group_size_max=group_size_max,
            )
        for star in read_stars() if self.main else ():
            if star.campaign == part:
                self.star_requests[star] = self._ask_star(star, until)
        for _ in range(ordinary):
            self._ask_ordinary(until)
        return campaign

    def _ask_star(self, star: Star, until: dt.datetime) -> HelpRequest:
        with told_at(until - dt.timedelta(days=3)):
            return ask_for_help(
                person=self.crowd.named[star.learner],
                network=self.network,
                capacity=Capacity.objects.select_related("notion").get(key=star.capacity),
                level_wanted=2,
                level_start=0,
                urgency=Urgency.BLOCKING,
            )

    def _ask_ordinary(self, until: dt.datetime) -> HelpRequest:
        person = self.rng.choice(self.crowd.learners)
        asked = set(HelpRequest.objects.filter(person=person).values_list("capacity_id", flat=True))
        capacity = self.rng.choice([row for row in self._capacities_for(person) if row.pk not in asked])
        site = Membership.objects.select_related("site").get(network=self.network, person=person).site
        wanted = self.rng.choices([1, 2, 3], [3, 5, 1])[0]
        remote = site is None or self._happens(0.85)
        with told_at(until - dt.timedelta(hours=self.rng.randint(2, 200))):
            return ask_for_help(
                person=person,
                network=self.network,
                capacity=capacity,
                level_wanted=wanted,
                level_start=self.rng.choice([None, wanted - 1, 0]),
                urgency=Urgency(self.rng.choices([0, 1, 2], [5, 3, 1])[0]),
                remote=remote,
                sites=[site] if site and (not remote or self._happens(0.4)) else [],
                group_ok=self._happens(0.6),
                on_working_time=self._happens(0.5),
                context=self.rng.choice(self.story["contexts"]),
            )

    def _happens(self, share: float) -> bool:
        return self.rng.random() < share

    def _capacities_by_framework(self) -> dict[int, list[Capacity]]:
        notions = common_notions() if self.main else shared_notions()
        capacities: dict[int, list[Capacity]] = {}
        rows = (
            Capacity.objects.filter(notion__in=notions).select_related("notion", "competency__domain").order_by("key")
        )
        for capacity in rows:
            capacities.setdefault(capacity.competency.domain.framework_id, []).append(capacity)
        return capacities

    def _capacities_for(self, person: Person) -> list[Capacity]:
        framework = person.profession.framework_id if person.profession else None
        return self.capacities[framework or Framework.objects.get(slug="socle-4-8").pk]

    # The computation and its publication

    def _publish(self, campaign: Campaign, at: dt.datetime) -> list[Session]:
        """Compute and publish at an instant of the past; the sessions in order of time."""
        with told_at(at):
            run = freeze_run(campaign=campaign, author=self.crowd.coordinator)
            run = execute_run(run=run, on_progress=self.narrator.progress)
            outcome = publish_run(run=run, author=self.crowd.coordinator)
        self.narrator.solved(campaign, run)
        self._check_stars_served(run)
        return sorted(outcome.sessions.values(), key=lambda session: (session.starts_at, session.pk))

    def _check_stars_served(self, run: Run) -> None:
        missing = [star.capacity for star, request in self.star_requests.items() if _is_unserved(run, request)]
        if missing:
            raise StoryError(f"no session came out for {', '.join(missing)}")

    def _keep_people_for_later(self, since: dt.datetime) -> None:
        """Learners of the story are away until soon; one of them is free for one midday that is already over."""
        soon = self.timeline.soon
        stars = [star for star in read_stars() if star.campaign == "published"]
        twice = {star.learner for star in stars if star.fate == "past_or_confirmed"}
        starts, ends = self.timeline.past_slot()
        rows = []
        for learner in sorted({star.learner for star in stars}):
            spans = [(since, starts), (ends, soon)] if learner in twice else [(since, soon)]
            rows += [self._away(self.crowd.named[learner], *span) for span in spans if span[0] < span[1]]
        AvailabilityException.objects.bulk_create(rows)

    @staticmethod
    def _away(person: Person, starts_at: dt.datetime, ends_at: dt.datetime) -> AvailabilityException:
        return AvailabilityException(person=person, starts_at=starts_at, ends_at=ends_at, is_free=False)

    # Answers and attendance

    def _play_stars(self, published_at: dt.datetime) -> set[int]:
        """Give each session of the story its fate; their keys."""
        played = set()
        for star, request in self.star_requests.items():
            if star.campaign != "published":
                continue
            session = Session.objects.get(participations__request=request)
            played.add(session.pk)
            with told_at(published_at + dt.timedelta(hours=1)):
                if star.fate == "declined":
                    decline_session(
                        session_id=session.pk, author=session.tutor, reason=self.story["decline_reasons"][0]
                    )
                elif star.fate != "proposed":
                    accept_session(session_id=session.pk, author=session.tutor)
        self._check_one_is_past()
        return played

    def _check_one_is_past(self) -> None:
        fates = {star: request for star, request in self.star_requests.items() if star.fate == "past_or_confirmed"}
        starts = Session.objects.filter(participations__request__in=fates.values()).values_list("starts_at", flat=True)
        if sum(start < self.timeline.present for start in starts) != 1:
            raise StoryError("exactly one session of the story must be over and await attendance")

    def _answer_all(
        self, sessions: Sequence[Session], published_at: dt.datetime, *, declines: int = 1
    ) -> list[Session]:
        """Every tutor answers within the hour: yes, but for the last ``declines`` sessions nobody signs in for."""
        named = {person.pk for person in self.crowd.named.values()}
        free = [session for session in sessions if session.tutor_id not in named]
        declined = {session.pk for session in free[len(free) - min(declines, len(free)) :]}
        kept = []
        for session in sessions:
            with told_at(published_at + dt.timedelta(minutes=5)):
                if session.pk in declined and not self._has_star(session):
                    decline_session(session_id=session.pk, author=session.tutor, reason=self._pick("decline_reasons"))
                else:
                    accept_session(session_id=session.pk, author=session.tutor)
                    kept.append(session)
        return kept

    def _answer_some(self, sessions: Iterable[Session], published_at: dt.datetime) -> None:
        for session in sessions:
            if not self._happens(SHARE_ANSWERED):
                continue
            with told_at(published_at + dt.timedelta(hours=self.rng.randint(1, 90))):
                accept_session(session_id=session.pk, author=session.tutor)
                for participation in session.participations.select_related("person"):
                    if self._happens(SHARE_ANSWERED):
                        agree_session(session_id=session.pk, author=participation.person)

    def _hold(self, sessions: Sequence[Session], *, oddities: bool) -> None:
        """Both sides say who was there. With ``oddities``: one called off, one where nobody came, one disputed."""
        ordinary = [session for session in sessions if not self._has_star(session)] if oddities else []
        called_off, missed, disputed = [*(session.pk for session in ordinary[:3]), 0, 0, 0][:3]
        for session in sessions:
            learners = [row.person for row in session.participations.select_related("person")]
            if session.pk == called_off:
                with told_at(session.starts_at - dt.timedelta(hours=3)):
                    cancel_session(session_id=session.pk, author=session.tutor, reason=self._pick("cancel_reasons"))
                continue
            with told_at(session.ends_at + dt.timedelta(minutes=30)):
                self._attend(session, learners, came=session.pk != missed, disputed=session.pk == disputed)

    def _attend(self, session: Session, learners: Sequence[Person], *, came: bool, disputed: bool) -> None:
        keys = [person.pk for person in learners]
        record_attendance(
            session_id=session.pk,
            author=session.tutor,
            present=keys if came else [],
            absent=[] if came else keys,
        )
        for person in learners:
            confirm_presence(session_id=session.pk, author=person, present=came and not disputed)
        for person in learners if disputed else ():
            decide_attendance(session_id=session.pk, author=self.crowd.coordinator, learner_id=person.pk, present=True)

    def _has_star(self, session: Session) -> bool:
        stars = {request.pk for request in self.star_requests.values()}
        return any(row.request_id in stars for row in session.participations.all())

    def _pick(self, key: str) -> str:
        return str(self.rng.choice(self.story[key]))


def _is_unserved(run: Run, request: HelpRequest) -> bool:
    return run.unserved.filter(request=request).exists()
