"""Claims of tutors and what coordinators decide about them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.common.patient_numbers import refuse_patient_number
from backend.common.transitions import record_move
from backend.events.bus import publish
from backend.events.types import ClaimsDecided, CredentialSubmitted
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from backend.networks.rules import require_role
from backend.referentials.models import Notion
from backend.skills.enums import CLAIM_MOVES, ClaimState, CredentialKind, Level
from backend.skills.models import Claim, Credential

# What a coordinator may decide; the other moves are the person's own.
DECISIONS = {ClaimState.ACCEPTED, ClaimState.REFUSED, ClaimState.MORE_ASKED, ClaimState.REVOKED}
OPEN_STATES = (ClaimState.AWAITING, ClaimState.MORE_ASKED)
UNPROVEN = "Sans certificat"


@transaction.atomic
def submit_claim(
    *, person: Person, network: Network, notion: Notion, level: int, credential: Credential | None = None
) -> Claim:
    """Ask a network to validate a notion, on something already sent to it or on its own observation alone.

    Raises ``ConflictError`` if such a claim is open or accepted.
    """
    require_role(person, network, Role.TUTOR)
    check_level(level)
    if credential is not None and (credential.person_id, credential.network_id) != (person.pk, network.pk):
        raise NotFoundError
    proof = credential or Credential.objects.create(
        person=person, network=network, kind=CredentialKind.OBSERVATION, title=UNPROVEN
    )
    claim = write_claim(proof, notion, level, author=person)
    publish(CredentialSubmitted(proof.pk))
    return claim


def write_claim(credential: Credential, notion: Notion, level: int, *, author: Person) -> Claim:
    """One claim on a credential, with its first step; inside the caller's transaction, which tells about it."""
    check_level(level)
    check_age(notion, credential.obtained_on)
    try:
        with transaction.atomic():
            claim = Claim.objects.create(
                person=credential.person, network=credential.network, notion=notion, level=level, credential=credential
            )
    except IntegrityError as error:
        raise ConflictError("Cette compétence est déjà demandée ou validée.", code="already_claimed") from error
    claim.transitions.create(target=ClaimState.AWAITING, author=author)
    return claim


def check_level(level: int) -> None:
    if level not in Level.values:
        raise DomainError("Choisissez un niveau de 1 à 3.", code="level", fields={"level": ["De 1 à 3."]})


def is_too_young(notion: Notion, obtained_on: dt.date | None) -> bool:
    """Whether the notion appeared after the certificate was obtained."""
    return bool(obtained_on and notion.since_year and obtained_on.year < notion.since_year)


def check_age(notion: Notion, obtained_on: dt.date | None) -> None:
    """A certificate cannot prove a notion younger than itself."""
    if obtained_on and is_too_young(notion, obtained_on):
        raise DomainError(
            f"Ce certificat date de {obtained_on.year} : il ne peut pas prouver une capacité apparue en "
            f"{notion.since_year}.",
            code="credential_too_old",
        )


def decide_claim(
    *,
    claim: Claim,
    target: ClaimState,
    author: Person,
    reason: str = "",
    level: int | None = None,
    expires_on: dt.date | None = None,
) -> Claim:
    """Accept (perhaps at another ``level``), refuse, ask for more or revoke; all but accepting need a reason.

    Raises ``ForbiddenMoveError`` when another coordinator was faster.
    """
    levels = {} if level is None else {claim.pk: level}
    [decided] = decide_claims(
        claims=[claim], target=target, author=author, reason=reason, levels=levels, expires_on=expires_on
    )
    return decided


