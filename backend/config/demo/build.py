"""Building the whole demonstration, or nothing of it."""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F

from backend.accounts.models import Person
from backend.campaigns.models import Campaign
from backend.common.clock import now, told_at
from backend.config.demo.chronicle import Chronicle
from backend.config.demo.crowd import Crowd, CrowdMaker, make_ledger_accounts, set_known_password
from backend.config.demo.narrator import Narrator
from backend.config.demo.story import ADMIN_EMAIL, NEIGHBOUR, SCALES, Scale, read_stars, read_story
from backend.config.demo.timeline import Timeline
from backend.credits.models import Entry
from backend.networks.domain.invitations import invite_people
from backend.networks.models import Network
from backend.notifications.enums import MailState
from backend.notifications.models import Notification, OutboxMessage
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session

TALKED_ABOUT = 6
INVITED_EMAIL = "nouvelle.personne@demo.example"


class NotOurDatabaseError(Exception):
    """The database holds people whom no demonstration made."""


def is_built() -> bool:
    """Whether the database holds a demonstration; raises ``NotOurDatabaseError`` when it holds anything else."""
    if Person.objects.filter(email=ADMIN_EMAIL).exists():
        return True
    if Person.objects.exists() or Network.objects.exists():
        raise NotOurDatabaseError
    return False


@transaction.atomic
def build_demo(*, scale_name: str, seed: int, narrator: Narrator) -> None:
    """Tell the story on an empty database whose référentiels are loaded. All or nothing."""
    scale, story = SCALES[scale_name], read_story()
    rng = random.Random(seed)  # noqa: S311 (a story, not a secret)
    main_zone = Network(timezone="Europe/Paris").zone
    timeline = Timeline(now(), main_zone)
    admin = Person.objects.create_superuser(ADMIN_EMAIL, first_name="Adèle", last_name="Administration")
    set_known_password([admin])
    narrator.step("Réseau, membres et disponibilités")
    main = _make_crowd(rng, timeline, 0, scale, accounts=story["accounts"], main=True)
    _tell_main(rng, main, timeline, narrator, ordinary=scale.requests - len(read_stars()))
    narrator.step("CPTS voisine")
    neighbour = _make_crowd(rng, timeline, 1, NEIGHBOUR, accounts=[story["neighbour_coordinator"]], main=False)
    _tell_neighbour(rng, neighbour, timeline, narrator, requests=NEIGHBOUR.requests)
    for number in range(2, scale.networks):
        _tell_other_network(rng, number, scale, timeline, narrator)
    _let_the_past_be_past(timeline)


def _let_the_past_be_past(timeline: Timeline) -> None:
    """Mails and news of the told weeks were sent and read then: only the last day's are still to come."""
    recent = timeline.present - dt.timedelta(days=1)
    OutboxMessage.objects.filter(created_at__lt=recent).update(state=MailState.SENT, sent_at=F("created_at"))
    Notification.objects.filter(created_at__lt=recent).update(read_at=F("created_at"))


def _tell_main(rng: random.Random, crowd: Crowd, timeline: Timeline, narrator: Narrator, *, ordinary: int) -> None:
    chronicle = Chronicle(rng, crowd, timeline, narrator, main=True)
    share = ordinary // 3
    narrator.step("Une campagne close : séances tenues et points inscrits")
    closed = chronicle.tell_closed(share)
    narrator.step("Une campagne publiée : propositions et séances à venir")
    published = chronicle.tell_published(share)
    narrator.step("Une campagne en cours de recueil")
    chronicle.tell_collecting(ordinary - 2 * share)
    narrator.step("Messages, compétence à relire, attestations")
    chronicle.tell_claim()
    chronicle.tell_certificates()
    invite_people(network=crowd.network, author=crowd.named["coordination"], emails=[INVITED_EMAIL])
    chronicle.tell_conversations(_talked_about(crowd, [closed, published]))


def _tell_neighbour(rng: random.Random, crowd: Crowd, timeline: Timeline, narrator: Narrator, *, requests: int) -> None:
    chronicle = Chronicle(rng, crowd, timeline, narrator, main=False)
    published = chronicle.tell_published(requests // 2)
    chronicle.tell_collecting(requests - requests // 2)
    chronicle.tell_conversations(_talked_about(crowd, [published]))


def _tell_other_network(rng: random.Random, number: int, scale: Scale, timeline: Timeline, narrator: Narrator) -> None:
    place = read_story()["networks"][number]
    narrator.step(place["name"])
    account = {
        **read_story()["neighbour_coordinator"],
        "email": f"coordination@{place['domain']}",
        "first_name": "Claude",
        "last_name": place["slug"].title(),
    }
    crowd = _make_crowd(rng, timeline, number, scale, accounts=[account], main=False)
    _tell_neighbour(rng, crowd, timeline, narrator, requests=scale.requests)


def _make_crowd(
    rng: random.Random,
    timeline: Timeline,
    number: int,
    scale: Scale,
    *,
    accounts: Sequence[dict[str, object]],
    main: bool,
) -> Crowd:
    with told_at(timeline.beginning):
        crowd = CrowdMaker(rng, number, scale, main=main, accounts=accounts).make()
    make_ledger_accounts([*crowd.named.values(), *crowd.tutors, *crowd.learners])
    _count_rows()
    return crowd


def _count_rows() -> None:
    """PostgreSQL plans by counts that it takes on its own only after a commit, and here all is one transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _talked_about(crowd: Crowd, campaigns: Sequence[Campaign]) -> list[Session]:
    """Sessions of those one can sign in as, first; then a few others."""
    named = {person.pk for person in crowd.named.values()}
    sessions = list(
        Session.objects.filter(proposals__run__campaign__in=campaigns)
        .distinct()
        .select_related("tutor", "conversation")
    )
    sessions.sort(key=lambda session: (session.tutor_id not in named, session.pk))
    return sessions[:TALKED_ABOUT]


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """One line of the table at the end."""

    network: str
    title: str
    state: str
    computed: bool
    requests: int
    proposed: int
    proven: bool
    to_come: int
    held: int
    points: str


def count_figures() -> list[CampaignFigures]:
    """What happened, by campaign, oldest first."""
    campaigns = Campaign.objects.select_related("network").order_by("network", "first_day")
    return [_figures(campaign) for campaign in campaigns]


def _figures(campaign: Campaign) -> CampaignFigures:
    run = campaign.runs.filter(published_at__isnull=False).first()
    sessions = Session.objects.filter(proposals__run=run).distinct() if run else Session.objects.none()
    sources = [session.source for session in sessions.filter(state=SessionState.HELD)]
    points = sum(Entry.objects.filter(source__in=sources).values_list("points", flat=True))
    waiting = campaign.network.help_requests.filter(state="open").count()
    return CampaignFigures(
        network=campaign.network.name,
        title=campaign.title,
        state=campaign.get_state_display(),
        computed=run is not None,
        requests=len(run.instance["requests"]) if run else waiting,
        proposed=(run.served or 0) if run else 0,
        proven=bool(run and run.status == "optimal"),
        to_come=sessions.filter(state=SessionState.CONFIRMED).count(),
        held=len(sources),
        points=f"{points:.0f}" if run else "",
    )
