"""Tutors of a neighbour in a campaign: each with their own consent, within the hours that the networks agreed on."""

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F, QuerySet

from backend.accounts.models import Person
from backend.campaigns.enums import CampaignState
from backend.campaigns.models import Campaign, Loan
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.needs.models import TutorOffer
from backend.networks.enums import AccordState, Role
from backend.networks.models import Agreement, Membership, Network
from backend.skills.domain.claims import validated_levels
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session

# While tutors may still be counted on: before anything is published.
JOINABLE = (CampaignState.COLLECTING, CampaignState.REVIEW)
# Sessions that use, or used, the hours agreed on.
USING = (SessionState.PROPOSED, SessionState.CONFIRMED, SessionState.HELD, SessionState.MISSED)
WEEKS_PER_MONTH = Decimal("4.33")


@dataclass(frozen=True, slots=True)
class LentOffer:
    """All that a borrower learns of a tutor: who, at a distance how, on what, and for how many sessions at most."""

    offer: TutorOffer
    lender: Network
    levels: Mapping[int, int]
    sessions: int

    @property
    def person(self) -> Person:
        return self.offer.person


@transaction.atomic
def lend_hours(*, campaign: Campaign, tutor: Person, hours_per_month: Decimal) -> Loan:
    """Say yes to one campaign of a neighbour, or change how many hours; nobody says it for a tutor."""
    agreement = _agreement_for(campaign, tutor)
    offer = _lendable_offers([agreement.lender_id]).filter(person=tutor).first()
    if offer is None:
        message = "Dites d’abord dans « Mon offre » comment on vous joint à distance : on ne prête que ces heures-là."
        raise ConflictError(message, code="not_remote")
    if not Decimal("0.5") <= hours_per_month <= offer.hours_per_month or hours_per_month * 2 % 1:
        message = f"Par demi-heures, de 0,5 à {offer.hours_per_month.normalize():f} : ce que vous donnez chaque mois."
        raise DomainError(message.replace(".5", ",5"), code="hours", fields={"hours_per_month": [message]})
    return Loan.objects.update_or_create(
        campaign=campaign,
        tutor=tutor,
        defaults={
            "agreement": agreement,
            "hours_per_month": hours_per_month,
            "given_at": now(),
            "withdrawn_at": None,
        },
    )[0]


@transaction.atomic
def take_hours_back(*, campaign: Campaign, tutor: Person) -> None:
    """What is not published yet will not be; sessions that are stand, and may be declined like any."""
    if not Loan.objects.filter(campaign=campaign, tutor=tutor, withdrawn_at=None).update(withdrawn_at=now()):
        raise ConflictError("Vous ne prêtez pas d’heures à cette campagne.", code="not_lent")


def campaigns_to_help(tutor: Person) -> list[Campaign]:
    """Campaigns of neighbours that a tutor could join, each with its ``own_loans``; soonest first."""
    lenders = Membership.objects.active().with_role(Role.TUTOR).filter(person=tutor).values_list("network", flat=True)
    borrowers = Agreement.objects.filter(lender__in=list(lenders), state=AccordState.ACTIVE)
    found = Campaign.objects.filter(network__in=list(borrowers.values_list("borrower", flat=True)), state__in=JOINABLE)
    return list(found.select_related("network").order_by("first_day", "pk"))


def loans_by(tutor: Person) -> dict[int, Loan]:
    """The tutor's standing consents, by campaign."""
    return {loan.campaign_id: loan for loan in Loan.objects.filter(tutor=tutor, withdrawn_at=None)}


def access_campaign_to_help(tutor: Person, campaign_id: int) -> Campaign:
    found = next((campaign for campaign in campaigns_to_help(tutor) if campaign.pk == campaign_id), None)
    if found is None:
        raise NotFoundError
    return found


def lent_offers(campaign: Campaign, *, minutes: int | None = None) -> list[LentOffer]:
    """Tutors lent to a campaign, in a fixed order; nobody whose consent, role, offer or agreement no longer stands.

    The sessions that all tutors of one lender may give stay within the hours of a month that the networks agreed on:
    the whole campaign gets no more than one month's, less what other sessions of its months already use.
    """
    loans = list(
        Loan.objects.filter(
            campaign=campaign,
            withdrawn_at=None,
            agreement__state=AccordState.ACTIVE,
            agreement__borrower=campaign.network,
        )
        .select_related("agreement__lender")
        .order_by("given_at", "pk")
    )
    by_agreement: defaultdict[int, list[Loan]] = defaultdict(list)
    for loan in loans:
        by_agreement[loan.agreement_id].append(loan)
    found = [row for group in by_agreement.values() for row in _lent_by(campaign, group, minutes)]
    return sorted(found, key=lambda row: row.offer.person_id)


