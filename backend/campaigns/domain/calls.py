"""Calling people to a campaign, and reminding those who have not answered."""

import datetime as dt

from django.db import transaction
from django.db.models import Q, QuerySet

from backend.accounts.models import Person
from backend.campaigns.enums import Audience, CampaignState
from backend.campaigns.models import Campaign, CampaignCall
from backend.common.clock import now
from backend.common.errors import ConflictError
from backend.events.bus import publish
from backend.events.types import CampaignCalled
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest, TutorOffer
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from backend.networks.rules import require_role

BETWEEN_REMINDERS = dt.timedelta(days=1)
TOO_SOON = "Un rappel est déjà parti il y a moins d’un jour."
STANDING_REQUESTS = (RequestState.UNCONFIRMED, RequestState.OPEN, RequestState.PLANNED)


@transaction.atomic
def remind_people(*, campaign: Campaign, author: Person, audience: Audience) -> CampaignCall:
    """Once a day at most; only those who have given no time, or asked for nothing, are written to."""
    require_role(author, campaign.network, Role.COORDINATOR)
    locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if locked.state not in {CampaignState.COLLECTING, CampaignState.REVIEW}:
        raise ConflictError("Cette campagne ne recueille plus rien.", code="not_collecting")
    if campaign.calls.filter(audience=audience, is_reminder=True, at__gt=now() - BETWEEN_REMINDERS).exists():
        raise ConflictError(TOO_SOON, code="reminded_lately")
    return write_call(campaign, author, audience, is_reminder=True)


def write_call(campaign: Campaign, author: Person, audience: Audience, *, is_reminder: bool = False) -> CampaignCall:
    """For who was checked already, in the caller's transaction."""
    call = CampaignCall.objects.create(campaign=campaign, author=author, audience=audience, is_reminder=is_reminder)
    publish(CampaignCalled(call.pk))
    return call


def tutors_called(call: CampaignCall) -> list[Person]:
    if call.audience not in {Audience.EVERYONE, Audience.TUTORS}:
        return []
    network = call.campaign.network
    return list(silent_tutors(network) if call.is_reminder else _holders(network, Role.TUTOR))


def learners_called(call: CampaignCall) -> list[Person]:
    if call.audience not in {Audience.EVERYONE, Audience.LEARNERS}:
        return []
    network = call.campaign.network
    return list(silent_learners(network) if call.is_reminder else _holders(network, Role.LEARNER))


def silent_tutors(network: Network) -> QuerySet[Person]:
    """Tutors who have not said how many hours they give, or not when they are free."""
    giving = TutorOffer.objects.filter(network=network, hours_per_month__gt=0)
    silent = ~Q(pk__in=giving.values("person")) | Q(weekly_windows=None)
    return _holders(network, Role.TUTOR).filter(silent).distinct()


def silent_learners(network: Network) -> QuerySet[Person]:
    """Members who have no request under way."""
    asked = HelpRequest.objects.filter(network=network, state__in=STANDING_REQUESTS)
    return _holders(network, Role.LEARNER).exclude(pk__in=asked.values("person"))


def _holders(network: Network, role: Role) -> QuerySet[Person]:
    members = Membership.objects.active().with_role(role).filter(network=network)
    return Person.objects.filter(pk__in=members.values("person")).order_by("last_name", "first_name", "pk")
