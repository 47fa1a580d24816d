"""What a tutor holds, in a few figures."""

from dataclasses import dataclass

from backend.accounts.models import Person
from backend.common.clock import now
from backend.skills.enums import ClaimState
from backend.skills.models import Claim

PENDING = (ClaimState.AWAITING, ClaimState.MORE_ASKED)


@dataclass(frozen=True, slots=True)
class Expertise:
    """How many competencies count in matching today, and how many await a coordinator."""

    validated: int
    pending: int


def expertise_of(person: Person) -> Expertise:
    claims = Claim.objects.filter(person=person)
    return Expertise(claims.valid_on(now().date()).count(), claims.filter(state__in=PENDING).count())
