"""From a campaign to what the engine is given: the one table that says how.

Ids in the instance are primary keys as text; a tutor has the id of their person.
"""

import datetime as dt
import math
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

import matching
from backend.accounts.models import Person
from backend.agenda.domain.availability import CELLS_PER_WEEK, Interval, Period, find_free_intervals
from backend.campaigns.domain.weights import weigh
from backend.campaigns.enums import Preset
from backend.campaigns.models import Campaign
from backend.common.clock import CELL_MINUTES
from backend.needs.domain.avoidance import Pair, avoided_pairs_among
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest, TutorOffer
from backend.networks.enums import Role
from backend.networks.models import Membership, Network, Site
from backend.skills.domain.claims import validated_levels
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Participation
from matching.records import REMOTE, SITE_PREFIX

WEEKS_PER_MONTH = Decimal("4.33")


def period_of(campaign: Campaign) -> Period:
    return Period(campaign.first_day, campaign.weeks, campaign.network.zone)


def build_problem(campaign: Campaign, *, not_before: dt.datetime) -> matching.Problem:
    """The campaign's open requests and present offers, as they stand now. A dozen queries at any size."""
    return assemble_problem(
        campaign, requests=requests_of(campaign), offers=offers_of(campaign.network), not_before=not_before
    )


def assemble_problem(
    campaign: Campaign, *, requests: Iterable[HelpRequest], offers: Iterable[TutorOffer], not_before: dt.datetime
) -> matching.Problem:
    """These requests, from ``requests_of``, and these offers, from ``offers_of``, in the weeks of the campaign."""
    requests, offers = list(requests), [offer for offer in offers if offer.hours_per_month]
    people = {request.person_id: request.person for request in requests}
    people |= {offer.person_id: offer.person for offer in offers}
    free = find_free_intervals(
        people=people, period=period_of(campaign), network=campaign.network, not_before=not_before
    )
    prior = _prior_tutors(campaign.network, {request.person_id for request in requests})
    avoided = avoided_pairs_among(people)
    return matching.Problem(
        cell_minutes=CELL_MINUTES,
        session_cells=campaign.session_minutes // CELL_MINUTES,
        cells_per_week=CELLS_PER_WEEK,
        horizon=period_of(campaign).horizon,
        group_size_max=campaign.group_size_max,
        people=tuple(_person(person, free[key], campaign.network) for key, person in sorted(people.items())),
        tutors=tuple(_tutors(campaign, offers)),
        requests=tuple(
            _request(
                request,
                prior_tutor=prior.get(request.person_id),
                preset=Preset(campaign.preset),
                group_ok=request.group_ok and not _learns_alone(request, requests, avoided),
            )
            for request in requests
        ),
        excluded=tuple(_excluded(requests, offers, avoided)),
    )


def requests_of(campaign: Campaign) -> QuerySet[HelpRequest]:
    """Open requests of the network's active members, oldest first, with the campaigns they waited through."""
    members = Membership.objects.active().filter(network=campaign.network).values("person")
    waited = Count("unserved__run__campaign", distinct=True, filter=Q(unserved__run__published_at__isnull=False))
    return (
        HelpRequest.objects.filter(network=campaign.network, state=RequestState.OPEN, person__in=members)
        .select_related("person__profession", "notion")
        .prefetch_related("sites", "person__memberships__site")
        .annotate(campaigns_waited=waited)
        .order_by("pk")
    )


def offers_of(network: Network) -> QuerySet[TutorOffer]:
    """Offers of the network's active tutors."""
    tutors = Membership.objects.active().with_role(Role.TUTOR).filter(network=network).values("person")
    return (
        TutorOffer.objects.filter(network=network, person__in=tutors)
        .select_related("person__profession")
        .prefetch_related("sites")
        .order_by("person")
    )


