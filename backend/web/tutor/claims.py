"""« Mes compétences »: what the reader has validated, and what awaits."""

from django.http import HttpResponse
from django.shortcuts import render

from backend.common.clock import now
from backend.networks.enums import Role
from backend.networks.models import Membership
from backend.skills.enums import ClaimState
from backend.skills.models import Claim, Credential
from backend.web.shared.access import PersonRequest, page_of, reading
from backend.web.shared.notion_words import words_for
from backend.web.shared.wording import CLAIM_TAGS, Tag
from backend.web.tutor.home import expertise_of

EXPIRED = Tag("expirée", "quiet", "clock")


@reading
def list_my_claims(request: PersonRequest) -> HttpResponse:
    claims = Claim.objects.filter(person=request.user).select_related("notion", "network", "credential")
    page = page_of(request, claims.order_by("notion__title", "-pk"))
    words = words_for(request.user, [claim.notion for claim in page])
    tutors = Membership.objects.active().filter(person=request.user, roles__role=Role.TUTOR)
    context = {
        "page": page,
        "rows": [(claim, words[claim.notion_id], tag_of(claim)) for claim in page],
        "expertise": expertise_of(request.user),
        "unmapped": Credential.objects.filter(person=request.user).exclude(state__in=["", ClaimState.ACCEPTED]),
        "may_add": tutors.exists(),
    }
    return render(request, "claims/mine.html", context)


def tag_of(claim: Claim) -> Tag:
    """The state of a claim, an expired validation told as such."""
    expired = claim.state == ClaimState.ACCEPTED and claim.expires_on and claim.expires_on <= now().date()
    return EXPIRED if expired else CLAIM_TAGS[ClaimState(claim.state)]
