"""A list is read and kept (a dry run), then confirmed once, whole or not at all."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import IntegrityError, transaction

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.networks.domain.imports.checking import take_patient_numbers_out
from backend.networks.domain.imports.deciding import Decision, decide_lines
from backend.networks.domain.imports.lines import Fate, Line, Verdict
from backend.networks.domain.imports.writing import write_decisions
from backend.networks.domain.membership import lock_network
from backend.networks.enums import Role
from backend.networks.models import MemberImport, Network
from backend.networks.rules import require_role

# A list holds people's addresses: none is kept for longer than it serves.
KEPT = dt.timedelta(days=30)
# The same file sent twice, by a finger or a network: one list.
SAME_FORM = dt.timedelta(minutes=2)
IMPORTS_PER_HOUR = 30
HOUR = dt.timedelta(hours=1)
WRITTEN = frozenset({Fate.NEW, Fate.CHANGED})


class TooManyImportsError(DomainError):
    code = "too_many_imports"
    message = "Trop de listes en une heure. Attendez un peu."


class Outcome(StrEnum):
    WRITTEN = "written"
    # Confirmed before: nothing was done twice.
    REPEATED = "repeated"
    # The database says otherwise than when the list was read: nothing was written, the new fates are kept.
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Choices:
    """What whoever confirms says of the people, and of the lines that are refused."""

    informed: bool
    skip_refused: bool = False


def check_pace(author: Person) -> None:
    """Reading a list is work: so many an hour."""
    if MemberImport.objects.filter(author=author, created_at__gt=now() - HOUR).count() >= IMPORTS_PER_HOUR:
        raise TooManyImportsError


def preview_lines(network: Network, lines: Sequence[Line]) -> list[Verdict]:
    """Each line's fate as the database stands, without keeping anything."""
    return [decision.verdict for decision in decide_lines(network, [take_patient_numbers_out(line) for line in lines])]


@transaction.atomic
def prepare_import(*, network: Network, author: Person | None, file_name: str, lines: Sequence[Line]) -> MemberImport:
    """Decide each line's fate and keep the list; nothing else is written. ``author`` is nobody on the command line."""
    lock_network(network)
    if author is not None:
        require_role(author, network, Role.COORDINATOR)
    network.member_imports.filter(created_at__lt=now() - KEPT).delete()
    verdicts = [verdict.as_json() for verdict in preview_lines(network, lines)]
    recent = network.member_imports.filter(author=author, written_at=None, created_at__gt=now() - SAME_FORM)
    same = recent.filter(file_name=file_name[-160:]).first()
    if same is not None and same.lines == verdicts:
        return same
    return MemberImport.objects.create(network=network, author=author, file_name=file_name[-160:], lines=verdicts)


@transaction.atomic
def confirm_import(*, member_import: MemberImport, author: Person | None, choices: Choices) -> Outcome:
    """Write a list that was read, if every line's fate is still what its reader saw."""
    lock_network(member_import.network)
    if author is not None:
        require_role(author, member_import.network, Role.COORDINATOR)
    locked = lock_import(member_import)
    if locked.written_at is not None:
        return Outcome.REPEATED
    decisions = decide_lines(locked.network, [verdict.line for verdict in read_verdicts(locked)])
    verdicts = [decision.verdict.as_json() for decision in decisions]
    if verdicts != locked.lines:
        locked.lines = verdicts
        locked.save(update_fields=["lines"])
        return Outcome.CHANGED
    _check_choices(decisions, choices)
    locked.written_at = now()
    locked.save(update_fields=["written_at"])
    _write(locked, author, decisions, choices)
    return Outcome.WRITTEN


def read_verdicts(member_import: MemberImport) -> list[Verdict]:
    return [Verdict.of_json(line) for line in member_import.lines]


def access_import_for(person: Person, import_id: int) -> MemberImport:
    """A list, for those who coordinate its network.

    ``NotFoundError`` for a stranger, ``RoleRequiredError`` for a member with another role.
    """
    member_import = MemberImport.objects.select_related("network", "author").filter(pk=import_id).first()
    if member_import is None:
        raise NotFoundError
    require_role(person, member_import.network, Role.COORDINATOR)
    return member_import


def lock_import(member_import: MemberImport) -> MemberImport:
    """The list as it stands once nobody else may confirm it."""
    found = MemberImport.objects.select_for_update(of=("self",)).select_related("network", "author")
    return found.get(pk=member_import.pk)


def _check_choices(decisions: Sequence[Decision], choices: Choices) -> None:
    fates = [decision.verdict.fate for decision in decisions]
    if Fate.REFUSED in fates and not choices.skip_refused:
        message = "Des lignes sont refusées : corrigez le fichier, ou choisissez de les laisser de côté."
        raise DomainError(message, code="lines_refused", fields={"skip_refused": [message]})
    if WRITTEN.isdisjoint(fates):
        raise DomainError("Cette liste n’apporte rien à écrire.", code="nothing_to_write")


def _write(member_import: MemberImport, author: Person | None, decisions: Sequence[Decision], choices: Choices) -> None:
    wanted = [decision for decision in decisions if decision.verdict.fate in WRITTEN]
    try:
        with transaction.atomic():
            write_decisions(member_import=member_import, author=author, decisions=wanted, informed=choices.informed)
    except IntegrityError as error:  # an account made elsewhere at this very moment: no lock of ours holds it back
        raise ConflictError(code="account_taken") from error
