"""Publishing a run: its matches become proposed sessions, once."""

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import Person
from backend.campaigns.domain.campaigns import move_campaign
from backend.campaigns.domain.loans import lent_offers, lock_agreements, within_shares
from backend.campaigns.enums import CampaignState, RunState
from backend.campaigns.models import Campaign, Proposal, Run
from backend.common.clock import now
from backend.common.errors import ConflictError
from backend.events.bus import publish
from backend.events.types import SessionsTakenBack
from backend.networks.enums import Role
from backend.networks.rules import require_role
from backend.tutoring.domain.deadlines import answer_deadline
from backend.tutoring.domain.proposals import Draft, Outcome, propose_sessions
from backend.tutoring.domain.taking_back import delete_proposed, has_answers
from backend.tutoring.enums import Modality
from backend.tutoring.models import Session

MAIL_DELAY_MINUTES = 10


@transaction.atomic
def publish_run(*, run: Run, author: Person) -> Outcome:
    """Propose every session of a run that still fits. A campaign is published once: the second caller is told.

    Sessions show at once, mails leave ten minutes later. What no longer fits is left out, for repair. Raises
    ``CellsTakenError``, with nothing written, if a cell is taken in the very same moment: publish again.
    """
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("network").get(pk=run.campaign_id)
    require_role(author, campaign.network, Role.COORDINATOR)
    if run.state != RunState.DONE or campaign.state != CampaignState.REVIEW:
        raise ConflictError("Cette campagne est déjà publiée, ou son calcul n’est pas terminé.", code="not_publishable")
    drafts = _drafts(run)
    outcome = _propose(run, campaign, list(drafts), author)
    _link_sessions(drafts, outcome)
    run.published_at = now()
    run.save(update_fields=["published_at"])
    move_campaign(campaign, CampaignState.PUBLISHED, author=author)
    return outcome


@transaction.atomic
def take_back(*, campaign: Campaign, author: Person) -> None:
    """Undo a publication as if it had never been: back to review, sessions and their mails gone, requests open.

    Raises ``ConflictError`` once mails are about to leave or somebody has answered or written.
    """
    locked = Campaign.objects.select_for_update(of=("self",)).select_related("network").get(pk=campaign.pk)
    require_role(author, locked.network, Role.COORDINATOR)
    sessions = published_sessions(locked).select_for_update(of=("self",)).order_by("pk")
    keys = [session.pk for session in sessions]
    if refusal := refusal_to_take_back(locked):
        raise ConflictError(refusal, code="not_taken_back")
    publish(SessionsTakenBack(tuple(keys)))
    Proposal.objects.filter(session__in=keys).update(session=None)
    delete_proposed(keys=keys, author=author)
    locked.runs.filter(published_at__isnull=False).update(published_at=None)
    move_campaign(locked, CampaignState.REVIEW, author=author, reason="Publication reprise")


def refusal_to_take_back(campaign: Campaign) -> str:
    """Why a publication can no longer be taken back; empty while it can."""
    if campaign.state != CampaignState.PUBLISHED:
        return "Cette campagne n’est pas publiée."
    if now() >= take_back_until(campaign):
        return "Les courriels sont partis : la publication ne peut plus être reprise."
    keys = list(published_sessions(campaign).values_list("pk", flat=True))
    return "Quelqu’un a déjà répondu : la publication ne peut plus être reprise." if has_answers(keys) else ""


def take_back_until(campaign: Campaign) -> dt.datetime:
    """When the mails of its publication leave."""
    published_at = campaign.runs.filter(published_at__isnull=False).values_list("published_at", flat=True).first()
    return (published_at or campaign.created_at) + dt.timedelta(minutes=MAIL_DELAY_MINUTES)


def published_sessions(campaign: Campaign) -> QuerySet[Session]:
    """Sessions that came of a campaign: those of its publication, and those of its repairs."""
    proposals = Proposal.objects.filter(run__campaign=campaign, session__isnull=False)
    return Session.objects.filter(pk__in=proposals.values("session"))


def _propose(run: Run, campaign: Campaign, drafts: list[Draft], author: Person) -> Outcome:
    """Sessions of members, and those of tutors lent that the agreements, as they stand now, still allow."""
    lock_agreements(campaign)
    lent = lent_offers(campaign, minutes=run.session_minutes)
    allowed = within_shares([draft.tutor.pk for draft in drafts], lent)
    outcome = propose_sessions(
        network=campaign.network,
        drafts=[draft for draft, is_allowed in zip(drafts, allowed, strict=True) if is_allowed],
        answer_by=answer_deadline(campaign.network, since=now()),
        author=author,
        mail_delay=MAIL_DELAY_MINUTES,
        lent={row.person.pk: row.offer for row in lent},
    )
    beyond = tuple(draft for draft, is_allowed in zip(drafts, allowed, strict=True) if not is_allowed)
    return Outcome(outcome.sessions, (*outcome.left_out, *beyond))


def _drafts(run: Run) -> dict[Draft, list[Proposal]]:
    """One draft per (tutor, start): learners who share it share the session."""
    groups: dict[tuple[int, dt.datetime], list[Proposal]] = defaultdict(list)
    proposals = run.proposals.select_related("tutor", "site", "request__person", "request__notion")
    for proposal in proposals.order_by("starts_at", "pk"):
        groups[proposal.tutor_id, proposal.starts_at].append(proposal)
    return {_draft(members, run.session_minutes): members for members in groups.values()}


def _draft(members: list[Proposal], minutes: int) -> Draft:
    first = members[0]
    return Draft(
        tutor=first.tutor,
        notion=first.request.notion,
        requests=tuple(member.request for member in members),
        starts_at=first.starts_at,
        minutes=minutes,
        modality=Modality(first.modality),
        site=first.site,
    )


def _link_sessions(drafts: dict[Draft, list[Proposal]], outcome: Outcome) -> None:
    linked = []
    for draft, session in outcome.sessions.items():
        for proposal in drafts[draft]:
            proposal.session = session
            linked.append(proposal)
    Proposal.objects.bulk_update(linked, ["session"])
