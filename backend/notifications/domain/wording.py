"""The French of notifications: moments in the network's own zone, ways to meet, decisions."""

from backend.common.formats import format_day, format_span
from backend.skills.enums import ClaimState
from backend.tutoring.enums import JoinKind
from backend.tutoring.models import Session

# One competency, then several.
DECISIONS = {
    ClaimState.ACCEPTED: ("Votre compétence est validée", "{count} compétences sont validées"),
    ClaimState.REFUSED: ("Votre compétence n’a pas été validée", "{count} compétences n’ont pas été validées"),
    ClaimState.MORE_ASKED: (
        "Un complément vous est demandé pour une compétence",
        "Un complément vous est demandé pour {count} compétences",
    ),
    ClaimState.REVOKED: (
        "La validation d’une de vos compétences est retirée",
        "La validation de {count} de vos compétences est retirée",
    ),
}


def moment_of(session: Session) -> str:
    """« jeudi 3 décembre, 12 h 30 – 13 h 15 »."""
    return format_span(session.starts_at, session.ends_at, session.network.zone)


def how_to_join(session: Session) -> str:
    if session.join_kind == JoinKind.PLACE:
        return f"sur place : {session.join_value}"
    if session.join_kind == JoinKind.PHONE:
        return f"par téléphone : {session.join_value}"
    return f"à distance : {session.join_value}"


def answer_deadline(session: Session) -> str:
    """« avant le jeudi 3 décembre »: the instant is the midnight that ends the last day."""
    return f"avant le {format_day(session.answer_by.astimezone(session.network.zone).date())}"


def names_of(session: Session) -> str:
    """Names of the learners, joined by « et »."""
    *first, last = [participation.person.name for participation in session.participations.all()]
    return f"{', '.join(first)} et {last}" if first else last


def describe_claim_decision(state: str, count: int) -> str:
    one, several = DECISIONS[ClaimState(state)]
    return one if count == 1 else several.format(count=count)