@transaction.atomic
def decide_claims(
    *,
    claims: Sequence[Claim],
    target: ClaimState,
    author: Person,
    reason: str = "",
    levels: Mapping[int, int] | None = None,
    expires_on: dt.date | None = None,
) -> list[Claim]:
    """One decision on several claims of one credential, all or none; ``levels`` by primary key of the claims."""
    levels = levels or {}
    check_decision(target, reason, expires_on)
    for level in levels.values():
        check_level(level)
    locked = _lock(claims)
    for network, person_id in {(claim.network, claim.person_id) for claim in locked}:
        check_reviewer(author, network, person_id)
    for claim in locked:
        if target == ClaimState.ACCEPTED:
            claim.level, claim.expires_on = levels.get(claim.pk, claim.level), expires_on
            claim.save(update_fields=["level", "expires_on"])
        record_move(claim, target, table=CLAIM_MOVES, log=claim.transitions, author=author, reason=reason)
    publish(ClaimsDecided(tuple(claim.pk for claim in locked)))
    return locked


def _lock(claims: Sequence[Claim]) -> list[Claim]:
    rows = Claim.objects.select_for_update(of=("self",)).select_related("network").order_by("pk")
    locked = list(rows.filter(pk__in=[claim.pk for claim in claims]))
    if not locked:
        raise DomainError("Choisissez au moins une compétence.", code="nothing_chosen")
    if len({claim.credential_id for claim in locked}) > 1:
        raise DomainError("Décidez d’un certificat à la fois.", code="one_credential")
    return locked


def check_reviewer(author: Person, network: Network, person_id: int) -> None:
    """A coordinator of the network, and never of one's own claims: somebody else's eyes are the point."""
    require_role(author, network, Role.COORDINATOR)
    if author.pk == person_id:
        raise DomainError(
            "On ne valide pas ses propres compétences : une autre personne de la coordination doit le faire.",
            code="own_claim",
        )


def check_decision(target: ClaimState, reason: str, expires_on: dt.date | None) -> None:
    """All but accepting need a reason; what expires does so later than today."""
    if target not in DECISIONS:
        raise DomainError("Cette décision n’existe pas.", code="no_decision")
    if target != ClaimState.ACCEPTED and not reason.strip():
        message = "Dites pourquoi, en une phrase."
        raise DomainError(message, code="reason_required", fields={"reason": [message]})
    if expires_on is not None and expires_on <= now().date():
        message = "Choisissez un jour à venir."
        raise DomainError(message, code="expires_on", fields={"expires_on": [message]})
    refuse_patient_number(reason, field="reason")


@transaction.atomic
def withdraw_claim(*, claim: Claim, author: Person) -> Claim:
    """Take back one's own claim while it is open."""
    if claim.person_id != author.pk:
        raise NotFoundError
    [locked] = _lock([claim])
    record_move(locked, ClaimState.CANCELLED, table=CLAIM_MOVES, log=locked.transitions, author=author)
    return locked


def access_claim_for(person: Person, claim_id: int) -> Claim:
    """A claim, for the person and for the network's coordinators; ``NotFoundError`` for anybody else."""
    claim = Claim.objects.select_related("network", "notion", "credential", "person").filter(pk=claim_id).first()
    if claim is None:
        raise NotFoundError
    if claim.person_id != person.pk:
        require_role(person, claim.network, Role.COORDINATOR)
    return claim


def visible_claims_for(person: Person) -> QuerySet[Claim]:
    """One's own claims, and all those of the networks one coordinates."""
    coordinated = Membership.objects.active().filter(person=person, roles__role=Role.COORDINATOR).values("network")
    claims = Claim.objects.filter(Q(person=person) | Q(network__in=coordinated))
    return claims.select_related("network", "notion", "credential", "person")


def validated_levels(people: Collection[int], *, network: Network, day: dt.date) -> dict[int, dict[int, int]]:
    """Per person (primary key), the level of each notion (primary key) that counts in matching on ``day``."""
    levels: dict[int, dict[int, int]] = defaultdict(dict)
    rows = Claim.objects.valid_on(day).filter(person__in=people, network=network)
    for person, notion, level in rows.values_list("person_id", "notion_id", "level"):
        levels[person][notion] = level
    return dict(levels)