def max_sessions(hours_per_month: Decimal, *, weeks: int, minutes: int) -> int:
    """Hours a month × weeks ÷ 4.33 × 60 ÷ minutes, rounded down; at least 1 if any hour is given."""
    if not hours_per_month:
        return 0
    return max(1, int(hours_per_month * weeks / WEEKS_PER_MONTH * 60 / minutes))


def modalities_of(remote: bool, sites: Iterable[Site]) -> tuple[str, ...]:  # noqa: FBT001 (reads as a pair)
    """Names of the ways to meet in the matching format."""
    return tuple([REMOTE] * remote + sorted(f"{SITE_PREFIX}{site.pk}" for site in sites))


def _tutors(campaign: Campaign, offers: Collection[TutorOffer]) -> Iterable[matching.Tutor]:
    last_day = campaign.first_day + dt.timedelta(weeks=campaign.weeks, days=-1)
    levels = validated_levels([offer.person_id for offer in offers], network=campaign.network, day=last_day)
    for offer in offers:
        sessions = max_sessions(offer.hours_per_month, weeks=campaign.weeks, minutes=campaign.session_minutes)
        yield matching.Tutor(
            id=str(offer.person_id),
            person=str(offer.person_id),
            skills={str(notion): level for notion, level in sorted(levels.get(offer.person_id, {}).items())},
            max_sessions=sessions,
            max_sessions_per_week=math.ceil(sessions / 2),
            modalities=modalities_of(offer.remote, offer.sites.all()),
        )


def _excluded(
    requests: Collection[HelpRequest], offers: Collection[TutorOffer], avoided: Collection[Pair]
) -> Iterator[tuple[str, str]]:
    """Pairs (request, tutor) of two people who shall not meet, whichever of them said so."""
    tutors = {offer.person_id for offer in offers}
    apart = sorted({pair for author, other in avoided for pair in ((author, other), (other, author))})
    for request in requests if apart else ():
        for learner, tutor in apart:
            if learner == request.person_id and tutor in tutors:
                yield str(request.pk), str(tutor)


def _learns_alone(request: HelpRequest, requests: Collection[HelpRequest], avoided: Collection[Pair]) -> bool:
    """Whether a group could bring the learner together with somebody they avoid."""
    others = {other for author, other in avoided if author == request.person_id}
    return bool(others) and any(row.person_id in others and row.notion_id == request.notion_id for row in requests)


def _request(request: HelpRequest, *, prior_tutor: int | None, preset: Preset, group_ok: bool) -> matching.Request:
    weight = weigh(
        urgency=request.urgency,
        level_wanted=request.level_wanted,
        level_start=request.level_start,
        campaigns_waited=request.campaigns_waited,  # type: ignore[attr-defined]  # annotated by requests_of
        site_short_of_means=_works_where_means_are_short(request),
        preset=preset,
    )
    return matching.Request(
        id=str(request.pk),
        person=str(request.person_id),
        notion=str(request.notion_id),
        level=request.level_wanted,
        weight=weight.total,
        modalities=modalities_of(request.remote, request.sites.all()),
        group_ok=group_ok,
        prior_tutor=None if prior_tutor is None else str(prior_tutor),
    )


def _works_where_means_are_short(request: HelpRequest) -> bool:
    sites = (row.site for row in request.person.memberships.all() if row.network_id == request.network_id)
    return any(site.short_of_means for site in sites if site is not None)


def _person(person: Person, free: list[Interval], network: Network) -> matching.Person:
    profession = person.profession
    return matching.Person(
        id=str(person.pk),
        available=tuple(free),
        profession=profession.slug if profession else None,
        profession_group=(profession.group or None) if profession else None,
        territory=network.territory.slug if network.territory else None,
    )


def _prior_tutors(network: Network, learners: Collection[int]) -> dict[int, int]:
    """Per learner, the tutor of their last held session."""
    held = Participation.objects.filter(
        person__in=learners, session__network=network, session__state=SessionState.HELD
    ).order_by("session__starts_at")
    return dict(held.values_list("person_id", "session__tutor_id"))
