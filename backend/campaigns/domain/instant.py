"""« Trouver maintenant »: between campaigns, who could meet one open request within two weeks.

The same engine answers, on a problem of one request around the sessions that already stand.
"""

import datetime as dt
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction

import matching
from backend.accounts.models import Person
from backend.agenda.domain.availability import CELLS_PER_WEEK, Interval, Period
from backend.campaigns.domain.coming import weeks_from_today
from backend.campaigns.domain.instance import assemble_problem, offers_of, period_of, requests_of
from backend.campaigns.domain.publication import answer_deadline
from backend.campaigns.domain.standing import cut_intervals, standing_starts
from backend.campaigns.enums import CampaignState
from backend.campaigns.models import Campaign
from backend.common.clock import cell_at, now
from backend.common.errors import ConflictError, NotFoundError
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest, TutorOffer
from backend.networks.enums import Role
from backend.networks.models import Site
from backend.networks.rules import require_role
from backend.skills.models import Claim
from backend.tutoring.domain.proposals import Draft, propose_sessions
from backend.tutoring.enums import STANDING_STATES, Modality, SessionState
from backend.tutoring.models import Session, SessionTransition
from matching.records import REMOTE, SITE_PREFIX

WEEKS = 2
# A tutor needs the time to read and answer.
NOTICE = dt.timedelta(hours=12)
CHOICES = 3
# Each one asks something of a tutor: nobody is asked over and over.
PROPOSALS_A_DAY = 5
SOLVING = matching.SolveParameters(time_limit=1.0)

IN_REVIEW = "Une campagne est en cours de relecture : elle place peut-être déjà votre demande. Revenez après elle."
NOT_OPEN = "Cette demande n’attend plus de proposition."


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who could help at a time; ``terms`` are what the engine finds good about it."""

    tutor: Person
    starts_at: dt.datetime
    ends_at: dt.datetime
    site: Site | None
    terms: matching.Terms


@dataclass(frozen=True, slots=True)
class Search:
    """At most three choices, best first; ``unserved`` says why there is none."""

    campaign: Campaign
    choices: tuple[Choice, ...]
    unserved: matching.Unserved | None = None


def find_choices(request: HelpRequest) -> Search:
    """Who could help and when, best first: another tutor each time, then other days. About 15 queries at any size."""
    campaign = weeks_from_today(request.network, WEEKS)
    offers = _offers_for(request)
    problem = _build_problem(campaign, request, offers)
    if not problem.requests:
        return Search(campaign, ())
    first = matching.solve(problem, SOLVING)
    if not first.matches:
        return Search(campaign, (), first.unserved[0])
    matches = _spread(problem, first.matches[0], period_of(campaign))
    checker = matching.Checker(problem)
    ranked = sorted(matches, key=lambda match: (-checker.terms(match).total, match.start))
    people = {str(offer.person_id): offer.person for offer in offers}
    sites = {site.pk: site for site in request.sites.all()}
    return Search(
        campaign,
        tuple(_choice(campaign, match, people[match.tutor], sites, checker.terms(match)) for match in ranked),
    )


def refusal_of(request: HelpRequest) -> ConflictError | None:
    """Why « Trouver maintenant » is not offered for a request now; None when it is."""
    if request.state != RequestState.OPEN:
        return ConflictError(NOT_OPEN, code="not_open")
    if Campaign.objects.filter(network=request.network, state=CampaignState.REVIEW).exists():
        return ConflictError(IN_REVIEW, code="in_review")
    return None


@transaction.atomic
def propose_choice(*, request: HelpRequest, author: Person, tutor_id: int, starts_at: dt.datetime) -> Session:
    """Propose one choice; the same again gives the session there is.

    Raises ``ConflictError`` when the request is not open, a campaign is under review, somebody was faster or too much
    was proposed today.
    """
    locked = HelpRequest.objects.select_for_update(of=("self",)).select_related("network").get(pk=request.pk)
    if locked.person_id != author.pk:
        raise NotFoundError
    require_role(author, locked.network, Role.LEARNER)
    if known := _standing_session(locked, tutor_id, starts_at):
        return known
    if refusal := refusal_of(locked):
        raise refusal
    _check_pace(author)
    draft = _draft(locked, tutor_id, starts_at)
    deadline = answer_deadline(locked.network, since=now())
    outcome = propose_sessions(network=locked.network, drafts=[draft], answer_by=deadline, author=author)
    if not outcome.sessions:
        raise _gone()
    return outcome.sessions[draft]


def _draft(request: HelpRequest, tutor_id: int, starts_at: dt.datetime) -> Draft:
    """The draft of a choice that still holds; the engine's own checker says so."""
    campaign = weeks_from_today(request.network, WEEKS)
    period, offers = period_of(campaign), _offers_for(request)
    problem = _build_problem(campaign, request, offers)
    start = cell_at(starts_at) - period.first_cell
    checker = matching.Checker(problem)
    for place in _places(problem, str(tutor_id)):
        match = matching.Match(str(request.pk), str(tutor_id), start, place)
        if period.start_of(start) == starts_at and not any(checker.find_violations([match])):
            people = {str(offer.person_id): offer.person for offer in offers}
            sites = {site.pk: site for site in request.sites.all()}
            choice = _choice(campaign, match, people[match.tutor], sites, checker.terms(match))
            return _draft_of(request, choice, campaign.session_minutes)
    raise _gone()


