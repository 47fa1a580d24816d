"""The calendar of a campaign: its sessions week by week, for those who coordinate it."""

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render

from backend.campaigns.domain.campaigns import access_campaign_for
from backend.campaigns.models import Campaign, Proposal
from backend.tutoring.domain.access import with_details
from backend.tutoring.domain.calendar import FALLEN
from backend.tutoring.models import Session
from backend.web.shared.access import PersonRequest, reading
from backend.web.shared.agenda import Stretch, draw_days, title_of
from backend.web.shared.cards import SessionCard, cards_of


@reading
def show_campaign_calendar(request: PersonRequest, campaign_id: int) -> HttpResponse:
    campaign = access_campaign_for(request.user, campaign_id)
    week = _week_of(request.GET.get("semaine", ""), campaign)
    stretch = Stretch(campaign.first_day + dt.timedelta(weeks=week - 1), 7, campaign.network.zone)
    context = {
        "campaign": campaign,
        "view": "semaine",
        "days": draw_days(stretch, _cards(request, campaign, stretch)),
        "title": title_of(stretch),
        "filters": [(str(rank), f"Semaine {rank}") for rank in range(1, campaign.weeks + 1)],
        "wanted": str(week),
    }
    return render(request, "campaigns/calendar.html", context)


def _week_of(text: str, campaign: Campaign) -> int:
    return int(text) if text in {str(rank) for rank in range(1, campaign.weeks + 1)} else 1


def _cards(request: PersonRequest, campaign: Campaign, stretch: Stretch) -> list[SessionCard]:
    """Sessions that the campaign proposed and that stand, or took place, in this week."""
    proposed = Proposal.objects.filter(run__campaign=campaign, session__isnull=False).order_by()
    keys = list(proposed.values_list("session", flat=True))
    sessions = Session.objects.filter(pk__in=keys, starts_at__gte=stretch.starts_at, starts_at__lt=stretch.ends_at)
    shown = with_details(sessions.exclude(state__in=FALLEN)).order_by("starts_at", "pk")
    return cards_of(shown, request.user, [campaign.network_id])