def lock_agreements(campaign: Campaign) -> None:
    """Let publications that use the same hours take turns."""
    standing = Agreement.objects.filter(borrower=campaign.network, state=AccordState.ACTIVE)
    list(standing.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))


def within_shares(tutors: Sequence[int], lent: Sequence[LentOffer]) -> list[bool]:
    """For each session of a list, by its tutor: whether the hours agreed on still allow it. Members are not counted."""
    left = {row.person.pk: row.sessions for row in lent}
    allowed = []
    for tutor in tutors:
        allowed.append(left.get(tutor, 1) > 0)
        if tutor in left:
            left[tutor] -= 1
    return allowed


def _lent_by(campaign: Campaign, loans: Sequence[Loan], minutes: int | None) -> Iterator[LentOffer]:
    """The tutors of one lender, sessions dealt one by one in the order of consents."""
    agreement, length = loans[0].agreement, minutes or campaign.session_minutes
    offers = {offer.person_id: offer for offer in _lendable_offers([agreement.lender_id])}
    loans = [loan for loan in loans if loan.tutor_id in offers]
    wanted = {loan.tutor_id: _sessions_in(campaign, loan.hours_per_month, length) for loan in loans}
    shares = deal(wanted, _sessions_left(campaign, agreement, length))
    levels = validated_levels(list(shares), network=agreement.lender, day=campaign.last_day)
    lent = set(agreement.notions.values_list("pk", flat=True))
    for tutor, share in shares.items():
        known = {notion: level for notion, level in levels.get(tutor, {}).items() if not lent or notion in lent}
        if share and known:
            yield LentOffer(offers[tutor], agreement.lender, known, share)


def deal(wanted: Mapping[int, int], total: int) -> dict[int, int]:
    """Share ``total`` among those who want some, one each in turn, nobody above what they want."""
    shares = dict.fromkeys(wanted, 0)
    while total > 0 and (hungry := [key for key in wanted if shares[key] < wanted[key]]):
        for key in hungry[:total]:
            shares[key] += 1
        total -= len(hungry)
    return shares


def _sessions_in(campaign: Campaign, hours: Decimal, minutes: int) -> int:
    """Whole sessions of some hours a month over the campaign, and never more than a month's."""
    weeks = min(Decimal(campaign.weeks), WEEKS_PER_MONTH)
    return int(hours * weeks / WEEKS_PER_MONTH * 60 / minutes)


def _sessions_left(campaign: Campaign, agreement: Agreement, minutes: int) -> int:
    free = int(agreement.hours_per_month * 60) - sum(_minutes_used(campaign, agreement))
    weeks = min(Decimal(campaign.weeks), WEEKS_PER_MONTH)
    return max(0, min(int(free / minutes), int(agreement.hours_per_month * weeks / WEEKS_PER_MONTH * 60 / minutes)))


def _minutes_used(campaign: Campaign, agreement: Agreement) -> Iterable[int]:
    """Sessions in the borrower's network, in the months of the campaign, given by tutors lent under the agreement."""
    zone, last = campaign.network.zone, campaign.last_day
    start = dt.datetime.combine(campaign.first_day.replace(day=1), dt.time(), zone)
    month_end = last.replace(day=calendar.monthrange(last.year, last.month)[1])
    end = dt.datetime.combine(month_end + dt.timedelta(days=1), dt.time(), zone)
    tutors = list(Loan.objects.filter(agreement=agreement).values_list("tutor", flat=True))
    sessions = Session.objects.filter(
        network=agreement.borrower, tutor__in=tutors, state__in=USING, starts_at__gte=start, starts_at__lt=end
    )
    return [session.minutes for session in sessions]


def _lendable_offers(lenders: Sequence[int]) -> QuerySet[TutorOffer]:
    """Remote offers of active tutors: a neighbour's sites are too far for anybody else."""
    return (
        TutorOffer.objects.filter(network__in=lenders, remote=True, hours_per_month__gt=0)
        .filter(
            person__is_active=True,
            person__memberships__network=F("network"),
            person__memberships__left_at=None,
            person__memberships__suspended_at=None,
            person__memberships__roles__role=Role.TUTOR,
        )
        .exclude(room_link="", telephone="")
        .select_related("person__profession", "network__territory")
        .order_by("person")
    )


def _agreement_for(campaign: Campaign, tutor: Person) -> Agreement:
    """Under which a tutor may help: absent and « not yours » are one answer."""
    lenders = list(
        Membership.objects.active().with_role(Role.TUTOR).filter(person=tutor).values_list("network", flat=True)
    )
    found = Agreement.objects.filter(lender__in=lenders, borrower=campaign.network, state=AccordState.ACTIVE)
    agreement = found.select_related("lender").order_by("pk").first()
    if agreement is None:
        raise NotFoundError
    if campaign.state not in JOINABLE:
        raise ConflictError("Cette campagne est déjà publiée ou close.", code="not_joinable")
    return agreement