def _draft_of(request: HelpRequest, choice: Choice, minutes: int) -> Draft:
    modality = Modality.REMOTE if choice.site is None else Modality.ON_SITE
    return Draft(choice.tutor, request.notion, (request,), choice.starts_at, minutes, modality, choice.site)


def _places(problem: matching.Problem, tutor_id: str) -> list[str]:
    """Where the request and the tutor could meet, in the order of the engine's format."""
    theirs = {place for tutor in problem.tutors if tutor.id == tutor_id for place in tutor.modalities}
    return [place for request in problem.requests for place in request.modalities if place in theirs]


def _gone() -> ConflictError:
    return ConflictError("Ce moment vient d’être pris, ou ne convient plus.", code="gone")


def _standing_session(request: HelpRequest, tutor_id: int, starts_at: dt.datetime) -> Session | None:
    return Session.objects.filter(
        participations__request=request, tutor=tutor_id, starts_at=starts_at, state__in=STANDING_STATES
    ).first()


def _check_pace(author: Person) -> None:
    since = now() - dt.timedelta(days=1)
    lately = SessionTransition.objects.filter(author=author, target=SessionState.PROPOSED, at__gt=since)
    if lately.count() >= PROPOSALS_A_DAY:
        message = f"Vous avez déjà proposé {PROPOSALS_A_DAY} séances depuis hier. Réessayez demain."
        raise ConflictError(message, code="too_many")


def _offers_for(request: HelpRequest) -> list[TutorOffer]:
    """Offers of those validated on the request's notion today."""
    today = now().astimezone(request.network.zone).date()
    holders = Claim.objects.valid_on(today).filter(network=request.network, notion=request.notion_id)
    return list(offers_of(request.network).filter(person__in=holders.values("person"), hours_per_month__gt=0))


def _build_problem(campaign: Campaign, request: HelpRequest, offers: Sequence[TutorOffer]) -> matching.Problem:
    """One request; tutors with what sessions that stand have left of their hours."""
    problem = assemble_problem(
        campaign,
        requests=requests_of(campaign).filter(pk=request.pk),
        offers=offers,
        not_before=now() + NOTICE,
    )
    standing = standing_starts(campaign.network, period_of(campaign), {offer.person_id for offer in offers})
    tutors = tuple(
        replace(tutor, max_sessions=max(0, tutor.max_sessions - len(standing[tutor.person])))
        for tutor in problem.tutors
    )
    full_weeks = {
        tutor.person: _full_weeks(standing[tutor.person], tutor.max_sessions_per_week) for tutor in problem.tutors
    }
    people = tuple(
        replace(person, available=tuple(cut_intervals(person.available, full_weeks.get(person.id, ()))))
        for person in problem.people
    )
    refused = {pair for pair in _declined_pairs(request) if pair[1] in {tutor.id for tutor in tutors}}
    excluded = tuple(dict.fromkeys((*problem.excluded, *sorted(refused)))) if problem.requests else ()
    return replace(problem, tutors=tutors, people=people, excluded=excluded)


def _full_weeks(starts: Sequence[int], per_week: int) -> list[Interval]:
    """The weeks, in cells, in which no session more can be given."""
    given = Counter(start // CELLS_PER_WEEK for start in starts)
    full = sorted(week for week, count in given.items() if count >= per_week)
    return [(week * CELLS_PER_WEEK, (week + 1) * CELLS_PER_WEEK) for week in full]


def _declined_pairs(request: HelpRequest) -> set[tuple[str, str]]:
    """Tutors who already said no to this very request."""
    declined = Session.objects.filter(participations__request=request, state=SessionState.DECLINED)
    return {(str(request.pk), str(tutor)) for tutor in declined.values_list("tutor_id", flat=True)}


def _spread(problem: matching.Problem, first: matching.Match, period: Period) -> list[matching.Match]:
    """The best match, then the best with tutors not yet chosen, then on days not yet chosen."""
    found, rest = [first], problem
    while len(found) < CHOICES:
        rest = _without_day(rest, found[-1], period)
        chosen = {(match.request, match.tutor) for match in found}
        others = replace(rest, excluded=tuple(dict.fromkeys((*rest.excluded, *sorted(chosen)))))
        match = _best(others) or _best(rest)
        if match is None:
            break
        found.append(match)
    return found


def _best(problem: matching.Problem) -> matching.Match | None:
    return next(iter(matching.solve(problem, SOLVING).matches), None)


def _without_day(problem: matching.Problem, match: matching.Match, period: Period) -> matching.Problem:
    """The problem once the tutor of a match is no longer free on its day, as the clocks of the period tell days."""
    midnight = period.start_of(match.start).astimezone(period.zone).replace(hour=0, minute=0)
    first = cell_at(midnight) - period.first_cell
    end = first + math.ceil(CELLS_PER_WEEK / 7)
    people = tuple(
        replace(person, available=tuple(cut_intervals(person.available, [(first, end)])))
        if person.id == match.tutor
        else person
        for person in problem.people
    )
    return replace(problem, people=people)


def _choice(
    campaign: Campaign, match: matching.Match, tutor: Person, sites: dict[int, Site], terms: matching.Terms
) -> Choice:
    starts_at = period_of(campaign).start_of(match.start)
    site = None if match.modality == REMOTE else sites[int(match.modality.removeprefix(SITE_PREFIX))]
    return Choice(tutor, starts_at, starts_at + dt.timedelta(minutes=campaign.session_minutes), site, terms)
