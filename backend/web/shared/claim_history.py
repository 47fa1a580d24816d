"""What happened to a credential and its claims, in order: what one press did to many is one line."""

from collections.abc import Iterable
from dataclasses import dataclass

from backend.accounts.models import Person
from backend.common.formats import format_count
from backend.skills.enums import ClaimState
from backend.skills.models import Claim, ClaimTransition, Credential, CredentialTransition

TOGETHER_SECONDS = 60
HISTORY = {
    ClaimState.AWAITING: "Envoyée en relecture",
    ClaimState.MORE_ASKED: "Complément demandé",
    ClaimState.ACCEPTED: "Validée",
    ClaimState.REFUSED: "Refusée",
    ClaimState.CANCELLED: "Retirée",
    ClaimState.REVOKED: "Validation retirée",
}
ANSWERED = "Complément donné"


@dataclass(slots=True)
class Step:
    move: ClaimTransition | CredentialTransition
    words: str
    claims: int = 0

    @property
    def detail(self) -> str:
        return format_count(self.claims, "compétence") if self.claims else ""


def steps_of_claim(claim: Claim) -> list[Step]:
    return [Step(move, _words(move)) for move in claim.transitions.select_related("author")]


def steps_of_credential(credential: Credential) -> list[Step]:
    """Two queries."""
    moves: list[ClaimTransition | CredentialTransition] = [
        *credential.transitions.select_related("author"),
        *ClaimTransition.objects.filter(claim__credential=credential).select_related("author"),
    ]
    return _group(sorted(moves, key=lambda move: move.at))


def _group(moves: Iterable[ClaimTransition | CredentialTransition]) -> list[Step]:
    steps: list[Step] = []
    for move in moves:
        same = next((step for step in reversed(steps) if _is_together(step.move, move)), None)
        if same is None:
            same = Step(move, _words(move))
            steps.append(same)
        same.claims += isinstance(move, ClaimTransition)
    return steps


def _is_together(first: ClaimTransition | CredentialTransition, second: ClaimTransition | CredentialTransition) -> bool:
    near = (second.at - first.at).total_seconds() < TOGETHER_SECONDS
    return near and _essence(first) == _essence(second)


def _essence(move: ClaimTransition | CredentialTransition) -> tuple[str, str, Person | None, str]:
    return move.source, move.target, move.author, move.reason


def _words(move: ClaimTransition | CredentialTransition) -> str:
    if move.target == ClaimState.AWAITING and move.source:
        return ANSWERED
    return HISTORY[ClaimState(move.target)]
