"""Making a certificate from the ledger, revoking it, making it again, and checking one by its number."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from backend.accounts.models import Person
from backend.common.errors import DomainError, NotFoundError
from backend.common.patient_numbers import refuse_patient_number
from backend.common.transitions import record_move
from backend.credits.domain.ledger import account_of, correction_source
from backend.credits.enums import CERTIFICATE_MOVES, CertificateRole, CertificateState, EntryKind
from backend.credits.models import GROUP_LENGTH, Account, Certificate, Entry
from backend.events.bus import publish
from backend.events.types import CertificateRevoked
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from backend.networks.rules import require_role

LOOK_ALIKES = str.maketrans("OIL", "011")


class NothingToCertifyError(DomainError):
    code = "nothing_to_certify"
    message = "Aucune heure n’est inscrite au registre sur cette période."


@transaction.atomic
def issue_certificate(
    *,
    network: Network,
    person: Person,
    role: CertificateRole,
    period_start: dt.date,
    period_end: dt.date,
    author: Person | None = None,
) -> Certificate:
    """Certify what the ledger holds of sessions between both days, included, in the network's zone.

    A session that was corrected away is not there, whenever that was written. Raises ``NothingToCertifyError`` when
    nothing remains.
    """
    if period_end < period_start:
        message = "Le dernier jour vient après le premier."
        raise DomainError(message, code="period", fields={"period_end": [message]})
    account = account_of(person)
    entries = Entry.objects.filter(
        account=account, network=network, role=role, day__gte=period_start, day__lte=period_end
    )
    lines = _lines_of(entries.order_by("day", "sequence"))
    if not lines:
        raise NothingToCertifyError
    certificate = Certificate.objects.create(
        account=account,
        network=network,
        role=role,
        period_start=period_start,
        period_end=period_end,
        minutes=sum(line["minutes"] for line in lines),
        points=sum((Decimal(line["points"]) for line in lines), Decimal(0)),
        holder=_describe_holder(person, network),
        lines=lines,
        issued_by=author,
    )
    certificate.transitions.create(target=CertificateState.VALID, author=author)
    return certificate


def _lines_of(entries: QuerySet[Entry]) -> list[dict[str, Any]]:
    """One line a session that counts: what a correction took away is gone, with the correction."""
    lines: dict[str, dict[str, Any]] = {}
    origins: dict[str, str] = {}
    for entry in sorted(entries, key=lambda entry: entry.sequence):
        origin = origins.get(entry.source, entry.source)
        origins[correction_source(entry.pk)] = origin
        if entry.kind != EntryKind.CORRECTION:
            lines[origin] = {"source": origin, "day": entry.day.isoformat(), "area": entry.area} | _figures(
                0, Decimal(0)
            )
        if origin in lines:
            before = lines[origin]
            lines[origin] = before | _figures(
                before["minutes"] + entry.minutes, Decimal(before["points"]) + entry.points
            )
    return sorted((line for line in lines.values() if line["minutes"] > 0), key=lambda line: str(line["day"]))


def _figures(minutes: int, points: Decimal) -> dict[str, Any]:
    return {"minutes": minutes, "points": f"{points:.2f}"}


def _describe_holder(person: Person, network: Network) -> dict[str, str]:
    membership = Membership.objects.filter(network=network, person=person).select_related("site").first()
    return {
        "name": person.name,
        "profession": person.profession.label if person.profession else "",
        "employer": membership.site.name if membership and membership.site else "",
    }


@transaction.atomic
def revoke_certificate(*, certificate_id: int, author: Person, reason: str) -> Certificate:
    """The coordinator takes a certificate back: whoever checks its number is told so from now on."""
    certificate = _lock_certificate_for(author, certificate_id)
    if not reason.strip():
        message = "Dites pourquoi vous révoquez cette attestation."
        raise DomainError(message, code="reason", fields={"reason": [message]})
    refuse_patient_number(reason, field="reason")
    record_move(
        certificate,
        CertificateState.REVOKED,
        table=CERTIFICATE_MOVES,
        log=certificate.transitions,
        author=author,
        reason=reason,
    )
    publish(CertificateRevoked(certificate.pk))
    return certificate


@transaction.atomic
def reissue_certificate(*, certificate_id: int, author: Person, reason: str) -> Certificate:
    """Revoke one and make another from the ledger as it stands now, for the same person, side and period."""
    old = revoke_certificate(certificate_id=certificate_id, author=author, reason=reason)
    person = old.account.person
    if person is None:
        raise NotFoundError
    new = issue_certificate(
        network=old.network,
        person=person,
        role=CertificateRole(old.role),
        period_start=old.period_start,
        period_end=old.period_end,
        author=author,
    )
    new.replaces = old
    new.save(update_fields=["replaces"])
    return new


def _lock_certificate_for(author: Person, certificate_id: int) -> Certificate:
    certificate = Certificate.objects.select_for_update(of=("self",)).filter(pk=certificate_id).first()
    if certificate is None:
        raise NotFoundError
    require_role(author, certificate.network, Role.COORDINATOR)
    return certificate


def visible_certificates_for(person: Person) -> QuerySet[Certificate]:
    """One's own, and those of the networks one coordinates; newest first."""
    coordinated = Membership.objects.active().with_role(Role.COORDINATOR).filter(person=person).values("network")
    visible = Q(account__person=person) | Q(network__in=coordinated)
    return (
        Certificate.objects.filter(visible).select_related("network", "account__person").order_by("-issued_at", "-pk")
    )


def earning_networks_of(person: Person) -> QuerySet[Network]:
    """Where the person has ever earned anything, member there still or not."""
    return Network.objects.filter(pk__in=Entry.objects.filter(account__person=person).order_by().values("network"))


def access_certificate_for(person: Person, number: str) -> Certificate:
    found = visible_certificates_for(person).filter(number=number).first()
    if found is None:
        raise NotFoundError
    return found


def find_certificate(number: str) -> Certificate | None:
    """The certificate of a number typed by anybody: case, spaces, hyphens and look-alikes do not matter."""
    signs = "".join(sign for sign in number.upper().translate(LOOK_ALIKES) if sign.isalnum())
    groups = [signs[start : start + GROUP_LENGTH] for start in range(0, len(signs), GROUP_LENGTH)]
    return Certificate.objects.filter(number="-".join(groups)).first()


@transaction.atomic
def cut_account(*, person: Person) -> None:
    """Erase who an account is: entries and certificates stay, the ledger adds up, numbers still verify."""
    accounts = Account.objects.filter(person=person)
    Certificate.objects.filter(account__in=accounts).update(holder={})
    accounts.update(person=None)


def accounts_to_certify(
    *, network: Network, role: CertificateRole, period_start: dt.date, period_end: dt.date
) -> Sequence[int]:
    """Accounts that earned something in the period, of people who are still known."""
    entries = Entry.objects.filter(network=network, role=role, day__gte=period_start, day__lte=period_end)
    known = entries.exclude(account__person=None).order_by()
    return sorted(set(known.values_list("account_id", flat=True)))
