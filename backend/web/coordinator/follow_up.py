"""« Suivi »: what came of a published campaign, and what to do about what was undone."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.accounts.models import Person
from backend.campaigns.domain.campaigns import access_campaign_for
from backend.campaigns.domain.closing import close_campaign, summarise
from backend.campaigns.domain.follow_up import follow_up, reasons_of, sessions_of
from backend.campaigns.domain.publication import refusal_to_take_back, take_back, take_back_until
from backend.campaigns.domain.repair import apply_repair, dismiss_repair, plan_repair
from backend.campaigns.enums import CampaignState, RepairState
from backend.campaigns.models import Campaign, Repair
from backend.common.errors import ConflictError
from backend.common.formats import format_count
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session
from backend.web.coordinator.review import STATE_WORDS, steps_of
from backend.web.shared.access import CONFLICT, PersonRequest, acting, page_of
from backend.web.shared.sessions import REASONS
from backend.web.shared.wording import CAMPAIGN_TAGS, SESSION_TAGS, Tag

FOLLOWED = (CampaignState.PUBLISHED, CampaignState.CLOSED)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session of the table, and why it was called off."""

    session: Session
    reason: str

    @property
    def tag(self) -> Tag:
        return SESSION_TAGS[SessionState(self.session.state)]

    @property
    def learners(self) -> str:
        return ", ".join(part.person.name for part in self.session.participations.all())


@acting
def show_follow_up(request: PersonRequest, campaign_id: int) -> HttpResponse:
    campaign = access_campaign_for(request.user, campaign_id)
    if campaign.state not in FOLLOWED:
        if request.method == "POST":
            raise ConflictError("Cette campagne n’est pas publiée.", code="not_published")
        return redirect("campaign", campaign_id=campaign.pk)
    return _act(request, campaign) if request.method == "POST" else _draw(request, campaign)


def _act(request: PersonRequest, campaign: Campaign) -> HttpResponse:
    action = request.POST.get("action", "")
    if action not in ACTIONS:
        raise BadRequest
    try:
        done = ACTIONS[action](campaign, request.user)
    except ConflictError as error:
        campaign = access_campaign_for(request.user, campaign.pk)
        return _draw(request, campaign, problem=error.message, status=CONFLICT)
    messages.success(request, done)
    return redirect("campaign" if action == "take_back" else "follow_up", campaign_id=campaign.pk)


def _take_back(campaign: Campaign, author: Person) -> str:
    take_back(campaign=campaign, author=author)
    return "Publication reprise : personne n’a été prévenu par courriel, vous pouvez relire à nouveau."


def _plan(campaign: Campaign, author: Person) -> str:
    plan_repair(campaign=campaign, author=author)
    return "Voici une réparation possible. Rien ne change tant que vous ne l’approuvez pas."


def _apply(campaign: Campaign, author: Person) -> str:
    sessions = apply_repair(repair=_proposed(campaign), author=author)
    return f"Réparation appliquée : {format_count(len(sessions), 'séance proposée', 'séances proposées')}."


def _dismiss(campaign: Campaign, author: Person) -> str:
    dismiss_repair(repair=_proposed(campaign), author=author)
    return "Rien n’est changé."


def _close(campaign: Campaign, author: Person) -> str:
    close_campaign(campaign=campaign, author=author)
    return "Campagne close. Les demandes sans aide attendent la prochaine, avec leur ancienneté."


def _proposed(campaign: Campaign) -> Repair:
    repair = campaign.repairs.filter(state=RepairState.PROPOSED).first()
    if repair is None:
        raise ConflictError("Cette réparation est déjà décidée.", code="already_decided")
    return repair


ACTIONS = {"take_back": _take_back, "plan": _plan, "apply": _apply, "dismiss": _dismiss, "close": _close}


def _draw(request: PersonRequest, campaign: Campaign, *, problem: str = "", status: int = 200) -> HttpResponse:
    found, summary = follow_up(campaign), summarise(campaign)
    page = page_of(request, sessions_of(campaign))
    reasons = reasons_of(list(page.object_list))
    is_published = campaign.state == CampaignState.PUBLISHED
    context = {
        "campaign": campaign,
        "tag": CAMPAIGN_TAGS[CampaignState(campaign.state)],
        "steps": steps_of(campaign),
        "figures": [
            format_count(found.counts[state], *words) for state, words in STATE_WORDS.items() if found.counts[state]
        ],
        "found": found,
        "summary": summary,
        "page": page,
        "lines": [
            SessionLine(session, REASONS.get(reasons.get(session.pk, ""), reasons.get(session.pk, "")))
            for session in page.object_list
        ],
        "is_published": is_published,
        "until": take_back_until(campaign) if is_published and not refusal_to_take_back(campaign) else None,
        "problem": problem,
    }
    return render(request, "follow_up/page.html", context, status=status)
