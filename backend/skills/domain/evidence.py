"""Scanned certificates: read, kept apart under names nobody can guess, shown to whom they concern."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from backend.accounts.models import Person
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.common.patient_numbers import refuse_patient_number
from backend.networks.enums import Role
from backend.networks.rules import require_role
from backend.skills.domain.claims import OPEN_STATES
from backend.skills.domain.file_kinds import EXTENSIONS, recognise
from backend.skills.models import Credential, Evidence

type Upload = UploadedFile[Any]

SIZE_MAX = 5 * 1024 * 1024
FILES_MAX = 5
NAME_LENGTH_MAX = 160
FIELD = "evidence"


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that was read and found to be what it should."""

    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read_proofs(files: Sequence[Upload]) -> list[Proof]:
    """Refuses the first file that will not do, by its name, beside the field."""
    if len(files) > FILES_MAX:
        raise _refusal(f"Joignez {FILES_MAX} fichiers au plus.", "too_many_files")
    return [_read(file) for file in files]


def _read(file: Upload) -> Proof:
    name = _plain_name(file.name or "")
    refuse_patient_number(name, field=FIELD)
    if (file.size or 0) > SIZE_MAX:
        raise _refusal(f"« {name} » pèse plus de 5 Mo : joignez une photo plus légère.", "file_too_large")
    if not file.size:
        raise _refusal(f"« {name} » est vide.", "file_empty")
    content = file.read()
    try:
        return Proof(name, recognise(content), content)
    except DomainError as error:
        raise _refusal(f"« {name} » : {error.message}", error.code) from error


def _plain_name(name: str) -> str:
    """Without folders nor signs that do not show, and short: it is shown to people, never a path."""
    plain = re.sub(
        r"[\x00-\x1f\x7f<>:\"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", re.split(r"[/\\]", name)[-1]
    )
    return plain.strip(" .")[-NAME_LENGTH_MAX:] or "certificat"


def _refusal(message: str, code: str) -> DomainError:
    return DomainError(message, code=code, fields={FIELD: [message]})


def keep_proofs(credential: Credential, proofs: Sequence[Proof]) -> list[Evidence]:
    """Store files of a credential, inside the caller's transaction; the same content twice is kept once."""
    Credential.objects.select_for_update(of=("self",)).get(pk=credential.pk)
    kept = {evidence.sha256: evidence for evidence in credential.evidence.all()}
    fresh = {proof.sha256: proof for proof in proofs if proof.sha256 not in kept}
    if len(kept) + len(fresh) > FILES_MAX:
        raise _refusal(f"{FILES_MAX} fichiers au plus par certificat : retirez-en un d’abord.", "too_many_files")
    return [_keep(credential, proof) for proof in fresh.values()]


def _keep(credential: Credential, proof: Proof) -> Evidence:
    # A name without anything of the person's, under a folder that no server shows.
    file = ContentFile(proof.content, name=f"{secrets.token_hex(24)}.{EXTENSIONS[proof.media_type]}")
    return Evidence.objects.create(
        credential=credential,
        file=file,
        name=proof.name,
        media_type=proof.media_type,
        size=len(proof.content),
        sha256=proof.sha256,
    )


@transaction.atomic
def add_evidence(*, credential: Credential, author: Person, files: Sequence[Upload]) -> list[Evidence]:
    """Join files to one's own credential while something of it awaits a decision."""
    if credential.person_id != author.pk:
        raise NotFoundError
    if not files:
        raise _refusal("Choisissez un fichier.", "file_required")
    proofs = read_proofs(files)
    check_is_open(credential)
    return keep_proofs(credential, proofs)


@transaction.atomic
def remove_evidence(*, evidence: Evidence, author: Person) -> None:
    """Take a file back while the claim awaits: once decided, it says what the decision rests on."""
    if evidence.credential.person_id != author.pk:
        raise NotFoundError
    check_is_open(evidence.credential)
    name = str(evidence.file.name)
    evidence.delete()
    transaction.on_commit(partial(default_storage.delete, name))


def check_is_open(credential: Credential) -> None:
    if not is_open(credential):
        raise ConflictError("Cette demande est close : ses fichiers ne changent plus.", code="closed")


def is_open(credential: Credential) -> bool:
    """Whether anything of it awaits a decision or an answer."""
    return credential.state in OPEN_STATES or credential.claims.filter(state__in=OPEN_STATES).exists()


def access_evidence_for(person: Person, evidence_id: int) -> Evidence:
    """A file, for its owner and the coordinators of the network it was sent to; ``NotFoundError`` for a stranger."""
    evidence = Evidence.objects.select_related("credential__network").filter(pk=evidence_id).first()
    if evidence is None:
        raise NotFoundError
    if evidence.credential.person_id != person.pk:
        require_role(person, evidence.credential.network, Role.COORDINATOR)
    return evidence
