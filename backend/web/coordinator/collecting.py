"""What a campaign has so far, and whom to remind."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from backend.campaigns.domain.calls import remind_people
from backend.campaigns.domain.campaigns import cancel_campaign
from backend.campaigns.enums import Audience
from backend.campaigns.models import Campaign
from backend.web.shared.access import PersonRequest

REMINDERS = {"remind_tutors": Audience.TUTORS, "remind_learners": Audience.LEARNERS}
CANCEL = "cancel"
COLLECTING_ACTIONS = {*REMINDERS, CANCEL}


def act_on_collecting(request: PersonRequest, campaign: Campaign, action: str) -> HttpResponse:
    if action == CANCEL:
        cancel_campaign(campaign=campaign, author=request.user)
        messages.success(request, "La campagne est annulée. Les demandes restent ouvertes pour la prochaine.")
    else:
        remind_people(campaign=campaign, author=request.user, audience=REMINDERS[action])
        messages.success(request, "Le rappel est parti.")
    return redirect("campaign", campaign_id=campaign.pk)
