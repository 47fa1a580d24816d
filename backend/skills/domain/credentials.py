"""Claims by what somebody shows: all that a certificate covers, sent, read and decided in one go."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.common.patient_numbers import refuse_patient_number
from backend.common.states import check_move
from backend.common.transitions import record_move
from backend.events.bus import publish
from backend.events.types import ClaimsDecided, CredentialAnswered, CredentialDecided, CredentialSubmitted
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import require_role
from backend.referentials.models import Competency, Notion
from backend.skills.domain.claims import (
    OPEN_STATES,
    check_decision,
    check_reviewer,
    is_too_young,
    write_claim,
)
from backend.skills.domain.evidence import Upload, keep_proofs, read_proofs
from backend.skills.enums import CLAIM_MOVES, ClaimState, CredentialKind, Level
from backend.skills.models import Claim, Credential

# Certificates whose coverage the référentiels say, by the slug of theirs.
FRAMEWORKS = {CredentialKind.C2I2MS: "c2i2ms", CredentialKind.DU: "du-cns"}
OBSERVED = "Observation de la coordination"
HELD, PENDING = "held", "pending"


@dataclass(frozen=True, slots=True)
class CoveredNotion:
    """What a certificate proposes: ``standing`` says that the person holds it already, or that it awaits a decision."""

    notion: Notion
    level: int
    too_young: bool
    standing: str

    @property
    def is_open(self) -> bool:
        return not self.too_young and not self.standing


def parts_of(kind: str) -> list[Competency]:
    """The parts of a certificate whose coverage is known, in its own order, each with its domain."""
    parts = Competency.objects.filter(domain__framework__slug=FRAMEWORKS.get(CredentialKind(kind), ""))
    return list(parts.select_related("domain").order_by("domain__position", "position"))


def propose_notions(
    *, person: Person, network: Network, parts: Collection[Competency], obtained_on: dt.date | None
) -> list[CoveredNotion]:
    """All that these parts cover, each notion once, at the highest level that one of them gives."""
    levels: dict[int, int] = {}
    rows = Competency.notions.through.objects.filter(competency__in=parts).values_list("competency_id", "notion_id")
    given = {part.pk: level_of(part) for part in parts}
    for part, notion in rows:
        levels[notion] = max(levels.get(notion, 0), given[part])
    return describe_notions(person=person, network=network, levels=levels, obtained_on=obtained_on)


def level_of(part: Competency) -> int:
    """The level a part proves: the block's own, never under débutant; intermédiaire where nothing is printed."""
    return Level.INTERMEDIATE if part.level is None else max(part.level, Level.BEGINNER)


def describe_notions(
    *, person: Person, network: Network, levels: Mapping[int, int], obtained_on: dt.date | None
) -> list[CoveredNotion]:
    """Notions (primary keys) with where each stands for the person; three queries."""
    claims = Claim.objects.filter(person=person, network=network)
    held = set(claims.valid_on(now().date()).values_list("notion", flat=True))
    pending = set(claims.filter(state__in=OPEN_STATES).values_list("notion", flat=True))
    return [
        CoveredNotion(
            notion,
            levels[notion.pk],
            is_too_young(notion, obtained_on),
            HELD if notion.pk in held else PENDING if notion.pk in pending else "",
        )
        for notion in Notion.objects.filter(pk__in=levels)
    ]


@transaction.atomic
def submit_credential(
    *,
    person: Person,
    network: Network,
    kind: CredentialKind,
    title: str,
    levels: Mapping[Notion, int],
    obtained_on: dt.date | None = None,
    note: str = "",
    files: Sequence[Upload] = (),
    client_id: uuid.UUID | None = None,
) -> Credential:
    """Send a certificate with its claims, all or none; the same ``client_id`` again gives what is there.

    Pix+ goes without claims: a coordinator chooses them while reading it.
    """
    require_role(person, network, Role.TUTOR)
    # Two presses of one button wait for each other here.
    Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if client_id and (sent := Credential.objects.filter(person=person, client_id=client_id).first()):
        return sent
    _check_credential(kind, title, obtained_on, note)
    if (kind == CredentialKind.PIX) == bool(levels):
        message = "Choisissez au moins une compétence."
        raise DomainError(message, code="nothing_chosen", fields={"levels": [message]})
    proofs = read_proofs(files)
    credential = Credential.objects.create(
        person=person,
        network=network,
        kind=kind,
        title=title.strip(),
        obtained_on=obtained_on,
        note=note.strip(),
        state="" if levels else ClaimState.AWAITING,
        client_id=client_id or uuid.uuid4(),
    )
    for notion, level in levels.items():
        _give_way(credential, notion)
        write_claim(credential, notion, level, author=person)
    if not levels:
        credential.transitions.create(target=ClaimState.AWAITING, author=person)
    keep_proofs(credential, proofs)
    publish(CredentialSubmitted(credential.pk))
    return credential


def _give_way(credential: Credential, notion: Notion) -> None:
    """What expired no longer counts, and must not stop the person from claiming again."""
    past = Claim.objects.filter(person=credential.person, network=credential.network, notion=notion)
    for claim in past.filter(state=ClaimState.ACCEPTED, expires_on__lte=now().date()):
        record_move(
            claim,
            ClaimState.REVOKED,
            table=CLAIM_MOVES,
            log=claim.transitions,
            author=credential.person,
            reason="Validation expirée, remplacée par une nouvelle demande.",
        )


def _check_credential(kind: str, title: str, obtained_on: dt.date | None, note: str) -> None:
    if kind not in CredentialKind.values:
        raise DomainError("Choisissez ce qui appuie votre demande.", code="kind")
    if not title.strip():
        message = "Donnez le nom du certificat."
        raise DomainError(message, code="title_required", fields={"title": [message]})
    if obtained_on and obtained_on > now().date():
        message = "Cette date est à venir : donnez celle où vous l’avez obtenu."
        raise DomainError(message, code="obtained_on", fields={"obtained_on": [message]})
    refuse_patient_number(title, field="title")
    refuse_patient_number(note, field="note")


@transaction.atomic
def answer_credential(
    *, credential: Credential, author: Person, text: str = "", files: Sequence[Upload] = ()
) -> Credential:
    """Give what was asked for, in words or files: all of it goes back to the coordinators."""
    if credential.person_id != author.pk:
        raise NotFoundError
    proofs = read_proofs(files)
    if not text.strip() and not proofs:
        message = "Répondez en quelques mots, ou joignez un fichier."
        raise DomainError(message, code="answer_required", fields={"text": [message]})
    refuse_patient_number(text, field="text")
    locked, claims = _lock(credential, (ClaimState.MORE_ASKED,))
    if locked.state != ClaimState.MORE_ASKED and not claims:
        raise ConflictError("Aucun complément n’est attendu : rien n’a été envoyé.", code="nothing_asked")
    _move_all(locked, claims, ClaimState.AWAITING, author, text.strip() or "Fichier ajouté.")
    keep_proofs(locked, proofs)
    publish(CredentialAnswered(locked.pk))
    return locked


@transaction.atomic
def withdraw_credential(*, credential: Credential, author: Person) -> Credential:
    """Take back all that is still open of one's own credential; what was decided stays."""
    if credential.person_id != author.pk:
        raise NotFoundError
    locked, claims = _lock(credential, OPEN_STATES)
    if locked.state not in OPEN_STATES and not claims:
        raise ConflictError("Tout est déjà décidé : il n’y a rien à retirer.", code="closed")
    _move_all(locked, claims, ClaimState.CANCELLED, author, "")
    return locked


@transaction.atomic
def decide_credential(*, credential: Credential, target: ClaimState, author: Person, reason: str) -> Credential:
    """Refuse a certificate that has to be tied to notions, or ask for more, with a reason."""
    if target not in {ClaimState.REFUSED, ClaimState.MORE_ASKED}:
        raise DomainError("Cette décision n’existe pas.", code="no_decision")
    check_decision(target, reason, None)
    check_reviewer(author, credential.network, credential.person_id)
    locked, _ = _lock(credential, ())
    _move_all(locked, [], target, author, reason.strip(), moves_credential=True)
    publish(CredentialDecided(locked.pk))
    return locked


@transaction.atomic
def map_credential(
    *,
    credential: Credential,
    author: Person,
    levels: Mapping[Notion, int],
    reason: str = "",
    expires_on: dt.date | None = None,
) -> list[Claim]:
    """Choose which notions a certificate proves: they are validated at once."""
    check_decision(ClaimState.ACCEPTED, reason, expires_on)
    check_reviewer(author, credential.network, credential.person_id)
    if not levels:
        message = "Choisissez au moins une compétence."
        raise DomainError(message, code="nothing_chosen", fields={"levels": [message]})
    locked, _ = _lock(credential, ())
    check_move(CLAIM_MOVES, locked.state, ClaimState.ACCEPTED)
    claims = [
        _validate(locked, notion, level, author=author, reason=reason, expires_on=expires_on)
        for notion, level in levels.items()
    ]
    _move_all(locked, [], ClaimState.ACCEPTED, author, reason.strip(), moves_credential=True)
    publish(ClaimsDecided(tuple(claim.pk for claim in claims)))
    return claims


@transaction.atomic
def observe_notion(
    *,
    author: Person,
    person: Person,
    network: Network,
    notion: Notion,
    level: int,
    sentence: str,
    expires_on: dt.date | None = None,
) -> Claim:
    """Validate what a coordinator saw a tutor do, with the sentence that says so."""
    check_reviewer(author, network, person.pk)
    require_role(person, network, Role.TUTOR)
    if not sentence.strip():
        message = "Dites ce que vous avez vu, en une phrase."
        raise DomainError(message, code="reason_required", fields={"sentence": [message]})
    check_decision(ClaimState.ACCEPTED, "", expires_on)
    refuse_patient_number(sentence, field="sentence")
    credential = Credential.objects.create(
        person=person,
        network=network,
        kind=CredentialKind.OBSERVATION,
        title=OBSERVED,
        obtained_on=now().astimezone(network.zone).date(),
    )
    claim = _validate(credential, notion, level, author=author, reason=sentence.strip(), expires_on=expires_on)
    publish(ClaimsDecided((claim.pk,)))
    return claim


def _validate(
    credential: Credential, notion: Notion, level: int, *, author: Person, reason: str, expires_on: dt.date | None
) -> Claim:
    _give_way(credential, notion)
    claim = write_claim(credential, notion, level, author=author)
    claim.expires_on = expires_on
    claim.save(update_fields=["expires_on"])
    record_move(claim, ClaimState.ACCEPTED, table=CLAIM_MOVES, log=claim.transitions, author=author, reason=reason)
    return claim


def _lock(credential: Credential, states: Collection[ClaimState]) -> tuple[Credential, list[Claim]]:
    """The credential and those of its claims that are in ``states``, in the order everybody locks them."""
    rows = Credential.objects.select_related("network", "person")
    locked = rows.select_for_update(of=("self",)).get(pk=credential.pk)
    claims = locked.claims.select_for_update(of=("self",)).filter(state__in=states).order_by("pk")
    return locked, list(claims)


def _move_all(
    credential: Credential,
    claims: Sequence[Claim],
    target: ClaimState,
    author: Person,
    reason: str,
    *,
    moves_credential: bool = False,
) -> None:
    if moves_credential or credential.state in OPEN_STATES:
        record_move(credential, target, table=CLAIM_MOVES, log=credential.transitions, author=author, reason=reason)
    for claim in claims:
        record_move(claim, target, table=CLAIM_MOVES, log=claim.transitions, author=author, reason=reason)


def access_credential_for(person: Person, credential_id: int) -> Credential:
    """A credential, for the person and the coordinators of its network; ``NotFoundError`` for a stranger."""
    rows = Credential.objects.select_related("network", "person__profession").prefetch_related("evidence")
    credential = rows.filter(pk=credential_id).first()
    if credential is None:
        raise NotFoundError
    if credential.person_id != person.pk:
        require_role(person, credential.network, Role.COORDINATOR)
    return credential
